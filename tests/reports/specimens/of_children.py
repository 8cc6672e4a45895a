"""Invented papers about single children: cards, a dossier, a monthly form."""

from __future__ import annotations

from datetime import date

from reports.builders.cards import CardFace, CardPerson, CardSheets, SchoolLines
from reports.builders.dossier import ChangeLine, DefinitionLine, Dossier, FamilyLine, RecordLine
from reports.builders.monthly_form import FormItem, FormRecord, MonthlyFormSheet
from reports.builders.paper import Fact, FactSection
from tests.reports.specimens.names import SCHOOL


def card(name: str = "陈欣怡", **changes: object) -> CardFace:
    facts: dict[str, object] = {
        "child": name,
        "sex": "女",
        "class_name": "四（1）班（2022 级）",
        "homeroom": CardPerson("赵文静", phones=("13800001001",)),
        "father": CardPerson("陈国强", phones=("13900002002",), place="广东省东莞市虎门镇"),
        "mother": CardPerson("李秀英", phones=("13900002003", "13900002004"), place="广东省东莞市虎门镇"),
        "carer": CardPerson("陈德顺", "祖父", ("13700003001",), "青石镇双河村三组 27 号", 66),
        "neighbour": CardPerson("陈大山", "村主任", ("13600004001",)),
        "mentor": CardPerson("孙立新", phones=("13800001005",)),
        "version": 3,
        "updated_on": date(2025, 9, 12),
        "checked_by": "赵文静",
    }
    return CardFace(**(facts | changes))  # type: ignore[arg-type]


def cards() -> CardSheets:
    lines = SchoolLines(SCHOOL, "0851-00001234", "周一至周四 17:00—20:30", "0851-00001230")
    sparse = card(
        "欧阳喆", sex="男", mother=CardPerson(), neighbour=CardPerson(), mentor=CardPerson(), updated_on=None, version=1
    )
    stale = card("罗浩宇", sex="男", stale="本学期还没有人拨通核对过这些号码，请先核对再使用。")
    rare = card("阿依古丽·买买提", class_name="九（12）班（2023 级）")
    return CardSheets(lines, (card(), stale, sparse, rare, card("龙䶮", sex="男"), card("吴玥")))


