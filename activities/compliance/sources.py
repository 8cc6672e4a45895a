"""
What the engine asks of the database, for a whole school or some of its children: a handful of statements, however many
children, records or periods there are. Nothing is asked that no item needs.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from activities.compliance.limits import levels_of, plan_spans
from activities.compliance.occasions import ELDERS, birthdays_of_elders, occasions_of
from activities.compliance.periods import birthdays_of, periods_of
from activities.compliance.proofs import Proofs, gather_proofs
from activities.compliance.rules import FACTS, GRACE, Every, Period, Rule, Span, Subject, Window
from activities.models import ProgrammeItem, Waiver
from caretrack.fixed import fixed
from caretrack.schools.calendar import Calendar, calendar_of
from caretrack.schools.models import School, SchoolClass
from children.models import AbsenceSpan, Child, Enrollment, codes
from mentoring.models import Pairing, PeerPairing

#: Stands for "since ever": a parent away since nobody knows when.
EVER = date(1900, 1, 1)
DAY = timedelta(days=1)
SCHOOL = 0


@dataclass(frozen=True)
class Pupil:
    """What the engine and its pages ask of a child; `stays` are its spans in classes of the school, oldest first."""

    pk: int
    name: str
    pinyin: str
    level: str
    birth: date | None
    lunar: str
    stays: list[tuple[Span, int]] = field(default_factory=list)

    def class_on(self, day: date) -> int:
        """The class on the day, or the last one before it; 0 before the first."""
        found = 0
        for span, school_class in self.stays:
            if span.first <= day:
                found = school_class
        return found or (self.stays[0][1] if self.stays else 0)


@dataclass
class Sources:
    """
    Everything that is needed to judge a school's obligations in a span of days. Keys of `proofs`, `facts` and `waivers`:
    (id of the child or class, rule id), the school itself with id 0.
    """

    school: School
    calendar: Calendar
    span: Window
    today: date
    rules: tuple[Rule, ...]
    periods: Mapping[int, tuple[Period, ...]]
    pupils: dict[int, Pupil]
    classes: dict[int, SchoolClass]
    paired: dict[int, list[Span]]
    cared: dict[int, list[Span]]
    taught: dict[int, list[Span]]
    mentors: dict[int, list[tuple[Span, int]]]
    levels: dict[int, list[tuple[date, str]]]
    planned: dict[int, list[Span]]
    birthdays: dict[int, tuple[Period, ...]]
    elders: Mapping[int, tuple[Period, ...]]
    proofs: Proofs
    facts: dict[tuple[int, int], list[Span]]
    waivers: dict[tuple[int, int], list[Span]]

    def own_periods(self, rule: Rule) -> Mapping[int, tuple[Period, ...]]:
        """Child (id) → the periods of the item that are its alone: its birthdays, those of its elders."""
        if rule.every == Every.BIRTHDAY:
            return self.birthdays
        return self.elders if ELDERS in rule.occasions else {}

    def level_on(self, child: int, day: date) -> str:
        """The support level as decided by the day; the present one where nothing was decided."""
        decided = self.levels.get(child)
        if not decided:
            return self.pupils[child].level
        return next((level for on, level in reversed(decided) if on <= day), codes.SupportLevel.GENERAL)

    def mentor_on(self, child: int, first: date, last: date) -> int:
        """The last 代理家长 of a child in first … last; 0 without one."""
        found = 0
        for span, mentor in self.mentors.get(child, ()):
            if span.first <= last and (span.last is None or span.last >= first):
                found = mentor
        return found


def rules_of(school: School, first: date, last: date) -> tuple[Rule, ...]:
    """The items of the school's programmes in force on a day of first … last, in their order. One statement."""
    return rules_of_schools([school], first, last)[school.pk]


