"""
What some children of a unit, or all of them, add to the figures of its month: numbers without the lists behind them.

Sums are added and taken away again, so that a kept total can be brought up to date by the children about whom
something was saved. Most figures count what belongs to one child. What several children share (a group talk, an
activity, a meeting, aid given at once) has a negative number in a tally and is counted by how many parts have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from reports.builders.care_work import Aid, Grant, aid_of
from reports.builders.tally import WHOLE, PartedTally, Tally, part_of


@dataclass
class Beside:
    """What the tables and checks of a month ask beside figures: which children are behind a break, and the aid."""

    wrong: list[tuple[int, int, int]] = field(default_factory=list)
    """Place of the rule in `basics.SUMS`, class, child."""
    unexplained: list[tuple[int, int, str]] = field(default_factory=list)
    """Child, class, what is missing: see `movement.count`."""
    grants: list[Grant] = field(default_factory=list)
    opening: list[int] = field(default_factory=list)
    """The register before the first day."""
    everyone: list[int] = field(default_factory=list)
    """Who was on the register before the first day or on the last."""

    def by_part(self) -> dict[int, Beside]:
        """Part (see `part_of`) → what is its children's."""
        found: dict[int, Beside] = defaultdict(Beside)
        for wrong in self.wrong:
            found[part_of(wrong[2])].wrong.append(wrong)
        for unexplained in self.unexplained:
            found[part_of(unexplained[0])].unexplained.append(unexplained)
        for grant in self.grants:
            found[part_of(grant.child)].grants.append(grant)
        for child in self.opening:
            found[part_of(child)].opening.append(child)
        for child in self.everyone:
            found[part_of(child)].everyone.append(child)
        return found


class Sums:
    """Figures by question and scope, with what stands beside them."""

    def __init__(self) -> None:
        self.counts: dict[int, dict[str, int]] = {}
        self.shared: dict[str, dict[int, int]] = {}
        self.wrong: set[tuple[int, int, int]] = set()
        self.unexplained: set[tuple[int, int, str]] = set()
        self.grants: dict[int, Grant] = {}
        self.opening: set[int] = set()
        self.everyone = 0

    @classmethod
    def of(cls, tally: Tally, beside: Beside) -> Sums:
        """The sums of what was counted together."""
        made = cls()
        for key, scope, ids in tally.counts():
            shared = {ident: 1 for ident in ids if ident < 0}
            if shared:
                made.shared[key] = shared
            if len(ids) > len(shared):
                made.counts.setdefault(scope, {})[key] = len(ids) - len(shared)
        made.wrong, made.unexplained = set(beside.wrong), set(beside.unexplained)
        made.grants = {grant.pk: grant for grant in beside.grants}
        made.opening, made.everyone = set(beside.opening), len(beside.everyone)
        return made

    @classmethod
    def of_parts(cls, tally: PartedTally, beside: Beside) -> dict[int, Sums]:
        """Part → its sums, of every part that has any."""
        apart = beside.by_part()
        return {
            part: cls.of(tally.parts.get(part, Tally()), apart.get(part, Beside()))
            for part in sorted({*tally.parts, *apart})
        }

    @classmethod
    def total(cls, parts: Iterable[Sums]) -> Sums:
        """All parts together."""
        made = cls()
        for part in parts:
            made.add(part)
        return made

    # --- figures ---------------------------------------------------------------------------------------------------

    def count(self, key: str, scope: int = WHOLE) -> int:
        """The figure; nought where nothing was counted."""
        mine = self.counts.get(scope)
        own = mine.get(key, 0) if mine else 0
        return own + len(self.shared[key]) if scope == WHOLE and key in self.shared else own

    def row(self, keys: Iterable[str], scope: int) -> list[int]:
        """The figures of several questions of one scope."""
        if scope == WHOLE:
            return [self.count(key) for key in keys]
        mine = self.counts.get(scope, {})
        return [mine.get(key, 0) for key in keys]

    def scopes(self, key: str) -> list[int]:
        """The scopes, without the whole, that have a figure for the question."""
        return [scope for scope, mine in self.counts.items() if scope != WHOLE and key in mine]

    def wrong_of(self) -> dict[tuple[int, int], list[int]]:
        """(place of the rule, class) → children, as `basics.wrong` finds them."""
        found: dict[tuple[int, int], list[int]] = {}
        for place, at, child in sorted(self.wrong):
            found.setdefault((place, at), []).append(child)
        return found

    @property
    def aid(self) -> Aid:
        return aid_of(self.grants.values())

    # --- adding and taking away ------------------------------------------------------------------------------------

    def add(self, other: Sums) -> None:
        """Put the sums of other children to these."""
        self._count(other, 1)
        self.wrong |= other.wrong
        self.unexplained |= other.unexplained
        self.grants |= other.grants
        self.opening |= other.opening

    def take(self, other: Sums) -> None:
        """Undo `add`."""
        self._count(other, -1)
        self.wrong -= other.wrong
        self.unexplained -= other.unexplained
        self.grants = {pk: grant for pk, grant in self.grants.items() if pk not in other.grants}
        self.opening -= other.opening

    def share(self, tally: Tally) -> None:
        """Put what belongs to no child of its own into the whole; it may be there already."""
        for key, _, ids in tally.counts():
            self.shared[key] = self.shared.get(key, {}) | dict.fromkeys(ids, 1)

    def _count(self, other: Sums, sign: int) -> None:
        for scope, theirs in other.counts.items():
            _move(self.counts.setdefault(scope, {}), theirs, sign)
        for key, those in other.shared.items():
            _move(self.shared.setdefault(key, {}), those, sign)
        self.everyone += sign * other.everyone

    # --- keeping ---------------------------------------------------------------------------------------------------

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it; `from_plain` makes it whole again."""
        return {
            "counts": self.counts,
            "shared": self.shared,
            "wrong": sorted(self.wrong),
            "unexplained": sorted(self.unexplained),
            "grants": [
                [grant.pk, grant.child, grant.on.isoformat(), None if grant.amount is None else str(grant.amount), grant.goods]
                for grant in self.grants.values()
            ],
            "opening": sorted(self.opening),
            "everyone": self.everyone,
        }  # fmt: skip

    @classmethod
    def from_plain(cls, kept: dict[str, Any]) -> Sums:
        """What `plain` made."""
        made = cls()
        made.counts = {int(scope): mine for scope, mine in kept["counts"].items()}
        made.shared = {
            key: {int(ident): times for ident, times in those.items()} for key, those in kept["shared"].items()
        }
        made.wrong = {(place, at, child) for place, at, child in kept["wrong"]}
        made.unexplained = {(child, at, why) for child, at, why in kept["unexplained"]}
        made.grants = {
            pk: Grant(pk, child, date.fromisoformat(on), None if amount is None else Decimal(amount), goods)
            for pk, child, on, amount, goods in kept["grants"]
        }
        made.opening, made.everyone = set(kept["opening"]), kept["everyone"]
        return made


def _move(mine: dict[Any, int], theirs: dict[Any, int], sign: int) -> None:
    for key, number in theirs.items():
        left = mine.get(key, 0) + sign * number
        if left:
            mine[key] = left
        else:
            mine.pop(key, None)
