"""Invented figures of a school: the tables of a month, a semester."""

from __future__ import annotations

from datetime import date

from reports.builders.month import MonthFigures
from reports.builders.semester import ChartData, Compared, Narrative, Rate, SemesterFigures, SemesterPaper, Series
from reports.builders.tables import Cell, Check, CheckedChild, Column, Row, Table
from tests.reports.specimens.names import SCHOOL

TABLE1 = (
    ("roll", "在校生", ""),
    ("all", "小计", "留守儿童"),
    ("male", "男", "留守儿童"),
    ("female", "女", "留守儿童"),
    ("both", "双亲", "外出"),
    ("one", "单亲", "外出"),
    ("paternal", "祖父母", "实际监护"),
    ("maternal", "外祖\n父母", "实际监护"),
    ("parent", "父或母", "实际监护"),
    ("kin", "亲朋", "实际监护"),
    ("peer", "同辈\n自我", "实际监护"),
    ("nobody", "无人", "实际监护"),
    ("good", "较好", "监护情况"),
    ("fair", "一般", "监护情况"),
    ("poor", "差", "监护情况"),
    ("boarding", "住校", "就读方式"),
    ("day", "走读", "就读方式"),
    ("bus", "乘车", ""),
    ("hardship", "低保\n困难", ""),
    ("ill", "残疾\n重病", ""),
    ("special", "三特生", ""),
    ("key", "重点\n对象", ""),
    ("filed", "已建档", ""),
    ("paired", "已结对", ""),
)


def columns(source: tuple[tuple[str, str, str], ...]) -> tuple[Column, ...]:
    return tuple(Column(key, label, group) for key, label, group in source)


