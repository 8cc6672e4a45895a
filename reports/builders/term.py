"""Figures of a semester summary, counted once and then frozen (domain §10.3, §10.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from activities.models import CareRecord, Kind
from caretrack.periods import chinese_date, months_between
from caretrack.schools.models import School, Term
from caretrack.schools.models.school import NUMERALS
from children.census import plan
from children.left_behind import Definition
from children.models import Award, StatusChange, codes
from reports.builders import care_work, movement, programme
from reports.builders.basics import SUMS
from reports.builders.frozen import from_plain
from reports.builders.paper import chinese_span
from reports.builders.register import ADULT_CARE, Register, Sources, gather, register
from reports.builders.semester import ChartData, Compared, Rate, SemesterFigures, Series, as_of
from reports.builders.tables import Cell, Column, Row, Table
from reports.builders.tally import Tally
from reports.builders.unit import Unit
from reports.models import SemesterSummary

STRUCTURE = (
    Column("all", "小计"),
    Column("male", "男", "性别"),
    Column("female", "女", "性别"),
    Column("both", "双亲", "外出"),
    Column("one", "单亲", "外出"),
    Column("grand", "祖辈", "实际监护"),
    Column("parent", "父或母", "实际监护"),
    Column("otherwise", "其他", "实际监护"),
    Column("boarding", "住校", "就读"),
    Column("day", "走读", "就读"),
    Column("key", "重点\n对象"),
)
GRAND = {"paternal", "maternal"}
OTHER_CARE = {"kin", "peer", "nobody", "institution"}
CARE_NAMES = (
    ("paternal", "祖父母"),
    ("maternal", "外祖父母"),
    ("parent", "父亲或母亲"),
    ("kin", "亲戚朋友"),
    ("institution", "托管机构"),
    ("peer", "同辈或独居"),
    ("nobody", "无人监护"),
)
ONE_DAY = timedelta(days=1)
COUNTED = (Kind.TALK, Kind.HOME_VISIT, Kind.CALL, Kind.VIDEO)
# Who left as a school expects it to happen, or never was there: 巩固率 does not count them as lost (domain §10.3).
ORDERLY = (
    codes.ChangeKind.OUT_TRANSFER,
    codes.ChangeKind.GRADUATE,
    codes.ChangeKind.DEATH,
    codes.ChangeKind.ERROR,
)


@dataclass(frozen=True)
class Moment:
    """What is compared from term to term: numbers by key, and where they come from."""

    numbers: Mapping[str, int]
    basis: str


def build_semester(school: School, term: Term, *, definition: str, cut_off: date, taken_on: date) -> SemesterFigures:
    """
    The figures of `school` for `term` up to `cut_off` under `definition`.

    Compared with the frozen summary of the term before under the same definition; without one, with the register as
    the dated facts give it for that term's last day; without any facts of then, with nothing. Which, is printed.
    """
    unit = Unit(school)
    eve = term.starts_on - ONE_DAY
    sources = gather(unit, eve, cut_off)
    closing = register(unit, cut_off, definition, sources)
    tally = Tally()
    opening = sources.members(eve, definition)
    span = movement.Span(term.starts_on, cut_off, opening, closing.classes())
    unexplained = movement.count(unit, span, definition, sources.birth, tally)
    everyone = opening | closing.classes()
    aid = care_work.count(unit, term.starts_on, cut_off, everyone.keys(), tally)
    now = _numbers(sources, closing, tally)
    before = _earlier(unit, term, definition)
    basis = Definition(definition).label
    name, _, rule = basis.partition("：")
    until = f"截至{chinese_date(cut_off)}"
    days = chinese_span(term.starts_on, cut_off)

    def compared(key: str, label: str, counted_in: str = "人") -> Compared:
        earlier = before.numbers.get(key) if before else None
        return Compared(label, now[key], earlier, counted_in, key)

    return SemesterFigures(
        school=school.name,
        term=str(term),
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        cut_off=cut_off,
        taken_on=taken_on,
        definition=name,
        definition_rule=rule,
        roll=len(closing.roll),
        register=len(closing.lines),
        by_definition=tuple(compared(value, label) for value, label in Definition.choices),
        compared=(
            compared("roll", "在校学生"),
            compared("all", "在册留守儿童"),
            compared("both", "双亲外出"),
            compared("one", "单亲外出"),
            compared("key", "重点关爱对象"),
            compared("paired", "有代理家长"),
            *(compared(kind.value, kind.label, "人次") for kind in COUNTED),
        ),
        earlier_basis=before.basis if before else "注：没有上学期的登记数据，无法比较，上学期栏记作“—”。",
        rates=_rates(unit, term, closing, tally, cut_off),
        structure=_structure(unit, closing, f"{name}，{until}，单位：人"),
        activity=_activity(tally, days, aid, _plan_note(term, cut_off)),
        movement=_movement(tally, f"{name}，{days}，单位：人", as_of(cut_off, term.ends_on) or "期末数"),
        charts=_charts(unit, term, closing, everyone, cut_off),
        awards=_awards(closing, term, cut_off),
        warnings=_warnings(closing, len(unexplained)),
    )


def _numbers(sources: Sources, closing: Register, tally: Tally) -> dict[str, int]:
    """The numbers compared from term to term."""
    found = sources.answers(closing.on)
    by_definition = {value: sum(answer.under(value) for answer in found.values()) for value in Definition.values}
    marks = {mark: len(closing.marked(mark)) for mark in ("all", "both", "one", "key", "paired")}
    work = {kind.value: tally.count(f"t3.{kind.value}.visits") for kind in COUNTED}
    return by_definition | marks | work | {"roll": len(closing.roll)}


def _earlier(unit: Unit, term: Term, definition: str) -> Moment | None:
    """The term before: its frozen summary, else the register rebuilt for its last day, else None."""
    before = Term.objects.filter(school=unit.school, ends_on__lt=term.starts_on).order_by("-starts_on").first()
    if before is None:
        return None
    kept = SemesterSummary.objects.filter(school=unit.school, term=before, definition=definition)
    if (stored := kept.exclude(figures=None).values_list("figures", flat=True).first()) is not None:
        figures = from_plain(SemesterFigures, stored)
        numbers = {line.key: line.now for line in (*figures.by_definition, *figures.compared)}
        return Moment(numbers, f"注：上学期数据取自{chinese_date(figures.taken_on)}固定的{before}总结。")
    sources = gather(unit, before.ends_on, before.ends_on)
    closing = register(unit, before.ends_on, definition, sources)
    if not closing.roll:
        return None
    tally = Tally()
    care_work.count(unit, before.starts_on, before.ends_on, closing.ids, tally)
    numbers = _numbers(sources, closing, tally)
    day = chinese_date(before.ends_on)
    return Moment(numbers, f"注：上学期没有固定的总结，上学期数据按登记的事实推算到{day}，可能与当时上报的数字不同。")


def _rates(unit: Unit, term: Term, closing: Register, tally: Tally, cut_off: date) -> tuple[Rate, ...]:
    """The rates of domain §10.3 that the register and the records answer."""
    size, ids = len(closing.lines), closing.ids
    key, paired = set(closing.marked("key")), set(closing.marked("paired"))
    adult = sum(not line.marks.isdisjoint(ADULT_CARE) for line in closing.lines)
    visited = ids.intersection(tally.ids("t3.home_visit.heads"))
    due, done = _obligations(unit, term, cut_off)
    first, until = term.starts_on, "截止日" if cut_off < term.ends_on else "期末"
    at_start = len(unit.roll(first))
    pupils = {child for child, *_stay in unit.stays(first, cut_off)}
    changes = StatusChange.objects.standing().filter(school=unit.school)
    lines = list(changes.effective_during(first + ONE_DAY, cut_off).values_list("kind", "child"))
    joined = sum(kind in codes.ENTERS_SCHOOL for kind, _child in lines)
    gone = sum(kind in ORDERLY for kind, _child in lines)
    dropped = pupils & {child for kind, child in lines if kind == codes.ChangeKind.DROPOUT}
    return (
        Rate("留守率", size, len(closing.roll), "在册留守儿童÷在校学生"),
        Rate("建档率", len(closing.marked("filed")), size, "已建档÷在册留守儿童"),
        Rate("联系卡率", len(closing.marked("card")), size, "本学期核实过电话÷在册留守儿童"),
        Rate("监护人落实率", adult, size, "由成年人或机构监护÷在册留守儿童"),
        Rate("结对率", len(paired), size, "有代理家长÷在册留守儿童"),
        Rate("重点对象结对率", len(key & paired), len(key), "有代理家长的重点对象÷重点对象"),
        Rate("项目完成率", done, due, "各项目各月已完成÷各月应完成"),
        Rate("家访覆盖率", len(visited), size, "本学期家访到的儿童÷在册留守儿童"),
        Rate(
            "巩固率",
            len(closing.roll),
            at_start + joined - gone,
            f"{until}在校÷（期初在校＋转入等－转出、毕业、死亡、误登）",
        ),
        Rate("辍学率", len(dropped), len(pupils), "本学期登记辍学÷本学期在校过的学生（期初在校＋转入等）"),
    )


def _obligations(unit: Unit, term: Term, cut_off: date) -> tuple[int, int]:
    """Due and done of what all programmes ask of mentors in the months that ended by the cut-off."""
    due = done = 0
    for month in months_between(term.starts_on, cut_off, unit.school.closing_day):
        if month.last > cut_off:
            continue
        tally = Tally()
        asked = programme.duties(unit.school, month)
        programme.count(unit, month, asked, tally, done=(), on=cut_off)
        due += sum(tally.count(f"t4.{item.pk}.due") for item in asked.items)
        done += sum(tally.count(f"t4.{item.pk}.done") for item in asked.items)
    return due, done


def _grades(unit: Unit, on: date) -> dict[int, str]:
    """Class id → the name of its grade, lowest first."""
    names = {}
    for school_class in unit.classes(on):
        grade = school_class.grade_on(on)
        name = school_class.name_on(on).partition("（")[0]
        names[school_class.pk] = f"{NUMERALS[grade]}年级" if name == NUMERALS[grade] else f"{name}班"
    return names


def _structure(unit: Unit, closing: Register, basis: str) -> Table:
    """The register by grade; a grade's row counts the marks of its children."""
    grades = _grades(unit, closing.on)
    lines: dict[str, list[frozenset[str]]] = {name: [] for name in grades.values()}
    for line in closing.lines:
        lines.setdefault(grades.get(line.class_id, "其他"), []).append(line.marks)

    def row(label: str, mine: list[frozenset[str]], *, total: bool = False) -> Row:
        groups = {"grand": GRAND, "otherwise": OTHER_CARE}
        cells = tuple(
            Cell(sum(not marks.isdisjoint(groups.get(column.key, {column.key})) for marks in mine))
            for column in STRUCTURE
        )
        return Row(label, cells, 0, total=total)

    rows = [row(name, mine) for name, mine in lines.items()]
    everyone = row("合　计", [line.marks for line in closing.lines], total=True)
    return Table(1, "各年级留守儿童分类统计", basis, "年　级", STRUCTURE, (*rows, everyone))


