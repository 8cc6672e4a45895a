"""Incident files: the list, opening one, and the file with its clocks, its report chain and its course."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST, require_safe

from activities.forms.incidents import DrillForm, IncidentFilter, IncidentForm
from activities.incidents.chain import clocks, written_report
from activities.incidents.numbers import first_numbers
from activities.incidents.services import may_take_back, open_incident, report_to, take_back_report
from activities.incidents.situations import must_report, to_be_weighed, words_of
from activities.incidents.suspects import unnamed
from activities.models import Incident, IncidentReport, Worry, rules_of
from activities.models.incident import schools_read
from activities.views.safety import SafetyTabs
from activities.worries import raise_worry
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.schools.models import School
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.numbers import number
from children.models import Child, StatusChange, codes

LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)
LEAVING_AS_INCIDENT = (codes.ChangeKind.DEATH, codes.ChangeKind.MISSING)


@allows(Act.INCIDENT_VIEW)
class IncidentList(SafetyTabs, FilteredListView):
    """The files that this person may open."""

    heading = "事件档案"
    lead = "只有学校负责人、心理教师和被列入知情人名单的老师看得到；每次打开都有记录。"
    place = "activities:incident_list"
    template_name = "activities/incident_list.html"
    rows_template = "activities/_incident_rows.html"
    filter_class = IncidentFilter
    unit = "件"
    queryset = Incident.objects.select_related("school").with_children()
    empty_text = "没有未结案的事件。"
    no_match_text = "没有符合条件的事件。"

    def get_filter(self) -> Any:
        """For who reads the files of a school. The few in which somebody is named all stand there, the open ones first."""
        return super().get_filter() if self.of_school else None

    @cached_property
    def of_school(self) -> bool:
        return bool(schools_read(self.request.user))

    def get_queryset(self, staff: Any) -> QuerySet[Incident]:
        found = super().get_queryset(staff)
        return found if self.of_school else found.order_by("-state", "-found_at")  # 已结案 come last

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        if not self.of_school:
            context |= {
                "empty_text": "没有要您知道的事件档案。",
                "empty_hint": "被列入知情人名单以后，那一件会出现在这里。",
            }
        context["rows"] = [(row, classes_of(row, today)) for row in context["rows"]]
        actions = []
        if self.request.user.may(Act.INCIDENT_EDIT):  # type: ignore[union-attr]
            actions = [
                (reverse("activities:incident_add"), "建立事件档案"),
                (reverse("activities:drill_add"), "登记应急演练"),
            ]
        given, needed = Incident.objects.visible_to(self.request.user).legal_aid() if self.of_school else (0, 0)
        context |= {"aid_given": given, "aid_needed": needed}
        return context | {"list_actions": actions, "without_file": without_file(self.request.user)}


def classes_of(incident: Incident, on: date) -> str:
    """The classes of the pupils in one line, each once."""
    return "、".join(dict.fromkeys(one.child.class_name(on) for one in incident.involved.all()))


def without_file(staff: Any) -> list[StatusChange]:
    """Lines of the register that say 死亡 or 失踪 and have no incident file yet, of the schools that `staff` leads."""
    lines = StatusChange.objects.standing().filter(
        school__in=staff.schools_as(*LEADS), kind__in=LEAVING_AS_INCIDENT, incidents__isnull=True
    )
    return list(lines.select_related("child").order_by("-on")[:10])


def note_file(request: HttpRequest, event: Event, incident: Incident, detail: str = "") -> None:
    """Note what was done with a file, for each of its pupils."""
    told = f"incident {incident.pk} {detail}".strip()
    for child in [one.child_id for one in incident.involved.all()] or [None]:
        note(request, event, child, told)


def incident_or_404(request: HttpRequest, pk: int) -> Incident:
    """A file that this person may open; the look is noted. Raises Http404 otherwise."""
    found = Incident.objects.visible_to(request.user).select_related(
        "school", "reported_by", "closed_by", "register_line"
    )
    incident = get_object_or_404(found.with_children(), pk=pk)
    note_file(request, Event.VIEW, incident)
    return incident


def leads_file(staff: Any, incident: Incident) -> bool:
    """Whether this person steers the file: care lead or principal of its school."""
    return incident.school in staff.schools_as(*LEADS)


@require_safe
@allows(Act.INCIDENT_VIEW)
def incident_show(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole file: what happened, which limits run, who was told at what minute, what was done."""
    incident = incident_or_404(request, pk)
    staff, now, rules = request.user, timezone.now(), rules_of(incident.school)
    reports = list(incident.reports.select_related("made_by", "about__child"))
    for line in reports:
        line.incident = incident
    steers = leads_file(staff, incident)
    suspects = list(incident.suspects.select_related("member__child"))
    involved = list(incident.involved.all())
    members = list(incident.members.select_related("staff", "added_by"))
    in_it = any(member.staff_id == incident.reported_by_id for member in members)
    hidden = not steers and not in_it and incident.worries.exists()
    seen = set(
        Child.objects.visible_to(staff).filter(pk__in=[one.child_id for one in involved]).values_list("pk", flat=True)
    )
    context = {
        "incident": incident,
        "crumbs": [Crumb("事件档案", reverse("activities:incident_list")), Crumb(incident.number)],
        "involved": [
            {"row": one, "class_name": one.child.class_name(timezone.localdate()), "seen": one.child_id in seen}
            for one in involved
        ],
        "closed": incident.state == Incident.State.CLOSED,
        "at_once": must_report(incident) and not incident.is_drill,
        "to_be_weighed": to_be_weighed(incident),
        "situations": words_of(incident.situations),
        "clocks": clocks(incident, reports, rules, now),
        "written": written_report(incident, reports, rules, now),
        "numbers": first_numbers(incident.school, rules),
        "reports": reports,
        "undone": [line.pk for line in reports if may_take_back(line, staff, now)],  # type: ignore[arg-type]
        "notes": list(incident.notes.select_related("made_by")),
        "several": len(involved) > 1,
        "files": list(incident.files.filter(removed_on__isnull=True).select_related("uploaded_by")),
        "members": members,
        # Who reported a worry and is not among those who handle it is named to nobody else, not even by a line of the
        # course.
        "unnamed_maker": incident.reported_by_id if hidden else None,
        "suspects": suspects,
        "unnamed": unnamed(involved, suspects),
        "steers": steers,
        "reporter": incident.reported_by.name if steers else "",
        "quick": [to for to in IncidentReport.To if to != IncidentReport.To.GUARDIAN],
        "now": now,
    }
    return render(request, "activities/incident_show.html", context)


