"""
What was done, as proofs of the items: records, activities and meetings, groups, awards, goals, parents' coming home.

Of a class, and of the school, meetings and activities count; one for the whole school counts for each of its classes,
and the school has done what every class has done. One of which nothing is told but its day proves nothing: it may not
have taken place.
Records of contact prove an item of a class or the school by the days on which there was one. A record that is the
parents' own duty (五个一 for parents) counts as contact with the 班主任 or with another teacher by who wrote it; what
was said with grandparents and letters that the child sent are none of theirs, a letter that came is none of the child's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from activities.compliance.rules import ENTRY, GRACE, Proof, Rule, Subject, Window
from activities.models import (
    Activity,
    ActivityParticipant,
    CareHomeVisit,
    CareRecord,
    ChildGoal,
    GroupMember,
    Homecoming,
    Kind,
    Meeting,
)
from activities.models.record import NOT_PARENTS, RECEIVED, SENT
from caretrack.access.policy import Role
from caretrack.fixed import fixed, unsearched
from caretrack.schools.models import Appointment
from children.models import AbsenceSpan, Award, codes

if TYPE_CHECKING:
    from activities.compliance.sources import Sources

#: (id of the child or class, rule) → what was done; the school has id 0.
Proofs = dict[tuple[int, int], list[Proof]]
CLUB = f"activity:{Activity.Kind.GROUP.value}"
CONTACTS = frozenset(Kind.values)
HERE = 0
#: The records of so few children are found by child, those of more by school and day.
FEW = 200
#: What is read of a record of contact.
COLUMNS = ("child_id", "kind", "on", "created_at", "reached", "pk", "author_id", "school_class_id")


@dataclass(frozen=True)
class Ask:
    """Which rules look for a kind of evidence, and in which days."""

    rules: tuple[Rule, ...]
    first: date
    last: date


def gather_proofs(sources: Sources, some: tuple[int, ...] | None) -> Proofs:
    """What was done for each subject and rule. One statement for each kind of evidence that an item asks for."""
    found: Proofs = defaultdict(list)
    children, units = _asked(sources, about_child=True), _asked(sources, about_child=False)
    of_child = {} if some is None else {"child__in": some}
    _add_records(found, sources, children, of_child)
    for subject, rule, proof in chain(_deeds(sources, children, of_child), _of_units(sources, units)):
        found[subject, rule.pk].append(proof)
    return dict(found)


def _asked(sources: Sources, *, about_child: bool) -> dict[str, Ask]:
    """Kind of evidence → who asks for it in which days."""
    asked: dict[str, list[Rule]] = defaultdict(list)
    for rule in sources.rules:
        if rule.about_child is about_child and (sources.periods[rule.pk] or sources.own_periods(rule)):
            for kind in rule.kinds:
                asked[kind].append(rule)
    found = {}
    for kind, rules in asked.items():
        spans = [_looked_at(sources, rule) for rule in rules]
        last = min(max(span.last for span in spans), sources.today)
        found[kind] = Ask(tuple(rules), min(span.first for span in spans), last)
    return found


def _looked_at(sources: Sources, rule: Rule) -> Window:
    periods = [*sources.periods[rule.pk], *chain.from_iterable(sources.own_periods(rule).values())]
    first = min((period.opens for period in periods), default=sources.span.first)
    last = max((max(period.closes, period.last) for period in periods), default=sources.span.first)
    return Window(first, last + GRACE)


def _entered(on: date, at: datetime) -> date:
    """The day on which something was written down; `on` itself when it was so soon that it makes no difference."""
    return on if at.date() - on < ENTRY else timezone.localdate(at)


def _in_days(asked: Mapping[str, Ask], kinds: Sequence[str], field: str = "kind", prefix: str = "") -> Q:
    """A condition for rows of these kinds, each in its own days."""
    bounds: dict[tuple[date, date], list[str]] = defaultdict(list)
    for kind in kinds:
        ask = asked[kind]
        bounds[ask.first, ask.last].append(kind.partition(":")[2] if prefix else kind)
    day = field.removesuffix("kind") + "on"
    found = Q(pk__in=[])
    for (first, last), some in bounds.items():
        found |= Q(**{f"{field}__in": some, f"{day}__gte": first, f"{day}__lte": last})
    return found


def _add_records(found: Proofs, sources: Sources, asked: Mapping[str, Ask], of_child: dict[str, Any]) -> None:
    """Records of contact. A school has tens of thousands of them in a term, so nothing is done here twice."""
    kinds = [kind for kind in asked if kind in CONTACTS]
    if not kinds:
        return
    some, span = of_child.get("child__in", ()), (min(asked[k].first for k in kinds), max(asked[k].last for k in kinds))
    odd_kinds = _kinds_with_odd_ones(asked)
    by_author = any(rule.subject == Subject.CARER and rule.role for kind in kinds for rule in asked[kind].rules)
    width = len(COLUMNS) if by_author else COLUMNS.index("author_id")
    records: Iterable[Any]
    if len(some) in range(1, FEW):
        place = (some, sources.school.pk)
        of_some = _of_few(*place, tuple(kinds), *span)
        records = [row[:width] for row in of_some if asked[row[1]].first <= row[2] <= asked[row[1]].last]
        odd = _odd_by_id(_odd_of_few(*place, odd_kinds, *span)) if odd_kinds else {}
    else:
        rows = CareRecord.objects.filter(_in_days(asked, kinds), school=sources.school, **of_child).order_by()
        records = rows.values_list(*COLUMNS[:width])
        odd = _odd_by_id(_odd_ones(rows, odd_kinds)) if odd_kinds else {}
    page, soon = "activities:record_show", ENTRY
    if by_author:
        parts = _parts(sources)
        for child, kind, on, at, reached, pk, author, school_class in records:
            by = "homeroom" if (author, school_class) in parts else "teacher"
            proof = Proof(on, _entered(on, at), reached, by, (page, pk))
            if pk in odd:
                proof = odd[pk].told(proof)
            for rule in asked[kind].rules:
                if pk in odd and odd[pk].proves_nothing_for(rule):
                    continue
                if rule.subject != Subject.CARER or rule.role not in ("homeroom", "teacher") or rule.role == by:
                    found[child, rule.pk].append(proof)
        return
    proven = {kind: [rule.pk for rule in asked[kind].rules] for kind in kinds}
    for child, kind, on, at, reached, pk in records:
        entered = on if at.date() - on < soon else timezone.localdate(at)
        proof = Proof(on, entered, reached, "", (page, pk))
        if pk in odd:
            proof = odd[pk].told(proof)
            for rule in asked[kind].rules:
                if not odd[pk].proves_nothing_for(rule):
                    found[child, rule.pk].append(proof)
            continue
        for ident in proven[kind]:
            found[child, ident].append(proof)


class _Odd(NamedTuple):
    """A letter, with its way, occasion and to whom it went; or a contact with somebody who is no parent."""

    kind: str
    direction: str
    relation: str
    occasion: str
    whom: str

    def told(self, proof: Proof) -> Proof:
        """The proof with what a letter says of its occasion."""
        return proof._replace(occasion=self.occasion, whom=self.whom) if self.kind == Kind.LETTER else proof

    def proves_nothing_for(self, rule: Rule) -> bool:
        """Parents owe what they wrote and said themselves; a child owes the letters it wrote."""
        if rule.subject == Subject.CARER:
            return self.direction == SENT or self.relation in NOT_PARENTS
        return self.direction == RECEIVED


def _kinds_with_odd_ones(asked: Mapping[str, Ask]) -> tuple[str, ...]:
    """The kinds of which some records do not prove every rule that looks for them."""
    looked = {kind for kind in asked if any(rule.subject == Subject.CARER for rule in asked[kind].rules)}
    return tuple(looked | {Kind.LETTER.value} & set(asked))


def _odd_ones(rows: QuerySet[CareRecord], kinds: tuple[str, ...]) -> QuerySet[CareRecord, Any]:
    told = Q(kind=Kind.LETTER) | Q(detail__relation__in=NOT_PARENTS)
    words = ("kind", "detail__direction", "detail__relation", "detail__occasion", "with_whom")
    return rows.filter(told, kind__in=kinds).values_list("pk", *words)


def _odd_by_id(found: Iterable[tuple[Any, ...]]) -> dict[int, _Odd]:
    return {pk: _Odd(*(word or "" for word in words)) for pk, *words in found}


def _records_of(
    children: tuple[int, ...], school: int, kinds: tuple[str, ...], first: date, last: date
) -> QuerySet[CareRecord]:
    some = CareRecord.objects.filter(unsearched("school", school), child__in=children, kind__in=kinds)
    return some.filter(on__gte=first, on__lte=last).order_by()


@fixed
def _of_few(
    children: tuple[int, ...], school: int, kinds: tuple[str, ...], first: date, last: date
) -> QuerySet[CareRecord, Any]:
    return _records_of(children, school, kinds, first, last).values_list(*COLUMNS)


@fixed
def _odd_of_few(
    children: tuple[int, ...], school: int, kinds: tuple[str, ...], first: date, last: date
) -> QuerySet[CareRecord, Any]:
    return _odd_ones(_records_of(children, school, kinds, first, last), kinds)


def _parts(sources: Sources) -> set[tuple[int, int | None]]:
    """(person, class) of everybody who was 班主任 of a class of the school."""
    posts = Appointment.objects.filter(school=sources.school, role=Role.HOMEROOM)
    return set(posts.values_list("staff", "school_class"))


def _deeds(sources: Sources, asked: Mapping[str, Ask], of_child: dict[str, Any]) -> Iterator[tuple[int, Rule, Proof]]:
    """Evidence about a child beside records: participation, groups, awards, goals, a parent's coming home."""
    for table in ("activity", "meeting"):
        kinds = [kind for kind in asked if kind.startswith(f"{table}:")]
        if kinds:
            came = ActivityParticipant.objects.present().filter(
                _in_days(asked, kinds, f"{table}__kind", table), **{f"{table}__school": sources.school}, **of_child
            )
            rows = came.values_list("child", f"{table}__kind", f"{table}__on", "carer_came")
            for child, kind, on, carer_came in rows:
                for rule in asked[f"{table}:{kind}"].rules:
                    # What carers owe is proven by their own coming; the child may have come alone.
                    if rule.subject != Subject.CARER or carer_came:
                        yield child, rule, Proof(on, on)
    if CLUB in asked:
        yield from _memberships(sources, asked[CLUB], of_child)
    if "award" in asked:
        ask = asked["award"]
        given = Award.objects.filter(on__gte=ask.first, on__lte=ask.last, child__school=sources.school, **of_child)
        yield from _each(ask, given.values_list("child", "on"))
    if "home_return" in asked:
        yield from _returns(sources, asked["home_return"], of_child)
    if "goal" in asked:
        ask = asked["goal"]
        columns = {rule.column: rule for rule in ask.rules}
        goals = ChildGoal.objects.filter(set_on__lte=ask.last, item__programme__school=sources.school, **of_child)
        for child, programme, order, begun, reached in goals.values_list(
            "child", "item__programme", "item__order", "set_on", "reached_on"
        ):
            if (programme, order) in columns:
                proof = Proof(reached or begun, reached or begun, reached is not None)
                yield child, columns[programme, order], proof