def _plan_note(term: Term, cut_off: date) -> str:
    """How often everybody was asked, beside how often the plan asks it."""
    censuses, surveys = plan.held_in(term, cut_off)
    return (
        f"本学期普查{censuses}次（应{plan.CENSUSES_A_TERM}次，以定稿为准），"
        f"问卷调查{surveys}次（应{plan.SURVEYS_A_TERM}次，以发放为准）"
    )


def _activity(tally: Tally, days: str, aid: care_work.Aid, planned: str) -> Table:
    """The kinds of care that happened in the term; what did not happen is left out, not shown as an achievement."""
    whole = care_work.table(tally, days, aid)
    rows = tuple(
        Row(row.label, tuple(Cell(cell.value) for cell in row.cells[:3])) for row in whole.rows if row.cells[2].value
    )
    notes = (aid.note, planned) if aid.note else (planned,)
    return Table(6, "本学期关爱活动统计", days, "项　目", whole.columns[:3], rows, notes)


def _movement(tally: Tally, basis: str, closing: str) -> Table:
    """期初, 新增, 减少, 期末 with the reasons that occurred; `closing` heads the last column."""

    def reasons(keys: tuple[str, ...]) -> str:
        names = {column.key: column.label.replace("\n", "") for column in movement.COLUMNS}
        parts = [f"{names[f't2.{key}']}{tally.count(f't2.{key}')}" for key in keys if tally.count(f"t2.{key}")]
        return "，".join(parts) or "—"

    gains = tuple(key for key in movement.GAINS if key != "class_in")
    losses = tuple(key for key in movement.LOSSES if key != "class_out")
    cells = (
        Cell(tally.count("t2.start")),
        Cell(sum(tally.count(f"t2.{key}") for key in gains)),
        Cell(reasons(gains)),
        Cell(sum(tally.count(f"t2.{key}") for key in losses)),
        Cell(reasons(losses)),
        Cell(tally.count("t2.end")),
    )
    columns = (
        Column("start", "期初数"),
        Column("in", "新增"),
        Column("why_in", "其中"),
        Column("out", "减少"),
        Column("why_out", "其中"),
        Column("end", closing),
    )
    return Table(4, "本学期留守儿童变动情况", basis, "期　间", columns, (Row("本学期", cells),))


