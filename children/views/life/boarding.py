"""寄宿: the boarders of a term with bed, responsible teacher and evaluation, and what is missing (§13 no. 74)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.history import save_if_unchanged
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.downloads import pdf_response
from caretrack.pdf import render_pdf
from caretrack.periods import chinese_date
from caretrack.schools.models import Term
from caretrack.schools.serving import serving
from children.forms.life.boarding import BedGrid, BoardingForm, StayGrid
from children.forms.life.filters import BoardingFilter
from children.life.boarding import boarders, boarding_figures, is_present, write_stays
from children.life.papers import boarding_paper, imprint
from children.models import BoardingTerm, Child, codes
from children.queries import roll_order
from children.sight import Sight, sights
from children.views.life.entries import EntryDelete, EntryPage
from children.views.life.grids import GridPage
from children.views.life.kinds import BOARDING
from children.views.life.lists import Cell, LifeExport, LifeList, Row

NO_TERM = "学校还没有建立学期，寄宿按学期登记。请联系系统管理员先建立学期。"
HEADER = ("性别", "宿舍床位", "入住日期", "负责教师", "住宿表现", "学期评语")


def term_of(child: Child, on: Any) -> Term | None:
    return Term.objects.current(child.school, on)


def listed(form: BoardingFilter, staff: Any) -> QuerySet[Any]:
    """The boarders of the term that a filter asks for, before its other conditions."""
    form.is_valid()
    found = boarders(Child.objects.visible_to(staff), form.chosen_term, form.today)
    return found.select_related("school_class__school", "school").order_by(*roll_order())


def stays_of(children: Sequence[Any], term: Term | None) -> dict[int, BoardingTerm]:
    rows = BoardingTerm.objects.filter(term=term, child__in=[child.pk for child in children])
    return {row.child_id: row for row in rows.select_related("keeper")}


@allows(Act.BOARDING_VIEW)
class BoardingList(LifeList):
    kind = BOARDING
    template_name = "children/life/boarding.html"
    filter_class = BoardingFilter
    unit = "人"
    empty_text = "没有登记为住校的学生。"
    empty_hint = "在学生档案的“在校情况”里把就读方式选为住校，这里就会列出来。"

    def get_filter(self) -> BoardingFilter:
        if not hasattr(self, "filter"):
            self.filter = BoardingFilter(self.request.GET, staff=self.request.user)
        return self.filter

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        return listed(self.get_filter(), staff)

    def rows(self, items: Sequence[Any]) -> list[Row]:
        staff, today = self.request.user, timezone.localdate()
        seen = sights(staff, [child.pk for child in items])  # type: ignore[arg-type]
        stays = stays_of(items, self.filter.chosen_term)
        present = is_present(self.filter.chosen_term, today)
        rows = []
        for child in items:
            stay, sight = stays.get(child.pk), seen[child.pk]
            writes = BOARDING.may_write(sight) and present
            edit = ""
            if writes:
                edit = BOARDING.url("edit", child.pk, stay.pk) if stay else BOARDING.url("add", child.pk)
            rows.append(Row(child, child.class_name(today), self.cells_of(child, stay, sight), edit))
        return rows

    def cells_of(self, child: Any, stay: BoardingTerm | None, sight: Sight) -> list[Cell]:
        """Bed, teacher and, for those who get the care of the child, how the term went."""
        bed = Cell("床位", child.bed_shown)
        if not child.bed_shown:
            bed = Cell("床位", "没有床位", tone="warn")
        elif child.bed_clash:
            bed = Cell("床位", f"{child.bed_shown} 重复", tone="bad")
        keeper = stay.keeper.name if stay and stay.keeper else ""
        care = sight.reads(DataClass.CARE)
        return [
            Cell("性别", child.get_sex_display()),
            bed,
            Cell("入住日期", chinese_date(stay.since) if stay else ""),
            Cell("负责教师", keeper),
            Cell("住宿表现", stay.get_rating_display() if stay and care else ""),
            Cell("学期评语", stay.comment if stay and care else ""),
        ]

    def totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        return {"boarding": boarding_figures(rows, self.filter.chosen_term)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        query = self.request.GET.urlencode()
        return context | {
            "filter_form": self.filter,
            "print_url": f"{BOARDING.url('print')}?{query}",
            "pick_url": "",
            "undo": None,
            "empty_url": "",
        }


@allows(Act.BOARDING_VIEW)
class BoardingExport(LifeExport):
    kind = BOARDING
    header = HEADER

    def items(self) -> list[Any]:
        form = BoardingFilter(self.request.GET, staff=self.request.user)
        rows = list(form.narrow(listed(form, self.request.user)))
        self.stays = stays_of(rows, form.chosen_term)
        self.seen = sights(self.request.user, [child.pk for child in rows])  # type: ignore[arg-type]
        return rows

    def child_of(self, item: Any) -> Child:
        return item  # type: ignore[no-any-return]

    def lines(self, rows: Any) -> Iterable[Sequence[Any]]:
        for child in rows:
            stay, care = self.stays.get(child.pk), self.seen[child.pk].reads(DataClass.CARE)
            told = [stay.get_rating_display(), stay.comment] if stay and care else ["", ""]
            keeper = stay.keeper.name if stay and stay.keeper else ""
            since = stay.since.isoformat() if stay and stay.since else ""
            yield [child.get_sex_display(), child.bed_shown, since, keeper, *told]


@allows(Act.BOARDING_VIEW)
@require_safe
def boarding_print(request: HttpRequest) -> HttpResponse:
    """The list of boarders by room, with the phones of those whose family data this person gets."""
    staff: Any = request.user
    form = BoardingFilter(request.GET, staff=staff)
    children = list(form.narrow(listed(form, staff)))
    if not children:
        raise Http404
    seen = sights(staff, [child.pk for child in children])
    phones = frozenset(pk for pk, sight in seen.items() if sight.contact)
    chosen = form.cleaned_data["school_class"]
    of = dict(form.fields["school_class"].choices).get(chosen, "") if chosen else ""  # type: ignore[attr-defined]
    school = children[0].school.name
    on = timezone.localdate()
    paper = boarding_paper(school=school, of=of, term=form.chosen_term, children=children, with_phones=phones, on=on)
    note_each(request, Event.PRINT, [child.pk for child in children], f"boarding:{len(children)}")
    context = {"paper": paper, "imprint": imprint(staff, timezone.localtime())}
    return pdf_response(render_pdf("print/boarding.html", context, title="寄宿学生名册"), f"寄宿学生名册{on}.pdf")


@allows(Act.BOARDING_EDIT)
class BoardingEntry(EntryPage):
    """One boarder in the running term: bed, teacher, evaluation."""

    kind = BOARDING
    form_class = BoardingForm

    def prepare(self) -> None:
        super().prepare()
        self.term = self.row.term if self.row else term_of(self.child, self.today)
        if self.term is None:
            raise PermissionDenied(NO_TERM)
        if self.row is None:
            rows = BoardingTerm.objects.filter(child=self.child, term=self.term).select_related("change")
            self.row = rows.first()
        if self.row is not None and is_present(self.term, self.today):
            self.row.bed = self.child.dorm_bed

    def get_lead(self) -> str:
        return f"{self.child.class_name(self.today)}，{self.term}。"

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"care": self.sight.writes(DataClass.CARE), "term": self.term}
        if self.row is None:
            kwargs["initial"] = {"bed": self.child.dorm_bed}
        return kwargs

    @transaction.atomic
    def save(self, form: Any) -> Any:
        if self.child.boarding != codes.Boarding.BOARDER:
            raise ValidationError("档案里登记的不是住校。请先在“在校情况”里把就读方式改为住校，再安排床位。")
        row, present = form.instance, is_present(self.term, self.today)
        if self.row is None:
            row.term = self.term
            write_stays([row], [], [], present=present)
        else:
            save_if_unchanged(row, version=self.version or row.version)
            write_stays([], [row], [], present=present)
        note(self.request, Event.WRITE, self.child, detail=self.kind.slug)
        return row


@allows(Act.BOARDING_EDIT)
class BoardingDelete(EntryDelete):
    """Delete what was stated of a boarder in a term; the bed of today stays in the dossier."""

    kind = BOARDING

    def told(self) -> str:
        return str(self.row.term)

    def get_consequences(self) -> list[str]:
        return ["负责教师和学期评价不再保留；现在的床位仍在学生档案里。", *super().get_consequences()[1:]]


@allows(Act.BOARDING_EDIT)
class BoardingMany(GridPage):
    """The beds of a class, and for those who get the care also the evaluation."""

    kind = BOARDING
    lead = "名单里是档案登记为住校的学生。床位的写法要统一，一床一人。"

    def writable(self) -> QuerySet[Any]:
        return super().writable().filter(boarding=codes.Boarding.BOARDER)

    def ready(self) -> bool:
        first = self.writable().filter(school_class=self.group.key).select_related("school").first()  # type: ignore[union-attr]
        if first is None:
            return False
        self.term = term_of(first, self.today)
        if self.term is None:
            raise PermissionDenied(NO_TERM)
        return True

    @property
    def grid(self) -> Any:  # type: ignore[override]
        seen = sights(self.request.user, [child.pk for child in self.children])  # type: ignore[arg-type]
        return StayGrid if all(sight.writes(DataClass.CARE) for sight in seen.values()) else BedGrid

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = BoardingTerm.objects.filter(term=self.term, child__in=self.children).select_related("change")
        present = {row.child_id: row for row in rows}
        for child in self.children:
            if child.pk in present:
                present[child.pk].bed = child.dorm_bed  # the bed of today is a fact of the child
        staff = serving(self.term.school_id, self.today)  # type: ignore[union-attr]
        return super().get_form_kwargs() | {"present": present, "term": self.term, "staff_choices": staff}

    def save(self, form: Any) -> Any:
        fields = [*form.columns, "keeper"]
        write_stays(form.new, form.changed_rows, fields, present=True)
        self.note_written([row.child_id for row in (*form.new, *form.changed_rows)])
        return None, len(form.new), len(form.changed_rows)

    def get_redirect_url(self, result: Any) -> str:
        return f"{BOARDING.url('list')}?school_class={self.group.key}"  # type: ignore[union-attr]
