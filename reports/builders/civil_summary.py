"""
农村留守儿童信息汇总表 of the civil affairs survey: 32 columns whose sums must agree (domain §10.2, rosters L23).

Known from the source are the numbers of the columns and the equations between them; the titles of the columns were
not seen. They are read from the equations and from the one-child form: three age bands with both sexes, eight states
of schooling, who is away, boarding, who cares, the rating. `INFERRED` says which, and page and paper repeat it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from caretrack.periods import age_on, chinese_date
from children import places
from children.left_behind import Definition, statuses
from children.models import CareArrangement, Child, StatusChange, codes
from reports.builders.registration import schooling_of
from reports.builders.tables import Cell, Check, CheckedChild, Column, Row, Table, abreast
from reports.builders.unit import Unit

_TITLES = (
    ("", "合计"),
    ("0—5周岁", "小计"), ("0—5周岁", "男"), ("0—5周岁", "女"),
    ("6—13周岁", "小计"), ("6—13周岁", "男"), ("6—13周岁", "女"),
    ("14—16周岁", "小计"), ("14—16周岁", "男"), ("14—16周岁", "女"),
    ("就学情况", "幼儿园"), ("就学情况", "未入园"), ("就学情况", "小学"), ("就学情况", "初中"),
    ("就学情况", "高中"), ("就学情况", "中职"), ("就学情况", "辍学"), ("就学情况", "不在学"),
    ("外出情况", "双方\n外出"), ("外出情况", "一方外出\n另一方无\n监护能力"),
    ("寄宿情况", "学前"), ("寄宿情况", "高中\n阶段"), ("寄宿情况", "辍学\n不在学"), ("寄宿情况", "义务教育\n寄宿"), ("寄宿情况", "义务教育\n走读"),
    ("监护人", "祖父母\n外祖父母"), ("监护人", "亲朋\n其他"), ("监护人", "无人\n监护"), ("监护人", "父或母\n无监护\n能力"),
    ("监护情况", "较好"), ("监护情况", "一般"), ("监护情况", "差"),
)  # fmt: skip
COLUMNS = tuple(Column(f"c{number}", label, group) for number, (group, label) in enumerate(_TITLES, start=1))
INFERRED = (
    "栏号和平衡关系按民政部门2016年汇总表；各栏名称依平衡关系和登记表推定，上报前请与当地下发的表样核对",
    "21至25栏推定为寄宿情况（24、25栏之和等于小学、初中人数），26至29栏推定为监护人类别",
    "按民政口径统计不满16周岁的儿童，14—16周岁一组实为14、15周岁；统计对象为本校在校生和未复学的辍学、休学学生",
)
#: (words, left columns, right columns): the equations of the source, column by column.
EQUATIONS: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = (
    ("1＝2＋5＋8", (1,), (2, 5, 8)),
    ("1＝11至18之和", (1,), tuple(range(11, 19))),
    ("1＝19＋20", (1,), (19, 20)),
    ("1＝21至25之和", (1,), tuple(range(21, 26))),
    ("1＝26至29之和", (1,), tuple(range(26, 30))),
    ("1＝30至32之和", (1,), (30, 31, 32)),
    ("2＝3＋4", (2,), (3, 4)),
    ("5＝6＋7", (5,), (6, 7)),
    ("8＝9＋10", (8,), (9, 10)),
    ("13＋14＝24＋25", (13, 14), (24, 25)),
)
_MISSING = {
    "1＝2＋5＋8": ("出生日期未登记", range(2, 11)),
    "1＝11至18之和": ("就学情况不明", range(11, 19)),
    "1＝21至25之和": ("就读方式未登记", range(21, 26)),
    "1＝26至29之和": ("没有登记监护类型", range(26, 30)),
    "1＝30至32之和": ("没有作监护情况评估", range(30, 33)),
}
#: What an equation holds for when it is not one village.
OF_ALL = ("合计", "全表")
NO_VILLAGE = "村（社区）未登记"
_BANDS = ((0, 5, 2), (6, 13, 5), (14, 15, 8))


@dataclass(frozen=True)
class CivilSummary:
    """The table, the equations with both sides, and who stands in which column (never printed)."""

    school: str
    on: date
    table: Table
    checks: tuple[Check, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.holds)

    @property
    def told(self) -> tuple[tuple[Check | None, ...], ...]:
        """What paper says of the equations, in two blocks: those of the whole, and any that does not hold."""
        return abreast([one for one in self.checks if one.where in OF_ALL or not one.holds], 2)


def build_civil_summary(unit: Unit, *, on: date, by_village: bool) -> CivilSummary:
    """
    The summary of a school on the day, one row for each village or one for the school, the total first.

    Boarding stands as known now, everything else as of the day. Eight statements whatever the number of children.
    """
    out = _left_without_return(unit, on)
    roll = unit.roll(on)
    ids = [*roll, *(child for child in out if child not in roll)]
    answers = {child: answer for child, answer in statuses(ids, on).items() if answer.under(Definition.MCA)}
    arranged = CareArrangement.objects.on(on).filter(child__in=answers).order_by("starts_on", "pk")
    care = {row[0]: row[1:] for row in arranged.values_list("child_id", "care_type", "rating")}
    children = Child.objects.filter(pk__in=answers).select_related("school", "school_class__school")
    by_place: dict[str, list[frozenset[int]]] = {}
    stands: dict[int, frozenset[int]] = {}
    for child in children.defer("id_no", "student_no"):
        mine = care.get(child.pk, ("", ""))
        columns = frozenset(_columns(child, on, out.get(child.pk, ""), answers[child.pk].both_away, mine))
        stands[child.pk] = columns
        by_place.setdefault(village_of(child) if by_village else unit.school.name, []).append(columns)
    rows = [_row("合　计", list(stands.values()), total=True)]
    rows += [_row(place, members) for place, members in sorted(by_place.items(), key=lambda one: one[0] == NO_VILLAGE)]
    table = Table(
        0,
        "农村留守儿童信息汇总表",
        f"{Definition.MCA.label}　截至{chinese_date(on)}　单位：人",
        "村（社区）" if by_village else "单　位",
        COLUMNS,
        tuple(rows),
        INFERRED,
    )
    return CivilSummary(unit.school.name, on, table, tuple(_checks(table, stands)))


def _left_without_return(unit: Unit, on: date) -> dict[int, str]:
    """Pupils of the school who dropped out or rest and have not come back by the day: child id → kind of change."""
    kinds = (*codes.ENTERS_SCHOOL, *codes.LEAVES_SCHOOL)
    changes = StatusChange.objects.filter(school=unit.school, on__lte=on, kind__in=kinds)
    last = dict(changes.order_by("on", "pk").values_list("child_id", "kind"))
    return {
        child: kind for child, kind in last.items() if kind in (codes.ChangeKind.DROPOUT, codes.ChangeKind.SUSPENDED)
    }


def _columns(child: Child, on: date, left: str, both: bool, care: tuple[str, str]) -> Iterable[int]:
    """The numbers of the columns in which one child is counted."""
    yield 1
    age = age_on(child.birth_date, on) if child.birth_date else None
    for first, last, column in _BANDS:
        if age is not None and first <= age <= last:
            yield column
            yield from {codes.Sex.MALE: (column + 1,), codes.Sex.FEMALE: (column + 2,)}.get(codes.Sex(child.sex), ())
    schooling = {codes.ChangeKind.DROPOUT: "辍学", codes.ChangeKind.SUSPENDED: "不在学"}.get(left) or schooling_of(  # type: ignore[call-overload]
        child, on, left
    )
    names = [label for group, label in _TITLES if group == "就学情况"]
    if schooling in names:
        yield 11 + names.index(schooling)
    yield 19 if both else 20
    if schooling in ("幼儿园", "未入园"):
        yield 21
    elif schooling in ("高中", "中职"):
        yield 22
    elif schooling in ("辍学", "不在学"):
        yield 23
    elif schooling and child.boarding:
        yield 24 if child.boarding == codes.Boarding.BOARDER else 25
    care_type, rating = care
    if care_type:
        yield _CARE_COLUMN[codes.CareType(care_type)] if both or care_type != codes.CareType.ONE_PARENT else 29
    if rating:
        yield {codes.CareRating.GOOD: 30, codes.CareRating.FAIR: 31, codes.CareRating.POOR: 32}[
            codes.CareRating(rating)
        ]


_CARE_COLUMN = {
    codes.CareType.GRANDPARENT: 26,
    codes.CareType.KIN_FRIEND: 27,
    codes.CareType.INSTITUTION: 27,
    codes.CareType.ONE_PARENT: 27,
    codes.CareType.SIBLING: 28,
    codes.CareType.SELF: 28,
    codes.CareType.NONE: 28,
}


def village_of(child: Child) -> str:
    """The village that the child's group or address names, or that it is not known."""
    return places.village_of(child) or NO_VILLAGE


