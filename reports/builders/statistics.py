"""The statistics of a school or class on any day: by class, by who cares, by special group (domain §10.2, systems 12, 24, 25)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from caretrack.periods import chinese_date
from children.left_behind import Definition
from children.models import StatusChange, codes
from reports.builders import basics
from reports.builders.register import Register, register
from reports.builders.tables import Check, Table
from reports.builders.tally import WHOLE, Tally
from reports.builders.unit import Unit

CARE = (
    ("祖父母", ("paternal",)),
    ("外祖父母", ("maternal",)),
    ("单方监护（父或母）", ("parent",)),
    ("亲朋", ("kin",)),
    ("同辈或自我", ("peer",)),
    ("无人监护", ("nobody",)),
    ("托管寄宿", ("institution",)),
)


@dataclass(frozen=True)
class Share:
    """A part of the register: how many, of how many. The percentage is recomputed from counts, never rounded to 100."""

    label: str
    count: int
    whole: int
    boys: int = 0
    girls: int = 0

    @property
    def percent(self) -> str:
        return f"{100 * self.count / self.whole:.1f}%" if self.whole else "—"


@dataclass(frozen=True)
class Statistics:
    """Table 1 of a day with its checks, the shares of care types, and the special groups."""

    unit: str
    school: str
    on: date
    definition: str
    table: Table
    checks: tuple[Check, ...]
    care: tuple[Share, ...]
    special: tuple[Share, ...]
    care_missing: int

    @property
    def title(self) -> str:
        return f"{self.unit}留守儿童基本情况统计表"

    @property
    def broken(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.holds)


def basis_line(definition: str, on: date, unit: str = "人") -> str:
    """What every title of figures must say: by which definition, until when (domain §3.2)."""
    return f"{Definition(definition).label}　截至{chinese_date(on)}　单位：{unit}"


def build_statistics(unit: Unit, *, on: date, definition: str) -> Statistics:
    """The statistics of the day. The number of statements does not depend on the number of children."""
    known = register(unit, on, definition)
    tally = Tally()
    basics.count(known, tally)
    classes = [(one.pk, one.name_on(on)) for one in unit.classes(on)]
    care = _care(known)
    figures = basics.table(tally, classes, basis_line(definition, on), single=unit.school_class is not None)
    return Statistics(
        unit=unit.title_prefix(on),
        school=unit.school.name,
        on=on,
        definition=definition,
        table=replace(figures, notes=(*_leaving(unit, on), *figures.notes)),
        checks=tuple(basics.checks(tally, dict(classes), basics.wrong(known), basics.strays(known, dict(classes)))),
        care=care,
        special=_special(known),
        care_missing=tally.count("t1.all", WHOLE) - sum(share.count for share in care),
    )


def _leaving(unit: Unit, on: date) -> tuple[str, ...]:
    """Says how many are counted on their last day, who stand in no list of pupils any more; nothing if nobody left."""
    lines = StatusChange.objects.last_day(on).filter(school=unit.school)
    number = (lines.filter(school_class=unit.school_class) if unit.school_class else lines).count()
    return (f"在校学生含当天离校的{number}人，从次日起减少",) if number else ()


def _share(known: Register, label: str, ids: set[int], whole: int) -> Share:
    sexes = {line.child_id: line.marks for line in known.lines}
    boys = sum("male" in sexes[child] for child in ids)
    girls = sum("female" in sexes[child] for child in ids)
    return Share(label, len(ids), whole, boys, girls)


def _care(known: Register) -> tuple[Share, ...]:
    whole = len(known.lines)
    return tuple(
        _share(known, label, {line.child_id for line in known.lines if line.marks.intersection(marks)}, whole)
        for label, marks in CARE
    )


def _special(known: Register) -> tuple[Share, ...]:
    """三特生 among the left-behind children of the day; one child may be in several groups."""
    whole = len(known.lines)
    return tuple(_share(known, kind.label, set(known.marked(f"special_{kind}")), whole) for kind in codes.SpecialKind)
