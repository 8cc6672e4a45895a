"""
Questions about what was done for children: who was not talked with, how long the silence lasts, what is due.

Every function takes the children it asks about (already narrowed by `visible_to`) and the day or the month, and costs
a constant number of statements. "谈心" counts talks that took place; an attempt breaks no silence.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from lunar_python import Solar

from activities.kinds import detail_lines, spec_of
from activities.models import CareRecord, Kind, Waiver
from activities.models.record import ChildState
from caretrack.access.crypto import decrypt
from caretrack.access.models import RowHistory
from caretrack.access.policy import DataClass, Level, Role
from caretrack.access.scopes import children_reached_by
from caretrack.fixed import fixed
from caretrack.periods import Month, age_on
from caretrack.schools.models import Staff
from children.models import Child, codes
from children.models.child import a_parent_away
from children.sight import sights
from mentoring.models import Pairing

TOLD_IN_PART = frozenset({Role.MENTOR, Role.TEACHER})


def told_to(reader: Any) -> Q:
    """
    A condition on CareRecord: whose days `reader` may know of.

    None asks for the school (reports). A mentor or subject teacher learns of their own contacts only.
    """
    if reader is None or reader.roles().isdisjoint(TOLD_IN_PART):
        return Q()
    return Q(author=reader) | Q(child__in=Child.objects.visible_to(reader, DataClass.CARE, Level.READ))


def told_own_only(reader: Any, children: Collection[int]) -> set[int]:
    """Of `children` (ids), those of whom `told_to` lets `reader` know nothing but their own contacts."""
    if not children or reader.roles().isdisjoint(TOLD_IN_PART):
        return set()
    return {pk for pk, sight in sights(reader, children).items() if not sight.reads(DataClass.CARE)}


#: What breaks a silence: the talk unless a list asks for something else; none named, any contact.
TALKS: tuple[str, ...] = (Kind.TALK,)


def _talks(reader: Any, kinds: Collection[str] = TALKS) -> QuerySet[CareRecord]:
    found = CareRecord.objects.filter(told_to(reader), child=OuterRef("pk"), reached=True)
    return found.filter(kind__in=kinds) if kinds else found


def own_children(staff: Any) -> Q:
    """A condition on Child: the class one leads and the children one is paired with."""
    return children_reached_by(staff, frozenset({Role.HOMEROOM, Role.MENTOR}))


def cared_for(children: "QuerySet[Child]") -> "QuerySet[Child]":
    """Of `children`, those in a class whom the monthly talk is for: a parent away, or support level 重点 or 紧急."""
    return children.on_roll().filter(a_parent_away() | Q(support_level__in=codes.KEY_LEVELS))  # type: ignore[attr-defined]


def talks_missing(children: "QuerySet[Child]", month: Month, reader: Any = None) -> "QuerySet[Child]":
    """Of `children`, those without a talk in the reporting month, longest silence first (see `silences`)."""
    return without_talk(children, month.first, month.last, reader)


def without_talk(
    children: "QuerySet[Child]", first: date, last: date, reader: Any = None, kinds: Collection[str] = TALKS
) -> "QuerySet[Child]":
    """
    Of `children`, those without a talk in first … last, longest silence first (see `silences`).

    Who was excused from it up to the last of the days is not missing.
    """
    talked = _talks(reader, kinds).filter(on__gte=first, on__lte=last)
    missing = silences(children, reader, kinds).filter(~Exists(talked))
    return missing.filter(~Exists(_excused(kinds, last))) if kinds else missing


def _excused(kinds: Collection[str], on: date) -> QuerySet[Waiver]:
    # The kinds stand in a list of JSON, which only one of the two databases can search.
    proofs = Q(*(Q(proofs__contains=f'"{kind}"') for kind in kinds), _connector=Q.OR)
    rows = Waiver.objects.filter(child=OuterRef("pk"), first__lte=on, last__gte=on)
    return rows.annotate(proofs=Cast("item__evidence", TextField())).filter(proofs)


def silences(children: "QuerySet[Child]", reader: Any = None, kinds: Collection[str] = TALKS) -> "QuerySet[Child]":
    """
    `children` with `last_talk_on` (None: never), those never talked with first, then the longest silence.

    `kinds` asks for other contacts than talks, empty for any contact that took place.
    """
    newest = _talks(reader, kinds).order_by("-on").values("on")[:1]
    return children.annotate(last_talk_on=Subquery(newest)).order_by(
        F("last_talk_on").asc(nulls_first=True), "pinyin", "pk"
    )


@dataclass(frozen=True)
class LastContact:
    """The last talk and the last contact of any kind that took place; None where there was none."""

    talk_on: date | None = None
    contact_on: date | None = None


def last_contact(children: "QuerySet[Child] | Collection[int]", reader: Any = None) -> dict[int, LastContact]:
    """Child id → LastContact, for those with any contact, in one statement. Takes a queryset of Child or ids."""
    rows: Iterable[dict[str, Any]]
    if reader is None or isinstance(children, QuerySet):
        rows = _last_contacts(reader, _ids(children))
    else:
        rows = _last_told(reader, tuple(children))
    return {row["child"]: LastContact(row["talk"], row["newest"]) for row in rows}


def _last_contacts(reader: Any, children: Any) -> QuerySet[CareRecord, Any]:
    rows = CareRecord.objects.reached().filter(told_to(reader), child__in=children).order_by().values("child")
    return rows.annotate(talk=Max("on", filter=Q(kind=Kind.TALK)), newest=Max("on"))


@fixed
def _last_told(reader: Any, children: tuple[int, ...]) -> QuerySet[CareRecord, Any]:
    return _last_contacts(reader, children)


def _ids(children: "QuerySet[Child] | Collection[int]") -> Any:
    return children.order_by().values("pk") if isinstance(children, QuerySet) else list(children)


def days_since(day: date | None, today: date) -> int | None:
    """Days from `day` to `today`; None for never."""
    return None if day is None else (today - day).days


@dataclass(frozen=True)
class ClassTalks:
    """How a class stands with its talks in a month."""

    class_id: int
    children: int
    missing: int

    @property
    def talked(self) -> int:
        return self.children - self.missing


class LastTalk(NamedTuple):
    """A child of a class with the day of its last talk; None for never."""

    child_id: int
    class_id: int
    on: date | None


def last_talks(children: "QuerySet[Child]") -> list[LastTalk]:
    """`children` with their last talks, longest silence first (see `silences`), in one statement."""
    return [LastTalk(*row) for row in talk_rows(children)]


def talk_rows(children: "QuerySet[Child]") -> "QuerySet[Child, Any]":
    """The rows of `last_talks`, to be asked for later."""
    return silences(children).values_list("pk", "school_class", "last_talk_on")


def talks_by_class(talks: Iterable[LastTalk], month: Month) -> list[ClassTalks]:
    """The classes in `talks`, most talks missing first, in the running month: no talk is later than it."""
    children: Counter[int] = Counter()
    missing: Counter[int] = Counter()
    for talk in talks:
        children[talk.class_id] += 1
        missing[talk.class_id] += talk.on is None or talk.on < month.first
    rows = [ClassTalks(pk, number, missing[pk]) for pk, number in children.items()]
    return sorted(rows, key=lambda row: (-row.missing, row.class_id))


@dataclass(frozen=True)
class Birthday:
    """A birthday that is near. `lunar` is the child's lunar date when the family keeps that one."""

    child: Child
    on: date
    turns: int | None
    lunar: str