def _row(label: str, members: list[frozenset[int]], *, total: bool = False) -> Row:
    cells = tuple(Cell(sum(number in one for one in members)) for number in range(1, len(COLUMNS) + 1))
    return Row(label, cells, total=total)


def _checks(table: Table, stands: dict[int, frozenset[int]]) -> Iterable[Check]:
    for row in table.rows:
        numbers = [0, *(int(cell.value or 0) for cell in row.cells)]  # type: ignore[arg-type]
        for words, left, right in EQUATIONS:
            sides = sum(numbers[place] for place in left), sum(numbers[place] for place in right)
            holds = sides[0] == sides[1]
            culprits = _culprits(words, stands) if row.total and not holds else ()
            yield Check(words, row.label.replace("　", ""), *sides, holds, culprits, "补登后自动重新计算")
    for at, column in enumerate(table.columns, start=1):
        parts = sum(int(row.cells[at - 1].value or 0) for row in table.rows if not row.total)  # type: ignore[arg-type]
        whole = int(table.rows[0].cells[at - 1].value or 0)  # type: ignore[arg-type]
        if parts != whole or at == 1:
            label = column.label.replace("\n", "")
            yield Check(f"第{at}栏（{label}）各行之和＝合计", OF_ALL[1], parts, whole, parts == whole)


def _culprits(words: str, stands: dict[int, frozenset[int]]) -> tuple[CheckedChild, ...]:
    if words not in _MISSING:
        return ()
    reason, columns = _MISSING[words]
    wanted = frozenset(columns)
    return tuple(CheckedChild(child, reason) for child, mine in stands.items() if not mine & wanted)
