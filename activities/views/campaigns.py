"""Campaigns: list, one with its children and who goes to them, parents coming home, paper."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from activities.campaigns import (
    add_targets,
    excuse,
    homecomings_of,
    progress_of,
    targets_seen_by,
    whole,
    with_state,
)
from activities.forms.campaigns import CampaignChange, CampaignForm, ExcuseForm, TargetFilter
from activities.forms.gatherings import colleagues
from activities.leading import Hand
from activities.models import Campaign, CampaignTarget
from activities.papers import campaign_paper
from activities.picking import classes_of
from activities.views.gatherings import LEADS, event_tabs
from activities.views.links import add_url, way_back
from activities.views.name_lists import NameList, list_page
from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.schools.models import Staff
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from caretrack.web.ticks import list_address, ticked
from caretrack.web.versions import KeepsVersion
from children.life.papers import imprint
from children.models import Child
from children.queries import roll_order


@allows(Act.EVENT_VIEW)
class CampaignList(FilteredListView):
    """The campaigns of the school, with how far they are."""

    heading = "专项行动"
    lead = "暑期大家访、春节专项等：定一份名单，每名学生都要走到、联系到。"
    template_name = "activities/events/campaigns.html"
    rows_template = "activities/events/_campaign_rows.html"
    queryset = Campaign.objects.select_related("school")
    unit = "次行动"
    empty_text = "还没有专项行动。"
    empty_hint = "例如“暑期大家访”：选出留守学生，按班分给班主任，做了家访记录就算完成。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = list(context["rows"])
        parts = progress_of(rows, targets_seen_by(self.request.user))  # type: ignore[arg-type]
        leads = self.request.user.may(Act.CAMPAIGN_EDIT)  # type: ignore[union-attr]
        context |= {
            "rows": [(row, whole(parts[row.pk])) for row in rows],
            "tabs": event_tabs("activities:campaign_list"),
            "may_write": leads,
            "today": timezone.localdate(),
        }
        if leads:
            context |= {"empty_url": reverse("activities:campaign_add"), "empty_action": "新建专项行动"}
        return context


def campaign_or_404(staff: Any, pk: int) -> Campaign:
    found: Campaign = get_object_or_404(Campaign.objects.visible_to(staff).select_related("school"), pk=pk)
    return found


@allows(Act.EVENT_VIEW)
class CampaignShow(FilteredListView):
    """One campaign: the children of its list whom this person sees, done or not, and how each colleague stands."""

    template_name = "activities/events/campaign.html"
    rows_template = "activities/events/_target_rows.html"
    crumbs = (("专项行动", "activities:campaign_list"),)
    unit = "人"
    empty_text = "名单里还没有您能看到的学生。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.campaign = campaign_or_404(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return self.campaign.name

    def get_filter(self) -> TargetFilter:
        staff, today = self.request.user, timezone.localdate()
        seen = Child.objects.visible_to(staff).filter(campaign_targets__campaign=self.campaign)
        people = Staff.objects.filter(campaign_targets__campaign=self.campaign).distinct().order_by("pinyin", "pk")
        return TargetFilter(
            self.request.GET,
            staff=staff,
            campaign=self.campaign,
            classes=classes_of(seen, today),
            people=list(people.values_list("pk", "name")),
        )

    def get_queryset(self, staff: Any) -> Any:
        rows = with_state(targets_seen_by(staff).filter(campaign=self.campaign), self.campaign)
        return rows.select_related("child__school_class__school", "assignee").order_by(
            *roll_order("child__"),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        today, campaign = timezone.localdate(), self.campaign
        rows = list(context["rows"])
        ids = [row.child_id for row in rows]
        contact = set(
            Child.objects.visible_to(staff, DataClass.CONTACT).filter(pk__in=ids).values_list("pk", flat=True)
        )
        home = homecomings_of(list(contact), campaign.starts_on, campaign.ends_on)
        parts = progress_of([campaign], targets_seen_by(staff))[campaign.pk]
        names = dict(Staff.objects.filter(pk__in=parts).values_list("pk", "name"))
        kind = campaign.kinds[0].value if campaign.kinds else "talk"
        leads = staff.may(Act.CAMPAIGN_EDIT) and Campaign.objects.changeable_by(staff).filter(pk=campaign.pk).exists()
        writes = staff.may(Act.RECORD_WRITE)
        here, ticks = list_address(self.request), ticked(self.request, "targets")
        return context | {
            "campaign": campaign,
            "rows": [
                {
                    "row": row,
                    "class_name": row.child.class_name(today),
                    "home": home.get(row.child_id),
                    "contact": row.child_id in contact,
                    "ticked": str(row.pk) in ticks,
                    "add": add_url(children=[row.child_id], kind=kind, next_page=here) if writes else "",
                }
                for row in rows
            ],
            "whole": whole(parts),
            "parts": sorted(
                ((pk, names.get(pk, "没有安排"), part) for pk, part in parts.items()), key=lambda p: (-p[2].open, p[1])
            ),
            "leads": leads,
            "people": colleagues(campaign.school, today) if leads else (),
            "takers": ticked(self.request, "assignee"),
            "running": campaign.starts_on <= today <= campaign.ends_on,
            "over": today > campaign.ends_on,
            "spring": campaign.kind == Campaign.Kind.SPRING_FESTIVAL,
            "home_many": f"{reverse('activities:homecoming_many')}?campaign={campaign.pk}"
            if self._notes_home(staff)
            else "",
            "here": here,
        }

    def _notes_home(self, staff: Any) -> bool:
        """Whether this person notes homecomings of children of the list: only the Spring Festival asks for them."""
        if self.campaign.kind != Campaign.Kind.SPRING_FESTIVAL or not staff.may(Act.EVENT_EDIT):
            return False
        written = Child.objects.visible_to(staff, DataClass.CONTACT, Level.WRITE).on_roll()
        return written.filter(campaign_targets__campaign=self.campaign).exists()


class AboutCampaign(FormPage):
    """What adding and changing a campaign share."""

    crumbs = (("专项行动", "activities:campaign_list"),)

    def get_form_kwargs(self) -> dict[str, Any]:
        schools = self.request.user.schools_as(*LEADS)  # type: ignore[union-attr]
        return super().get_form_kwargs() | {"schools": schools, "today": timezone.localdate()}

    def get_saved_text(self, result: Any) -> str:
        return f"“{result}”已保存。"


@allows(Act.CAMPAIGN_EDIT)
class CampaignAdd(AboutCampaign):
    """Add a campaign; its list of children is made on the next page."""

    form_class = CampaignForm
    heading = "新建专项行动"
    cancel_url = "activities:campaign_list"

    def get_instance(self) -> Campaign:
        return Campaign()

    def save(self, form: Any) -> Campaign:
        campaign: Campaign = form.instance
        campaign.full_clean(exclude=["change"])
        campaign.save()
        note(self.request, Event.WRITE, detail=f"campaign {campaign.pk}")
        return campaign

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:campaign_targets", args=[result.pk])


@allows(Act.CAMPAIGN_EDIT)
class CampaignEdit(AboutCampaign, KeepsVersion):
    """Change a campaign, write its summary."""

    form_class = CampaignChange

    def find_row(self) -> Campaign:
        rows = Campaign.objects.changeable_by(self.request.user).select_related("change", "school")
        found: Campaign = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def get_heading(self) -> str:
        return f"修改“{self.row}”"

    def save(self, form: Any) -> Any:
        form.instance.full_clean(exclude=["change"])
        note(self.request, Event.WRITE, detail=f"campaign {self.row.pk}")
        return super().save(form)

    def get_cancel_url(self) -> str:
        return show_url(self.row)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(result)


def show_url(campaign: Campaign) -> str:
    return reverse("activities:campaign_show", args=[campaign.pk])


@allows(Act.CAMPAIGN_EDIT)
class CampaignDelete(ConfirmPage):
    """Delete a campaign; the records that were made for it stay."""

    button = "删除"
    tone = "danger"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.campaign = get_object_or_404(Campaign.objects.changeable_by(request.user), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"删除“{self.campaign}”"

    def get_question(self) -> str:
        return f"删除专项行动“{self.campaign}”和它的名单？"

    def get_consequences(self) -> list[str]:
        return ["已经写好的家访等记录都保留在学生档案里。", "谁在什么时候删除的，系统仍有记录。"]

    def save(self, form: Any) -> Campaign:
        self.campaign.delete()
        note(self.request, Event.WRITE, detail=f"campaign {self.kwargs['pk']} delete")
        return self.campaign

    def get_saved_text(self, result: Any) -> str:
        return f"“{result}”已删除。"

    def get_cancel_url(self) -> str:
        return show_url(self.campaign)

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:campaign_list")


@allows(Act.CAMPAIGN_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_targets(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of children, each handed to the homeroom teacher at first."""
    campaign = get_object_or_404(Campaign.objects.changeable_by(request.user).select_related("school"), pk=pk)
    targets = CampaignTarget.objects.filter(campaign=campaign)

    def take_off(child: Child) -> None:
        for target in targets.filter(child=child):
            target.delete()

    seen = Child.objects.visible_to(request.user).filter(school=campaign.school_id)
    names = NameList(
        Hand(True, seen),
        campaign.name,
        "增减名单",
        campaign.school_id,
        None,
        lambda: set(targets.values_list("child", flat=True)),
        lambda children: add_targets(campaign, children, on=timezone.localdate()),
        take_off,
        [Crumb("专项行动", reverse("activities:campaign_list")), Crumb(campaign.name, show_url(campaign))],
        show_url(campaign),
        show_url(campaign),
        "看名单",
        f"campaign {pk}",
    )
    return list_page(request, names)


