"""
How often a school asks about everybody, and what of it is done (domain §5.1; systems 16–18 and 20).

In every term two censuses, one in each half, and one questionnaire; in every half-year one complete check; one annual
survey early in the year. A more complete round also counts as the lesser one, so nobody is asked twice.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from caretrack.fixed import fixed
from caretrack.schools.models import School, Term
from children.models import Census, Survey

Kind = Census.Kind
CENSUSES_A_TERM = 2
SURVEYS_A_TERM = 1
HALF_YEARLY = frozenset({Kind.HALF_YEAR, Kind.ANNUAL})
WHOLE = HALF_YEARLY | {Kind.TERM_START, Kind.HALF_TERM}


@dataclass(frozen=True)
class Due:
    """What a school owes in a period. `due_on` is the day of the next one, or of the last when all are done."""

    school: School
    period: str
    what: str
    wanted: int
    done: int
    running: int
    due_on: date
    kind: str = ""
    """The kind of the census to open; empty for a questionnaire."""

    @property
    def complete(self) -> bool:
        return self.done >= self.wanted

    @property
    def started(self) -> bool:
        """Whether those that are still missing are already running."""
        return self.done + self.running >= self.wanted

    def late(self, today: date) -> bool:
        """Whether the next one should be there already."""
        return not self.complete and self.due_on < today


@dataclass(frozen=True)
class _Round:
    term: int
    kind: str
    cut_off: date
    closed: bool


def census_plan(schools: Collection[School], today: date) -> list[Due]:
    """The censuses that these schools owe; nothing for a school that has no term today. Two statements."""
    current = _terms_on(schools, today)
    since = min([date(today.year, 1, 1), *(term.starts_on for term, _first in current.values())])
    found: dict[int, list[_Round]] = {pk: [] for pk in current}
    for school, term, kind, cut_off, closed_at in _rounds(tuple(current), since) if current else ():
        found[school].append(_Round(term, kind, cut_off, closed_at is not None))
    return [due for school in schools if school.pk in current for due in _of(school, *current[school.pk], found, today)]


def _of(school: School, term: Term, first: date, found: dict[int, list[_Round]], today: date) -> list[Due]:
    rounds = [told for told in found[school.pk] if told.kind in WHOLE]
    here = [told for told in rounds if told.term == term.pk]
    closed = sum(told.closed for told in here)
    half = min(closed + 1, CENSUSES_A_TERM)
    by = term.starts_on + (term.ends_on - term.starts_on) * half // CENSUSES_A_TERM
    later = today.month > 6
    begin, end = date(today.year, 7 if later else 1, 1), date(today.year, 12 if later else 6, 31 if later else 30)
    years = [told for told in rounds if told.cut_off.year == today.year]
    complete = [told for told in years if told.kind in HALF_YEARLY and begin <= told.cut_off <= end]
    annual = [told for told in years if told.kind == Kind.ANNUAL]
    early = date(today.year, 3, 31)
    # A school that began later in the year has the rest of it.
    early = early if first <= early else date(today.year, 12, 31)

    def due(period: str, what: str, wanted: int, made: list[_Round], due_on: date, kind: str) -> Due:
        done = sum(told.closed for told in made)
        return Due(school, period, what, wanted, done, len(made) - done, due_on, kind)

    return [
        due("本学期", "普查", CENSUSES_A_TERM, here, by, Kind.HALF_TERM if here else Kind.TERM_START),
        due("下半年" if later else "上半年", "全面核查", 1, complete, end, Kind.HALF_YEAR),
        due("本年度", "摸底", 1, annual, early, Kind.ANNUAL),
    ]


def survey_plan(schools: Collection[School], today: date) -> list[Due]:
    """The questionnaires that these schools owe this term; handed out is done. Two statements."""
    current = _terms_on(schools, today)
    held = list(Survey.objects.held(term.pk for term, _first in current.values()).values_list("school", flat=True))
    return [
        Due(school, "本学期", "问卷调查", SURVEYS_A_TERM, held.count(school.pk), 0, current[school.pk][0].ends_on)
        for school in schools
        if school.pk in current
    ]


def held_in(term: Term, until: date) -> tuple[int, int]:
    """How many censuses of the term were closed, and how many questionnaires handed out, as of the day `until`."""
    closed = Census.objects.filter(term=term, kind__in=WHOLE, closed_at__isnull=False, cut_off__lte=until)
    return closed.count(), Survey.objects.held([term.pk]).filter(opened_on__lte=until).count()


def _terms_on(schools: Collection[School], today: date) -> dict[int, tuple[Term, date]]:
    """School → its term of the day, and the day on which its first term on record began."""
    found: dict[int, tuple[Term, date]] = {}
    first: dict[int, date] = {}
    for term in _terms(tuple(school.pk for school in schools)) if schools else ():
        first.setdefault(term.school_id, term.starts_on)
        if term.starts_on <= today <= term.ends_on:
            found[term.school_id] = term, first[term.school_id]
    return found


@fixed
def _terms(schools: tuple[int, ...]) -> QuerySet[Term]:
    return Term.objects.filter(school__in=schools).order_by("starts_on")


@fixed
def _rounds(schools: tuple[int, ...], since: date) -> QuerySet[Census, Any]:
    rounds = Census.objects.filter(school__in=schools, cut_off__gte=since).order_by()
    return rounds.values_list("school", "term", "kind", "cut_off", "closed_at")
