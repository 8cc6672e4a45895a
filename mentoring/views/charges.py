"""领导包干: who answers for whom, shared out by class or by hand, and the backlog of each leader's children."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.compliance.board import Board
from activities.compliance.rules import Obligation
from activities.compliance.spans import view_of
from activities.models import FollowUp
from activities.picking import classes_of
from activities.queries import cared_for, days_since, last_contact, talks_missing
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import Month
from caretrack.schools.models import Staff
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView
from children.models import Child
from children.queries import roll_order
from mentoring.charging import charge, leaders_of, share_out, with_leader, without_leader
from mentoring.forms.charges import EVENLY, ChargeFilter, ChargeForm
from mentoring.models import LeaderCharge
from mentoring.queries import mentors_of
from mentoring.views.reach import reached, schools_of
from mentoring.views.tabs import tabs


def leaders_for(request: HttpRequest) -> "QuerySet[Staff]":
    """The leaders of the schools at which this person arranges pairings."""
    today = timezone.localdate()
    wanted = Q(pk__in=[])
    for school in schools_of(request.user, Act.PAIRING_EDIT):
        wanted |= Q(pk__in=leaders_of(school, today).order_by().values("pk"))
    return Staff.objects.filter(wanted).order_by("pinyin", "pk")


@allows(Act.PAIRING_EDIT)
class ChargeList(FilteredListView):
    """Every child with its leader; those without one first."""

    heading = "领导包干"
    lead = "每个留守和重点学生都由一位校领导包干；还没有的排在前面。"
    template_name = "mentoring/charge_list.html"
    rows_template = "mentoring/_charge_rows.html"
    unit = "人"
    empty_text = "没有需要包干的学生。"
    page_size = 50
    form: ChargeForm | None = None

    def get_filter(self) -> ChargeFilter:
        self.children = cared_for(reached(self.request.user, Act.PAIRING_EDIT))
        self.leaders = list(leaders_for(self.request))
        classes = classes_of(self.children, timezone.localdate())  # type: ignore[arg-type]
        return ChargeFilter(
            self.request.GET,
            staff=self.request.user,
            classes=classes,
            leaders=self.leaders,
            today=timezone.localdate(),
        )

    def get_queryset(self, staff: Any) -> "QuerySet[Child]":
        rows = with_leader(self.children, timezone.localdate()).select_related("school_class__school")
        return rows.order_by(F("leader_id").asc(nulls_first=True), *roll_order())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        form = self.form or ChargeForm(children=Child.objects.none(), leaders=leaders_for(self.request), today=today)
        ticked = set(form.data.getlist("children")) if form.is_bound else set()  # type: ignore[attr-defined]
        heads = dict(
            LeaderCharge.objects.open()
            .filter(child__in=self.children.order_by().values("pk"))
            .order_by()
            .values_list("leader")
            .annotate(number=Count("pk"))
        )
        return context | {
            "tabs": tabs("charge_list", self.request.user),
            "form": form,
            "rows": [
                {"child": c, "class_name": c.class_name(today), "ticked": str(c.pk) in ticked} for c in context["rows"]
            ],
            "without": without_leader(self.children, today).count(),
            "leaders": [{"person": person, "heads": heads.get(person.pk, 0)} for person in self.leaders],
            "query": self.request.GET.urlencode(),
        }


@allows(Act.PAIRING_EDIT)
class ChargeSave(ChargeList):
    """Give the ticked children to a leader, or share out those without one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        staff: Any = request.user
        today = timezone.localdate()
        children = cared_for(reached(staff, Act.PAIRING_EDIT)).select_related("school", "school_class")
        self.form = ChargeForm(request.POST, children=children, leaders=leaders_for(request), today=today)
        if self.form.is_valid():
            told = self.form.cleaned_data
            try:
                if told["use"] == EVENLY:
                    chosen = self.evenly(without_leader(children, today))
                else:
                    chosen = dict.fromkeys(told["children"], told["leader"])
                number = charge(chosen=chosen, on=told["on"], today=today, by=staff)
            except ValidationError as refusal:
                self.form.add_refusal(refusal)
            else:
                for child in chosen:
                    note(request, Event.WRITE, child, "leader charge")
                messages.success(request, f"已为 {number} 名学生安排包干领导。" if number else "没有要改的。")
                query = request.GET.urlencode()
                return redirect(reverse("mentoring:charge_list") + (f"?{query}" if query else ""))
        response = self.render_to_response(self.get_context_data())
        response.status_code = 422
        return response

    def evenly(self, children: "QuerySet[Child]") -> dict[Child, Staff]:
        """The children without a leader, shared out among the leaders of their school, class by class."""
        ordered = list(children.order_by(*roll_order()))
        chosen: dict[Child, Staff] = {}
        for school in {child.school_id: child.school for child in ordered}.values():
            leaders = {person.pk: person for person in leaders_of(school, timezone.localdate())}
            mine = {child.pk: child for child in ordered if child.school_id == school.pk}
            shares = share_out([(c.pk, c.school_class_id or 0) for c in mine.values()], list(leaders))
            chosen |= {mine[child]: leaders[leader] for child, leader in shares.items()}
        return chosen