def dossier() -> Dossier:
    basics = FactSection(
        "基本情况",
        (
            (Fact("姓　名", "陈欣怡"), Fact("性　别", "女", hand=False), Fact("民　族", "苗族", hand=False)),
            (
                Fact("出生日期", "2016年3月12日", hand=False),
                Fact("户口性质", "农业", hand=False),
                Fact("农历生日", "二月初四"),
            ),
            (Fact("身份证号", "999999********0026", 3, hand=False), Fact("就读方式", "住校", hand=False)),
            (Fact("学籍号", "G999999********0026", 3, hand=False), Fact("年级班级", "四（1）班", hand=False)),
            (Fact("户籍地", "青石镇双河村", 3), Fact("上学方式", "步行", hand=False)),
            (Fact("现住址", "青石镇双河村三组 27 号（晒谷场旁）", 5),),
        ),
    )
    definitions = (
        DefinitionLine("学校工作口径", "父母一方或双方外出务工，由其他亲人照顾的在校学生", "是（双亲外出）"),
        DefinitionLine("学籍系统口径", "父母外出务工三个月以上，本人留在户籍地", "双亲留守"),
        DefinitionLine("民政口径", "未满 16 周岁，双方外出，或一方外出而另一方无监护能力", "是"),
        DefinitionLine("教育统计口径", "同民政口径，且连续外出满半年", "是"),
    )
    family = (
        FamilyLine("父亲", "陈国强", "38", "外出务工（2023年2月起）", "广东省东莞市 虎门电子厂", ("13900002002",)),
        FamilyLine("母亲", "李秀英", "36", "外出务工（2024年8月起）", "广东省东莞市 服装厂", ("13900002003",)),
        FamilyLine("祖父", "陈德顺", "66", "在家", "双河村三组", ("13700003001",), guardian=True),
        FamilyLine("祖母", "王桂花", "64", "在家", "双河村三组", ()),
    )
    sections = (
        FactSection(
            "监护情况",
            (
                (Fact("监护类型", "祖父母", hand=False), Fact("实际监护人", "陈德顺"), Fact("与学生关系", "祖父")),
                (
                    Fact("监护评估", "一般", hand=False),
                    Fact("委托照护", "已签（2025-09-01）", hand=False),
                    Fact("书面告知", "", hand=False),
                ),
            ),
        ),
        FactSection("家庭经济", (), withheld="家庭经济情况仅限班主任、德育主任、校长和档案管理员打印。"),
        FactSection(
            "性格与表现",
            (
                (Fact("性　格", "内向"), Fact("兴趣爱好", "画画、跳绳"), Fact("学习情况", "中等")),
                (Fact("愿　望", "希望妈妈春节回家，教我包粽子。", 5),),
            ),
        ),
        FactSection(
            "帮扶情况",
            (
                (
                    Fact("关爱等级", "关注", hand=False),
                    Fact("代理家长", "孙立新"),
                    Fact("结对日期", "2025年9月5日", hand=False),
                ),
            ),
        ),
    )
    talks = tuple(
        RecordLine(
            date(2025, 9 + at // 8, 3 + 3 * (at % 8)),
            ("谈心", "家访", "亲情电话")[at % 3],
            ("面谈", "入户", "视频")[at % 3],
            "孙立新",
            "谈到期中数学成绩下滑，主要是应用题读不懂题意。答应每天放学后在班里先做两道题再回宿舍；"
            "妈妈来电后情绪好转。" * (1 + at % 2),
        )
        for at in range(22)
    )
    hidden = RecordLine(date(2025, 11, 20), "心理辅导", "面谈", "林晓", "", withheld=True)
    return Dossier(
        school=SCHOOL,
        child="陈欣怡",
        number="QS-2022-0117",
        class_name="四（1）班",
        as_of=date(2026, 1, 20),
        opened_on=date(2022, 9, 10),
        photo="",
        complete="已建档",
        basics=basics,
        definitions=definitions,
        family=family,
        sections=sections,
        changes=(
            ChangeLine(date(2024, 8, 15), "双亲↔单亲", "单亲外出", "双亲外出", "家访"),
            ChangeLine(date(2025, 11, 3), "联系方式变更", "", "父亲更换手机号", "电话"),
        ),
        records=(hidden, *talks),
        records_since=date(2025, 9, 1),
        records_total=41,
    )


def monthly_form(*, written: bool = True, records: int = 4) -> MonthlyFormSheet:
    lines = tuple(
        FormRecord(
            date(2025, 10, 28) if at == 0 else date(2025, 11, 2 + at),
            "教室走廊",
            "",
            "近来上课走神，晚上睡得晚。聊了作息和同桌的矛盾，她愿意自己先跟同桌说清楚。",
            "情绪平稳；11月20日再谈。",
        )
        for at in range(max(records - 2, 0))
    )
    visit = (
        FormRecord(
            date(2025, 11, 9),
            "双河村家中",
            "祖父",
            "家中学习桌靠窗，光线够。祖父反映周末看手机时间长，商定每天不超过一小时。",
            "祖父已签字",
        ),
    )
    call = (
        FormRecord(date(2025, 11, 16), "亲情聊天室", "母亲", "视频 18 分钟，谈期中考试和过年回家的打算。", "很高兴"),
    )
    return MonthlyFormSheet(
        school=SCHOOL,
        term="2025—2026 学年第一学期",
        month="2025年11月",
        month_span="2025年10月26日至11月25日",
        child="陈欣怡",
        sex="女",
        birth_date="2016年3月12日",
        class_name="四（1）班",
        boarding="住校",
        left_behind="双亲外出（学籍口径：双亲留守）",
        level="关注",
        carer="陈德顺",
        carer_relation="祖父",
        carer_phone="13700003001",
        address="青石镇双河村三组 27 号",
        parents="父：广东省东莞市；母：广东省东莞市",
        mentor="孙立新",
        paired_since=date(2025, 9, 5),
        items=(
            FormItem("谈心", 1, lines),
            FormItem("作业检查", 1, ()),
            FormItem("作业辅导", 1, ()),
            FormItem("家访", 1, visit if records else ()),
            FormItem("共餐", 1, ()),
            FormItem("亲情电话", None, call if records else ()),
        ),
        conduct="上课举手次数比上月多，作文《我的爷爷》在班上朗读。\n与同桌和好。" if written else "",
        problems="应用题审题能力弱；周末手机时间长。" if written else "",
        next_month="每周三放学辅导一次应用题；下月再家访一次，看手机约定执行情况。" if written else "",
    )
