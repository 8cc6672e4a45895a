"""
工作手册: what was done for the children of a class, or of a mentor, in a term, bound in order (domain §13, system 39).

The book lies on a desk and in a cabinet: counselling is never in it, nor what is restricted to those who must know,
and sealed notes and the content of letters are in no record to begin with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from django.db.models import Q

from activities.models import CareRecord, Kind
from activities.models.record import CareRecordQuerySet, Visibility
from activities.occasion_papers import OccasionCard, occasion_cards
from caretrack.access.policy import Role
from caretrack.periods import chinese_date
from caretrack.schools.models import Appointment, SchoolClass, Staff, Term
from children.left_behind import Definition
from children.models import Child, Enrollment
from children.models.child import ChildQuerySet
from children.queries import left_behind_ids, roll_order
from mentoring.duties import FIVE_GOODS
from mentoring.models import Mentor, Pairing
from reports.builders.paper import chinese_span

Facts = tuple[tuple[str, str], ...]

#: The kinds that the list of children counts by themselves; the others stand under 其他.
COUNTED = (Kind.TALK, Kind.HOME_VISIT, Kind.PARENT_CONTACT, Kind.TUTORING)

#: Cards of a volume, some forty pages: laying out and writing takes 1 MB a card beside 150 MB for program and fonts.
MOST_CARDS = 120


@dataclass(frozen=True)
class BookChild:
    """A child of the book: how often what was done, and the card (`first`, 0 without any) it is first found on."""

    pk: int
    name: str
    sex: str
    class_name: str
    tie: str
    counts: tuple[int, ...]
    first: int

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Chapter:
    """The cards of a month; `key` is its anchor."""

    key: str
    label: str
    cards: tuple[OccasionCard, ...]


@dataclass(frozen=True)
class Workbook:
    """A whole book, or one of its volumes. `name` is its file's, `tie` heads the column that ties child and mentor; `left_out` counts what is not bound."""

    school: str
    name: str
    title: str
    about: Facts
    tie: str
    kinds: tuple[str, ...]
    children: tuple[BookChild, ...]
    chapters: tuple[Chapter, ...]
    records: int
    left_out: int
    duties: Facts = ()
    volume: str = ""

    @property
    def cards(self) -> int:
        return sum(len(chapter.cards) for chapter in self.chapters)


def span_of(term: Term, on: date) -> tuple[date, date]:
    """From the first day of the term to the eve of the next, the holiday with it; not beyond the day `on`."""
    later = Term.objects.filter(school=term.school_id, starts_on__gt=term.ends_on).order_by("starts_on").first()
    return term.starts_on, min(on, later.starts_on - timedelta(days=1)) if later else on


def of_class(records: CareRecordQuerySet, school_class: SchoolClass) -> CareRecordQuerySet:
    """Of `records`, those about a child when it was in the class, whoever wrote them."""
    return records.filter(school_class=school_class)


def of_mentor(records: CareRecordQuerySet, mentor: Mentor) -> CareRecordQuerySet:
    """Of `records`, those that the mentor did for a child in charge."""
    return records.filter(mentor=mentor)


def bound(records: CareRecordQuerySet) -> CareRecordQuerySet:
    """Of `records`, those that go into a book."""
    return records.exclude(kind=Kind.COUNSELLING).filter(visibility=Visibility.NORMAL)


def class_book(school_class: SchoolClass, term: Term, *, staff: Staff, on: date) -> Workbook:
    """The class teacher's book as `staff` may bind it on the day; the school of class and term must be loaded."""
    first, last = span_of(term, on)
    day = min(last, term.ends_on)
    stays = Enrollment.objects.during(first, last).filter(school_class=school_class)
    pupils = Child.objects.visible_to(staff).filter(pk__in=stays.order_by().values("child"))
    teachers = Appointment.objects.current(day).filter(role=Role.HOMEROOM, school_class=school_class)
    names = "、".join(teachers.order_by("starts_on").values_list("staff__name", flat=True))
    pairings = Pairing.objects.on(day).acting_parents().reaching(day).filter(child__in=pupils.order_by().values("pk"))
    return _bind(
        of_class(CareRecord.objects.visible_to(staff), school_class).between(first, last),
        pupils.filter(pk__in=left_behind_ids(pupils, Definition.SEED, day)),
        staff,
        term=term,
        span=(first, last),
        title="班主任工作手册",
        about=(("班　　级", school_class.name_on(day)), ("班 主 任", names or "未任命")),
        tie="代理家长",
        ties=dict(pairings.values_list("child", "mentor__name")),
    )


