"""成长目标: who of a class has set goals, entry for the class, looking at them together, paper."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from activities.compliance.access import LEADS
from activities.forms.goals import CHANGED_MEANWHILE, GoalFilter, LookForm, SetForm
from activities.goals import (
    Aim,
    GoalLine,
    SetResult,
    State,
    aims_of,
    asks_for_goals,
    figures_of,
    goal_children,
    goal_paper,
    keep_looks,
    lines_of,
    set_goals,
)
from activities.picking import classes_of
from activities.queries import cared_for
from activities.views.family.frame import in_roll_order
from caretrack.access.gates import allows
from caretrack.access.history import Stale
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.schools.models import School, SchoolClass, Term
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.numbers import number
from children.life.papers import imprint
from children.models import Child

TONES = {State.SET: "info", State.REACHED: "good", State.TRYING: "warn"}
KEEPERS = (Role.HOMEROOM, *LEADS)


def term_of(school: School, asked: str | None) -> Term:
    """The term that the address names, else the present one. Raises Http404 where the school has none."""
    terms = Term.objects.filter(school=school).select_related("school")
    chosen = terms.filter(pk=number(asked) or 0).first() if asked else None
    chosen = chosen or Term.objects.current(school, timezone.localdate())
    if chosen is None:
        raise Http404
    return chosen


@allows(Act.GOALS)
class GoalList(FilteredListView):
    """The pupils of a class with their goals of a term."""

    heading = "成长目标"
    lead = "五个一（学生）：目标由学生自己定，期末和学生一起回顾；不评比、不公布。"
    template_name = "activities/goals/list.html"
    rows_template = "activities/goals/_rows.html"
    unit = "人"
    page_size = 60
    empty_text = "没有要定目标的学生。"
    empty_hint = "默认列出留守和重点学生，也可以选“全部在校学生”。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        staff: Any = request.user
        self.mine = goal_children(staff)
        self.classes = classes_of(self.mine, timezone.localdate())
        asked = number(request.GET.get("school_class"))
        known = [pk for pk, _ in self.classes]
        self.chosen = asked if asked in known else known[0] if len(known) == 1 else None
        school = SchoolClass.objects.select_related("school").get(pk=self.chosen).school if self.chosen else None
        self.school = school or staff.schools_as(*KEEPERS)[0]
        self.term = term_of(self.school, request.GET.get("term"))
        self.aims = aims_of(self.school, self.term)
        self.asked = bool(self.aims) or asks_for_goals(staff.schools_as(*KEEPERS))
        if not self.aims:
            self._say_who_adopts(staff)
        return super().dispatch(request, *args, **kwargs)

    def _say_who_adopts(self, staff: Any) -> None:
        """Without a programme in the term there is nobody to list: the page says what is missing."""
        self.empty_text = "学校这个学期没有启用要学生定目标的关爱项目。"
        self.empty_hint = "由德育主任或校长启用“五个一（学生）”，启用以后这里按班登记。"
        if staff.may(Act.PROGRAMME_EDIT):
            self.empty_url, self.empty_action = "activities:programme_list", "去启用"

    def is_filtered(self, form: Any) -> bool:
        return bool(self.aims) and super().is_filtered(form)

    def get_filter(self) -> GoalFilter | None:
        if not self.asked:
            return None
        terms = list(Term.objects.filter(school=self.school).order_by("-starts_on"))
        return GoalFilter(self.request.GET, staff=self.request.user, classes=self.classes, terms=terms, at=self.term)

    def get_queryset(self, staff: Any) -> Any:
        listed = self.mine.filter(school=self.school) if self.aims else self.mine.none()
        return in_roll_order(listed)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, staff = timezone.localdate(), self.request.user
        rows = list(context["rows"])
        for child in rows:
            note(self.request, Event.VIEW, child, f"goals {self.term.pk}")
        form = context["filter_form"]
        query = urlencode({"term": self.term.pk, **({"who": "all"} if self.request.GET.get("who") == "all" else {})})
        return context | {
            "rows": [
                {
                    "child": line.child,
                    "class_name": line.child.class_name(today),
                    "cells": [(aim.name, goal, TONES[goal.state] if goal else "") for aim, goal in zip(self.aims, line.goals, strict=True)],
                }
                for line in lines_of(rows, self.aims, self.term)
            ],
            "aims": self.aims,
            "told": figures_of(form.narrow(self.get_queryset(staff)), self.term) if self.aims else None,
            "chosen": self.chosen,
            "query": query,
        }  # fmt: skip


class ClassGoals:
    """One class of those whose goals this person keeps, in a term, as the address says."""

    def __init__(self, request: HttpRequest, pk: int) -> None:
        staff: Any = request.user
        mine = goal_children(staff).filter(school_class=pk)
        taught = SchoolClass.objects.filter(pk__in=mine.order_by().values("school_class"))
        self.school_class = get_object_or_404(taught.select_related("school"), pk=pk)
        self.term = term_of(self.school_class.school, request.GET.get("term"))
        self.aims: Sequence[Aim] = aims_of(self.school_class.school, self.term)
        self.all = request.GET.get("who") == "all"
        self.children = in_roll_order(mine if self.all else cared_for(mine))
        self.name = self.school_class.name_on(timezone.localdate())

    def lines(self) -> list[GoalLine]:
        """A line for each pupil."""
        listed: list[Child] = list(self.children)
        return lines_of(listed, self.aims, self.term)

    @property
    def list_url(self) -> str:
        """The list of this class."""
        asked = {"school_class": self.school_class.pk, "term": self.term.pk, **({"who": "all"} if self.all else {})}
        return f"{reverse('activities:goal_list')}?{urlencode(asked)}"


class ClassGoalPage(FormPage):
    """What entering and looking at the goals of a class share."""

    verb = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.of = ClassGoals(request, kwargs["pk"])
        self.goal_lines = self.of.lines()
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.of.name}{self.verb}成长目标"

    def get_lead(self) -> str:
        return str(self.of.term)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("成长目标", self.of.list_url)]

    def draft_key(self) -> str:
        return f"goals:{self.verb}:{self.of.school_class.pk}:{self.of.term.pk}:{self.of.all}"

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"lines": self.goal_lines, "aims": self.of.aims, "term": self.of.term, "today": timezone.localdate()}
        return super().get_form_kwargs() | given

    def get_cancel_url(self) -> str:
        return self.of.list_url

    def get_redirect_url(self, result: Any) -> str:
        return self.of.list_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for line in self.goal_lines:
            note(self.request, Event.VIEW, line.child, f"goals {self.of.term.pk}")
        return context | {"lines": context["form"].lines(), "aims": self.of.aims}

    def note_written(self, children: set[int]) -> None:
        for pk in sorted(children):
            note(self.request, Event.WRITE, pk, f"goals {self.of.term.pk}")


@allows(Act.GOALS)
class GoalsSet(ClassGoalPage):
    """The goals of a class on one page."""

    form_class = SetForm
    template_name = "activities/goals/set.html"
    verb = "登记"

    def save(self, form: SetForm) -> SetResult:
        staff: Any = self.request.user
        try:
            done = set_goals(
                form.new, form.changed, form.dropped, school_class=self.of.school_class, term=self.of.term, by=staff
            )
        except Stale as stale:
            raise ValidationError(CHANGED_MEANWHILE.format(who=stale.current.child)) from stale  # type: ignore[attr-defined]
        self.note_written({goal.child_id for goal in (*form.new, *form.changed, *form.dropped)})
        return done

    def get_saved_text(self, result: SetResult) -> str:
        told = [(result.new, "新定"), (result.changed, "改写"), (result.dropped, "删去")]
        parts = [f"{words} {number} 个" for number, words in told if number]
        return f"{self.of.name}的目标已保存：{'，'.join(parts)}。" if parts else "没有改动，目标和原来一样。"


@allows(Act.GOALS)
class GoalsLook(ClassGoalPage):
    """Looking at the goals of a class together."""

    form_class = LookForm
    template_name = "activities/goals/look.html"
    verb = "回顾"

    def save(self, form: LookForm) -> int:
        try:
            done = keep_looks(form.changed)
        except Stale as stale:
            raise ValidationError(CHANGED_MEANWHILE.format(who=stale.current.child)) from stale  # type: ignore[attr-defined]
        self.note_written({goal.child_id for goal in form.changed})
        return done

    def get_saved_text(self, result: int) -> str:
        return f"{self.of.name}已回顾 {result} 个目标。" if result else "没有改动，目标和原来一样。"


@allows(Act.GOALS)
@require_safe
def goals_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The goals of a class on A4 across; boxes that are empty can be filled in by hand."""
    of = ClassGoals(request, pk)
    if not of.aims:
        raise Http404
    lines = of.lines()
    paper = goal_paper(of.term, of.name, of.aims, lines, figures_of(of.children, of.term))
    for line in lines:
        note(request, Event.PRINT, line.child, f"goals {of.term.pk}")
    title = f"{of.name}学生成长目标"
    context = {"paper": paper, "imprint": imprint(request.user, timezone.localtime())}
    sheets = (PRINT_SHEET, "print/goals.css")
    return pdf_response(render_pdf("print/goals.html", context, title=title, stylesheets=sheets), f"{title}.pdf")
