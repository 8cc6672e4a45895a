"""
The warning rules. Each is pure: what is known of a child, the day, the school's thresholds → a sentence, or None.

Sources: domain §11.3 (levels and legal alarms), 未保法 art. 21–23. A number in a sentence is always the child's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from activities.alerts.facts import FAMILY_CONTACT, Known
from activities.models import CareRules, Kind
from children.models import codes

Ask = Callable[[Known, date, CareRules], str | None]
Newest = Callable[[Known], datetime | None]
MOST_QUIET = timedelta(days=200)
MOST_QUIET_URGENT = timedelta(days=1)


def first_minute(on: date | None) -> datetime | None:
    """The first minute of a day: an answer of that very day knows what happened on it."""
    return timezone.make_aware(datetime.combine(on, time.min)) if on is not None else None


def _lasting(known: Known) -> datetime | None:
    """A state, not something that happens again: an answer holds until its day."""
    return None


@dataclass(frozen=True)
class Rule:
    """
    One warning: its code in answers and settings, its name, how grave, what it asks, which records put it right.

    `newest` says when what it warns of last happened: an answer given before that says nothing about it.
    """

    code: str
    name: str
    tone: str
    ask: Ask
    limit: str = ""
    mended_by: tuple[Kind, ...] = ()
    newest: Newest = _lasting

    @property
    def most_quiet(self) -> timedelta:
        """How long an answer may keep it quiet: of what is urgent no longer than until the next day."""
        return MOST_QUIET_URGENT if self.tone == "urgent" else MOST_QUIET


_rules: list[Rule] = []


def _rule(
    code: str,
    name: str,
    tone: str = "warn",
    limit: str = "",
    mended_by: tuple[Kind, ...] = (),
    newest: Newest = _lasting,
) -> Callable[[Ask], Ask]:
    def enter(ask: Ask) -> Ask:
        _rules.append(Rule(code, name, tone, ask, limit, mended_by, newest))
        return ask

    return enter


def all_rules() -> list[Rule]:
    """Every rule, the gravest first."""
    return sorted(_rules, key=lambda rule: ("urgent", "bad", "warn").index(rule.tone))


@_rule("alone_young", "年幼无人看护", "urgent", "alone_age")
def alone_young(known: Known, on: date, rules: CareRules) -> str | None:
    if known.age is None or known.age >= rules.alone_age:
        return None
    if known.alone_at_home:
        return f"{known.age}岁，登记为经常独自在家；不满{rules.alone_age}周岁不得无人看护（未成年人保护法第二十一条）。"
    if known.care_type in codes.UNCARED:
        kind = codes.CareType(known.care_type).label
        return f"{known.age}岁，监护类型为“{kind}”；不满{rules.alone_age}周岁不得无人看护（未成年人保护法第二十一条）。"
    return None


@_rule("living_alone", "未满十六周岁独自居住", "urgent", "living_alone_age")
def living_alone(known: Known, on: date, rules: CareRules) -> str | None:
    if known.care_type not in codes.UNCARED or known.age is None or known.age >= rules.living_alone_age:
        return None
    kind = codes.CareType(known.care_type).label
    return f"{known.age}岁，监护类型为“{kind}”；不满{rules.living_alone_age}周岁不得脱离监护单独居住。"


@_rule("night_missing", "查夜缺员没有核实", "urgent", newest=lambda known: known.night_at)
def night_missing(known: Known, on: date, rules: CareRules) -> str | None:
    if known.gone_tonight:
        return f"今晚查夜去向不明，{known.gone_tonight}。立即寻找，找不到就打110。"
    if not known.nights_open:
        return None
    return f"查夜时去向不明，次日还没有登记核实结果（{known.nights_open}次）。"


@_rule("carer_excluded", "照护人不得接受委托", "bad")
def carer_excluded(known: Known, on: date, rules: CareRules) -> str | None:
    return "照护人有未成年人保护法第二十二条所列情形，不得委托其照护。" if known.carer_excluded else None


@_rule("rating_poor", "监护情况评估为差", "bad")
def rating_poor(known: Known, on: date, rules: CareRules) -> str | None:
    return "监护情况评估为“差”。" if known.rating == codes.CareRating.POOR else None


@_rule("no_carer", "父母外出无人照护登记", "bad")
def no_carer(known: Known, on: date, rules: CareRules) -> str | None:
    return "父母双方外出，还没有登记由谁照护。" if known.away.both_away and not known.has_care else None


@_rule("absence", "无故缺勤", "bad", "absence_days", newest=lambda known: first_minute(known.absent_on))
def absence(known: Known, on: date, rules: CareRules) -> str | None:
    if known.absences < rules.absence_days:
        return None
    return f"最近30天没有请假缺勤{known.absences}天。"


@_rule("entrust_expired", "委托照护协议已到期", "bad")
def entrust_expired(known: Known, on: date, rules: CareRules) -> str | None:
    until = known.entrusted_until
    if not known.entrusted or until is None or until >= on:
        return None
    return f"委托照护协议已于{until.year}年{until.month}月{until.day}日到期。"


@_rule("entrust_ends", "委托照护协议快到期", "warn", "entrust_days")
def entrust_ends(known: Known, on: date, rules: CareRules) -> str | None:
    until = known.entrusted_until
    if not known.entrusted or until is None or not 0 <= (until - on).days <= rules.entrust_days:
        return None
    return f"委托照护协议{until.year}年{until.month}月{until.day}日到期，还有{(until - on).days}天。"


@_rule("entrust_missing", "没有委托照护协议")
def entrust_missing(known: Known, on: date, rules: CareRules) -> str | None:
    own = (codes.CareType.ONE_PARENT, *codes.UNCARED)
    if not (known.away.both_away and known.has_care) or known.entrusted or known.care_type in own:
        return None
    return "父母双方外出，没有委托照护协议（未成年人保护法第二十二条）。"


@_rule("no_mentor", "重点对象没有代理家长", "bad")
def no_mentor(known: Known, on: date, rules: CareRules) -> str | None:
    if not known.key or known.has_mentor:
        return None
    return f"帮扶级别为“{codes.SupportLevel(known.level).label}”，还没有代理家长（重点对象结对率应为100%）。"


@_rule("silence", "太久没有谈心", "warn", "silence_days", (Kind.TALK,), lambda known: first_minute(known.talk_on))
def silence(known: Known, on: date, rules: CareRules) -> str | None:
    since = known.since(known.talk_on)
    if not (known.any_away or known.key) or since is None or (on - since).days < rules.silence_days:
        return None
    if known.talk_on is None:
        return f"来校或开学以来{(on - since).days}天没有谈心记录。"
    last = f"上次{known.talk_on.month}月{known.talk_on.day}日"
    if since != known.talk_on:
        return f"开学以来{(on - since).days}天没有谈心（{last}，假期不算）。"
    return f"已{(on - since).days}天没有谈心（{last}）。"


@_rule(
    "contact_gap",
    "太久没有亲子通话",
    "warn",
    "contact_gap_days",
    FAMILY_CONTACT,
    lambda known: first_minute(known.family_on),
)
def contact_gap(known: Known, on: date, rules: CareRules) -> str | None:
    since = known.since(known.family_on)
    if not known.any_away or since is None or (on - since).days <= rules.contact_gap_days:
        return None
    law = "父母应当至少每周和孩子联系一次（未成年人保护法第二十三条）"
    return f"已{(on - since).days}天没有亲子通话（电话、视频）或书信的记录；{law}。"


@_rule("phone_stale", "联系电话久未核实", "warn", "phone_days", newest=lambda known: first_minute(known.phone_on))
def phone_stale(known: Known, on: date, rules: CareRules) -> str | None:
    if not known.any_away:
        return None
    if not known.has_phone:
        return "没有可用的联系电话。"
    if known.phone_on is None:
        return "联系电话没有核实过。"
    days = (on - known.phone_on).days
    return f"联系电话已{days}天没有核实。" if days >= rules.phone_days else None


@_rule("results_fall", "成绩明显下降", "warn", "fall_percent", newest=lambda known: known.marks_at)
def results_fall(known: Known, on: date, rules: CareRules) -> str | None:
    if known.marks_before is None or known.marks_now is None:
        return None
    fall = known.marks_before - known.marks_now
    if fall < rules.fall_percent:
        return None
    return f"相同学科平均得分率比上一次下降{fall:.0f}个百分点。"
