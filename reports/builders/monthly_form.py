"""关爱留守儿童记录表 (domain §7.18): mentor × child × month, assembled from records, finished by the mentor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class FormRecord:
    on: date
    place: str
    with_whom: str
    content: str
    result: str


@dataclass(frozen=True)
class FormItem:
    """A kind of care in the month: what was required (None: nothing was) and the records that count."""

    label: str
    required: int | None
    records: tuple[FormRecord, ...]

    @property
    def done(self) -> int:
        return len(self.records)

    @property
    def met(self) -> bool:
        return self.required is not None and self.done >= self.required


@dataclass(frozen=True)
class MonthlyFormSheet:
    """One sheet. Empty texts print as lined gaps to write in."""

    school: str
    term: str
    month: str
    month_span: str
    child: str
    sex: str
    birth_date: str
    class_name: str
    boarding: str
    left_behind: str
    level: str
    carer: str
    carer_relation: str
    carer_phone: str
    address: str
    parents: str
    mentor: str
    paired_since: date | None
    items: tuple[FormItem, ...]
    conduct: str = ""
    problems: str = ""
    next_month: str = ""
    submitted_on: date | None = None

    @property
    def with_records(self) -> tuple[FormItem, ...]:
        return tuple(item for item in self.items if item.records)