@require_safe
@allows(Act.CHARGE_VIEW)
def charge_show(request: HttpRequest, pk: int) -> HttpResponse:
    """The children one leader answers for, what is overdue first (system 4): own ones, for the leads everybody's."""
    staff: Any = request.user
    leader = staff if pk == staff.pk else get_object_or_404(leaders_for(request), pk=pk)
    today = timezone.localdate()
    rows = backlog(staff, leader, today)
    leads = staff.may(Act.PAIRING_EDIT)
    context = {
        "leader": leader,
        "rows": rows,
        "month": _month_of(leader, today),
        "silent": sum(row.silent for row in rows),
        "overdue": sum(row.overdue for row in rows),
        "owed": sum(row.owed for row in rows),
        "unpaired": sum(not row.mentor for row in rows),
        "crumbs": [
            Crumb("结对", reverse("mentoring:board")),
            Crumb("领导包干", reverse("mentoring:charge_list")),
            Crumb(leader.name),
        ]
        if leads
        else [],
        "may_write": leads,
    }
    return render(request, "mentoring/charge_show.html", context)


def _month_of(leader: Any, today: date) -> Month:
    school = leader.home_school()
    return Month.of(today, school.closing_day) if school else Month.of(today)


@dataclass(frozen=True)
class Behind:
    """One child in a leader's charge, and what is behind with it."""

    child: Child
    class_name: str
    mentor: str
    talk_on: date | None
    days: int | None
    silent: bool
    overdue: int
    owed: int
    duties: str


def backlog(reader: Any, leader: Any, today: date) -> list[Behind]:
    """The children in the charge of `leader` whom `reader` sees, those with most to do first."""
    charged = LeaderCharge.objects.open().filter(leader=leader).values("child")
    children = reached(reader, Act.CHARGE_VIEW).filter(pk__in=charged).select_related("school", "school_class__school")
    listed = list(children.order_by("pinyin", "pk"))
    ids = [child.pk for child in listed]
    silent = set(talks_missing(children, _month_of(leader, today)).values_list("pk", flat=True))
    contacts, mentors = last_contact(ids), mentors_of(ids, today)
    late = FollowUp.objects.visible_to(reader).filter(child__in=ids, due_on__lt=today).open()
    overdue = Counter(late.values_list("child", flat=True))
    owed: dict[int, list[Obligation]] = {}
    for school in {child.school_id: child.school for child in listed}.values():
        board = Board(school, view_of(school, "month", "", today), today, children=children)
        owed |= {pupil.pk: board.still_owed(pupil.pk) for pupil in board.pupils}
    rows = []
    for child in listed:
        talk = contacts[child.pk].talk_on if child.pk in contacts else None
        duties = owed.get(child.pk, [])
        rows.append(
            Behind(
                child=child,
                class_name=child.class_name(today),
                mentor=mentors.get(child.pk, ""),
                talk_on=talk,
                days=days_since(talk, today),
                silent=child.pk in silent,
                overdue=overdue[child.pk],
                owed=sum(one.open for one in duties),
                duties="、".join(dict.fromkeys(one.rule.name for one in duties)),
            )
        )
    rows.sort(key=lambda row: (-row.overdue, bool(row.mentor), not row.silent, -row.owed, row.talk_on or today.min))
    return rows