def birthdays(children: "QuerySet[Child] | Iterable[Child]", on: date, days: int = 14) -> list[Birthday]:
    """
    Birthdays of `children` from `on` on for `days` days, nearest first; asked of the database where a queryset is given.

    29 February is kept on the 28th in common years (domain §9.3). A family that keeps the lunar birthday is found by
    it, the others by the solar date; a birth date known only to the month is nobody's birthday.
    """
    window = [on + timedelta(days=n) for n in range(days + 1)]
    solar = {(day.month, day.day): day for day in window}
    if (2, 28) in solar and (solar[2, 28] + timedelta(days=1)).day == 1:
        solar[2, 29] = solar[2, 28]
    lunar = {name: day for day in reversed(window) for name in lunar_names(day)}
    if isinstance(children, QuerySet):
        by_day = Q()
        for month, day in solar:
            by_day |= Q(birth_date__month=month, birth_date__day=day)
        by_day &= Q(birth_precision=codes.BirthPrecision.DAY, birth_lunar="")
        children = children.filter(by_day | Q(birth_lunar__in=lunar))
    found: list[Birthday] = []
    for child in children:
        born = child.birth_date
        if child.birth_lunar:
            if due := lunar.get(child.birth_lunar):
                found.append(Birthday(child, due, due.year - born.year if born else None, child.birth_lunar))
            continue
        known = child.birth_precision == codes.BirthPrecision.DAY
        if born and known and (due := solar.get((born.month, born.day))):
            found.append(Birthday(child, due, age_on(born, due), ""))
    return sorted(found, key=lambda birthday: (birthday.on, birthday.child.pinyin))


@lru_cache(maxsize=1000)
def lunar_names(day: date) -> tuple[str, ...]:
    """The ways to write the lunar date of `day`: 冬月初三, 十一月初三, 农历冬月初三 …"""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    month, name = abs(lunar.getMonth()), lunar.getDayInChinese()
    plain = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")[month]
    months = {f"{plain}月", {1: "正月", 11: "冬月", 12: "腊月"}.get(month, f"{plain}月")}
    return tuple(prefix + written + name for written in sorted(months) for prefix in ("", "农历", "阴历"))


def worrying(children: "QuerySet[Child]", records: QuerySet[CareRecord], since: date) -> QuerySet[CareRecord]:
    """Of `records`, the newest of each of `children` since the day, where it says 低落 or 需要关注."""
    newest = (
        records.filter(child=OuterRef("child"), on__gte=since).exclude(state="").order_by("-on", "-pk").values("pk")
    )
    low = (ChildState.LOW, ChildState.WORRYING)
    return (
        records.filter(child__in=_ids(children), on__gte=since, state__in=low, pk=Subquery(newest[:1]))
        .select_related("child__school_class__school", "author")
        .order_by("-on", "-pk")
    )


