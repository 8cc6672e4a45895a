"""The engine's findings in Chinese: how often, by whom, how it stands and why it is asked for."""

from datetime import date

from activities.compliance.occasions import USUAL, occasion_words
from activities.compliance.rules import Every, Figures, Obligation, Rule, State, Subject
from activities.models import Kind
from caretrack.access.policy import Role
from children.models import codes

OFTEN = {
    Every.WEEK: "每周{n}次",
    Every.MONTH: "每月{n}次",
    Every.TERM: "每学期{n}次",
    Every.YEAR: "每学年{n}次",
    Every.FESTIVAL: "每逢{occasions}{n}次",
    Every.BIRTHDAY: "过生日时",
    Every.STANDING: "常设",
}
SHORT = {
    Every.WEEK: "每周",
    Every.MONTH: "每月",
    Every.TERM: "每学期",
    Every.YEAR: "每学年",
    Every.FESTIVAL: "逢节日",
    Every.BIRTHDAY: "生日",
    Every.STANDING: "常设",
}
#: What a cell says beside its mark; the mark on paper.
WORDS = {
    State.DONE: "完成",
    State.LATE: "补做",
    State.EXCUSED: "免做",
    State.ATTEMPTED: "未成",
    State.DUE: "待做",
    State.MISSING: "未做",
    State.SHOWN: "凭证",
}
MARKS = {
    State.DONE: "√",
    State.LATE: "补",
    State.EXCUSED: "免",
    State.ATTEMPTED: "△",
    State.DUE: "○",
    State.MISSING: "×",
    State.SHOWN: "·",
}
#: Records are asked for by child, not by who wrote them: a child is cared for by whoever does it.
BY_OTHERS = "其他老师登记的也算"
LEGEND = "√ 按时完成　补 逾期补做　△ 联系未成　免 批准免做　○ 还没到期　× 到期未做"


def how_often(rule: Rule) -> str:
    """每月1次, 每学期2次, 每逢中秋节、长辈生日1次, 过生日时, 常设."""
    return OFTEN[Every(rule.every)].format(n=rule.count, occasions=occasion_words(rule.occasions or USUAL))


def head(rule: Rule) -> str:
    """The second line of a column's head: 每月, 每月2次."""
    times = f"{rule.count}次" if rule.count > 1 else ""
    return ("逢节日等" if rule.occasions else SHORT[Every(rule.every)]) + times


def who(rule: Rule) -> str:
    """Who answers for it: 代理家长, 班主任, 家长, 学生本人."""
    if rule.role:
        label = Role(rule.role).label if rule.role in Role.values else rule.role
        return f"家长与{label}" if rule.subject == Subject.CARER else label
    return {Subject.CARER: "家长", Subject.CHILD: "学生本人"}.get(Subject(rule.subject), "学校")


def also_by_others(rule: Rule) -> str:
    """Says that a record of whichever teacher counts, where the item names one who answers for it; else empty."""
    named = rule.subject == Subject.CHILD and rule.role
    return BY_OTHERS if named and not rule.kinds.isdisjoint(Kind.values) else ""


def for_whom(rule: Rule) -> str:
    """The limits of an item, empty without any: 三年级以上、重点和紧急、有学习帮扶计划."""
    grades = f"{'零一二三四五六七八九'[rule.min_grade]}年级以上" if rule.min_grade else ""
    levels = "和".join(codes.SupportLevel(level).label for level in codes.SupportLevel if level in rule.levels)
    planned = "有学习帮扶计划" if rule.planned else ""
    return "、".join(part for part in (grades, levels, planned) if part)


def why(one: Obligation) -> str:
    """Why it is asked for: 《六个一》要求代理家长每月1次（其他老师登记的也算），2026年11月应1次."""
    rule = one.rule
    told = "，".join(filter(None, (for_whom(rule), also_by_others(rule))))
    limits = f"（{told}）" if told else ""
    span = {Every.STANDING: "", Every.BIRTHDAY: f"，{one.period.label}"}.get(Every(rule.every), f"，{one.period.label}应{one.times}次")  # fmt: skip
    return f"“{rule.programme}”要求{who(rule)}{how_often(rule)}{limits}{span}"


def asked_for(one: Obligation, today: date) -> str:
    """How it stands, after the occasion where it has one: 外祖母生日（10月3日）：还没有做，10月3日到期，还有5天."""
    return f"{one.period.label}：{standing(one, today)}" if one.period.at_day else standing(one, today)


def standing(one: Obligation, today: date) -> str:
    """How it stands, as one sentence without its full stop."""
    last = f"{one.period.last.month}月{one.period.last.day}日"
    open_times = f"还差{one.open}次" if one.times > 1 else "还没有做"
    if one.rule.every == Every.STANDING:
        return {
            State.DONE: "已落实",
            State.SHOWN: f"本学期有{one.on_time}次凭证" if one.on_time else "本学期还没有凭证",
            State.EXCUSED: "经批准免做",
            State.MISSING: "还没有落实",
        }.get(one.state, "本学期还没有凭证")
    if one.state is State.DUE:
        left = (one.period.last - today).days
        ahead = f"{one.begins.month}月{one.begins.day}日开始" if one.begins > today else ""
        return f"{open_times}，{ahead or (f'{last}到期，还有{left}天' if left else '今天到期')}"
    return {
        State.DONE: "按时完成",
        State.LATE: "逾期补做或补记",
        State.EXCUSED: "经批准免做",
        State.ATTEMPTED: f"联系过{one.attempts}次没有成功，{open_times}",
        State.MISSING: f"{last}已到期，{open_times}",
    }.get(one.state, "")


def percent(told: Figures) -> str:
    """完成率 with one decimal; a dash of nothing (domain §10.3)."""
    return f"{100 * told.done / told.due:.1f}%" if told.due else "—"
