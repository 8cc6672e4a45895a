"""Reporting a worry from any page; one's own reports; what care lead and principal make of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST, require_safe

from activities.forms.worries import DismissForm, HandleForm, WorryFilter, WorryForm
from activities.incidents.chain import clocks, finder_tells
from activities.incidents.numbers import first_numbers, numbers_of
from activities.incidents.services import may_take_back, report_to, suspects_guardian
from activities.incidents.situations import must_report, words_of
from activities.models import IncidentReport, Worry, rules_of
from activities.views.drafts_named import WORRY_OF
from activities.views.incidents import take_back
from activities.views.safety import SafetyTabs
from activities.worries import (
    OFFERED,
    child_meant,
    dismiss,
    handle,
    offered,
    read_by,
    report_worry,
    school_of,
    take_up,
)
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.schools.models import Staff
from caretrack.web import drafts
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.numbers import number
from children.models import Child

NO_SCHOOL = "您的账号没有学校岗位，系统不知道报给谁。请直接打电话告诉校长；有危险先打110。"


@allows(Act.WORRY_REPORT)
class WorryAdd(FormPage):
    """Report a worry: two fields, numbers to call first, no approval."""

    heading = "报告担心的事"
    lead = "看到、听到、感到不对劲，就写下来。不用核实，不用审批，马上送到德育主任和校长那里。"
    template_name = "activities/worry_add.html"
    form_class = WorryForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = number(request.GET.get("child"))
        seen = Child.objects.visible_to(request.user).select_related("school", "school_class__school")
        self.child = seen.filter(pk=asked).first() if asked else None
        staff: Any = request.user
        self.school = self.child.school if self.child else school_of(staff)
        if self.school is None:
            raise PermissionDenied(NO_SCHOOL)
        return super().dispatch(request, *args, **kwargs)

    @property
    def resumes_unasked(self) -> bool:  # type: ignore[override]
        """Opened from the menu it may be about another child than last time: what was begun is named beside the form."""
        return self.child is not None

    def draft_key(self) -> str:
        # What was begun about one child does not turn up in a report about another.
        return f"{WORRY_OF}{self.child.pk}" if self.child else super().draft_key()

    def get_initial(self) -> dict[str, Any]:
        if self.child is None:
            return {}
        return {"who": f"{self.child.name} {self.child.class_name(timezone.localdate())}"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        begun = drafts.of_form(self.request.user, self.draft_key()) if self.draft is None and not self.child else []
        return context | {
            "begun": drafts.with_names(self.request.user, begun),
            "numbers": first_numbers(self.school, rules_of(self.school)),
            "nobody": not any(self.read_by.values()),
            "unread": [to.label for to, people in self.read_by.items() if not people],
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"read_by": self.read_by}

    @cached_property
    def read_by(self) -> dict[Worry.To, list[Staff]]:
        return read_by(self.school, timezone.localdate())

    def get_cancel_url(self) -> str:
        return reverse("activities:worry_mine")

    def save(self, form: Any) -> Worry:
        given = form.cleaned_data
        staff: Any = self.request.user
        meant = self.child
        if meant is not None and meant.name not in given["who"]:
            meant = None
        worry, _ = report_worry(
            school=self.school,
            by=staff,
            who=given["who"],
            what=given["what"],
            to=given["to"],
            urgent=given["urgent"],
            situations=given["situations"],
            guardian_suspected=given["guardian_suspected"],
            child=meant or child_meant(given["who"], staff, self.school, timezone.localdate()),  # type: ignore[arg-type]
            now=timezone.now(),
            client_key=given["client_key"],
        )
        note(self.request, Event.WRITE, worry.child_id, detail="worry")
        return worry

    def get_saved_text(self, result: Worry) -> str:
        if result.urgent:
            return "已报告，并建立了事件档案。请马上打电话：先打110，再打值班领导和校长。"
        return f"已报告给{result.get_to_display()}。是否受理，在“我报告的”里能看到。"

    def get_redirect_url(self, result: Worry) -> str:
        if result.urgent:
            return reverse("activities:worry_own", args=[result.pk])
        return reverse("activities:worry_mine")


@require_POST
@allows(Act.WORRY_REPORT)
def worry_names(request: HttpRequest) -> HttpResponse:
    """Pupils of the school by the name that is being typed: name and class."""
    text, school, today = request.POST.get("who", "")[:60], school_of(request.user), timezone.localdate()  # type: ignore[arg-type]
    found = offered(text, school) if school is not None else []
    hits = [(child.name, child.class_name(today)) for child in found[:OFFERED]]
    context = {
        "hits": [(f"{name} {class_name}", name, class_name) for name, class_name in hits],
        "more": len(found) > OFFERED,
        "text": text.strip(),
    }
    return render(request, "activities/_pupil_names.html", context)


@allows(Act.WORRY_REPORT)
class WorryMine(SafetyTabs, FilteredListView):
    """What one reported oneself, and whether it was taken up."""

    heading = "我报告的"
    lead = "这里只看得到是否已受理。怎样处理的要保密，不在这里显示。"
    place = "activities:worry_mine"
    template_name = "activities/safety_list.html"
    rows_template = "activities/_worry_own_rows.html"
    empty_text = "您还没有报告过。"
    empty_hint = "看到、听到、感到不对劲，就写下来，不用核实。"
    empty_url, empty_action = "activities:worry_add", "报告担心的事"

    def get_queryset(self, staff: Any) -> "QuerySet[Worry]":
        return Worry.objects.reported_by(staff)


@require_safe
@allows(Act.WORRY_REPORT)
def worry_own(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own report; of something urgent the five minutes run here and one notes whom one has told."""
    staff: Any = request.user
    own = Worry.objects.reported_by(staff).with_danger().select_related("incident", "school")
    worry = get_object_or_404(own, pk=pk)
    context: dict[str, Any] = {"worry": worry}
    if worry.urgent and worry.incident is not None:
        lines = list(worry.incident.reports.filter(made_by=staff).select_related("incident__school"))
        rules = rules_of(worry.school)
        (head, *_) = clocks(worry.incident, worry.incident.reports.all(), rules, timezone.now())
        numbers = numbers_of(worry.school, rules, timezone.localdate())
        told = {line.to: line for line in lines}
        context |= {
            "head": head,
            "limit": rules.minutes_to_head,
            "steps": [(to.value, to.label, told.get(to), numbers.get(to)) for to in finder_tells(worry.incident)],
            "numbers": numbers.get(IncidentReport.To.OTHER),
            "undone": [line.pk for line in lines if may_take_back(line, staff, timezone.now())],
            "now": timezone.now(),
            "at_once": must_report(worry.incident),
            "situations": words_of(worry.incident.situations),
            "suspected": suspects_guardian(worry.incident),
        }
    return render(request, "activities/worry_own.html", context)


