"""
What is printed of a round, as frozen data: the public list, the certificates, the sheet for the office.

Nothing here tells a family's situation: name, class and public title only (domain P-15, P-16).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from activities.honours.rounds import Stage
from activities.models import AwardNomination, AwardRound

SHEET = ("称号", "公示称号", "姓名", "班级", "推荐人", "推荐日期", "推荐理由", "评定", "评定意见", "评定人", "表彰日期")


@dataclass(frozen=True)
class Honoured:
    """Those who get one title: (name, class) of each, lowest grade first."""

    title: str
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PublicList:
    """What hangs out: before the honour as a notice with its days, after it as the result."""

    school: str
    title: str
    awarded: bool
    first: date
    last: date
    on: date
    objections_to: str
    titles: tuple[Honoured, ...]

    @property
    def people(self) -> int:
        return sum(len(one.people) for one in self.titles)


@dataclass(frozen=True)
class Certificate:
    """One sheet: whom it addresses and how, for which term, the title."""

    pupil: bool
    name: str
    address: str
    where: str
    term: str
    title: str
    school: str
    on: date


def public_paper(round_: AwardRound, rows: Iterable[AwardNomination]) -> PublicList:
    """The list of a round; `rows` are nominations `in_order`. Raises ValueError before it hangs out."""
    if round_.public_from is None or round_.objections_until is None:
        raise ValueError("The list of this round does not hang out.")
    day = round_.awarded_on or round_.public_from
    granted = [row for row in rows if row.verdict == AwardNomination.Verdict.GRANTED]
    titles = tuple(
        Honoured(kind.public_name, tuple((row.name, _class_of(row, day)) for row in those))
        for kind, those in groupby(granted, key=lambda row: row.kind)
    )
    return PublicList(
        round_.school.name, round_.title, round_.stage == Stage.AWARDED, round_.public_from, round_.objections_until,
        day, round_.objections_to, titles,
    )  # fmt: skip


def certificates_of(round_: AwardRound, rows: Iterable[AwardNomination]) -> list[Certificate]:
    """A certificate for each granted nomination; none before the round is honoured."""
    if round_.awarded_on is None:
        return []
    on, term, school = round_.awarded_on, str(round_.term), round_.school.name
    return [
        Certificate(
            row.child is not None, row.name, _address(row), _class_of(row, on), term, row.kind.public_name, school, on
        )
        for row in rows
        if row.verdict == AwardNomination.Verdict.GRANTED
    ]


def sheet_lines(round_: AwardRound, rows: Iterable[AwardNomination], today: date) -> list[list[str | date | None]]:
    """The lines of the office's workbook under `SHEET`: every nomination with what became of it."""
    return [
        [
            row.kind.name, row.kind.public_name, row.name, _class_of(row, today), row.nominated_by.name,
            row.nominated_on, row.reason, row.get_verdict_display(), row.opinion,
            row.decided_by.name if row.decided_by else "",
            round_.awarded_on if row.verdict == AwardNomination.Verdict.GRANTED else None,
        ]
        for row in rows
    ]  # fmt: skip


def _address(row: AwardNomination) -> str:
    if row.mentor is None:
        return "同学"
    return "同志" if row.mentor.is_external else "老师"


def _class_of(row: AwardNomination, on: date) -> str:
    return row.child.class_name(on) if row.child else ""
