"""
The obligations of a school (or of some of its children) in a span, judged: what pages, papers and exports draw from.

A month shows what is asked for in it, and the longer items (per term, standing) with how they stand so far; a week that
the month's end cuts belongs to the month in which it ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter

from django.db.models import QuerySet

from activities.compliance.judge import nothing_done, obligations, owes
from activities.compliance.rules import (
    OPEN,
    WORST_FIRST,
    Every,
    Figures,
    Obligation,
    Period,
    Rule,
    Span,
    State,
    Subject,
    Window,
    figures,
)
from activities.compliance.sources import SCHOOL, Pupil, Sources, gather, rules_of
from activities.compliance.spans import View
from caretrack.schools.models import School
from children.models import Child

_BY_ASKING = attrgetter("on", "closes")
_ALWAYS = [Span(date(1900, 1, 1))]
_BY_HALVES = frozenset({Every.WEEK, Every.MONTH, Every.TERM, Every.YEAR})


@dataclass(frozen=True)
class Column:
    """An item with all its versions that are asked for in the span; the newest gives the words."""

    key: tuple[int, int]
    rules: tuple[Rule, ...]

    @property
    def rule(self) -> Rule:
        return self.rules[-1]

    @property
    def code(self) -> str:
        """In addresses: programme and place."""
        return f"{self.key[0]}-{self.key[1]}"


@dataclass(frozen=True)
class Cell:
    """What one subject owes of one item in the span."""

    obligations: tuple[Obligation, ...]
    due: int
    done: int
    state: State | None

    @property
    def missing(self) -> int:
        return sum(one.open for one in self.obligations if one.state in OPEN)

    @property
    def single(self) -> Obligation | None:
        return self.obligations[0] if len(self.obligations) == 1 else None


NOTHING = Cell((), 0, 0, None)


class Board:
    """
    A school's obligations in a view. Costs what `gather` costs; everything else is reckoned.

    `children` narrows to some children (a class, mentees, what a person may see); classes and the school are judged
    from all there is, so ask for them only on a board of the whole school.
    """

    def __init__(
        self,
        school: School,
        view: View,
        today: date,
        *,
        children: QuerySet[Child] | Collection[int] | None = None,
        rules: Sequence[Rule] | None = None,
    ) -> None:
        self.school, self.view, self.today = school, view, today
        wanted = rules_of(school, view.first, view.last) if rules is None else tuple(rules)
        self.sources: Sources = gather(school, wanted, view.window, today, children)
        self._bare: dict[int, tuple[list[Obligation], Figures]] = {}
        self._whole: dict[int, list[Period]] = {}
        self._judged: dict[tuple[int, int], list[Obligation]] = {}
        self._told: dict[tuple[int, int], Figures] = {}

    # --- what is asked ---------------------------------------------------------------------------------------------

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The items, programme by programme in their own order."""
        by_column: dict[tuple[int, int], list[Rule]] = defaultdict(list)
        for rule in self.sources.rules:
            by_column[rule.column].append(rule)
        return tuple(Column(key, tuple(sorted(rules, key=lambda rule: rule.first))) for key, rules in by_column.items())

    def columns_about(self, *subjects: str) -> tuple[Column, ...]:
        """The items of these subjects."""
        return tuple(column for column in self.columns if column.rule.subject in subjects)

    @cached_property
    def child_columns(self) -> tuple[Column, ...]:
        """The items that each child (or its carer) is owed."""
        return self.columns_about(Subject.CHILD, Subject.CARER)

    @cached_property
    def late_starts(self) -> tuple[tuple[str, date], ...]:
        """The programmes that begin within the span, and when."""
        begun: dict[str, date] = {}
        for rule in self.sources.rules:
            begun[rule.programme] = min(begun.get(rule.programme, rule.begins), rule.begins)
        return tuple((name, day) for name, day in begun.items() if day > self.view.first)

    @cached_property
    def begun_too_late(self) -> tuple[Rule, ...]:
        """The items that ask nothing of anybody in the span, because they began in the second half of its last period."""
        found = []
        for column in self.child_columns:
            rule = column.rule
            periods = [period for period in self.sources.periods[rule.pk] if self._in_view(rule, period)]
            if rule.every not in _BY_HALVES or not periods or not periods[-1].first < rule.begins <= periods[-1].last:
                continue
            if not any(owes(one, period, _ALWAYS) for one in column.rules for period in periods):
                found.append(rule)
        return tuple(found)

    @cached_property
    def told_next(self) -> tuple[tuple[Rule, Period], ...]:
        """The items with the period under way, where it ends after the span and is asked for in the next one."""
        if not self.view.first <= self.today <= self.view.last:
            return ()
        return tuple(
            (column.rule, period)
            for column in self.child_columns
            if not self.view.is_longer(column.rule.every)
            for period in self.sources.periods[column.rule.pk]
            if period.first <= self.today and period.on > self.view.last and owes(column.rule, period, _ALWAYS)
        )

    # --- who -------------------------------------------------------------------------------------------------------

    @cached_property
    def pupils(self) -> tuple[Pupil, ...]:
        """The children who owe anything in the span, by name."""
        return tuple(pupil for pupil in self.sources.pupils.values() if any(self.owed(pupil.pk, c) for c in self.child_columns))  # fmt: skip

    @cached_property
    def paired_too_late(self) -> tuple[Pupil, ...]:
        """The children who have a mentor and of whom the span asks nothing yet: a pairing counts from half of it on."""
        if not any(rule.of_mentor and rule.every in _BY_HALVES and not rule.limited for rule in self.sources.rules):
            return ()
        listed = {pupil.pk for pupil in self.pupils}
        return tuple(p for p in self.sources.pupils.values() if p.pk not in listed and self.mentor_of(p))

    @property
    def asked_until(self) -> date:
        """The last day of the span that has come: classes and mentors are those of this day."""
        return max(min(self.view.last, self.today), self.view.first)

    def class_of(self, pupil: Pupil) -> int:
        """The class in which the pupil is counted: that of the end of the span."""
        return pupil.class_on(self.asked_until)

    def mentor_of(self, pupil: Pupil) -> int:
        """The 代理家长 to whom the pupil is counted: the last one in the span; 0 without."""
        return self.sources.mentor_on(pupil.pk, self.view.first, self.asked_until)

    # --- how it stands ---------------------------------------------------------------------------------------------

    def cell(self, child: int, column: Column) -> Cell:
        """What a child owes of an item in the span."""
        return self._cell(self.owed(child, column))

    def still_owed(self, child: int) -> list[Obligation]:
        """What has begun of a child's items and is not done, item by item."""
        found = (one for column in self.child_columns for one in self.owed(child, column))
        return [one for one in found if one.state in OPEN and one.begins <= self.today]

    def class_cell(self, school_class: int, column: Column) -> Cell:
        """What a class owes of an item of classes."""
        return self._cell(self._of_unit(Subject.CLASS, school_class, column))

    def school_cell(self, column: Column) -> Cell:
        """What the school owes of an item of its own."""
        return self._cell(self._of_unit(Subject.SCHOOL, SCHOOL, column))

    def figures(self, children: Iterable[int], column: Column) -> Figures:
        """应、实 of an item over some children."""
        total = Figures()
        for child in children:
            total += self.figures_of(child, column)
        return total

    def figures_of(self, child: int, column: Column) -> Figures:
        """应、实 of an item for one child."""
        parts = [self._figures(child, rule) for rule in column.rules]
        return parts[0] if len(parts) == 1 else sum(parts, Figures())

    def totals(self, groups: dict[int, list[int]]) -> dict[int, dict[tuple[int, int], Figures]]:
        """Group → item → figures, of all child items, each child read once."""
        found: dict[int, dict[tuple[int, int], Figures]] = {}
        for group, children in groups.items():
            mine: dict[tuple[int, int], Figures] = {}
            for column in self.child_columns:
                sums = [0] * len(Figures._fields)
                for child in children:
                    told = self.figures_of(child, column)
                    if told is not _NONE:
                        sums = [a + b for a, b in zip(sums, told, strict=True)]
                mine[column.key] = Figures(*sums)
            found[group] = mine
        return found

    def _cell(self, found: Sequence[Obligation]) -> Cell:
        if not found:
            return NOTHING
        told = figures(found, self.today)
        states = {one.state for one in found}
        # Weeks that are still to come do not make a month that is in order look unfinished.
        begun = {one.state for one in found if one.begins <= self.today} or states
        return Cell(tuple(found), told.due, told.done, next(state for state in WORST_FIRST if state in begun))

    def owed(self, child: int, column: Column) -> list[Obligation]:
        """The obligations of a child under an item in the span, version by version."""
        if len(column.rules) == 1:
            return self._judge(child, column.rules[0])
        return [one for rule in column.rules for one in self._judge(child, rule)]

    def _figures(self, child: int, rule: Rule) -> Figures:
        key = (child, rule.pk)
        told = self._told.get(key)
        if told is None:
            found = self._judge(child, rule)
            bare = self._bare.get(rule.pk)
            told = bare[1] if bare and found is bare[0] else figures(found, self.today) if found else _NONE
            self._told[key] = told
        return told

    def _judge(self, child: int, rule: Rule) -> list[Obligation]:
        key = (child, rule.pk)
        known = self._judged.get(key)
        if known is None:
            known = self._judged[key] = self._judge_child(child, rule)
        return known

    def _judge_child(self, child: int, rule: Rule) -> list[Obligation]:
        sources = self.sources
        presence = (sources.paired if rule.of_mentor else sources.cared).get(child)
        if not presence:
            return []
        common, own = sources.periods[rule.pk], sources.own_periods(rule).get(child, ())
        if not common and not own:
            return []
        key = (child, rule.pk)
        proofs, waivers = sources.proofs.get(key, ()), sources.waivers.get(key, ())
        if rule.every == Every.STANDING:
            periods = tuple(period for period in common if self._applies(rule, child, period))
            facts = sources.facts.get(key, ())
            return self._shown(rule, obligations(rule, periods, presence, proofs, facts, waivers, self.today))
        owed = self._owed(rule, common, presence) if common else []
        mine = [period for period in own if owes(rule, period, presence)] if own else []
        if rule.limited:
            owed = [period for period in owed if self._applies(rule, child, period)]
            mine = [period for period in mine if self._applies(rule, child, period)]
        if not owed and not mine:
            return []
        if not proofs and not waivers and owed is self._whole.get(rule.pk):
            bare = self._nothing_done(rule, owed)[0]
            return _in_order(bare, self._shown(rule, nothing_done(rule, mine, self.today))) if mine else bare
        if mine:
            owed = sorted((*owed, *mine), key=_BY_ASKING)
        return self._shown(rule, obligations(rule, owed, presence, proofs, (), waivers, self.today, owed=owed))

    def _nothing_done(self, rule: Rule, owed: Sequence[Period]) -> tuple[list[Obligation], Figures]:
        """Children who were there all the time and of whom nothing is known stand alike: judged once."""
        if rule.pk not in self._bare:
            found = self._shown(rule, obligations(rule, owed, _ALWAYS, (), (), (), self.today, owed=owed))
            self._bare[rule.pk] = (found, figures(found, self.today))
        return self._bare[rule.pk]

    def _owed(self, rule: Rule, periods: Sequence[Period], presence: Sequence[Span]) -> list[Period]:
        """The periods that somebody there in `presence` owes; the same list for all who were there all the time."""
        first, last = presence[0]
        if len(presence) == 1 and first <= periods[0].first and (last is None or last >= self._end[rule.pk]):
            if rule.pk not in self._whole:
                self._whole[rule.pk] = [period for period in periods if owes(rule, period, _ALWAYS)]
            return self._whole[rule.pk]
        return [period for period in periods if owes(rule, period, presence)]

    @cached_property
    def _end(self) -> dict[int, date]:
        return {
            pk: max((period.last for period in periods), default=date.max)
            for pk, periods in self.sources.periods.items()
        }

    def _applies(self, rule: Rule, child: int, period: Period) -> bool:
        """Whether level, grade and learning plan of the child, on the day the period is asked for, are those the item is for."""
        if rule.planned and not any(span.holds(period.on) for span in self.sources.planned.get(child, ())):
            return False
        if rule.levels and self.sources.level_on(child, period.on) not in rule.levels:
            return False
        at = self.sources.classes.get(self.sources.pupils[child].class_on(period.on))
        return not rule.min_grade or (at is not None and at.grade_on(period.on) >= rule.min_grade)

    def _shown(self, rule: Rule, found: Iterable[Obligation]) -> list[Obligation]:
        """Those that the view shows."""
        return [one for one in found if self._in_view(rule, one.period)]

    def _in_view(self, rule: Rule, period: Period) -> bool:
        """Whether the view tells the period: a longer one than the view as it stands, others by the day they are asked."""
        first, last = self.view.window
        if self.view.is_longer(rule.every):
            return period.first <= last and period.last >= first
        return first <= period.on <= last

    def _of_unit(self, subject: str, ident: int, column: Column) -> list[Obligation]:
        found: list[Obligation] = []
        sources = self.sources
        for rule in column.rules:
            presence = sources.taught.get(ident, []) if subject == Subject.CLASS else _ALWAYS
            if not presence:
                continue
            periods = sources.periods[rule.pk]
            if subject == Subject.CLASS and rule.min_grade:
                at = sources.classes[ident]
                periods = tuple(period for period in periods if at.grade_on(period.on) >= rule.min_grade)
            key = (ident, rule.pk)
            judged = obligations(
                rule, periods, presence, sources.proofs.get(key, ()), (), sources.waivers.get(key, ()), self.today
            )
            found += self._shown(rule, judged)
        return found


_NONE = Figures()


def _in_order(some: Iterable[Obligation], others: Iterable[Obligation]) -> list[Obligation]:
    return sorted((*some, *others), key=lambda one: _BY_ASKING(one.period))


def board_of(
    school: School,
    view: View,
    today: date,
    *,
    children: QuerySet[Child] | None = None,
    programme: int | None = None,
    subjects: Iterable[str] = tuple(Subject),
) -> Board:
    """A board of the school; of one programme and some kinds of subject where asked. `view` bounds what is read."""
    wanted = frozenset(subjects)
    rules = [
        rule
        for rule in rules_of(school, view.first, view.last)
        if rule.subject in wanted and programme in (None, rule.programme_id)
    ]
    return Board(school, view, today, children=children, rules=rules)


__all__ = ["NOTHING", "Board", "Cell", "Column", "Window", "board_of"]
