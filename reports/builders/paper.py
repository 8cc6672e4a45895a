"""What every printed paper shares: who printed it when, and facts laid out as label and value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from caretrack.periods import chinese_date

NOT_ENTERED = "未登记"


@dataclass(frozen=True)
class Imprint:
    """The small line at the foot of each page: a printout left in the printer can be traced (domain §12, access)."""

    printed_by: str
    printed_at: datetime
    number: str = ""

    def __str__(self) -> str:
        number = f"　编号 {self.number}" if self.number else ""
        return f"打印：{self.printed_by}　{chinese_date(self.printed_at)} {self.printed_at:%H:%M}{number}"


@dataclass(frozen=True)
class Fact:
    """
    A label with its value in a form's grid.

    `span` is the number of grid columns the value takes; `hand` marks text that a person typed (set in 楷体). A missing
    value prints as 未登记, never as nothing: an empty cell reads as forgotten by the printer.
    """

    label: str
    value: str
    span: int = 1
    hand: bool = True

    @property
    def missing(self) -> bool:
        return not self.value

    @property
    def shown(self) -> str:
        return self.value or NOT_ENTERED


@dataclass(frozen=True)
class FactSection:
    """A headed block of rows of facts; `withheld` says why the reader does not get it."""

    title: str
    rows: tuple[tuple[Fact, ...], ...]
    withheld: str = ""


def home_address(address: str, group: str) -> str:
    """Where a child lives; the villagers' group is added unless the address names it already."""
    return address if not group or group in address else f"{address} {group}".strip()


def chinese_span(first: date, last: date) -> str:
    """2026年10月26日至11月25日; the year again only when it is another one."""
    end = chinese_date(last) if last.year != first.year else f"{last.month}月{last.day}日"
    return f"{chinese_date(first)}至{end}"


_DIGITS = "〇一二三四五六七八九"


def formal_date(day: date) -> str:
    """二〇二六年一月二十日, as official papers are dated."""

    def up_to_31(number: int) -> str:
        tens, ones = divmod(number, 10)
        head = {0: "", 1: "十"}.get(tens, f"{_DIGITS[tens]}十")
        return head + (_DIGITS[ones] if ones else "")

    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{up_to_31(day.month)}月{up_to_31(day.day)}日"
