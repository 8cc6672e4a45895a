"""A class in a census round: every pupil on one page, answered by one press each."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.history import Stale
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage
from caretrack.web.numbers import number
from caretrack.web.versions import KeepsVersion
from children.census import poverty
from children.census.answers import PARTS, answer, answer_rest, note_parts, propose
from children.census.review import in_words
from children.census.roll import latecomers
from children.census.rounds import last_closed, progress
from children.census.snapshot import facts_of_rows
from children.census.subject import Facts
from children.forms.census import FactsForm, PartsForm
from children.models import Census, CensusRow, FamilyMember, codes
from children.sight import sight_of, sights
from children.views.census import own_classes, round_or_404
from children.views.page import demand

STALE = "刚刚有人核对过{}，请看一下现在的结果再改。"
Answer = CensusRow.Answer


@dataclass(frozen=True)
class Line:
    """
    One pupil on the class page: what is known, how "unchanged" is worded, what was answered, where changes are told.

    `notes`: whether the five parts are asked for and shown.
    """

    row: CensusRow
    facts: tuple[str, ...]
    unknown: bool
    left: bool
    notes: bool
    remarks: tuple[tuple[str, str], ...]
    before: tuple[tuple[str, str], ...]
    proposed: tuple[str, ...]
    same: str
    said: str
    change_url: str


def lines(rows: list[CensusRow], census: Census, staff: Any) -> list[Line]:
    """
    The pupils with what is known of each on the cut-off day and what was noted last time.

    What was noted is care: the registrar, who confirms facts, does not get it (policy table).
    """
    facts = facts_of_rows(census, rows)
    if census.kind == Census.Kind.POVERTY:
        return [_economy_line(row, facts[row.pk]) for row in rows]
    ids = [row.child_id for row in rows]
    seen, earlier = sights(staff, ids), last_closed(census)
    noted = {row.child_id: row for row in earlier.rows.filter(child__in=ids)} if earlier else {}
    return [
        _line(row, facts[row.pk], noted.get(row.child_id), notes=seen[row.child_id].reads(DataClass.CARE))
        for row in rows
    ]


def _line(row: CensusRow, facts: Facts, earlier: CensusRow | None, *, notes: bool) -> Line:
    known = [_parent(name, facts.get(side)) for side, name in (("father", "父"), ("mother", "母"))]
    known += [f"照顾：{carer}"] if (carer := facts.get("carer")) else []
    return Line(
        row=row,
        facts=tuple(known),
        unknown=bool(facts["unknown"]),
        left=row.child.school_class_id is None,
        notes=notes,
        remarks=_parts(row) if notes else (),
        before=_parts(earlier) if earlier and notes else (),
        proposed=tuple(in_words(row.proposed)),
        same="无变化",
        said=row.get_answer_display(),
        change_url=reverse("children:census_change", args=[row.pk]),
    )


def _economy_line(row: CensusRow, facts: Facts) -> Line:
    economy = facts.get("economy", {})
    unknown = poverty.is_unknown(economy)
    same = "没有困难" if unknown else "无变化"
    return Line(
        row=row,
        facts=(poverty.UNKNOWN,) if unknown else tuple(poverty.in_words(economy, poverty.TELLING)),
        unknown=unknown and row.answer in (Answer.OPEN, Answer.UNKNOWN),
        left=row.child.school_class_id is None,
        notes=False,
        remarks=(),
        before=(),
        proposed=tuple(in_words(row.proposed)),
        same=same,
        said=same if row.answer == Answer.UNCHANGED else row.get_answer_display(),
        change_url=reverse("children:census_economy", args=[row.pk]),
    )


def _parts(row: CensusRow) -> tuple[tuple[str, str], ...]:
    fields = CensusRow._meta
    return tuple((str(fields.get_field(part).verbose_name), getattr(row, part)) for part in PARTS if getattr(row, part))  # type: ignore[union-attr]


def _parent(name: str, stated: dict[str, str] | None) -> str:
    if stated is None or stated["status"] == codes.ParentStatus.UNKNOWN:
        return f"{name}：未登记"
    words = [codes.ParentStatus(stated["status"]).label]
    words += [f"{int(stated['since'][:4])}年{int(stated['since'][5:7])}月起"] if stated["since"] else []
    return f"{name}：" + " ".join([*words, *([stated["place"]] if stated["place"] else [])])


def _rows(request: HttpRequest, census: Census) -> Any:
    """Rows of the round that this person answers for: those of children seen, in the classes kept."""
    rows = CensusRow.objects.filter(census=census).placed().visible_to(request.user).select_related("child", "census")
    own = own_classes(request.user, census.school)  # type: ignore[arg-type]
    return rows if own is None else rows.filter(place__in=own)


def row_or_404(request: HttpRequest, pk: int) -> CensusRow:
    """A row of a round of the own school, within the own classes."""
    found = get_object_or_404(CensusRow.objects.visible_to(request.user), pk=pk)
    return get_object_or_404(_rows(request, round_or_404(request, found.census_id)), pk=pk)  # type: ignore[no-any-return]


def class_url(row: CensusRow) -> str:
    """The class page at this pupil's line."""
    return f"{reverse('children:census_class', args=[row.census_id, row.asked_in])}#row-{row.pk}"


