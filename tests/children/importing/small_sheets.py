"""Small sheets for the tests of faults: built in a line, read as an upload would be."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from caretrack.access.history import change_by
from caretrack.schools.models import School
from children.importing import batches
from children.importing.parse import Context, ParsedRoster, parse_workbook
from children.importing.records import ChildRow
from children.importing.sheets import Sheet, Workbook
from tests.support.factories import id_number

CLASSES = frozenset((grade, number) for grade in range(1, 7) for number in (1, 2))
ID = id_number(dt.date(2016, 3, 12), male=False)
OTHER_ID = id_number(dt.date(2017, 5, 1), 2, male=False)
HEADER = ["姓名", "性别", "班级"]


def context(**known: Any) -> Context:
    return Context(2026, dt.date(2026, 11, 20), "云禾县青榕镇中心小学", **{"known_classes": CLASSES, **known})


def read(*sheets: Sheet, **known: Any) -> ParsedRoster:
    return parse_workbook(Workbook("xlsx", list(sheets)), context(**known))


def lines(*rows: Sequence[Any], name: str | None = "名册", **parts: Any) -> Sheet:
    return Sheet(name, [list(row) for row in rows], **parts)


def one(header: str, value: Any, name: Any = "韦小禾", **known: Any) -> tuple[ChildRow, ParsedRoster]:
    """A list of one girl of 四（1）班 with one more column."""
    roster = read(lines([*HEADER, header], [name, "女", "四（1）班", value]), **known)
    return roster.children[0], roster


def told(roster: ParsedRoster, what: str) -> list[tuple[str, int | None, str]]:
    return [(found.level.value, found.row, found.letter) for found in roster.findings if found.what == what]


def keys(roster: ParsedRoster) -> list[str]:
    return [question.key for question in roster.open_questions]


def imported(school: School, *rows: Sequence[str], on: dt.date = dt.date(2026, 11, 20)) -> dict[str, int]:
    """A text table, its header first, imported as the wizard does it; returns the counts by status."""
    content = "\n".join(",".join(row) for row in rows).encode()
    with change_by(None, "test"):
        batch = batches.take_file(school=school, by=None, name="a.csv", content=content, on=on)
        counts = batches.check(batch, None).counts
        batches.confirm(batch, by=None, token=batches.plan_token(batch))
    return counts
