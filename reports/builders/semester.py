"""The semester summary (domain §10.4): figures from a frozen snapshot, and sections that only people can write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from reports.builders.tables import Table


def as_of(cut_off: date, ends_on: date) -> str:
    """截至11月25日 for figures taken before the term's last day; nothing afterwards, when they are those of its end."""
    return f"截至{cut_off.month}月{cut_off.day}日" if cut_off < ends_on else ""


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
    key: str = ""

    @property
    def earlier_shown(self) -> str:
        return "—" if self.earlier is None else str(self.earlier)

    @property
    def hint(self) -> str:
        """The earlier figure in words, for the page."""
        return "没有上学期数据" if self.earlier is None else f"上学期 {self.earlier}，增减 {self.difference}"

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

    @property
    def as_of(self) -> str:
        """截至11月25日, what stands for 期末 while the term goes on; empty once the figures reach its last day."""
        return as_of(self.cut_off, self.ends_on)

    @property
    def as_of_note(self) -> str:
        """Why what was done so far is less than in the whole term beside it."""
        if not self.as_of:
            return ""
        end = f"{self.ends_on.month}月{self.ends_on.day}日"
        beside = "，次数不能与上学期整学期直接比较" if self.compares else ""
        return f"注：学期到{end}结束，本学期的次数只统计到{self.as_of.removeprefix('截至')}{beside}。"

    @property
    def compares(self) -> bool:
        """Whether anything is known of the term before; without it the paper has no columns of dashes."""
        return any(line.earlier is not None for line in (*self.by_definition, *self.compared))


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


# What people write (domain §10.4): section, key, heading, what belongs there. Cases stand without names (§12).
SECTIONS = (
    (
        "measures",
        "organisation",
        "组织领导和制度落实",
        "领导小组和分工、档案和联系卡的专人管理、应急机制和安全责任书签订情况",
    ),
    ("measures", "pairing", "结对帮扶和谈心家访", "结对安排的做法、谈心家访的重点和跟进情况"),
    ("measures", "activities", "主题活动、心理健康和家校联系", "开展的主题活动、心理健康教育、亲情电话、家长学校等"),
    ("results", "results", "", "有记录可查的成效和典型事例；事例不写学生姓名"),
    ("problems", "problems", "", "本学期工作中的困难和不足，可结合上面的数据说明"),
    ("plans", "plans", "", "下学期的打算、责任人和完成时间"),
)


def narratives(texts: Mapping[str, str]) -> dict[str, tuple[Narrative, ...]]:
    """The sections with what has been written so far; headings under 主要措施 go on after the figures' own （一）."""
    found: dict[str, list[Narrative]] = {}
    for section, key, heading, asks in SECTIONS:
        mine = found.setdefault(section, [])
        ordinal = "二三四五六七"[len(mine)] if heading else ""
        mine.append(Narrative(key, heading, asks, texts.get(key, ""), ordinal))
    return {section: tuple(mine) for section, mine in found.items()}


@dataclass(frozen=True)
class SemesterPaper:
    figures: SemesterFigures
    measures: tuple[Narrative, ...]
    results: tuple[Narrative, ...]
    problems: tuple[Narrative, ...]
    plans: tuple[Narrative, ...]
    signed_on: date | None
    draft: bool


def paper(figures: SemesterFigures, texts: Mapping[str, str], *, signed_on: date | None, draft: bool) -> SemesterPaper:
    """The summary as it is printed."""
    return SemesterPaper(figures, signed_on=signed_on, draft=draft, **narratives(texts))