@dataclass(frozen=True)
class Line:
    """
    A record as one person may read it. A counselling record of others is a grey line: that it took place, no more.

    `heads` is the number of children of the occasion; `others` names those of them that the reader may see.
    `alike`: all of them were in the state of this one, as far as the reader may know of every one.
    """

    record: CareRecord
    grey: bool
    icon: str
    text: str
    state: str
    advice: str
    details: tuple[tuple[str, str], ...]
    heads: int = 1
    others: tuple[Child, ...] = ()
    alike: bool = True

    @property
    def state_words(self) -> str:
        """低落; where the children of a group were not all so, whose state it is: 李小兰：低落."""
        return self.state if self.alike or not self.state else f"{self.record.child.name}：{self.state}"

    @property
    def title(self) -> str:
        """谈心 · 学习、情绪; a record that was only an attempt says so elsewhere."""
        topics = "" if self.grey else self.record.topic_names
        return self.record.get_kind_display() + (f" · {topics}" if topics else "")

    @property
    def state_tone(self) -> str:
        return {"good": "good", "steady": "neutral", "low": "warn", "worrying": "bad"}.get(self.record.state, "neutral")


def lines(records: Iterable[CareRecord], staff: Any) -> list[Line]:
    """
    `records` (with `child` loaded) as `staff` may read them, in at most three statements.

    Whoever prints or lists records goes through here, so that counselling stays with the counsellor.
    """
    listed = list(records)
    counselled = {r.child_id for r in listed if r.kind == Kind.COUNSELLING}
    open_to = set()
    if counselled:
        seen = Child.objects.visible_to(staff, DataClass.COUNSELLING, Level.READ)
        open_to = set(seen.filter(pk__in=counselled).values_list("pk", flat=True))
    groups = {r.group_id for r in listed if r.group_id}
    members: dict[int, list[CareRecord]] = {}
    heads: Counter[int] = Counter()
    if groups:
        heads.update(_heads_of(tuple(groups)))
        for other in _members_seen(staff, tuple(groups)):
            members.setdefault(other.group_id or 0, []).append(other)
    found = []
    for record in listed:
        grey = record.kind == Kind.COUNSELLING and record.child_id not in open_to
        own = {} if grey else record.detail
        beside = members.get(record.group_id or 0, [])
        number = heads.get(record.group_id or 0, 1)
        found.append(
            Line(
                record=record,
                grey=grey,
                icon="lock" if grey else spec_of(record.kind).icon if record.reached else "telephone-x",
                text="" if grey else record.content,
                state="" if grey else record.get_state_display(),
                advice="" if grey else record.advice,
                details=tuple(detail_lines(record.kind, own)),
                heads=number,
                others=tuple(m.child for m in beside if m.child_id != record.child_id),
                alike=number == 1 or (len(beside) == number and len({m.state for m in beside}) == 1),
            )
        )
    return found


@fixed
def _heads_of(groups: tuple[int, ...]) -> QuerySet[CareRecord, Any]:
    return CareRecord.objects.filter(group__in=groups).order_by().values_list("group_id", flat=True)


@fixed
def _members_seen(staff: Staff, groups: tuple[int, ...]) -> QuerySet[CareRecord]:
    return CareRecord.objects.visible_to(staff).filter(group__in=groups).select_related("child")


def occasions(records: QuerySet[CareRecord]) -> QuerySet[CareRecord]:
    """Of `records`, one for each occasion: single ones, and of a group the first that is among them."""
    earlier = records.order_by().filter(group=OuterRef("group"), pk__lt=OuterRef("pk"))
    return records.exclude(Q(group__isnull=False) & Exists(earlier))


def record_as_it_was(pk: int, version: int) -> dict[str, Any]:
    """The plain fields of a record at an earlier version, as its history keeps them; empty if it is not there."""
    kept = RowHistory.objects.filter(table=CareRecord._meta.db_table, row_id=str(pk), version=version).first()
    if kept is None:
        return {}
    old = dict(kept.old)
    old["content"] = decrypt(old.get("content") or "", context="activities.carerecord.content")
    for name in ("topics", "detail"):
        old[name] = json.loads(old[name]) if isinstance(old.get(name), str) else old.get(name)
    return old


def pairings_lived(pairings: Iterable[int]) -> set[int]:
    """Those of the pairings whose mentor has written about the child since they were made; one statement."""
    by_mentor = Q(mentor=OuterRef("mentor")) | Q(author=OuterRef("mentor__staff"))
    written = CareRecord.objects.filter(by_mentor, child=OuterRef("child"), created_at__gt=OuterRef("change__made_at"))
    return set(Pairing.objects.filter(Exists(written), pk__in=list(pairings)).values_list("pk", flat=True))
