"""学习成绩: by pupil for the class, by class and subject for the school; never a list by mark."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from children.forms.life.entry import ResultForm
from children.forms.life.filters import ResultExportFilter, ResultFilter, ResultListFilter, terms_of
from children.forms.life.grids import ResultGrid
from children.forms.life.results import ResultChoice
from children.life.results import in_order, spreads, term_before, with_move
from children.models import Child, Result
from children.models.life import LEVELS
from children.queries import roll_order
from children.sight import sights
from children.views.life.entries import EntryDelete, EntryPage
from children.views.life.grids import GridPage
from children.views.life.kinds import RESULTS
from children.views.life.lists import Cell, LifeExport, LifeList, Row

#: One column for mark or level, as the import of results reads it.
HEADER = ("学期", "学科", "考查", "成绩", "等级", "满分")
ARROWS = {"up": " ↑", "same": " →", "down": " ↓", "": ""}


def told(result: Any) -> str:
    """92 优 ↑, as far as known."""
    mark = "" if result.mark is None else f"{result.mark.normalize():f}"
    return f"{mark} {result.step}".strip() + ARROWS[result.move]


@allows(Act.RESULT_VIEW)
class ResultList(LifeList):
    """A line for each pupil with the subjects of an examination, or of each in the term, in the order of the roll."""

    kind = RESULTS
    template_name = "children/life/results.html"
    filter_class = ResultListFilter
    unit = "人"
    empty_text = "还没有登记学习成绩。"
    empty_hint = "按班、按学科登记，一次保存。成绩只给有关老师看，不排名次。"
    no_match_text = "这次考查还没有您能看到的成绩。"
    no_match_hint = "可以换一个学期、考查或班级。"

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        children = Child.objects.visible_to(staff).select_related("school_class__school")
        return children.order_by(*roll_order()).defer("id_no", "student_no")

    def get_filter(self) -> ResultListFilter:
        self.filter = ResultListFilter(self.request.GET, staff=self.request.user)
        return self.filter

    def is_filtered(self, form: Any) -> bool:
        return bool(form.terms) and Result.objects.visible_to(self.request.user).exists()

    def rows(self, items: Sequence[Child]) -> list[Row]:
        staff, today = self.request.user, timezone.localdate()
        seen = sights(staff, [child.pk for child in items])  # type: ignore[arg-type]
        by_child: dict[int, dict[tuple[str, str], Any]] = defaultdict(dict)
        if self.filter.is_valid() and items:
            mine = self.filter.narrow_results(Result.objects.visible_to(staff)).filter(child__in=items)
            for result in with_move(mine, term_before(self.filter.chosen_term)):
                by_child[result.child_id][result.subject, result.occasion] = result
        columns = self.columns({column for results in by_child.values() for column in results})
        return [
            Row(child, child.class_name(today), [self.cell(label, by_child[child.pk].get(column), seen[child.pk])
                                                 for column, label in columns])
            for child in items
        ]  # fmt: skip

    def columns(self, found: set[tuple[str, str]]) -> list[tuple[tuple[str, str], str]]:
        """The (subject, examination) that have results, each with its words: by subject, then the latest last."""
        order = self.filter.known[::-1]
        listed = [
            (subject, occasion)
            for subject in in_order({subject for subject, _ in found})
            for occasion in order
            if (subject, occasion) in found
        ]
        return [(column, " ".join(column) if self.filter.is_of_each else column[0]) for column in listed]

    def cell(self, label: str, result: Any, sight: Any) -> Cell:
        """One subject of one pupil; it opens where this person may change it."""
        if result is None:
            return Cell(label, "")
        changes = RESULTS.may_change(sight, result, self.request.user)
        url = f"{RESULTS.url('edit', result.child_id, result.pk)}?from=list" if changes else ""
        return Cell(label, told(result), url=url)

    def of_whom(self) -> dict[str, str]:
        """What the address asks about pupils, without the examination."""
        return {name: given for name in ("q", "school_class") if (given := self.request.GET.get(name, ""))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        asked = self.request.GET.copy()
        if self.filter.is_of_each:
            del asked["occasion"]  # figures are of one examination
        return context | {
            "filter_form": self.filter,
            "export_all_url": f"{RESULTS.url('export')}?{urlencode(self.of_whom() | {'every': 'on'})}",
            "spread_url": f"{reverse('children:results_spread')}?{asked.urlencode()}",
        }


@allows(Act.RESULT_VIEW)
@require_safe
def results_spread(request: HttpRequest) -> HttpResponse:
    """How the levels spread in each class and subject, and how many got better since last term."""
    staff: Any = request.user
    form, today = ResultFilter(request.GET, staff=staff), timezone.localdate()
    lines, before = [], None
    if form.is_valid():
        children = form.narrow(Child.objects.visible_to(staff))
        results = form.narrow_results(Result.objects.visible_to(staff)).about(children)  # type: ignore[attr-defined]
        before = term_before(form.chosen_term)
        lines = [(s, s.school_class.name_on(today) if s.school_class else "不在班") for s in spreads(results, before)]
    context = {
        "filter_form": form,
        "lines": lines,
        "levels": LEVELS,
        "before": before,
        "crumbs": [
            Crumb("在校登记", reverse("children:life_home")),
            Crumb("学习成绩", RESULTS.url("list")),
            Crumb("班级分析"),
        ],
    }
    return render(request, "children/life/results_spread.html", context)


@allows(Act.RESULT_VIEW)
class ResultExport(LifeExport):
    kind = RESULTS
    filter_class = ResultExportFilter
    header = HEADER
    nothing_text = "没有您能看到的成绩，没有可以导出的；可以换一个学期、考查或班级。"

    def items(self) -> list[Any]:
        staff: Any = self.request.user
        form = ResultExportFilter(self.request.GET, staff=staff)
        if not form.is_valid():
            return []
        children = form.narrow(Child.objects.visible_to(staff))
        rows = form.narrow_results(Result.objects.visible_to(staff)).about(children)  # type: ignore[attr-defined]
        rows = rows.select_related("child__school_class__school", "term").order_by(
            *roll_order("child__")[:-1],
            "child", "-term__starts_on", "occasion", "subject",
        )  # fmt: skip
        return list(rows)

    def lines(self, rows: Any) -> Iterable[Sequence[Any]]:
        return [
            [row.term, row.subject, row.occasion, "" if row.mark is None else row.mark, row.level, row.full_mark]
            for row in rows
        ]


@allows(Act.RESULT_EDIT)
class ResultEntry(EntryPage):
    kind = RESULTS
    form_class = ResultForm

    def complete(self, row: Any) -> None:
        row.entered_by = self.request.user


@allows(Act.RESULT_EDIT)
class ResultDelete(EntryDelete):
    kind = RESULTS

    def told(self) -> str:
        mark = self.row.stated_or_reached if self.row.mark is None else f"{self.row.mark.normalize():f}分"
        return f"{self.row.term}{self.row.occasion}{self.row.subject} {mark}"


@allows(Act.RESULT_EDIT)
class ResultMany(GridPage):
    """The marks of a class in one subject; what is there already stands in the cells."""

    kind = RESULTS
    grid = ResultGrid

    def ready(self) -> bool:
        self.choice = ResultChoice(self.request.GET, groups=self.groups, terms=terms_of(self.request.user))
        return self.choice.is_valid()

    def choose(self) -> HttpResponse:
        terms, latest = terms_of(self.request.user), self.request.GET
        asked = "subject" in latest
        start = {"group": latest.get("group", ""), "today": self.today}
        form = ResultChoice(latest if asked else None, groups=self.groups, terms=terms, start=start)
        context = {"form": form, "groups": self.groups, **self.head_context()}
        return render(self.request, "children/life/choose_result.html", context)

    def examination(self) -> dict[str, Any]:
        """Term, subject and occasion of the grid."""
        given = self.choice.cleaned_data
        return {name: given[name] for name in ("term", "subject", "occasion")}

    def get_heading(self) -> str:
        if not hasattr(self, "children"):
            return self.kind.many
        given = self.choice.cleaned_data
        return f"{self.group.name}{given['subject']}{given['occasion']}成绩"  # type: ignore[union-attr]

    def get_lead(self) -> str:
        if not hasattr(self, "children"):
            return ""
        return f"{self.choice.cleaned_data['term']}。没参加的学生整行空着；分数和等级填一样就行。"

    def draft_key(self) -> str:
        given = self.choice.cleaned_data
        return f"results:many:{self.group.key}:{given['term'].pk}:{given['subject']}:{given['occasion']}"  # type: ignore[union-attr]

    def get_form_kwargs(self) -> dict[str, Any]:
        ids = [child.pk for child in self.children]
        sitting = Result.objects.filter(child__in=ids, **self.examination())
        mine = sitting.visible_to(self.request.user).select_related("change")
        seen = sights(self.request.user, ids)  # type: ignore[arg-type]
        present = {r.child_id: r for r in mine if RESULTS.may_change(seen[r.child_id], r, self.request.user)}
        taken = set(sitting.values_list("child_id", flat=True)) - set(present)
        return super().get_form_kwargs() | {**self.examination(), "present": present, "taken": taken}

    def get_redirect_url(self, result: Any) -> str:
        change, new, _ = result
        given = self.choice.cleaned_data
        query = {"term": given["term"].pk, "occasion": given["occasion"], "school_class": self.group.key}  # type: ignore[union-attr]
        if new:
            query["saved"] = str(change)
        return f"{self.kind.url('list')}?{urlencode(query)}"
