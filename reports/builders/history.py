"""
A child's timeline on paper: in short, in full, and for people outside the school without names (domain §13).

For outsiders nothing that somebody wrote freely is printed, since any sentence may name a person: what happened, in
which month, by whom as a letter, and how often. Health, money, marks and incidents stay inside.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from activities.pictures import Shown
from activities.record_photos import pictures_on_paper
from caretrack.access.policy import DataClass
from caretrack.schools.models import Staff
from children.left_behind import status_of
from children.models import CareArrangement, Child, FamilyMember
from children.sight import Sight
from children.timeline import TimelineItem, counts, source_of, timeline, with_entry_days

LETTERS = "甲乙丙丁戊己庚辛壬癸"
PSEUDONYM = "儿童A"
HIDDEN = "某"
#: What may go outside. A kind that is not named here stays inside, so that a new one waits for somebody to decide.
OUTSIDE_KINDS = frozenset({"register", "care", "decision", "award", "pairing", "plan", "record", "activity", "pledge"})


class Variant(StrEnum):
    """The three ways of printing."""

    SUMMARY = "summary"
    FULL = "full"
    OUTSIDE = "outside"


VARIANTS = {
    Variant.SUMMARY: "摘要（日期、类别、事项）",
    Variant.FULL: "详细（含内容、登记日期、记录人）",
    Variant.OUTSIDE: "对外（不含姓名和内容）",
}


@dataclass(frozen=True)
class HistoryLine:
    on: str
    kind: str
    title: str
    text: str = ""
    details: tuple[tuple[str, str], ...] = ()
    entered: date | None = None
    by: str = ""
    sealed: bool = False
    pictures: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class History:
    """One child's timeline as it is printed; `left_out` counts restricted lines, which stay in the system."""

    variant: Variant
    name: str
    school: str
    class_name: str
    about: str
    first: date | None
    last: date
    totals: tuple[tuple[str, int], ...]
    lines: tuple[HistoryLine, ...]
    left_out: int = 0
    kinds: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        return {
            Variant.SUMMARY: "成长与关爱大事记",
            Variant.FULL: "成长与关爱记录全册",
            Variant.OUTSIDE: "关爱工作个案记录（隐名）",
        }[self.variant]

    @property
    def outside(self) -> bool:
        return self.variant == Variant.OUTSIDE

    @property
    def full(self) -> bool:
        return self.variant == Variant.FULL


def build_history(
    child: Child,
    *,
    staff: Staff,
    sight: Sight,
    variant: Variant,
    first: date | None,
    last: date,
    kinds: Collection[str] | None = None,
) -> History:
    """
    The timeline of one child from `first` to `last`, oldest first, as far as `staff` may be told.

    What is restricted to those who must know is never printed, whoever prints. The child's school and class must be
    loaded.
    """
    outside = variant == Variant.OUTSIDE
    if outside:
        kinds = OUTSIDE_KINDS.intersection(kinds) if kinds else OUTSIDE_KINDS
    told = timeline([child], staff, first=first, last=last, kinds=kinds)
    printed = [item for item in reversed(told) if not item.private and not (outside and item.sealed)]
    if variant != Variant.SUMMARY:
        printed = with_entry_days(printed)
    authors = _letters(printed) if outside else {}
    names = _names(child, printed) if outside else ()
    shown = pictures_on_paper(filter(None, map(_record, printed)), staff) if variant == Variant.FULL else {}
    return History(
        variant=variant,
        name=PSEUDONYM if outside else child.name,
        school="" if outside else child.school.name,
        class_name="" if outside else child.class_name(last),
        about=_about(child, sight, last) if outside else "",
        first=first,
        last=last,
        totals=tuple((source.label, number) for source, number in counts(printed)),
        lines=tuple(_line(item, variant, authors, names, shown.get(_record(item), ())) for item in printed),
        left_out=len(told) - len(printed),
        kinds=tuple(source_of(kind).label for kind in kinds) if kinds and not outside else (),
    )


def _record(item: TimelineItem) -> int:
    """The id of the record that the line tells; 0 for other lines."""
    return item.page[1] if item.kind == "record" and item.page else 0


def _letters(items: Sequence[TimelineItem]) -> dict[str, str]:
    """Who wrote it → 工作人员甲, 乙 … in the order of their first line; numbers after the tenth."""
    names = list(dict.fromkeys(item.by for item in items if item.by))
    return {
        name: f"工作人员{LETTERS[place] if place < len(LETTERS) else place + 1}" for place, name in enumerate(names)
    }


def _names(child: Child, items: Sequence[TimelineItem]) -> tuple[str, ...]:
    """Names that a title might still hold, the longest first: child, family, those who wrote, school, class."""
    family = FamilyMember.objects.filter(child=child).values_list("name", flat=True)
    school = child.school
    known = {child.name, *family, *(item.by for item in items), school.name, school.short_name, child.village_group}
    if child.school_class:
        known |= {child.school_class.name_on(item.on) for item in items} | {str(child.school_class)}
    return tuple(sorted((name for name in known if len(name) > 1), key=len, reverse=True))


def _line(
    item: TimelineItem, variant: Variant, authors: dict[str, str], names: Sequence[str], pictures: tuple[Shown, ...]
) -> HistoryLine:
    kind = source_of(item.kind).label
    if variant == Variant.OUTSIDE:
        title = item.title
        for name in names:
            title = title.replace(name, HIDDEN)
        return HistoryLine(f"{item.on.year}年{item.on.month}月", kind, title, by=authors.get(item.by, ""))
    if variant == Variant.SUMMARY or item.sealed:
        return HistoryLine(str(item.on), kind, item.title, by=item.by, entered=item.entered, sealed=item.sealed)
    return HistoryLine(
        str(item.on), kind, item.title, item.text, item.details, item.entered, item.by, pictures=pictures
    )


def _about(child: Child, sight: Sight, on: date) -> str:
    """Who it is about without saying who: sex, age in years, who is away, who cares."""
    answer = status_of(child, on, tolerance=child.school.visit_tolerance_days)
    age = child.age_on(on)
    away = "父母双方外出务工" if answer.both_away else "父母一方外出务工" if answer.seed else "父母在家"
    parts = [child.get_sex_display(), f"{age}岁" if age is not None else "", away]
    if sight.reads(DataClass.CONTACT):
        care = CareArrangement.objects.on(on).filter(child=child).order_by("starts_on", "pk").last()
        parts.append(f"监护类型：{care.get_care_type_display()}" if care and care.care_type else "")
    return "，".join(part for part in parts if part)
