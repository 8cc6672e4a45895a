"""The month of a class or a school: tables 1 to 4 with their checks (domain §10.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.builders.tables import Check, Table


@dataclass(frozen=True)
class MonthFigures:
    """What the page, the PDF and a frozen report show of one month. Holds no name of a child."""

    unit: str
    school: str
    month_label: str
    starts_on: date
    ends_on: date
    cut_off: date
    definition: str
    basis: str
    tables: tuple[Table, ...]
    checks: tuple[Check, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.holds)