def mentor_book(mentor: Mentor, term: Term, *, staff: Staff, on: date) -> Workbook:
    """The mentor's book as `staff` may bind it on the day; the schools of mentor and term must be loaded."""
    first, last = span_of(term, on)
    pairings = Pairing.objects.not_over(first).filter(mentor=mentor, starts_on__lte=last).order_by("starts_on", "pk")
    return _bind(
        of_mentor(CareRecord.objects.visible_to(staff), mentor).between(first, last),
        Child.objects.visible_to(staff).filter(pk__in=pairings.order_by().values("child")),
        staff,
        term=term,
        span=(first, last),
        title="代理家长工作手册",
        about=(("代理家长", mentor.name), ("身　　份", mentor.get_kind_display())),
        tie="结对时间",
        ties={one.child_id: _since(one) for one in pairings},
        duties=FIVE_GOODS,
    )


def _since(pairing: Pairing) -> str:
    end = f"至{chinese_date(pairing.ends_on)}" if pairing.ends_on else "起"
    return f"{chinese_date(pairing.starts_on)}{end}"


def _bind(
    records: CareRecordQuerySet,
    children: ChildQuerySet,
    staff: Staff,
    *,
    term: Term,
    span: tuple[date, date],
    title: str,
    about: Facts,
    tie: str,
    ties: Mapping[int, str],
    duties: Facts = (),
) -> Workbook:
    first, last = span
    loaded = bound(records).select_related("child", "school", "author", "school_class__school")
    kept = list(loaded.order_by("on", "at", "pk"))
    cards = occasion_cards(kept, staff)
    found = _found(cards)
    counts = Counter((record.child_id, record.kind if record.kind in COUNTED else "") for record in kept)
    who = Q(pk__in=children.order_by().values("pk")) | Q(pk__in=set(found))
    listed = Child.objects.visible_to(staff).filter(who).select_related("school_class__school").order_by(*roll_order())
    rows = tuple(
        BookChild(
            child.pk,
            child.name,
            child.get_sex_display(),
            child.class_name(min(last, term.ends_on)),
            ties.get(child.pk, ""),
            tuple(counts[child.pk, kind] for kind in (*COUNTED, "")),
            found.get(child.pk, 0),
        )
        for child in listed
    )
    until = f"{chinese_span(first, last)}" + ("（含假期）" if last > term.ends_on else "")
    return Workbook(
        school=term.school.name,
        name=f"{about[0][1]}{title}（{term}）",
        title=title,
        about=(*about, ("学　　期", str(term)), ("收录日期", until), ("学生人数", f"{len(rows)} 人")),
        tie=tie,
        kinds=(*(kind.label for kind in COUNTED), "其他"),
        children=rows,
        chapters=_chapters(cards),
        records=len(kept),
        left_out=records.count() - len(kept),
        duties=duties,
    )


def _chapters(cards: Iterable[OccasionCard]) -> tuple[Chapter, ...]:
    months = groupby(cards, key=lambda one: (one.on.year, one.on.month))
    return tuple(
        Chapter(f"month-{year}-{month:02}", f"{year}年{month}月", tuple(of_month)) for (year, month), of_month in months
    )


def _found(cards: Iterable[OccasionCard]) -> dict[int, int]:
    """Child id → number of the first card that tells of it."""
    found: dict[int, int] = {}
    for one in cards:
        for child in one.children:
            found.setdefault(child, one.card.number)
    return found


def volumes(book: Workbook) -> tuple[Workbook, ...]:
    """The book itself, or volumes of whole months with MOST_CARDS or fewer each; a month with more is cut too."""
    parts: list[list[Chapter]] = [[]]
    for chapter in (part for whole in book.chapters for part in _cut(whole)):
        held = sum(len(one.cards) for one in parts[-1])
        if held and held + len(chapter.cards) > MOST_CARDS:
            parts.append([])
        parts[-1].append(chapter)
    if len(parts) == 1:
        return (book,)
    return tuple(_volume(book, part, f"第{number}册（共{len(parts)}册）") for number, part in enumerate(parts, start=1))


def _cut(chapter: Chapter) -> list[Chapter]:
    """The chapter in parts of at most MOST_CARDS, numbered where there are several."""
    starts = range(0, len(chapter.cards), MOST_CARDS)
    if len(starts) == 1:
        return [chapter]
    return [
        Chapter(f"{chapter.key}-{part}", f"{chapter.label}（{part}）", chapter.cards[start : start + MOST_CARDS])
        for part, start in enumerate(starts, start=1)
    ]


def _volume(book: Workbook, chapters: list[Chapter], name: str) -> Workbook:
    found = _found(card for chapter in chapters for card in chapter.cards)
    children = tuple(replace(child, first=found.get(child.pk, 0)) for child in book.children)
    return replace(book, name=f"{book.name}{name}", chapters=tuple(chapters), children=children, volume=name)