def rules_of_schools(schools: Iterable[School], first: date, last: date) -> dict[int, tuple[Rule, ...]]:
    """School id → its items in force on a day of first … last, newest programme first. One statement."""
    found: dict[int, list[Rule]] = {school.pk: [] for school in schools}
    for item in _items_in_force(tuple(found), first, last):
        begin, end = item.programme.starts_on, item.programme.ends_on
        ends = [day for day in (item.ends_on, end) if day is not None]
        since, mine = max(item.starts_on or begin, begin), found[item.programme.school_id]
        before = mine[-1] if mine and mine[-1].column == (item.programme_id, item.order) else None
        follows = before is not None and before.last is not None and before.last + DAY >= since
        mine.append(
            Rule(
                pk=item.pk,
                name=item.name,
                programme=item.programme.name,
                programme_id=item.programme_id,
                order=item.order,
                subject=item.subject,
                every=item.period,
                first=since,
                last=min(ends) if ends else None,
                since=before.begins if before is not None and follows else since,
                count=item.count,
                role=item.role,
                kinds=frozenset(item.evidence),
                levels=frozenset(item.applies_to.get("levels", ())),
                min_grade=int(item.applies_to.get("min_grade", 0)),
                planned=bool(item.applies_to.get("planned")),
                occasions=frozenset(item.applies_to.get("occasions", ())),
            )
        )
    return {school: tuple(rules) for school, rules in found.items()}


@fixed
def _items_in_force(schools: tuple[int, ...], first: date, last: date) -> QuerySet[ProgrammeItem]:
    running = Q(programme__starts_on__lte=last) & (
        Q(programme__ends_on__isnull=True) | Q(programme__ends_on__gte=first)
    )
    own = Q(starts_on__isnull=True) | Q(starts_on__lte=last)
    own &= Q(ends_on__isnull=True) | Q(ends_on__gte=first)
    items = ProgrammeItem.objects.filter(running, own, programme__school__in=schools).select_related("programme")
    # The version that begins with the programme names no day; PostgreSQL would put it behind those that do.
    versions = F("starts_on").asc(nulls_first=True)
    return items.order_by("-programme__starts_on", "-programme", "order", versions, "pk")


def gather(
    school: School,
    rules: Sequence[Rule],
    span: Window,
    today: date,
    children: QuerySet[Child] | Collection[int] | None = None,
) -> Sources:
    """
    Everything about the school's obligations under `rules` in `span`; of `children` (or their ids) only where given.

    At most twenty-one statements, fewer where the rules ask less.
    """
    calendar = calendar_of(school)
    ahead = Window(span.first, span.last + GRACE)
    periods = {
        rule.pk: occasions_of(rule, calendar, span)
        if rule.occasions
        else periods_of(rule.every, calendar, school.closing_day, ahead)
        for rule in rules
    }
    whole = _stretch(periods, ahead)
    if isinstance(children, QuerySet):
        children = children.order_by().values_list("pk", flat=True)
    some = None if children is None else tuple(children)
    pupils = _pupils(_stays(school.pk, *whole) if some is None else _stays_of(some, school.pk, *whole))
    ids = tuple(pupils)
    asks_cared = any(rule.about_child and not rule.of_mentor for rule in rules)
    asks_levels = asks_cared or any(rule.levels for rule in rules)
    mentors = _mentors(ids) if any(rule.about_child for rule in rules) else {}
    levels = levels_of(ids) if asks_levels else {}
    planned = plan_spans(ids) if any(rule.planned for rule in rules) else {}
    by_pairing = {child: [span for span, _ in spans] for child, spans in mentors.items()}
    stays = {pk: [span for span, _ in pupil.stays] for pk, pupil in pupils.items()}
    paired = {child: overlap(stays[child], merge(spans)) for child, spans in by_pairing.items()}
    cared: dict[int, list[Span]] = {}
    if asks_cared:
        reasons: dict[int, list[Span]] = defaultdict(list)
        for source in (by_pairing, _away(ids, school), _key_spans(pupils, levels)):
            for child, spans in source.items():
                reasons[child] += spans
        cared = {child: overlap(stays[child], merge(spans)) for child, spans in reasons.items()}
    needs_classes = any(rule.subject == Subject.CLASS for rule in rules)
    birthdays: dict[int, tuple[Period, ...]] = {}
    if any(rule.every == Every.BIRTHDAY for rule in rules):
        birthdays = birthdays_of(calendar, ((pk, pupils[pk].birth, pupils[pk].lunar) for pk in cared), ahead)
    of_elders = any(ELDERS in rule.occasions for rule in rules)
    found = Sources(
        school=school, calendar=calendar, span=span, today=today, rules=tuple(rules), periods=periods, pupils=pupils,
        classes=_classes(school, pupils), paired=paired, cared=cared, taught=_taught(pupils) if needs_classes else {},
        mentors=mentors, levels=levels, planned=planned, birthdays=birthdays,
        elders=birthdays_of_elders(calendar, ids, span) if of_elders else {},
        proofs={}, facts=_facts(rules, ids, by_pairing), waivers=_waivers(rules, whole),
    )  # fmt: skip
    found.proofs = gather_proofs(found, some)
    return found