@require_POST
@allows(Act.WORRY_REPORT)
def worry_told(request: HttpRequest, pk: int, to: str) -> HttpResponse:
    """The finder has told somebody, this minute."""
    worries = Worry.objects.reported_by(request.user).filter(urgent=True, incident__isnull=False)
    worry = get_object_or_404(worries.select_related("incident"), pk=pk)
    if to not in finder_tells(worry.incident):  # type: ignore[arg-type]
        raise Http404
    now, staff = timezone.now(), request.user
    if worry.incident.reports.filter(to=to, made_by=staff).exists():  # type: ignore[union-attr]
        messages.info(request, "这一步已经记过了。")
    else:
        line = report_to(incident=worry.incident, to=to, at=now, by=staff, now=now)  # type: ignore[arg-type]
        messages.success(request, f"已记下：{timezone.localtime(line.at):%H:%M} 报告{line.get_to_display()}。")
        note(request, Event.WRITE, worry.child_id, detail="told")
    return redirect("activities:worry_own", pk)


@require_POST
@allows(Act.WORRY_REPORT)
def worry_untold(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """The finder pressed the wrong thing: it is taken back, and that it was pressed stays in the file."""
    worries = Worry.objects.reported_by(request.user).filter(urgent=True, incident__isnull=False)
    worry = get_object_or_404(worries.select_related("incident"), pk=pk)
    take_back(request, worry.incident, line)  # type: ignore[arg-type]
    note(request, Event.WRITE, worry.child_id, detail="untold")
    return redirect("activities:worry_own", pk)


@allows(Act.WORRY_TRIAGE)
class WorryList(SafetyTabs, FilteredListView):
    """What was reported, the waiting ones first: who it is about, since when, what is to be decided."""

    heading = "担心的事"
    lead = "每一件都要有着落：已处理、转为事件，或写明不需跟进的原因。"
    place = "activities:worry_list"
    template_name = "activities/safety_list.html"
    rows_template = "activities/_worry_rows.html"
    filter_class = WorryFilter
    unit = "件"
    queryset = Worry.objects.select_related("child__school_class__school", "reporter", "taken_by")
    empty_text = "没有待处理的报告。"
    empty_hint = "全校教职工都可以按每页顶部的“报告”（带喇叭）报告担心的事。"
    no_match_text = "没有符合条件的报告。"


def worry_or_404(request: HttpRequest, pk: int) -> Worry:
    """A worry that this person looks after; the look is noted. Raises Http404 otherwise."""
    found = Worry.objects.visible_to(request.user).select_related(
        "child__school_class__school", "school", "reporter", "taken_by", "decided_by", "follow_up__owner", "incident"
    )
    worry = get_object_or_404(found, pk=pk)
    note(request, Event.VIEW, worry.child_id, f"worry {worry.pk}")
    return worry


@require_safe
@allows(Act.WORRY_TRIAGE)
def worry_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One report with what was decided."""
    worry = worry_or_404(request, pk)
    today = timezone.localdate()
    context = {
        "worry": worry,
        "waiting": worry.state in Worry.WAITING,
        "class_name": worry.child.class_name(today) if worry.child else "",
        "crumbs": [Crumb("担心的事", reverse("activities:worry_list")), Crumb(f"第 {worry.pk} 号")],
    }
    return render(request, "activities/worry_show.html", context)


@require_POST
@allows(Act.WORRY_TRIAGE)
def worry_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it up: the reporter sees that."""
    try:
        take_up(worry=worry_or_404(request, pk), by=request.user, now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, "已受理，报告人能看到。")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("activities:worry_show", pk)


class WorryDecision(FormPage):
    """What the two ends of a worry share."""

    worry: Worry

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.worry = worry_or_404(request, kwargs["pk"])
        if self.worry.state not in Worry.WAITING:
            messages.info(request, f"这件事{self.worry.get_state_display()}。")
            return redirect("activities:worry_show", self.worry.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("担心的事", reverse("activities:worry_list")),
            Crumb(f"第 {self.worry.pk} 号", self.get_cancel_url()),
        ]

    def draft_key(self) -> str:
        return f"worry:{self.worry.pk}:{type(self).__name__}"

    def get_lead(self) -> str:
        return f"关于：{self.worry.who}"

    def get_cancel_url(self) -> str:
        return reverse("activities:worry_show", args=[self.worry.pk])

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:worry_list")


@allows(Act.WORRY_TRIAGE)
class WorryHandle(WorryDecision):
    heading = "已处理"
    form_class = HandleForm

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        return super().get_form_kwargs() | {
            "children": Child.objects.visible_to(self.request.user),
            "staff_choices": Staff.objects.of_school(self.worry.school, today).order_by("pinyin", "pk"),
            "today": today,
            "initial": {"child": self.worry.child} if self.worry.child else {},
        }

    def save(self, form: Any) -> Worry:
        staff: Any = self.request.user
        saved = handle(worry=self.worry, by=staff, now=timezone.now(), **form.cleaned_data)
        note(self.request, Event.WRITE, saved.child_id, detail="worry handled")
        return saved

    def get_saved_text(self, result: Worry) -> str:
        return "已保存处理情况" + (f"，{result.follow_up.owner}负责跟进。" if result.follow_up else "。")


@allows(Act.WORRY_TRIAGE)
class WorryDismiss(WorryDecision):
    heading = "不需跟进"
    form_class = DismissForm

    def save(self, form: Any) -> Worry:
        staff: Any = self.request.user
        note(self.request, Event.WRITE, self.worry.child_id, detail="worry dismissed")
        return dismiss(worry=self.worry, reason=form.cleaned_data["outcome"], by=staff, now=timezone.now())

    def get_saved_text(self, result: Worry) -> str:
        return "已记下原因，这件事不再提醒；以后仍能在“全部”里查到。"