def _may_add(request: HttpRequest, census: Census, school_class: int) -> bool:
    """Whether a pupil of this class may be added, so that its page is there without any."""
    own = own_classes(request.user, census.school)  # type: ignore[arg-type]
    runs = census.kind == Census.Kind.POVERTY and census.closed_at is None
    return runs and (own is None or school_class in own)


@require_safe
@allows(Act.CENSUS)
def census_class(request: HttpRequest, pk: int, school_class: int) -> HttpResponse:
    """The class's task: who is open comes with the buttons, all in the order of the class roll."""
    census = round_or_404(request, pk)
    rows = list(_rows(request, census).filter(place=school_class).order_by("child__pinyin", "pk"))
    found = next(iter(progress(census, timezone.localdate(), classes={school_class})), None)
    if found is None or not (rows or _may_add(request, census, school_class)):
        raise Http404
    note(request, Event.VIEW, detail=f"census {census.pk} class {school_class}")
    context = {
        "census": census,
        "found": found,
        "gone": found.left,
        "late": latecomers(census, {school_class}).count(),
        "poor": census.kind == Census.Kind.POVERTY,
        "lines": lines(rows, census, request.user),
        "crumbs": [
            Crumb("普查", reverse("children:census_list")),
            Crumb(census.get_kind_display(), reverse("children:census_show", args=[census.pk])),
        ],
    }
    return render(request, "children/census_class.html", context)


@require_POST
@allows(Act.CENSUS)
def census_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """One press: unchanged, cannot be reached, or open again. htmx gets the line, a browser the page."""
    row = row_or_404(request, pk)
    problem = ""
    try:
        if (version := number(request.POST.get("version"))) is None:
            raise ValidationError("页面不完整，请刷新后再试。")
        answer(row=row, answer=request.POST.get("answer", ""), by=request.user, version=version)  # type: ignore[arg-type]
    except Stale:
        problem = STALE.format(row.child.name)
    except ValidationError as refusal:
        problem = refusal.messages[0]
    note(request, Event.WRITE, row.child_id)
    if request.headers.get("HX-Request"):
        fresh = row_or_404(request, pk)
        context = {
            "line": lines([fresh], fresh.census, request.user)[0],
            "census": fresh.census,
            "problem": problem,
            "found": progress(fresh.census, timezone.localdate(), classes={fresh.asked_in})[0],
        }
        return render(request, "children/_census_marked.html", context)
    if problem:
        messages.error(request, problem)
    return redirect(class_url(row))


class AboutRow(KeepsVersion):
    """A form about one pupil of a round."""

    template_name = "children/census_change.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        note(request, Event.VIEW, self.row.child_id)
        return super().dispatch(request, *args, **kwargs)

    def find_row(self) -> CensusRow:
        return row_or_404(self.request, self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"{self.row.child.name}：{self.heading}"

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("普查", reverse("children:census_list")),
            Crumb(self.row.school_class.name_on(self.row.census.cut_off), class_url(self.row)),
        ]

    def get_cancel_url(self) -> str:
        return class_url(self.row)

    def get_redirect_url(self, result: Any) -> str:
        return class_url(self.row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"line": lines([self.row], self.row.census, self.request.user)[0], **kwargs})


