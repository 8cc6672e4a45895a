"""
The four definitions of 留守儿童, computed from parents' facts for any cut-off date (domain §3.2).

There is no stored label. A short visit home does not break an absence; a parent who died, is missing, detained or
out of contact cannot care. An unknown leaving date counts as long enough and an unknown birth date as young enough,
and both are told in `assumed`, so that a person can complete the fact.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import models
from django.db.models import QuerySet

from caretrack.fixed import fixed
from caretrack.periods import age_on, months_elapsed
from children.models import AbsenceSpan, Child, FamilyMember, codes

EDU_MONTHS = 3
STAT_MONTHS = 6
MCA_AGE = 16
DEFAULT_TOLERANCE = 30
NAMED_AT_MOST = 1000


class Definition(models.TextChoices):
    """Who counts whom; the label is what a table title prints."""

    SEED = "lb_seed", "学校口径：父母一方或双方外出务工"
    EDU = "lb_edu", "学籍口径：父母一方或双方外出务工满三个月"
    MCA = "lb_mca", "民政口径：双方外出务工，或一方外出、另一方无监护能力，不满16周岁"
    STAT = "lb_stat", "教育统计口径：民政口径且连续外出满半年"


class Span(NamedTuple):
    """A dated state of a parent, both days included; None means unknown or open."""

    status: str
    starts_on: date | None
    ends_on: date | None


class ParentFacts(NamedTuple):
    """What is known of one parent. `status` is the present one, `spans` the dated history."""

    status: str = codes.ParentStatus.UNKNOWN
    has_capacity: bool | None = None
    spans: tuple[Span, ...] = ()

    def status_on(self, day: date) -> str:
        """The state on `day`: the span that covers it, else at home; unknown if nothing was ever known."""
        for span in self.spans:
            if (span.starts_on is None or span.starts_on <= day) and (span.ends_on is None or span.ends_on >= day):
                return span.status
        if self.spans or self.status == codes.ParentStatus.AT_HOME:
            return codes.ParentStatus.AT_HOME
        return codes.ParentStatus.UNKNOWN

    def working_away_on(self, day: date, tolerance: int) -> bool:
        """Whether the parent works away on `day`; a visit home of at most `tolerance` days is no return."""
        if self.status_on(day) == codes.ParentStatus.AWAY_WORK:
            return True
        before = [s for s in self._work() if s.ends_on is not None and s.ends_on < day]
        after = [s for s in self._work() if s.starts_on is not None and s.starts_on > day]
        return any(
            (b.starts_on is None or b.starts_on <= day) and (a.starts_on - b.ends_on).days - 1 <= tolerance
            for b in before
            for a in after
            if a.starts_on and b.ends_on
        )

    def away_since(self, day: date, tolerance: int) -> date | None:
        """First day of the unbroken working absence that covers `day`; None if unknown or not away."""
        since: date | None = None
        for span in sorted(self._work(), key=lambda s: s.starts_on or date.min, reverse=True):
            if span.starts_on is not None and span.starts_on > day:
                continue
            if since is not None and (span.ends_on is None or (since - span.ends_on).days - 1 > tolerance):
                break
            if span.starts_on is None:
                return None
            since = span.starts_on
        return since

    def cannot_care(self, day: date) -> bool:
        """Without capacity by illness or disability, or dead, missing, detained, out of contact."""
        return self.has_capacity is False or self.status_on(day) in codes.GONE

    def _work(self) -> list[Span]:
        return [s for s in self.spans if s.status == codes.ParentStatus.AWAY_WORK]


class Facts(NamedTuple):
    """All that the definitions ask about one child."""

    birth_date: date | None = None
    urban_hukou: bool = False
    father: ParentFacts = ParentFacts()
    mother: ParentFacts = ParentFacts()


@dataclass(frozen=True)
class LeftBehind:
    """The four answers for one child on one day, with what had to be assumed."""

    seed: bool = False
    edu: int = 0
    mca: bool = False
    stat: bool = False
    father_away: bool = False
    mother_away: bool = False
    assumed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Of 父亲 and 母亲, those of whom nothing is known: "not left behind" is then no finding but a gap."""

    @property
    def both_away(self) -> bool:
        return self.father_away and self.mother_away

    def under(self, definition: str) -> bool:
        """Whether the child counts under `definition`."""
        return {
            Definition.SEED: self.seed,
            Definition.EDU: self.edu > 0,
            Definition.MCA: self.mca,
            Definition.STAT: self.stat,
        }[Definition(definition)]

    def away_parents(self, definition: str) -> int:
        """1 or 2: how many absent parents the definition counts; 0 when the child does not count."""
        if not self.under(definition):
            return 0
        return self.edu if definition == Definition.EDU else int(self.father_away) + int(self.mother_away)