@require_POST
@allows(Act.INCIDENT_VIEW)
def incident_told(request: HttpRequest, pk: int, to: str) -> HttpResponse:
    """One press: this office was told this very minute."""
    incident = incident_or_404(request, pk)
    if to not in IncidentReport.To.values:
        raise Http404
    now, staff = timezone.now(), request.user
    try:
        line = report_to(incident=incident, to=to, at=now, by=staff, now=now)  # type: ignore[arg-type]
        messages.success(
            request,
            f"已记下：{timezone.localtime(line.at):%H:%M} 报告{line.get_to_display()}。接收人和回执号可以补登一条。",
        )
        note_file(request, Event.WRITE, incident, "told")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("activities:incident_show", pk)


@require_POST
@allows(Act.INCIDENT_VIEW)
def incident_untold(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """A line of the report chain that was pressed by mistake."""
    incident = incident_or_404(request, pk)
    take_back(request, incident, line)
    note_file(request, Event.WRITE, incident, "untold")
    return redirect("activities:incident_show", pk)


def take_back(request: HttpRequest, incident: Incident, line: int) -> None:
    """Take back one's own line of the chain and say so. Raises Http404 for a line of another file or person."""
    staff: Any = request.user
    own = incident.reports.filter(made_by=staff).select_related("incident__school")
    try:
        take_back_report(line=get_object_or_404(own, pk=line), by=staff, now=timezone.now())
        messages.success(request, "已撤回，处置经过里留有记录。")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])