@allows(Act.CENSUS)
class CensusChange(AboutRow):
    """What is new with a pupil."""

    form_class = FactsForm
    labels = {"answer": "核对结果"}  # noqa: RUF012
    heading = "有什么变化"
    lead = "只填有变化的地方。档案管理员确认以后，档案、变动登记和联系方式一起更新。"

    def find_row(self) -> CensusRow:
        row = super().find_row()
        if row.census.kind == Census.Kind.POVERTY:
            raise Http404
        return row

    @cached_property
    def members(self) -> list[FamilyMember]:
        return list(FamilyMember.objects.filter(child=self.row.child_id).order_by("relation", "pk"))

    def stored(self, row: CensusRow) -> dict[str, Any]:
        return {"answer": row.get_answer_display(), **FactsForm.initial_of(row, self.members)}

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"row": self.row, "family": self.members, "today": timezone.localdate()}
        return super().get_form_kwargs() | given

    def save(self, form: Any) -> Any:
        propose(
            row=self.row,
            proposed=form.proposed(),
            by=self.request.user,  # type: ignore[arg-type]
            version=form.cleaned_data["version"],
        )
        return self.row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.row.child.name}的变化已提交，等待档案管理员确认。"


@allows(Act.CENSUS)
class CensusParts(AboutRow):
    """The five parts."""

    form_class = PartsForm
    heading = "五个方面的情况"
    lead = "学习、生活、心理、安全、健康，各写一句；没有特别情况可以不填。"

    def find_row(self) -> CensusRow:
        row = super().find_row()
        if row.census.kind == Census.Kind.POVERTY:
            raise Http404
        demand(sight_of(self.request.user, row.child), DataClass.CARE, act=Act.CENSUS)  # type: ignore[arg-type]
        return row

    def save(self, form: Any) -> Any:
        given = form.cleaned_data
        note_parts(row=self.row, parts=given, by=self.request.user, version=given["version"])  # type: ignore[arg-type]
        return self.row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.row.child.name}的情况说明已保存。"


@allows(Act.CENSUS)
class CensusRest(ConfirmPage):
    """All pupils of a class who are still open have nothing new."""

    heading = "其余学生都没有变化"
    button = "其余都标为无变化"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.place = (kwargs["pk"], kwargs["school_class"])

    def census(self) -> Census:
        """The round; 404 for a class that this person does not keep."""
        census = round_or_404(self.request, self.place[0])
        if not _rows(self.request, census).filter(place=self.place[1]).exists():
            raise Http404
        return census

    def get_question(self) -> str:
        found = progress(self.census(), timezone.localdate(), classes={self.place[1]})[0]
        return f"{found.name}还有 {found.open} 名学生没有核对，确定都没有变化吗？"

    def get_consequences(self) -> list[str]:
        if self.census().kind == Census.Kind.POVERTY:
            return ["请先确认每一户的困难情况都核实过。", "家庭经济还没有登记的学生不会一起标记，要逐个核对。"]
        return [
            "请先确认每一名学生的父母外出情况和监护人都核实过。",
            "父母情况还没有登记的学生不会一起标记，要逐个填写。",
        ]

    def get_cancel_url(self) -> str:
        return reverse("children:census_class", args=self.place)

    def save(self, form: Any) -> tuple[int, int]:
        return answer_rest(census=self.census(), school_class=self.place[1], by=self.request.user)  # type: ignore[arg-type]

    def get_saved_text(self, result: tuple[int, int]) -> str:
        done, left = result
        return f"已把 {done} 名学生标为无变化。" + (f"还有 {left} 名学生的情况没有登记，请逐个核对。" if left else "")

    def get_redirect_url(self, result: Any) -> str:
        return reverse("children:census_class", args=self.place)
