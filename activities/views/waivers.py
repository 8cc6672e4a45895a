"""批准免做: excusing obligations, and the list of what was excused; pupils' own goals."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from activities.compliance.access import reach_to
from activities.forms.waivers import GoalChange, GoalForm, WaiverForm
from activities.models import ChildGoal, ProgrammeItem, Waiver
from activities.views.links import day_of, way_back
from activities.views.programmes import led_schools
from activities.waivers import excuse
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.numbers import number, numbers
from caretrack.web.versions import KeepsVersion
from children.models import Child


@allows(Act.PROGRAMME_EDIT)
class WaiverAdd(FormPage):
    """Excuse ?item= in ?first= … ?last=, for ?child= (several), classes or the school."""

    form_class = WaiverForm
    keeps_draft = False
    item: ProgrammeItem

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        items = ProgrammeItem.objects.filter(programme__school__in=led_schools(request.user))
        self.item = get_object_or_404(
            items.select_related("programme__school"), pk=number(request.GET.get("item")) or 0
        )
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"免做：{self.item.name}"

    lead = "免做的任务不算应做，打印和统计里注明“免”。已经做了的仍算完成。"

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("关爱项目", reverse("activities:duty_matrix")),
            Crumb("批准免做的任务", reverse("activities:waiver_list")),
        ]

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET
        return {
            "first": day_of(given.get("first")),
            "last": day_of(given.get("last")),
            "children": numbers(given.getlist("child")),
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        school, today = self.item.programme.school, timezone.localdate()
        asked = numbers(self.request.GET.getlist("child"))
        seen = Child.objects.visible_to(self.request.user).filter(school=school)
        # The classmates of who is named: one press more excuses several.
        mates = Q(pk__in=asked) | Q(school_class__in=seen.filter(pk__in=asked).values("school_class"))
        children = seen.filter(mates).select_related("school_class__school").by_name()  # type: ignore[attr-defined]
        classes = SchoolClass.objects.taught_on(today).filter(school=school).select_related("school")
        return super().get_form_kwargs() | {"item": self.item, "children": children, "classes": classes, "on": today}

    def get_cancel_url(self) -> str:
        return way_back(self.request, reverse("activities:duty_matrix"))

    def save(self, form: Any) -> Sequence[Waiver]:
        data = form.cleaned_data
        rows = excuse(
            item=self.item,
            first=data["first"],
            last=data["last"],
            reason=data["reason"],
            by=self.request.user,  # type: ignore[arg-type]
            children=list(data.get("children", ())),
            classes=list(data.get("classes", ())),
        )
        for row in rows:
            note(self.request, Event.WRITE, row.child_id, f"waiver {self.item.pk}")
        return rows

    def get_saved_text(self, result: Sequence[Waiver]) -> str:
        who = "、".join(
            str(row.child or (row.school_class.name_on(row.first) if row.school_class else "全校"))
            for row in result[:3]
        )
        more = f"等{len(result)}个" if len(result) > 3 else ""
        return f"{who}{more}的“{self.item.name}”已免做。"

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()


@allows(Act.PROGRAMME_EDIT)
class WaiverList(FilteredListView):
    """What was excused, newest first; each can be taken back."""

    heading = "批准免做的任务"
    lead = "谁、哪一项、从哪天到哪天、为什么、谁批准的。"
    crumbs = (("关爱项目", "activities:duty_matrix"),)
    rows_template = "activities/programmes/_waiver_rows.html"
    empty_text = "没有免做的任务。"
    empty_hint = "在关爱项目完成情况里点学生姓名，在没做的一项上点“免做”。"

    def get_queryset(self, staff: Any) -> "QuerySet[Waiver]":
        rows = Waiver.objects.filter(item__programme__school__in=led_schools(staff))
        seen = Q(child__isnull=True) | Q(child__in=Child.objects.visible_to(staff))
        return rows.filter(seen).select_related(
            "child__school_class__school", "school_class__school", "item__programme", "granted_by"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"rows": [_waived(row) for row in context["rows"]]}


def _waived(row: Waiver) -> dict[str, Any]:
    today = timezone.localdate()
    if row.child:
        who = f"{row.child}（{row.child.class_name(today)}）"
    else:
        who = row.school_class.name_on(row.first) if row.school_class else "全校"
    return {"waiver": row, "who": who}


@require_POST
@allows(Act.PROGRAMME_EDIT)
def waiver_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an excuse back: the obligation stands again."""
    rows = Waiver.objects.filter(item__programme__school__in=led_schools(request.user))
    row = get_object_or_404(rows.select_related("item", "child"), pk=pk)
    row.delete()
    note(request, Event.WRITE, row.child_id, "waiver dropped")
    messages.success(request, f"“{row.item.name}”的免做已撤销，任务恢复。")
    return redirect(way_back(request, reverse("activities:waiver_list")))


