"""
Who owes a period, and how the debt stands (domain §8.7). Pure: no database, no clock.

Owing. A subject owes a period when it was there, and the item in force, on at least half of the period's school days;
an item that ends within the period must have held for more than half, so that an edit in the middle leaves one of the
two versions. Festivals and birthdays ask for their day only. What is owed is owed in full.

Standing. On time: dated in the period, and written down before it was over or within three days of the deed. Late:
dated in the period but written down later; or dated in the seven days after it, as far as the period of that day does
not need the deed itself. Excused: waivers leave less than half of the school days (of a festival: they cover the day).
Attempted: nothing sufficient, but somebody was not reached. Standing items hold or do not hold on the day of asking.

Where the school chose the occasions, their days may overlap: a deed that names its occasion counts for such a one only,
every other for one of those in whose days it lies, and none for two. Earlier occasions come first, in time before late.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter

from activities.compliance.matching import Claims
from activities.compliance.rules import ENTRY, FACTS, GRACE, Every, Obligation, Period, Proof, Rule, Span, State

_BY_DAY = itemgetter(0)
DAY = timedelta(days=1)


def days_in(days: Sequence[date], spans: Collection[Span]) -> int:
    """How many of the sorted `days` lie in `spans`, which do not overlap."""
    return sum(len(_days(days, span)) for span in spans)


def within(spans: Collection[Span], limit: Span) -> list[Span]:
    """The parts of `spans` inside `limit`."""
    found = []
    for first, last in spans:
        begin = max(first, limit.first)
        end = last if limit.last is None else limit.last if last is None else min(last, limit.last)
        if end is None or begin <= end:
            found.append(Span(begin, end))
    return found


def owes(rule: Rule, period: Period, presence: Collection[Span]) -> bool:
    """Whether a subject that was there in `presence` owes the period under the rule."""
    there = within(presence, rule.span)
    if period.at_day:
        return any(span.holds(period.on) for span in there)
    present = days_in(period.days, there)
    ended = rule.last is not None and rule.last < period.last
    return 2 * present > len(period.days) if ended else present > 0 and 2 * present >= len(period.days)


def excused(rule: Rule, period: Period, presence: Collection[Span], waivers: Collection[Span]) -> bool:
    """Whether waivers take the period away from a subject that owes it."""
    if not waivers:
        return False
    if period.at_day:
        return any(waiver.holds(period.on) for waiver in waivers)
    there = within(presence, rule.span)
    freed = {day for waiver in waivers for part in within(there, waiver) for day in _days(period.days, part)}
    left = days_in(period.days, there) - len(freed)
    return bool(freed) and 2 * left < len(period.days)


def _days(days: Sequence[date], span: Span) -> Sequence[date]:
    return days[bisect_left(days, span.first) : None if span.last is None else bisect_right(days, span.last)]


def judge(
    rule: Rule,
    periods: Sequence[Period],
    presence: Collection[Span],
    proofs: Sequence[Proof],
    waivers: Collection[Span],
    today: date,
    *,
    owed: Sequence[Period] | None = None,
) -> list[Obligation]:
    """
    The obligations of one subject under one rule as of `today`, in the order of `periods` (all kinds but standing).

    `proofs` are those of the rule's evidence for this subject, in any order; those after `today` are not known yet.
    `owed` are the periods that it owes where that was found out already.
    """
    if owed is None:
        owed = [period for period in periods if owes(rule, period, presence)]
    if not owed:
        return []
    if not proofs:
        return [_bare(rule, period, presence, waivers, today) for period in owed]
    known = sorted((proof for proof in proofs if proof.on <= today), key=_BY_DAY)
    days = [proof.on for proof in known]
    if rule.occasions:
        return _on_occasions(rule, owed, presence, waivers, today, known, days)
    spare = _Spare(rule, owed, known, days)
    return [_stands(rule, period, presence, waivers, today, known, days, spare) for period in owed]


def nothing_done(rule: Rule, owed: Sequence[Period], today: date) -> list[Obligation]:
    """The obligations of somebody who owes these periods and of whom nothing is known."""
    return [_bare(rule, period, (), (), today) for period in owed]


def _bare(rule: Rule, period: Period, presence: Collection[Span], waivers: Collection[Span], today: date) -> Obligation:
    if waivers and excused(rule, period, presence, waivers):
        state = State.EXCUSED
    else:
        state = State.DUE if today <= period.last else State.MISSING
    return Obligation(rule, period, rule.count, 0, 0, 0, state)


def _stands(
    rule: Rule,
    period: Period,
    presence: Collection[Span],
    waivers: Collection[Span],
    today: date,
    known: Sequence[Proof],
    days: Sequence[date],
    spare: "_Spare",
) -> Obligation:
    on_time = late = attempts = 0
    for proof in known[bisect_left(days, period.opens) : bisect_right(days, period.closes)]:
        if not proof.reached:
            attempts += 1
        elif _entered_late(proof, period):
            late += 1
        else:
            on_time += 1
    if on_time + late < rule.count:
        late += spare.take(period, rule.count - on_time - late)
    return _told(rule, period, presence, waivers, today, on_time, late, attempts)


def _entered_late(proof: Proof, period: Period) -> bool:
    return proof.entered > period.last and proof.entered - proof.on > ENTRY


def _told(
    rule: Rule,
    period: Period,
    presence: Collection[Span],
    waivers: Collection[Span],
    today: date,
    on_time: int,
    late: int,
    attempts: int,
    deeds: tuple[Proof, ...] = (),
) -> Obligation:
    if on_time >= rule.count:
        state = State.DONE
    elif on_time + late >= rule.count:
        state = State.LATE
    elif waivers and excused(rule, period, presence, waivers):
        state = State.EXCUSED
    elif attempts:
        state = State.ATTEMPTED
    else:
        state = State.DUE if today <= period.last else State.MISSING
    return Obligation(rule, period, rule.count, on_time, late, attempts, state, deeds)


def _on_occasions(
    rule: Rule,
    owed: Sequence[Period],
    presence: Collection[Span],
    waivers: Collection[Span],
    today: date,
    known: Sequence[Proof],
    days: Sequence[date],
) -> list[Obligation]:
    """As `_stands`, of occasions in their order; one that is asked for twice claims twice."""
    wanted = [(at, period) for at, period in enumerate(owed) for _ in range(rule.count)]
    claims, in_time = Claims(), set()
    reached = [[n for n in _between(days, one.opens, one.closes) if one.suits(known[n])] for one in owed]
    for who, (at, period) in enumerate(wanted):
        if claims.claim(who, [n for n in reached[at] if known[n].reached and not _entered_late(known[n], period)]):
            in_time.add(who)
    for who, (at, period) in enumerate(wanted):
        if who not in in_time:
            over = max(period.closes, period.last)
            after = [n for n in _between(days, over + DAY, over + GRACE) if period.suits(known[n])]
            claims.claim(who, [n for n in (*reached[at], *after) if known[n].reached])
    found = []
    for at, period in enumerate(owed):
        mine = {who: known[deed] for deed, who in sorted(claims.holder.items()) if wanted[who][0] == at}
        on_time = len(in_time & mine.keys())
        tried = sum(not known[n].reached for n in reached[at])
        found.append(
            _told(
                rule, period, presence, waivers, today, on_time, len(mine) - on_time, tried, tuple(mine.values())
            )
        )  # fmt: skip
    return found


def _between(days: Sequence[date], first: date, last: date) -> range:
    """The places of the sorted `days` that lie in first … last."""
    return range(bisect_left(days, first), bisect_right(days, last))


class _Spare:
    """
    The deeds that their own period does not need: what is left for the period before.

    The days of grace after two periods of an item never overlap, so no deed is asked for twice.
    """

    def __init__(self, rule: Rule, owed: Sequence[Period], known: Sequence[Proof], days: list[date]) -> None:
        self.rule, self.owed, self.known, self.days = rule, owed, known, days

    @cached_property
    def left(self) -> dict[str, int]:
        """What each period can spare; reckoned when the first one asks."""
        return {
            period.key: max(sum(proof.reached for proof in self._own(period)) - self.rule.count, 0)
            for period in self.owed
        }

    def _own(self, period: Period) -> Sequence[Proof]:
        return self.known[bisect_left(self.days, period.opens) : bisect_right(self.days, period.closes)]

    def take(self, period: Period, wanted: int) -> int:
        """Up to `wanted` deeds dated in the days of grace after the period."""
        over = period.closes if period.closes > period.last else period.last
        taken = 0
        for at in range(bisect_right(self.days, over), bisect_right(self.days, over + GRACE)):
            if taken == wanted:
                break
            if not self.known[at].reached:
                continue
            needed_by = [own for own in self.owed if own.opens <= self.days[at] <= own.closes]
            if any(not self.left[own.key] for own in needed_by):
                continue
            for own in needed_by:
                self.left[own.key] -= 1
            taken += 1
        return taken


def stands(
    rule: Rule,
    periods: Sequence[Period],
    presence: Collection[Span],
    proofs: Sequence[Proof],
    facts: Collection[Span],
    waivers: Collection[Span],
    today: date,
) -> list[Obligation]:
    """
    The standing item of one subject, term by term, as of `today` or the last day of a term that is over.

    Proven by a fact (a mentor, a buddy) it holds while the fact does; by deeds when there was one in the term. A policy
    is shown with its number of deeds. A term that has not begun owes nothing yet.
    """
    found = []
    for period in periods:
        asked = min(today, period.last)
        if period.first > today or not any(span.holds(asked) for span in within(presence, rule.span)):
            continue
        if rule.kinds & FACTS:
            met = int(any(span.holds(asked) for span in facts))
        else:
            met = sum(proof.reached and period.opens <= proof.on <= min(today, period.closes) for proof in proofs)
        if rule.is_policy:
            state = State.SHOWN
        elif met:
            state = State.DONE
        elif any(waiver.holds(asked) for waiver in waivers):
            state = State.EXCUSED
        else:
            # A fact is missing from the first day on, a deed only when the term is over.
            state = State.MISSING if rule.kinds & FACTS or today > period.last else State.DUE
        found.append(Obligation(rule, period, 1, met, 0, 0, state))
    return found


def obligations(
    rule: Rule,
    periods: Sequence[Period],
    presence: Collection[Span],
    proofs: Sequence[Proof],
    facts: Collection[Span],
    waivers: Collection[Span],
    today: date,
    *,
    owed: Sequence[Period] | None = None,
) -> list[Obligation]:
    """`judge` or `stands`, as the rule asks."""
    if rule.every == Every.STANDING:
        return stands(rule, periods, presence, proofs, facts, waivers, today)
    return judge(rule, periods, presence, proofs, waivers, today, owed=owed)
