"""The words in which the engine thinks: what is promised, for whom, proven by what, and how a promise stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from activities.elders import Elder
from activities.models import ProgrammeItem

Subject = ProgrammeItem.Subject
Every = ProgrammeItem.Period

#: A deed in these days after the period makes up for it, as far as its own period does not need it.
GRACE = timedelta(days=7)
#: Written down later than this after it happened, and after the period was over, it counts as late.
ENTRY = timedelta(days=3)


class State(StrEnum):
    """How an obligation stands. The names are those of the badges (caretrack.web.components.STATES)."""

    DONE = "done"
    LATE = "late"
    EXCUSED = "excused"
    ATTEMPTED = "attempted"
    DUE = "due"
    MISSING = "missing"
    #: A standing policy: shown with its evidence, never counted (三个优先, domain §8.6).
    SHOWN = "shown"


#: What still has to be done, in time or late.
OPEN = (State.MISSING, State.ATTEMPTED, State.DUE)
#: For a cell that holds several obligations: what needs somebody first.
WORST_FIRST = (State.MISSING, State.ATTEMPTED, State.DUE, State.LATE, State.DONE, State.EXCUSED, State.SHOWN)


class Span(NamedTuple):
    """From … to …, both days included; no end stays open."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


class Window(NamedTuple):
    """The days that are asked about, both included."""

    first: date
    last: date


class Proof(NamedTuple):
    """
    Something that was done, or tried (`reached` False), on a day and written down on another.

    `by` is the author's part ("homeroom" or "teacher"), asked for only where parents are to contact one of the two.
    `page` is where it opens: (URL name, id). A letter may name its occasion and say to whom it went.
    """

    on: date
    entered: date
    reached: bool = True
    by: str = ""
    page: tuple[str, int] | None = None
    occasion: str = ""
    whom: str = ""


@dataclass(frozen=True)
class Rule:
    """
    One item of a programme in force from `first` to `last` (None: on and on). See ProgrammeItem.

    `since` is the first day of the item in any wording: an edit opens a new version, what is owed goes on.
    `occasions` are those that the school chose, see compliance.occasions; empty where the rhythm says all.
    """

    pk: int
    name: str
    programme: str
    programme_id: int
    order: int
    subject: str
    every: str
    first: date
    last: date | None = None
    since: date | None = None
    count: int = 1
    role: str = ""
    kinds: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    min_grade: int = 0
    planned: bool = False
    occasions: frozenset[str] = frozenset()

    @property
    def limited(self) -> bool:
        """Whether it is for some children only, by what is known of them on the day it is asked for."""
        return bool(self.levels or self.min_grade or self.planned)

    @property
    def column(self) -> tuple[int, int]:
        """What all versions of an item share: an edit closes one and opens the next in the same place."""
        return self.programme_id, self.order

    @property
    def span(self) -> Span:
        return Span(self.first, self.last)

    @property
    def begins(self) -> date:
        """The first day on which the item asks for anything."""
        return self.since or self.first

    @property
    def about_child(self) -> bool:
        """Whether children (or their carers) are its subjects, one obligation each."""
        return self.subject in (Subject.CHILD, Subject.CARER)

    @property
    def of_mentor(self) -> bool:
        """Whether it is owed to paired children only: what the 代理家长 answers for needs a 代理家长."""
        return self.subject == Subject.CHILD and self.role == "mentor"

    @property
    def is_policy(self) -> bool:
        """Standing, for each child, proven by deeds and not by a fact: shown, never counted."""
        return self.every == Every.STANDING and self.subject == Subject.CHILD and self.kinds.isdisjoint(FACTS)


#: Evidence that is a fact with a span instead of a deed with a day.
FACTS = frozenset({"pairing", "peer"})


@dataclass(frozen=True)
class Period:
    """
    One period of one item, as the school keeps it.

    `first` … `last` is clipped to the term, `days` are its school days. A deed counts for it when it is dated in
    `opens` … `closes` (the whole week or month, also where the term cuts it). `on` is the day by which it is shown and
    asked: the last one, of a festival or birthday the last school day up to it (then `at_day`). `occasion` is what a
    letter for it says of its occasion, `elder` whose birthday it is.
    """

    key: str
    label: str
    first: date
    last: date
    opens: date
    closes: date
    days: tuple[date, ...]
    on: date
    at_day: bool = False
    occasion: str = ""
    elder: Elder | None = None

    @property
    def excused_in(self) -> Window:
        """The days that a waiver is for: of a festival its day alone, for others may be asked for within its fortnight."""
        return Window(self.on, self.on) if self.at_day else Window(self.first, self.last)

    def suits(self, proof: Proof) -> bool:
        """Whether a deed may be for this period by what it says itself: a letter for a birthday is none for a festival."""
        if proof.occasion not in ("", self.occasion):
            return False
        return self.elder is None or not proof.whom or self.elder.is_named_in(proof.whom)


class Obligation(NamedTuple):
    """
    One subject, one item, one period: how many times it is due, what counts, how it stands.

    `deeds` are what counts, told where a deed that is dated in the period may count for another one.
    """

    rule: Rule
    period: Period
    times: int
    on_time: int
    late: int
    attempts: int
    state: State
    deeds: tuple[Proof, ...] = ()

    @property
    def begins(self) -> date:
        """From when on it is asked for: a term that the programme enters in its middle asks from that day on."""
        return max(self.period.first, self.rule.begins)

    @property
    def done(self) -> int:
        """Times done, at most what was due: what is done twice does not make up for another child."""
        return min(self.times, self.on_time + self.late)

    @property
    def open(self) -> int:
        """Times still missing; nothing of what is excused or only shown."""
        return 0 if self.state in (State.EXCUSED, State.SHOWN) else self.times - self.done


class Figures(NamedTuple):
    """应、实 of some obligations, and how many of them (not times) are late, excused, tried, missing, waiting."""

    due: int = 0
    done: int = 0
    late: int = 0
    excused: int = 0
    attempted: int = 0
    missing: int = 0
    waiting: int = 0

    def __add__(self, other: object) -> "Figures":
        if not isinstance(other, Figures):
            return NotImplemented
        return Figures(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def rate(self) -> float | None:
        """Done of due; None of nothing."""
        return self.done / self.due if self.due else None


def figures(obligations: Iterable[Obligation], today: date) -> Figures:
    """
    应 and 实 of `obligations` as of `today`. Excused ones and policies are not 应, nor what has not begun yet.
    """
    due = done = late = excused = attempted = missing = waiting = 0
    for one in obligations:
        state = one.state
        if state is State.EXCUSED:
            excused += 1
        elif state is not State.SHOWN and one.begins <= today:
            due += one.times
            done += one.done
            late += state is State.LATE
            attempted += state is State.ATTEMPTED
            missing += state is State.MISSING
            waiting += state is State.DUE
    return Figures(due, done, late, excused, attempted, missing, waiting)