class OpeningPage(FormPage):
    """What a file and a drill share: the school of whoever opens it."""

    def school(self) -> School:
        """The school that this person leads. Raises Http404 without one."""
        schools = self.request.user.schools_as(*LEADS)  # type: ignore[union-attr]
        if not schools:
            raise Http404
        return schools[0]

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("事件档案", reverse("activities:incident_list"))]

    def get_cancel_url(self) -> str:
        return reverse("activities:incident_list")

    def get_redirect_url(self, result: Incident) -> str:
        return reverse("activities:incident_show", args=[result.pk])


@allows(Act.INCIDENT_EDIT)
class IncidentAdd(OpeningPage):
    """Open a file: from nothing, from a worry (`?worry=`), from a line of the register (`?change=`), for a child."""

    heading = "建立事件档案"
    lead = "先打电话报告，再来登记。建立档案不需要审批。"
    template_name = "activities/incident_form.html"
    form_class = IncidentForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        staff = request.user
        self.worry = self._asked("worry", Worry.objects.visible_to(staff).waiting().select_related("child", "school"))
        lines = StatusChange.objects.visible_to(staff).standing()  # type: ignore[arg-type]
        lines = lines.filter(kind__in=LEAVING_AS_INCIDENT)
        self.line = self._asked("change", lines.select_related("child", "school"))
        children = Child.objects.visible_to(staff).select_related("school", "school_class__school")
        self.child = self._asked("child", children)
        return super().dispatch(request, *args, **kwargs)

    def _asked(self, name: str, rows: "QuerySet[Any]") -> Any:
        asked = number(self.request.GET.get(name))
        return get_object_or_404(rows, pk=asked) if asked else None

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        # Who died or is missing is no longer in a class, so leavers are found as well.
        children = Child.objects.visible_to(self.request.user)
        return super().get_form_kwargs() | {"children": children, "today": today, "initial": self._known()}

    def _known(self) -> dict[str, Any]:
        known: dict[str, Any] = {"found_at": timezone.localtime()}
        if self.worry is not None:
            known |= {
                "found_at": timezone.localtime(self.worry.created_at),
                "account": self.worry.what,
                "children": [self.worry.child] if self.worry.child else [],
                "others": "" if self.worry.child else self.worry.who,
                "named_only": self.worry.to != Worry.To.BOTH,
            }
        elif self.line is not None:
            kind = Incident.Kind.DEATH if self.line.kind == codes.ChangeKind.DEATH else Incident.Kind.MISSING
            known |= {"kind": kind, "children": [self.line.child], "account": self.line.reason}
        elif self.child is not None:
            kind = self.request.GET.get("kind", "")
            known |= {"children": [self.child]} | ({"kind": kind} if kind in Incident.Kind.values else {})
        return known

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        school = self.worry.school if self.worry else self.school()
        return super().get_context_data(**kwargs) | {"numbers": first_numbers(school, rules_of(school))}

    def save(self, form: Any) -> Incident:
        staff: Any = self.request.user
        facts, now = dict(form.cleaned_data), timezone.now()
        if self.worry is not None:
            incident = raise_worry(worry=self.worry, by=staff, now=now, **facts)
        else:
            children = facts["children"]
            incident = open_incident(
                school=children[0].school if children else self.school(), by=staff, now=now, keeper=staff,
                register_line=self.line, **facts,
            )  # fmt: skip
        note_file(self.request, Event.WRITE, incident)
        return incident

    def get_saved_text(self, result: Incident) -> str:
        return f"事件档案已建立，计时从{'受理' if result.taken_at else '发现'}时间算起。"


@allows(Act.INCIDENT_EDIT)
class DrillAdd(OpeningPage):
    """A practised emergency: the same clock and chain, marked as practice."""

    heading = "登记应急演练"
    lead = "演练和真实事件一样计时、一样登记报告链，但不计入任何统计。"
    form_class = DrillForm

    def get_initial(self) -> dict[str, Any]:
        return {"found_at": timezone.localtime()}

    def save(self, form: Any) -> Incident:
        staff: Any = self.request.user
        return open_incident(
            school=self.school(), by=staff, now=timezone.now(), keeper=staff, is_drill=True, **form.cleaned_data
        )

    def get_saved_text(self, result: Incident) -> str:
        return "演练已登记，可以接着登记报告链和经过。"