def _charts(
    unit: Unit, term: Term, closing: Register, everyone: Mapping[int, int], cut_off: date
) -> tuple[ChartData, ...]:
    grades = _grades(unit, cut_off)
    names = tuple(dict.fromkeys(grades.values()))

    def by_grade(mark: str) -> tuple[int, ...]:
        counted = [grades.get(line.class_id) for line in closing.lines if mark in line.marks]
        return tuple(counted.count(name) for name in names)

    months = list(months_between(term.starts_on, cut_off, unit.school.closing_day))
    work = {kind: [0] * len(months) for kind in (Kind.TALK, Kind.HOME_VISIT)}
    records = CareRecord.objects.filter(school=unit.school, kind__in=work).reached().between(term.starts_on, cut_off)
    for child, kind, on in records.values_list("child_id", "kind", "on"):
        if child in everyone:
            at = next(place for place, month in enumerate(months) if on <= month.last)
            work[Kind(kind)][at] += 1
    care = [(name, len(closing.marked(mark))) for mark, name in CARE_NAMES]
    marks = {mark for mark, _name in CARE_NAMES}
    care.append(("没有登记", sum(line.marks.isdisjoint(marks) for line in closing.lines)))
    care = [(name, number) for name, number in care if number]
    return (
        ChartData(
            "bars",
            "各年级双亲外出与单亲外出的留守儿童人数",
            "；".join(
                f"{n}双亲{b}人、单亲{o}人" for n, b, o in zip(names, by_grade("both"), by_grade("one"), strict=True)
            ),
            names,
            (Series("双亲外出", by_grade("both")), Series("单亲外出", by_grade("one"))),
            "人",
        ),
        ChartData(
            "lines",
            "逐月谈心和家访人次",
            "；".join(
                f"{month.month}月谈心{work[Kind.TALK][at]}、家访{work[Kind.HOME_VISIT][at]}"
                for at, month in enumerate(months)
            ),
            tuple(f"{month.month}月" for month in months),
            (Series("谈心", tuple(work[Kind.TALK])), Series("家访", tuple(work[Kind.HOME_VISIT]))),
            "人次",
        ),
        ChartData(
            "shares",
            "留守儿童的实际监护类型",
            "；".join(f"{name}{number}人" for name, number in care),
            tuple(name for name, _number in care),
            (Series("人数", tuple(number for _name, number in care)),),
            "人",
        ),
    )


def _awards(closing: Register, term: Term, cut_off: date) -> tuple[str, ...]:
    """Titles won by children of the register, with the number of winners and without names."""
    rows = Award.objects.filter(child__in=closing.ids, on__range=(term.starts_on, cut_off)).order_by("title", "scope")
    winners: dict[tuple[str, str], int] = {}
    for title, scope in rows.values_list("title", "scope"):
        winners[title, scope] = winners.get((title, scope), 0) + 1
    return tuple(
        f"“{title}”{number}人次（{Award.Scope(scope).label}级）".replace("级级", "级").replace("以上级", "以上")
        for (title, scope), number in winners.items()
    )


def _warnings(closing: Register, unexplained: int) -> tuple[str, ...]:
    """What the writer should repair before the figures are taken again."""
    found = []
    for rule, parts, missing in SUMS:
        lacking = sum(len(line.marks.intersection(parts)) != 1 for line in closing.lines)
        if lacking:
            found.append(f"{lacking}名学生{missing}，“{rule}”不平")
    if unexplained:
        found.append(f"{unexplained}名学生进出名册，但没有变动登记")
    return tuple(found)
