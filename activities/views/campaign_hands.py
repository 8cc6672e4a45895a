"""Who goes to which children of a campaign: a class at a time, those who are ticked, or each 代理家长 its own."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.campaigns import Handed, hand_out, targets_seen_by
from activities.forms.campaigns import HandForm, TickedForm
from activities.forms.gatherings import colleagues
from activities.models import Campaign
from activities.picking import classes_of
from activities.views.campaigns import show_url
from activities.views.links import way_back
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.ticks import with_ticks
from children.models import Child


def _campaign_or_404(request: HttpRequest, pk: int) -> Campaign:
    rows = Campaign.objects.changeable_by(request.user).select_related("school")
    found: Campaign = get_object_or_404(rows, pk=pk)
    return found


@allows(Act.CAMPAIGN_EDIT)
class CampaignHand(FormPage):
    """Give the children of a class, or of the whole list, to one person or to their 代理家长."""

    form_class = HandForm
    heading = "安排负责教师"
    lead = "已经走到的学生也一起改；负责教师看不到的学生不变。"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.campaign = _campaign_or_404(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("专项行动", reverse("activities:campaign_list")), Crumb(self.campaign.name, show_url(self.campaign)),
        ]  # fmt: skip

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        listed = Child.objects.visible_to(self.request.user).filter(campaign_targets__campaign=self.campaign)
        people = colleagues(self.campaign.school, today)
        return super().get_form_kwargs() | {"people": people, "classes": classes_of(listed, today)}

    def save(self, form: Any) -> Handed:
        note(self.request, Event.WRITE, detail=f"campaign {self.campaign.pk} hand")
        targets = targets_seen_by(self.request.user).filter(campaign=self.campaign)  # type: ignore[arg-type]
        return hand_out(form.narrow(targets), form.taker(), on=timezone.localdate())

    def get_saved_text(self, result: Any) -> str:
        return str(result)

    def get_cancel_url(self) -> str:
        return show_url(self.campaign)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(self.campaign)


@allows(Act.CAMPAIGN_EDIT)
@require_POST
def campaign_give(request: HttpRequest, pk: int) -> HttpResponse:
    """“交给”: the ticked children of the list."""
    campaign, today = _campaign_or_404(request, pk), timezone.localdate()
    targets = targets_seen_by(request.user).filter(campaign=campaign)  # type: ignore[arg-type]
    form = TickedForm(request.POST, targets=targets, people=colleagues(campaign.school, today))
    back = way_back(request, show_url(campaign))
    if not form.is_valid():
        for refusals in form.errors.values():
            messages.error(request, refusals[0])
        return redirect(with_ticks(back, request, "targets", "assignee"))
    handed = hand_out(form.cleaned_data["targets"], form.taker(), on=today)
    note(request, Event.WRITE, detail=f"campaign {pk} hand")
    (messages.warning if handed.left else messages.success)(request, str(handed))
    return redirect(back)