def _stretch(periods: Mapping[int, tuple[Period, ...]], span: Window) -> Window:
    """From the first to the last day that any of the periods looks at."""
    listed = [period for some in periods.values() for period in some]
    return Window(
        min([span.first, *(period.opens for period in listed)]), max([span.last, *(period.closes for period in listed)])
    )


def merge(spans: Iterable[Span], gap: timedelta = DAY) -> list[Span]:
    """The days of `spans` as spans that neither touch nor overlap; those nearer than `gap` become one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.first):
        before = found[-1] if found else None
        if before is not None and (before.last is None or span.first - before.last <= gap):
            last = None if before.last is None or span.last is None else max(before.last, span.last)
            found[-1] = Span(before.first, last)
        else:
            found.append(span)
    return found


def overlap(one: Iterable[Span], other: Collection[Span]) -> list[Span]:
    """The days that both lists have, each being free of overlap."""
    found = []
    for first, last in one:
        for begin, end in other:
            start = max(first, begin)
            stop = last if end is None else end if last is None else min(last, end)
            if stop is None or start <= stop:
                found.append(Span(start, stop))
    return found


_STAY = (
    "child", "child__name", "child__pinyin", "child__support_level", "child__birth_date", "child__birth_precision",
    "child__birth_lunar", "school_class", "starts_on", "ends_on",
)  # fmt: skip


@fixed
def _stays(school: int, first: date, last: date) -> QuerySet[Enrollment, Any]:
    """Who is on the roll of the school on a day of first … last, in the order of the roll."""
    rows = Enrollment.objects.during(first, last).filter(school=school)
    return rows.order_by("child__pinyin", "child", "starts_on").values_list(*_STAY)


@fixed
def _stays_of(children: tuple[int, ...], school: int, first: date, last: date) -> QuerySet[Enrollment, Any]:
    """As `_stays`, of some children only."""
    rows = Enrollment.objects.during(first, last).filter(school=school, child__in=children)
    return rows.order_by("child__pinyin", "child", "starts_on").values_list(*_STAY)


def _pupils(stays: Iterable[tuple[Any, ...]]) -> dict[int, Pupil]:
    found: dict[int, Pupil] = {}
    for pk, name, pinyin, level, birth, precision, lunar, at, first, last in stays:
        if pk not in found:
            known = birth if precision == codes.BirthPrecision.DAY else None
            found[pk] = Pupil(pk, name, pinyin, level, known, lunar)
        found[pk].stays.append((Span(first, last), at))
    return found


def _classes(school: School, pupils: Mapping[int, Pupil]) -> dict[int, SchoolClass]:
    ids = {at for pupil in pupils.values() for _, at in pupil.stays}
    found = {row.pk: row for row in _named_classes(tuple(ids))}
    for row in found.values():
        row.school = school
    return found


@fixed
def _named_classes(ids: tuple[int, ...]) -> QuerySet[SchoolClass]:
    return SchoolClass.objects.filter(pk__in=ids)


def _taught(pupils: Mapping[int, Pupil]) -> dict[int, list[Span]]:
    """Class id → the spans in which it had pupils."""
    found: dict[int, list[Span]] = defaultdict(list)
    for pupil in pupils.values():
        for span, at in pupil.stays:
            found[at].append(span)
    return {at: merge(set(spans)) for at, spans in found.items()}


def _mentors(ids: tuple[int, ...]) -> dict[int, list[tuple[Span, int]]]:
    found: dict[int, list[tuple[Span, int]]] = defaultdict(list)
    for child, mentor, first, last, last_day, open_account in _pairings(ids):
        # Who has left the school is nobody's mentor from then on, though nobody ended the pairing.
        if last_day is None and open_account is False:
            continue
        end = min(filter(None, (last, last_day)), default=None)
        if end is None or first <= end:
            found[child].append((Span(first, end), mentor))
    return dict(found)


@fixed
def _pairings(ids: tuple[int, ...]) -> QuerySet[Pairing, Any]:
    rows = Pairing.objects.acting_parents().with_last_day().filter(child__in=ids).order_by("starts_on", "pk")
    return rows.values_list("child", "mentor", "starts_on", "ends_on", "last_day", "mentor__staff__is_active")


def _key_spans(pupils: Mapping[int, Pupil], levels: Mapping[int, list[tuple[date, str]]]) -> dict[int, list[Span]]:
    """The spans in which a child is 重点 or 紧急."""
    found = {pk: [Span(EVER)] for pk, p in pupils.items() if p.level in codes.KEY_LEVELS and pk not in levels}
    for child, decided in levels.items():
        ends = [on - DAY for on, _ in decided[1:]]
        spans = [
            Span(on, end)
            for (on, level), end in zip(decided, [*ends, None], strict=True)
            if level in codes.KEY_LEVELS and (end is None or end >= on)
        ]
        if spans:
            found[child] = spans
    return found


def _away(ids: tuple[int, ...], school: School) -> dict[int, list[Span]]:
    """The spans in which a parent works away; visits home that the school tolerates do not end one (domain §3.2)."""
    by_parent: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for child, member, first, last in _absences(ids):
        by_parent[child, member].append(Span(first or EVER, last))
    found: dict[int, list[Span]] = defaultdict(list)
    tolerance = timedelta(days=school.visit_tolerance_days + 1)
    for (child, _), spans in by_parent.items():
        found[child] += merge(spans, tolerance)
    return dict(found)


@fixed
def _absences(ids: tuple[int, ...]) -> QuerySet[AbsenceSpan, Any]:
    rows = AbsenceSpan.objects.filter(
        member__child__in=ids, status=codes.ParentStatus.AWAY_WORK, member__relation__in=codes.PARENTS
    )
    return rows.order_by().values_list("member__child", "member", "starts_on", "ends_on")


def _facts(
    rules: Sequence[Rule], ids: tuple[int, ...], by_pairing: Mapping[int, list[Span]]
) -> dict[tuple[int, int], list[Span]]:
    """(child, rule) → the spans in which a fact holds: a mentor, a buddy."""
    buddies: dict[int, list[Span]] = defaultdict(list)
    if any("peer" in rule.kinds for rule in rules):
        for child, first, last in _peers(ids):
            buddies[child].append(Span(first, last))
    found: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for rule in rules:
        for kind, spans_of in (("pairing", by_pairing), ("peer", buddies)):
            if kind in rule.kinds & FACTS:
                for child, spans in spans_of.items():
                    found[child, rule.pk] += spans
    return dict(found)


@fixed
def _peers(ids: tuple[int, ...]) -> QuerySet[PeerPairing, Any]:
    return PeerPairing.objects.filter(child__in=ids).order_by().values_list("child", "starts_on", "ends_on")


def _waivers(rules: Sequence[Rule], span: Window) -> dict[tuple[int, int], list[Span]]:
    """(id, rule) → the spans excused. A waiver holds for all versions of its item."""
    found: dict[tuple[int, int], list[Span]] = defaultdict(list)
    versions: dict[tuple[int, int], list[Rule]] = defaultdict(list)
    for rule in rules:
        versions[rule.column].append(rule)
    programmes = tuple({rule.programme_id for rule in rules})
    for child, school_class, programme, order, first, last in _granted(programmes, span.first, span.last):
        for rule in versions.get((programme, order), ()):
            if rule.about_child and child:
                found[child, rule.pk].append(Span(first, last))
            elif rule.subject == Subject.CLASS and school_class:
                found[school_class, rule.pk].append(Span(first, last))
            elif rule.subject == Subject.SCHOOL and not child and not school_class:
                found[SCHOOL, rule.pk].append(Span(first, last))
    return dict(found)


@fixed
def _granted(programmes: tuple[int, ...], first: date, last: date) -> QuerySet[Waiver, Any]:
    rows = Waiver.objects.filter(item__programme__in=programmes, first__lte=last, last__gte=first).order_by()
    return rows.values_list("child", "school_class", "item__programme", "item__order", "first", "last")