def _each(ask: Ask, rows: Any) -> Iterator[tuple[int, Rule, Proof]]:
    for child, on in rows:
        for rule in ask.rules:
            yield child, rule, Proof(on, on)


def _memberships(sources: Sources, ask: Ask, of_child: dict[str, Any]) -> Iterator[tuple[int, Rule, Proof]]:
    """To be a member on some day of a period counts for it, also when the child joined long before."""
    rows = GroupMember.objects.filter(starts_on__lte=ask.last, group__school=sources.school, **of_child).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=ask.first)
    )
    for child, first, last in rows.values_list("child", "starts_on", "ends_on"):
        for rule in ask.rules:
            for period in sources.periods[rule.pk]:
                begin = max(first, period.opens)
                if begin <= min(last or period.closes, period.closes, sources.today):
                    yield child, rule, Proof(begin, begin)


def _returns(sources: Sources, ask: Ask, of_child: dict[str, Any]) -> Iterator[tuple[int, Rule, Proof]]:
    """A parent came home for some days, or for good."""
    stays = Homecoming.objects.filter(child__school=sources.school, **of_child).during(ask.first, ask.last)
    for child, on in stays.exclude(who=Homecoming.Who.NOBODY).values_list("child", "came_on"):
        for rule in ask.rules:
            yield child, rule, Proof(max(on, ask.first), max(on, ask.first))
    ended = AbsenceSpan.objects.filter(
        ends_on__gte=ask.first,
        ends_on__lte=ask.last,
        status=codes.ParentStatus.AWAY_WORK,
        member__relation__in=codes.PARENTS,
        member__child__school=sources.school,
        **{f"member__{path}": value for path, value in of_child.items()},
    )
    yield from _each(ask, ended.values_list("member__child", "ends_on"))