def table1(classes: int = 12) -> Table:
    def row(label: str, scope: int, base: int, *, total: bool = False) -> Row:
        values = [base * 4, base, base // 2, base - base // 2, base // 3, base - base // 3, base // 2, 2, base // 4]
        values += [1, 0, 0, base - 3, 2, 1, base // 2, base - base // 2, 5, 4, 0, 1, 2, base, base - 1]
        cells = tuple(Cell(value, f"t1.{key}") for value, (key, _label, _group) in zip(values, TABLE1, strict=True))
        return Row(label, cells, scope, total=total)

    names = [f"{'一二三四五六七八九'[at // 6]}（{at % 6 + 1}）班" for at in range(classes)]
    rows = [row(name, at + 1, 10 + at % 4) for at, name in enumerate(names)]
    return Table(
        1,
        "留守儿童基本情况统计表",
        "口径：学校工作口径（父母一方或双方外出务工）　截至2025年11月25日　单位：人",
        "班　级",
        columns(TABLE1),
        (*rows, row("合　计", 0, 11 * classes, total=True)),
        ("三特生指品行偏差、心理障碍、学习严重滑坡的学生。",),
    )


def table2() -> Table:
    heads = (
        ("start", "月初数", ""),
        ("new_away", "父母新外出", "新增"),
        ("in_transfer", "转入", "新增"),
        ("enrol_new", "新生", "新增"),
        ("resume", "复学", "新增"),
        ("found", "补登", "新增"),
        ("out_transfer", "转出", "减少"),
        ("parent_back", "父母返乡", "减少"),
        ("graduate", "毕业", "减少"),
        ("age_out", "满16周岁", "减少"),
        ("other", "其他", "减少"),
        ("end", "月末数", ""),
        ("care_change", "监护人变更", ""),
        ("contact_change", "联系方式变更", ""),
    )
    values = (128, 3, 1, 0, 0, 1, 1, 2, 0, 0, 0, 130, 2, 5)
    cells = tuple(Cell(value, f"t2.{key}") for value, (key, _l, _g) in zip(values, heads, strict=True))
    return Table(
        2,
        "留守儿童动态变化表",
        "口径：学校工作口径　统计期2025年10月26日至11月25日　单位：人",
        "范　围",
        columns(heads),
        (Row("全　校", cells, 0, total=True),),
    )


def table3() -> Table:
    heads = (("times", "次数", ""), ("heads", "涉及人数", ""), ("visits", "人次", ""))
    kinds = ("谈心", "家访", "亲情电话", "视频", "书信", "与家长联系", "作业检查", "作业辅导", "共餐", "心理辅导")
    rows = tuple(
        Row(kind, (Cell(30 - at, f"t3.{at}.times"), Cell(20 - at, f"t3.{at}.heads"), Cell(33 - at, f"t3.{at}")), at)
        for at, kind in enumerate(kinds)
    )
    return Table(
        3, "关爱活动统计表", "统计期2025年10月26日至11月25日", "项　目", columns(heads), rows, ("家访按户次计。",), True
    )


def table4() -> Table:
    items = ("谈心", "作业检查", "作业辅导", "家访", "共餐")
    heads = [("mentees", "结对人数", "")]
    for item in items:
        heads += [(f"{item}.due", "应", item), (f"{item}.done", "实", item), (f"{item}.rate", "率", item)]
    heads.append(("handed", "记录表\n上交", ""))
    rows = tuple(
        Row(name, (Cell(3), *(Cell(v) for _ in items for v in (3, 2, "66.7%")), Cell("11-24")), at)
        for at, name in enumerate(("孙立新", "周晓燕", "林晓", "何建国"))
    )
    total = Row("合　计", (Cell(12), *(Cell(v) for _ in items for v in (12, 8, "66.7%")), Cell("4/4")), 0, total=True)
    return Table(
        4,
        "“六个一”完成情况表",
        "统计期2025年10月26日至11月25日　应完成＝统计期内结对满半期的儿童数×每月次数",
        "代理家长",
        columns(tuple(heads)),
        (*rows, total),
    )


def month(*, classes: int = 12, broken: bool = False) -> MonthFigures:
    checks = tuple(Check("男＋女＝小计", f"{at}班", 10, 10, holds=True) for at in range(24))
    if broken:
        checks += (
            Check(
                "较好＋一般＋差＝小计",
                "四（1）班",
                9,
                10,
                holds=False,
                children=(CheckedChild(7, "未作监护情况评估", "陈欣怡"),),
            ),
        )
    return MonthFigures(
        unit="全校",
        school=SCHOOL,
        month_label="2025年11月",
        starts_on=date(2025, 10, 26),
        ends_on=date(2025, 11, 25),
        cut_off=date(2025, 11, 25),
        definition="lb_seed",
        basis="学校工作口径",
        tables=(table1(classes), table2(), table3(), table4()),
        checks=checks,
    )


def semester(*, written: bool = False, earlier: bool = True) -> SemesterPaper:
    def compared(label: str, now: int, before: int, unit: str = "人") -> Compared:
        return Compared(label, now, before if earlier else None, unit)

    structure_heads = (
        ("all", "小计", ""),
        ("male", "男", "性别"),
        ("female", "女", "性别"),
        ("both", "双亲", "外出"),
        ("one", "单亲", "外出"),
        ("grand", "祖辈", "实际监护"),
        ("parent", "父或母", "实际监护"),
        ("other", "其他", "实际监护"),
        ("boarding", "住校", "就读"),
        ("day", "走读", "就读"),
    )
    grades = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级")
    rows = tuple(
        Row(name, tuple(Cell(v) for v in (18 + at, 9, 9 + at, 10, 8 + at, 11, 5, 2 + at, 6, 12 + at)), at)
        for at, name in enumerate(grades)
    )
    structure = Table(
        1,
        "各年级留守儿童分类统计",
        "口径：学校工作口径，截至2026年1月15日，单位：人",
        "年　级",
        columns(structure_heads),
        (*rows, Row("合　计", tuple(Cell(v) for v in (123, 54, 69, 60, 63, 66, 30, 27, 36, 87)), 0, total=True)),
    )
    activity = Table(
        6,
        "本学期关爱活动统计",
        "2025年9月1日至2026年1月15日",
        "项　目",
        columns((("times", "次数", ""), ("heads", "涉及人数", ""), ("visits", "人次", ""))),
        tuple(
            Row(kind, (Cell(90 - at), Cell(80 - at), Cell(99 - at)), at)
            for at, kind in enumerate(("谈心", "家访", "亲情电话", "视频通话", "作业辅导", "与家长联系"))
        ),
    )
    movement = Table(
        4,
        "本学期留守儿童变动情况",
        "口径：学校工作口径，单位：人",
        "期　间",
        columns((("start", "期初数", ""), ("in", "新增", ""), ("out", "减少", ""), ("end", "期末数", ""))),
        (Row("本学期", (Cell(118), Cell(9), Cell(4), Cell(123)), 0, total=True),),
    )
    asks = (
        ("measures", "组织领导与制度落实", "领导小组、专人管理、应急机制和安全责任书的落实情况"),
        ("results", "", "有据可查的成效和典型事例，不写姓名"),
        ("problems", "", "本学期工作中的困难和不足"),
        ("plans", "", "下学期的打算、责任人和时间"),
    )
    text = (
        "学校成立以校长为组长的关爱留守儿童工作领导小组，德育处专人管理档案，班主任每月核对联系卡。"
        "九月上旬完成摸底排查，做到一人一档。" * 2 + "\n"
        "十一月组织安全应急演练一次，与全体实际监护人签订安全责任书。"
    )
    narratives = [
        Narrative(key, heading, ask, text if written else "", "二" if heading else "") for key, heading, ask in asks
    ]
    months = ("9月", "10月", "11月", "12月", "1月")
    figures = SemesterFigures(
        school=SCHOOL,
        term="2025—2026学年第一学期",
        starts_on=date(2025, 9, 1),
        ends_on=date(2026, 1, 20),
        cut_off=date(2026, 1, 15),
        taken_on=date(2026, 1, 16),
        definition="学校工作口径",
        definition_rule="父母双方或一方外出务工，需要其他亲人或委托人照顾的在校学生",
        roll=486,
        register=123,
        by_definition=(
            compared("学校工作口径", 123, 118),
            compared("学籍系统口径（离家三个月以上）", 117, 119),
            compared("民政口径（未满16周岁）", 64, 61),
            compared("教育统计口径（连续半年以上）", 58, 58),
        ),
        compared=(
            compared("在校学生", 486, 492),
            compared("在册留守儿童", 123, 118),
            compared("双亲外出", 60, 57),
            compared("重点关爱对象", 14, 16),
            compared("谈心", 412, 388, "人次"),
        ),
        earlier_basis="上学期数据取自2025年7月固定的学期总结。" if earlier else "没有上学期的登记数据，无法比较。",
        rates=(
            Rate("留守率", 123, 486, "留守儿童÷在校学生"),
            Rate("建档率", 119, 123, "已建档÷在册留守儿童"),
            Rate("联系卡率", 120, 123, "本学期核对过的联系卡÷在册留守儿童"),
            Rate("结对率", 121, 123, "有代理家长÷在册留守儿童"),
            Rate("家访覆盖率", 98, 123, "本学期家访到的儿童÷在册留守儿童"),
            Rate("辍学率", 0, 0, "已确认辍学÷在校学生"),
        ),
        structure=structure,
        activity=activity,
        movement=movement,
        charts=(
            ChartData(
                "bars",
                "各年级留守儿童人数（双亲外出与单亲外出）",
                "一至六年级双亲外出与单亲外出的留守儿童人数",
                grades,
                (Series("双亲外出", (10, 10, 10, 10, 10, 10)), Series("单亲外出", (8, 9, 10, 11, 12, 13))),
                "人",
            ),
            ChartData(
                "lines",
                "逐月谈心与家访人次",
                "九月到一月每月谈心与家访的人次",
                months,
                (Series("谈心", (62, 98, 91, 104, 57)), Series("家访", (20, 34, 28, 36, 12))),
                "人次",
            ),
            ChartData(
                "shares",
                "实际监护类型",
                "按实际监护类型分的人数和占比",
                ("祖父母", "外祖父母", "父亲或母亲", "亲戚朋友", "独居或无人"),
                (Series("人数", (54, 12, 30, 25, 2)),),
                "人",
            ),
        ),
        awards=("“阳光少年”2人（校级）", "先进代理家长1人（镇级）"),
    )
    return SemesterPaper(
        figures,
        measures=(narratives[0],),
        results=(narratives[1],),
        problems=(narratives[2],),
        plans=(narratives[3],),
        signed_on=date(2026, 1, 20) if written else None,
        draft=not written,
    )