class _GoalPage(FormPage):
    """A form about one goal of one child."""

    child: Child
    item: ProgrammeItem

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("关爱项目", reverse("activities:duty_matrix")), Crumb(str(self.child), self._duties())]

    def _duties(self) -> str:
        return reverse("activities:child_duties", args=[self.child.pk]) + "?span=term"

    def get_heading(self) -> str:
        return f"{self.child}：{self.item.name}"

    lead = "目标由学生自己定，教师记下来，达成以后填日期。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"today": timezone.localdate()}

    def get_cancel_url(self) -> str:
        return way_back(self.request, self._duties())

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_saved_text(self, result: ChildGoal) -> str:
        return f"{self.child}的目标“{result.aim}”" + ("已达成，真好。" if result.reached_on else "已记下。")


@allows(Act.PROGRAMME_VIEW)
class GoalAdd(_GoalPage):
    """A goal that a pupil sets; where one is open under the same item, that one opens."""

    form_class = GoalForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        reach = reach_to(request.user, kwargs["child"])  # type: ignore[arg-type]
        if reach is None:
            raise Http404
        self.child = get_object_or_404(reach.children, pk=kwargs["child"])
        items = ProgrammeItem.objects.filter(programme__school=self.child.school_id)
        self.item = get_object_or_404(items, pk=kwargs["item"])
        if "goal" not in self.item.evidence:
            raise Http404
        if request.method != "POST" and (goal := self.open_one()):
            here = reverse("activities:goal_edit", args=[goal.pk])
            return redirect(f"{here}?{urlencode({'next': self.get_cancel_url()})}")
        return super().dispatch(request, *args, **kwargs)

    def open_one(self) -> ChildGoal | None:
        """The goal under the same item that is not reached yet."""
        goals = ChildGoal.objects.visible_to(self.request.user).filter(child=self.child, reached_on__isnull=True)
        return goals.filter(
            item__programme=self.item.programme_id,
            item__order=self.item.order,
            set_on__gte=_this_year(timezone.localdate()),
        ).first()

    def get_instance(self) -> ChildGoal:
        today = timezone.localdate()
        return ChildGoal(child=self.child, item=self.item, set_on=today, set_by=self.request.user)

    def save(self, form: Any) -> ChildGoal:
        if goal := self.open_one():
            raise ValidationError(f"这一项刚刚已经定了目标“{goal.aim}”。请返回，在那个目标里改。")
        goal = form.save()
        note(self.request, Event.WRITE, self.child, f"goal {goal.pk}")
        return goal


@allows(Act.PROGRAMME_VIEW)
class GoalEdit(_GoalPage, KeepsVersion):
    """Reword a goal, or write down that it is reached."""

    form_class = GoalChange

    def find_row(self) -> ChildGoal:
        goals = ChildGoal.objects.visible_to(self.request.user).select_related("item", "change")
        goal: ChildGoal = get_object_or_404(goals, pk=self.kwargs["pk"])
        return goal

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.item = self.row.item
        reach = reach_to(request.user, self.row.child_id)  # type: ignore[arg-type]
        if reach is None:
            raise Http404
        self.child = get_object_or_404(reach.children, pk=self.row.child_id)
        return super().dispatch(request, *args, **kwargs)

    def save(self, form: Any) -> ChildGoal:
        note(self.request, Event.WRITE, self.child, f"goal {self.row.pk}")
        goal: ChildGoal = super().save(form)
        return goal


def _this_year(today: date) -> date:
    """The beginning of the half year in which an open goal still is the same goal."""
    return today.replace(month=2, day=1) if 2 <= today.month < 8 else date(today.year - (today.month == 1), 8, 1)