@allows(Act.EVENT_EDIT)
class TargetExcuse(FormPage):
    """Say why nobody has to go to a child of the list."""

    form_class = ExcuseForm
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        campaign = campaign_or_404(request.user, kwargs["pk"])
        seen = Child.objects.visible_to(request.user, DataClass.CARE, Level.WRITE).order_by().values("pk")
        rows = campaign.targets.filter(child__in=seen).select_related("child", "campaign")
        self.target = get_object_or_404(rows, pk=kwargs["target"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.target.child.name}：{self.target.campaign.name}"

    def get_crumbs(self) -> list[Crumb]:
        campaign = self.target.campaign
        return [Crumb("专项行动", reverse("activities:campaign_list")), Crumb(campaign.name, show_url(campaign))]

    def get_initial(self) -> dict[str, Any]:
        return {"reason": self.target.excused}

    def save(self, form: Any) -> CampaignTarget:
        excuse(self.target, reason=form.cleaned_data["reason"])
        note(self.request, Event.WRITE, self.target.child_id, f"campaign {self.target.campaign_id}")
        return self.target

    def get_saved_text(self, result: Any) -> str:
        return f"{result.child.name}：{'记为不需要' if result.excused else '仍然需要'}。"

    def get_cancel_url(self) -> str:
        return way_back(self.request, show_url(self.target.campaign))

    def get_redirect_url(self, result: Any) -> str:
        return way_back(self.request, show_url(self.target.campaign))


@allows(Act.EVENT_VIEW)
@require_safe
def campaign_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The list on paper: what is done, what is open, the summary, places to sign."""
    campaign = campaign_or_404(request.user, pk)
    paper = campaign_paper(campaign, request.user)  # type: ignore[arg-type]
    note_each(request, Event.PRINT, paper.named, f"campaign {pk}")
    context = {"paper": paper, "imprint": imprint(request.user, timezone.localtime())}
    sheets = (PRINT_SHEET, "print/events.css")
    title = f"{campaign.name}情况表"
    return pdf_response(render_pdf("print/campaign.html", context, title=title, stylesheets=sheets), f"{title}.pdf")
