"""The register of changes as a ledger: its lines with the columns of domain §5.3, for the page, the print and Excel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from caretrack.schools.models import School, Staff
from caretrack.sheets import add_table, new_book, saved
from children.models import Child, StatusChange
from reports.builders.changes import Movement
from reports.builders.unit import Unit
from reports.supplements import supplements

COLUMNS = (
    "序号",
    "姓名",
    "班级",
    "变动类型",
    "变动日期",
    "原情况",
    "现情况",
    "原因/去向",
    "依据",
    "经办人",
    "登记日期",
    "说明",
)


@dataclass(frozen=True)
class Entry:
    """One line as it is read; `opens` when the reader still sees the child's dossier."""

    number: int
    pk: int
    child_id: int
    name: str
    class_name: str
    kind: str
    effect: str
    on: date
    before: str
    after: str
    reason: str
    evidence: str
    by: str
    entered_on: date
    late_by: int
    supplement: str
    corrected: bool
    correction: bool
    watch_until: date | None
    opens: bool = False

    @property
    def remarks(self) -> str:
        """What is said beside the line on paper and in Excel."""
        told = []
        if self.corrected:
            told.append("已更正，不计")
        if self.supplement:
            told.append(f"{self.supplement}月报后补记")
        elif self.late_by:
            told.append(f"迟登{self.late_by}天")
        if self.watch_until:
            told.append(f"观察至{self.watch_until}")
        return "；".join(told)

    @property
    def cells(self) -> tuple[Any, ...]:
        """In the order of COLUMNS; all but the number are text."""
        return (
            self.number, self.name, self.class_name, self.kind, str(self.on), self.before, self.after, self.reason,
            self.evidence, self.by, str(self.entered_on), self.remarks,
        )  # fmt: skip


def lines_of(staff: Staff, unit: Unit, first: date, last: date) -> QuerySet[StatusChange]:
    """The unit's lines that take effect in first … last, oldest first, as far as `staff` reads them."""
    lines = StatusChange.objects.visible_to(staff).filter(school=unit.school).effective_during(first, last)
    if unit.school_class:
        lines = lines.filter(school_class=unit.school_class)
    # A teacher of several classes reaches a line through each of them.
    return lines.distinct().order_by("on", "pk")


def entries(staff: Staff, school: School, lines: Sequence[StatusChange], *, start: int = 1) -> list[Entry]:
    """The lines as they are read, numbered from `start`. Three statements beside those that fetched the lines."""
    seen = set(
        Child.objects.visible_to(staff).filter(pk__in=[line.child_id for line in lines]).values_list("pk", flat=True)
    )
    late = supplements(school, lines)
    corrected = set(
        StatusChange.objects.filter(corrects__in=[line.pk for line in lines]).values_list("corrects", flat=True)
    )
    found = []
    for number, line in enumerate(lines, start=start):
        entered = timezone.localdate(line.entered_at)
        late_by = line.late_by(entered)
        found.append(
            Entry(
                number,
                line.pk,
                line.child_id,
                line.child.name,
                line.school_class.name_on(line.on) if line.school_class else "",
                f"更正：{line.get_kind_display()}" if line.corrects_id else line.get_kind_display(),
                line.effect,
                line.on,
                line.before,
                line.after,
                line.reason,
                line.evidence,
                str(line.made_by) if line.made_by else "系统",
                entered,
                late_by if late_by > school.edit_days else 0,
                late.get(line.pk, ""),
                line.pk in corrected,
                line.corrects_id is not None,
                line.watch_until,
                line.child_id in seen,
            )
        )
    return found


def fetched(lines: QuerySet[StatusChange]) -> QuerySet[StatusChange]:
    """With all that `entries` reads beside the line, sealed numbers left out."""
    return lines.select_related("child", "school_class__school", "made_by").only(
        "kind", "on", "before", "after", "reason", "evidence", "entered_at", "watch_until", "corrects", "school",
        "child__name", "school_class__entry_year", "school_class__number", "school_class__graduates_year",
        "school_class__school__stage", "made_by__name", "made_by__username",
    )  # fmt: skip


def ledger_book(title: str, movement: Movement, rows: Iterable[Entry]) -> bytes:
    """The ledger as .xlsx: a sheet of lines and a sheet of figures."""
    book, table = new_book(), movement.table
    add_table(book, "变动登记", COLUMNS, (entry.cells for entry in rows), title=title, kept=2)
    heads = [_tight(table.stub), *(_tight(column.group + column.label) for column in table.columns)]
    sums = ([_tight(row.label), *(cell.value for cell in row.cells)] for row in table.rows)
    add_table(book, "变动情况表", heads, sums, title=f"{table.title}　{table.basis}", kept=1)
    return saved(book)


def _tight(label: str) -> str:
    """A label without what places it on paper."""
    return label.replace("　", "").replace("\n", "")


__all__ = ["COLUMNS", "Entry", "entries", "fetched", "ledger_book", "lines_of"]
