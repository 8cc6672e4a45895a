"""Table 1: the register by class (domain §10.2), counted from the register's marks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from reports.builders.register import Register
from reports.builders.tables import Cell, Check, CheckedChild, Column, Row, Table
from reports.builders.tally import WHOLE, Counted, Tally

COLUMNS = (
    Column("t1.roll", "在校生"),
    Column("t1.all", "小计", "留守儿童"),
    Column("t1.male", "男", "留守儿童"),
    Column("t1.female", "女", "留守儿童"),
    Column("t1.both", "双亲", "外出"),
    Column("t1.one", "单亲", "外出"),
    Column("t1.paternal", "祖父母", "实际监护"),
    Column("t1.maternal", "外祖\n父母", "实际监护"),
    Column("t1.parent", "父或母", "实际监护"),
    Column("t1.kin", "亲朋", "实际监护"),
    Column("t1.peer", "同辈\n自我", "实际监护"),
    Column("t1.nobody", "无人", "实际监护"),
    Column("t1.institution", "托管", "实际监护"),
    Column("t1.good", "较好", "监护情况"),
    Column("t1.fair", "一般", "监护情况"),
    Column("t1.poor", "差", "监护情况"),
    Column("t1.boarding", "住校", "就读"),
    Column("t1.day", "走读", "就读"),
    Column("t1.bus", "乘车"),
    Column("t1.hardship", "低保\n困难"),
    Column("t1.ill", "残疾\n重病"),
    Column("t1.special", "三特生"),
    Column("t1.key", "重点\n对象"),
    Column("t1.filed", "已建档"),
    Column("t1.paired", "已结对"),
)
KEYS = tuple(column.key for column in COLUMNS)
NOTES = (
    "祖辈监护未注明哪一方的计入祖父母，就读方式为“其他”的计入走读",
    "三特生按登记的特困生、特长生、残障生统计，特困供养和残疾的学生一并计入",
    "住校、乘车、困难、健康等没有起止日期的项目按编报时的登记统计",
)
# Parts that must sum to 小计, and what is missing where they do not (domain §10.2, 勾稽).
SUMS = (
    ("男＋女＝小计", ("male", "female"), "性别未登记或未说明"),
    ("双亲外出＋单亲外出＝小计", ("both", "one"), "外出情况不明"),
    (
        "各类实际监护之和＝小计",
        ("paternal", "maternal", "parent", "kin", "peer", "nobody", "institution"),
        "没有登记监护类型",
    ),
    ("较好＋一般＋差＝小计", ("good", "fair", "poor"), "没有作监护情况评估"),
    ("住校＋走读＝小计", ("boarding", "day"), "没有登记就读方式"),
)


PARTS = tuple(tuple(f"t1.{part}" for part in parts) for _, parts, _ in SUMS)


def count(register: Register, tally: Tally) -> None:
    """Put every child of the register into the tally, for its class and the whole."""
    for child, class_id in register.roll.items():
        tally.add("t1.roll", child, class_id, WHOLE)
    for line in register.lines:
        for mark in line.marks:
            tally.add(f"t1.{mark}", line.child_id, line.class_id, WHOLE)


def wrong(register: Register) -> dict[tuple[int, int], list[int]]:
    """(place in SUMS, class id) → the children of whom a sum misses a mark or counts two."""
    found: dict[tuple[int, int], list[int]] = {}
    for line in register.lines:
        for place, (_, parts, _) in enumerate(SUMS):
            if len(line.marks.intersection(parts)) != 1:
                found.setdefault((place, line.class_id), []).append(line.child_id)
    return found


def table(tally: Counted, classes: list[tuple[int, str]], basis: str, *, single: bool) -> Table:
    """Table 1 with a row for each (class id, name) and a total; a class's own report is one row."""

    def row(label: str, scope: int, *, total: bool = False) -> Row:
        cells = tuple([Cell(figure, key) for key, figure in zip(KEYS, tally.row(KEYS, scope), strict=True)])
        return Row(label, cells, scope, total=total)

    rows = [row(name, class_id) for class_id, name in classes]
    if not single:
        rows.append(row("合　计", WHOLE, total=True))
    return Table(1, "留守儿童基本情况统计表", basis, "班　级", COLUMNS, tuple(rows), NOTES)


def strays(register: Register, names: Collection[int]) -> list[int]:
    """Pupils in a class that the table has no row for."""
    return [child for child, class_id in register.roll.items() if class_id not in names]


def checks(
    tally: Counted, names: dict[int, str], wrong: Mapping[tuple[int, int], Sequence[int]], strays: Sequence[int]
) -> list[Check]:
    """
    The sums of every class, the total against its classes, and what may not exceed the register.

    `wrong` and `strays` are what the functions of these names find.
    """
    found: list[Check] = []
    for class_id, name in names.items():
        listed = tally.count("t1.all", class_id)
        for place, (rule, _, missing) in enumerate(SUMS):
            left = sum(tally.row(PARTS[place], class_id))
            culprits = tuple([CheckedChild(child, missing) for child in wrong.get((place, class_id), ())])
            found.append(Check(rule, name, left, listed, left == listed, culprits, "补登后自动重新计算"))
        found.append(_at_most("已结对≤小计", name, tally.count("t1.paired", class_id), listed))
        found.append(_at_most("小计≤在校生", name, listed, tally.count("t1.roll", class_id)))
    for key, label in (("t1.all", "小计"), ("t1.roll", "在校生")):
        left = sum(tally.count(key, class_id) for class_id in names)
        whole = tally.count(key)
        stray = tuple(CheckedChild(child, "所在班级不在本表（已毕业或未启用）") for child in strays if key == "t1.roll")
        found.append(Check(f"各班{label}之和＝合计", "全部班级", left, whole, left == whole, stray))
    return found


def _at_most(rule: str, where: str, left: int, right: int) -> Check:
    return Check(rule, where, left, right, left <= right)
