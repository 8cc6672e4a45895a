"""Pupils join an interest group: one, where an empty cell of the matrix leads, or those ticked (十个一 no. 5)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities import groups
from activities.forms.groups import JoinForm, JoinManyForm
from activities.leading import enterable, hand_of, joinable
from activities.models import InterestGroup
from activities.views.links import way_back
from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.lists import FormPage
from caretrack.web.ticks import with_ticks
from children.models import Child


@allows(Act.EVENT_VIEW)
class GroupJoin(FormPage):
    """One pupil, the groups that have room beside each other; who leads no group is told whom to ask."""

    form_class = JoinForm
    template_name = "activities/events/group_join.html"
    crumbs = (("兴趣小组", "activities:group_list"),)
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        seen = Child.objects.visible_to(request.user).on_roll().select_related("school_class__school")
        self.child = get_object_or_404(seen, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.child.name}参加小组"

    def get_lead(self) -> str:
        return f"{self.child.class_name(timezone.localdate())}。每名学生至少参加一个小组。"

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        found = joinable(self.child, self.request.user, today).exclude(  # type: ignore[arg-type]
            pk__in=self.child.group_memberships.open().values("group")
        )
        self.offered = found.with_members(today).order_by("name", "pk")
        return super().get_form_kwargs() | {"groups": self.offered}

    def save(self, form: Any) -> InterestGroup:
        group: InterestGroup = form.cleaned_data["group"]
        today = timezone.localdate()
        groups.join(group, Child.objects.filter(pk=self.child.pk), on=max(today, group.starts_on))
        note(self.request, Event.WRITE, self.child.pk, f"group {group.pk}")
        return group

    def get_saved_text(self, result: InterestGroup) -> str:
        return f"{self.child.name}已加入“{result}”。"

    def get_success_url(self) -> str:
        return way_back(self.request, reverse("activities:group_list"))

    def get_cancel_url(self) -> str:
        return self.get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        may_add = self.request.user.may(Act.EVENT_EDIT)  # type: ignore[union-attr]
        return context | {"offered": self.offered.exists(), "may_add": may_add}


@require_POST
@allows(Act.EVENT_EDIT)
def group_join_many(request: HttpRequest) -> HttpResponse:
    """“加入小组”: the ticked pupils of the list; those whom this person may not put into the group are left and told."""
    staff: Any = request.user
    today = timezone.localdate()
    back = way_back(request, reverse("activities:group_missing"))
    form = JoinManyForm(
        request.POST, groups=enterable(staff, today), children=Child.objects.visible_to(staff).on_roll()
    )
    if not form.is_valid():
        for refusals in form.errors.values():
            messages.error(request, refusals[0])
        return redirect(with_ticks(back, request, "children", "group"))
    group, ticked = form.cleaned_data["group"], form.cleaned_data["children"]
    hand = hand_of(group, staff)
    mine = (
        list(hand.children.filter(pk__in=[child.pk for child in ticked]).values_list("pk", flat=True)) if hand else []
    )
    try:
        new = groups.join(group, Child.objects.filter(pk__in=mine), on=max(today, group.starts_on))
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
        return redirect(with_ticks(back, request, "children", "group"))
    if mine:
        note_each(request, Event.WRITE, mine, f"group {group.pk}")
        messages.success(request, f"{new} 名学生已加入“{group}”。")
    if others := len(ticked) - len(mine):
        messages.warning(request, f"{others} 名学生没有加入：由他们的班主任或本校小组的负责教师加。")
    return redirect(back)