NOT_LEFT_BEHIND = LeftBehind()


def seed_case(facts: Facts, on: date, *, tolerance: int = DEFAULT_TOLERANCE) -> bool:
    """Whether a parent works away on the day: the widest of the definitions, which asks for no more."""
    return facts.father.working_away_on(on, tolerance) or facts.mother.working_away_on(on, tolerance)


def away_parents(facts: Facts, tolerance: int, on: date, definition: str) -> int:
    """1 or 2: how many absent parents `definition` counts on the day; 0 when the child does not count. See `assess`."""
    if definition == Definition.SEED:
        return facts.father.working_away_on(on, tolerance) + facts.mother.working_away_on(on, tolerance)
    return assess(facts, on, tolerance=tolerance).away_parents(definition)


def assess(facts: Facts, on: date, *, tolerance: int = DEFAULT_TOLERANCE) -> LeftBehind:
    """The four answers for `facts` on the cut-off date; `tolerance` is the longest visit home in days."""
    assumed: list[str] = []
    parents = (facts.father, facts.mother)
    away = [p.working_away_on(on, tolerance) for p in parents]
    months: list[int] = []
    for name, parent, is_away in zip(("父亲", "母亲"), parents, away, strict=True):
        if not is_away:
            months.append(0)
            continue
        since = parent.away_since(on, tolerance)
        if since is None:
            assumed.append(f"{name}外出时间不详，按已满时长计")
        months.append(STAT_MONTHS if since is None else months_elapsed(since, on))
    young = True
    if facts.birth_date is None:
        assumed.append("出生日期不详，按未满16周岁计")
    else:
        young = age_on(facts.birth_date, on) < MCA_AGE

    def uncared(counts: list[bool]) -> bool:
        one_away_other_unable = any(counts[i] and parents[1 - i].cannot_care(on) for i in (0, 1))
        return young and not facts.urban_hukou and (all(counts) or one_away_other_unable)

    return LeftBehind(
        seed=any(away),
        edu=sum(a and m >= EDU_MONTHS for a, m in zip(away, months, strict=True)),
        mca=uncared(away),
        stat=uncared([a and m >= STAT_MONTHS for a, m in zip(away, months, strict=True)]),
        father_away=away[0],
        mother_away=away[1],
        assumed=tuple(assumed) if any(away) else (),
        unknown=_unknown(facts, on),
    )


def _unknown(facts: Facts, on: date) -> tuple[str, ...]:
    sides = (("父亲", facts.father), ("母亲", facts.mother))
    return tuple(name for name, parent in sides if parent.status_on(on) == codes.ParentStatus.UNKNOWN)


_PARENT = ("pk", "child_id", "relation", "status", "has_capacity")
_SPAN = ("member_id", "status", "starts_on", "ends_on")


def _sides(parents: Iterable[Any], absences: Iterable[Any]) -> dict[int, dict[str, ParentFacts]]:
    """Child id → father and mother, from rows of _PARENT (highest relation first) and of _SPAN."""
    spans: dict[int, list[Span]] = defaultdict(list)
    for member_id, *span in absences:
        spans[member_id].append(Span(*span))
    found: dict[int, dict[str, ParentFacts]] = defaultdict(dict)
    # Natural parents come last and so win over step-parents, unless they are gone for good.
    for member_id, child_id, relation, status, capacity in parents:
        side = "father" if relation in codes.FATHERS else "mother"
        if side in found[child_id] and status in codes.GONE:
            continue
        found[child_id][side] = ParentFacts(status, capacity, tuple(spans.get(member_id, ())))
    return found