def _of_units(sources: Sources, asked: Mapping[str, Ask]) -> Iterator[tuple[int, Rule, Proof]]:
    """Evidence about classes and the school."""
    for table, events in (("activity", Activity.objects), ("meeting", Meeting.objects)):
        kinds = [kind for kind in asked if kind.startswith(f"{table}:")]
        if kinds:
            rows = events.held().filter(_in_days(asked, kinds, "kind", table), school=sources.school).order_by("on")
            in_class: dict[Rule, list[tuple[date, int]]] = defaultdict(list)
            for kind, on, at in rows.values_list("kind", "on", "school_class"):
                rules = asked[f"{table}:{kind}"].rules
                if at is not None:
                    for rule in rules:
                        if rule.subject == Subject.SCHOOL:
                            in_class[rule].append((on, at))
                    rules = tuple(rule for rule in rules if rule.subject != Subject.SCHOOL)
                yield from _units(sources, rules, on, at)
            for rule, held in in_class.items():
                yield from _every_class(sources, rule, held)
    contacts = [kind for kind in asked if kind in CONTACTS]
    if contacts:
        days = CareRecord.objects.reached().filter(_in_days(asked, contacts), school=sources.school).order_by()
        for kind, on, at in days.values_list("kind", "on", "school_class").distinct():
            yield from _units(sources, asked[kind].rules, on, at)
    if "care_home" in asked:
        ask = asked["care_home"]
        used = CareHomeVisit.objects.filter(school=sources.school, on__gte=ask.first, on__lte=ask.last).order_by()
        for on in used.values_list("on", flat=True).distinct():
            yield from _units(sources, ask.rules, on, None)


def _units(
    sources: Sources, rules: Sequence[Rule], on: date, school_class: int | None
) -> Iterator[tuple[int, Rule, Proof]]:
    proof = Proof(on, on)
    for rule in rules:
        if rule.subject == Subject.SCHOOL:
            yield HERE, rule, proof
        elif school_class is not None:
            yield school_class, rule, proof
        else:
            for at in sources.classes:
                yield at, rule, proof


def _every_class(sources: Sources, rule: Rule, held: Sequence[tuple[date, int]]) -> Iterator[tuple[int, Rule, Proof]]:
    """What every class has had in a period, the school has done on the day of the last of them."""
    for period in sources.periods[rule.pk]:
        first: dict[int, date] = {}
        for on, at in held:
            if period.opens <= on <= period.closes:
                first.setdefault(at, on)
        if first and first.keys() >= set(sources.classes):
            day = max(first.values())
            yield HERE, rule, Proof(day, day)
