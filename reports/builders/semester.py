"""The semester summary (domain §10.4): figures from a frozen snapshot, and sections that only people can write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from reports.builders.tables import Table


@dataclass(frozen=True)
class Rate:
    """A rate with numerator and denominator beside it; of nothing it is “—”, never 100 % (domain §10.3)."""

    label: str
    numerator: int
    denominator: int
    formula: str
    earlier: str = ""

    @property
    def percent(self) -> str:
        if not self.denominator:
            return "—"
        share = Decimal(100 * self.numerator) / Decimal(self.denominator)
        return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


@dataclass(frozen=True)
class Compared:
    """A figure beside that of the term before; `earlier` is None when it cannot be known."""

    label: str
    now: int
    earlier: int | None
    unit: str = "人"

    @property
    def difference(self) -> str:
        if self.earlier is None:
            return "—"
        change = self.now - self.earlier
        return f"+{change}" if change > 0 else str(change).replace("-", "−")


@dataclass(frozen=True)
class Series:
    name: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class ChartData:
    """What a chart draws; drawn when shown, so that a frozen summary holds numbers only."""

    kind: str
    caption: str
    description: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""


@dataclass(frozen=True)
class SemesterFigures:
    """The snapshot. `earlier_basis` says where the figures of the term before come from."""

    school: str
    term: str
    starts_on: date
    ends_on: date
    cut_off: date
    taken_on: date
    definition: str
    definition_rule: str
    roll: int
    register: int
    by_definition: tuple[Compared, ...]
    compared: tuple[Compared, ...]
    earlier_basis: str
    rates: tuple[Rate, ...]
    structure: Table
    activity: Table
    movement: Table
    charts: tuple[ChartData, ...]
    awards: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Narrative:
    """A section a person writes: `asks` says what belongs there and prints as a marked gap while `text` is empty."""

    key: str
    heading: str
    asks: str
    text: str
    ordinal: str = ""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.text.splitlines() if line.strip())


@dataclass(frozen=True)
class SemesterPaper:
    figures: SemesterFigures
    measures: tuple[Narrative, ...]
    results: tuple[Narrative, ...]
    problems: tuple[Narrative, ...]
    plans: tuple[Narrative, ...]
    signed_on: date | None
    draft: bool