def facts_of(children: "QuerySet[Child] | Iterable[int]") -> dict[int, tuple[Facts, int]]:
    """
    What the definitions ask, for many children: child id → (facts, the longest visit home that its school allows).

    Three statements whatever their number; from them any day can be answered with `assess`.
    `children` is a queryset of Child or ids.
    """
    if isinstance(children, QuerySet):
        return facts_from(own_facts(children))
    listed = tuple(children)
    return facts_from(
        _own_facts_of(listed) if len(listed) <= NAMED_AT_MOST else own_facts(Child.objects.filter(pk__in=listed))
    )


def facts_from(rows: "QuerySet[Any, Any] | list[Any]") -> dict[int, tuple[Facts, int]]:
    """What `facts_of` answers, from the rows of `own_facts`; two statements more."""
    own = list(rows)
    # Named one by one the children need not be found again by what may be a long condition.
    if len(own) <= NAMED_AT_MOST or not isinstance(rows, QuerySet):
        ids = tuple(pk for pk, *_ in own)
        found = _sides(_parents_in(ids), _absences_in(ids))
    else:
        asked = rows.values("pk")
        found = _sides(_parents(asked), _absences(asked))
    return {
        child_id: (Facts(birth_date, hukou == codes.HukouKind.URBAN, **found.get(child_id, {})), of_school)
        for child_id, birth_date, hukou, of_school in own
    }


def statuses(
    children: "QuerySet[Child] | Iterable[int]", on: date, *, tolerance: int | None = None
) -> dict[int, LeftBehind]:
    """
    The answers for many children as of `on`: child id → LeftBehind, in three statements whatever their number.

    `children` is a queryset of Child or ids. Children without any absent parent are included with all answers "no".
    `tolerance` is the longest visit home in days; None takes what each child's school has set.
    """
    return {
        child_id: _answer(facts, on, of_school if tolerance is None else tolerance)
        for child_id, (facts, of_school) in facts_of(children).items()
    }


def _answer(facts: Facts, on: date, tolerance: int) -> LeftBehind:
    if facts.father.spans or facts.mother.spans:
        return assess(facts, on, tolerance=tolerance)
    return LeftBehind(unknown=_unknown(facts, on))


def status_of(child: Child, on: date, *, tolerance: int | None = None) -> LeftBehind:
    """The answers for one child as of `on`, in two statements; the child's own facts are read from `child`."""
    sides = _sides(_parents_in((child.pk,)), _absences_in((child.pk,))).get(child.pk, {})
    facts = Facts(child.birth_date, child.hukou_kind == codes.HukouKind.URBAN, **sides)
    return _answer(facts, on, child.school.visit_tolerance_days if tolerance is None else tolerance)


def own_facts(children: "QuerySet[Child]") -> "QuerySet[Any, Any]":
    """The rows that `facts_from` begins with."""
    return children.order_by().values_list("pk", "birth_date", "hukou_kind", "school__visit_tolerance_days")


def _parents(children: Any) -> "QuerySet[Any, Any]":
    parents = FamilyMember.objects.filter(child__in=children, relation__in=codes.PARENTS)
    return parents.order_by("-relation").values_list(*_PARENT)


def _absences(children: Any) -> "QuerySet[Any, Any]":
    absences = AbsenceSpan.objects.filter(member__child__in=children, member__relation__in=codes.PARENTS)
    return absences.values_list(*_SPAN)


@fixed
def _own_facts_of(ids: tuple[int, ...]) -> "QuerySet[Any, Any]":
    return own_facts(Child.objects.filter(pk__in=ids))


@fixed
def _parents_in(ids: tuple[int, ...]) -> "QuerySet[Any, Any]":
    return _parents(ids)


@fixed
def _absences_in(ids: tuple[int, ...]) -> "QuerySet[Any, Any]":
    return _absences(ids)
