"""The kinds of evidence that an item may name, with the words for people, by whom the item is about."""

from collections.abc import Collection

from activities.compliance.occasions import CHOICES, ELDERS
from activities.compliance.rules import Every, Subject
from activities.models import Activity, Kind, Meeting

RECORDS = [(kind.value, kind.label) for kind in Kind if kind not in (Kind.COUNSELLING,)]
MEETINGS = [(f"meeting:{kind.value}", f"会议：{kind.label}") for kind in Meeting.Kind]
#: Meetings that a carer proves by coming.
CARER_MEETINGS = [one for one in MEETINGS if one[0] in {f"meeting:{kind}" for kind in Meeting.FOR_CARERS}]
ACTIVITIES = [(f"activity:{kind.value}", f"活动：{kind.label}") for kind in Activity.Kind]
FACTS = [("pairing", "有代理家长"), ("peer", "有结对同学")]
OTHERS = [("award", "获得奖励"), ("goal", "自己定的目标")]
HOME_RETURN = [("home_return", "父母返乡团聚")]
CARE_HOME = [("care_home", "留守儿童之家的使用")]

#: Subject → the evidence that it may be proven by.
OPTIONS: dict[str, list[tuple[str, str]]] = {
    Subject.CHILD: [*RECORDS, *ACTIVITIES, *OTHERS, *FACTS],
    Subject.CARER: [*RECORDS, *CARER_MEETINGS, *HOME_RETURN],
    Subject.CLASS: [*ACTIVITIES, *MEETINGS, *RECORDS],
    Subject.SCHOOL: [*ACTIVITIES, *MEETINGS, *CARE_HOME, *RECORDS],
}
LABELS = dict([*RECORDS, *MEETINGS, *ACTIVITIES, *FACTS, *OTHERS, *HOME_RETURN, *CARE_HOME])


def evidence_words(evidence: list[str]) -> str:
    """谈心、家访; what nobody knows any more is left out."""
    return "、".join(LABELS[name] for name in evidence if name in LABELS)


def wrong_occasions(subject: str, period: str, occasions: Collection[str]) -> str:
    """Why an item of this subject and period cannot be asked for on these occasions, in Chinese; empty when it can."""
    if occasions and period != Every.FESTIVAL:
        return "只有周期是“每逢节日”的内容才选时机。"
    if ELDERS in occasions and subject != Subject.CHILD:
        return "按长辈生日的内容只能是每名儿童的。"
    return "" if set(occasions) <= {name for name, _ in CHOICES} else "没有这个时机，请重新选择。"


def refusal(subject: str, period: str, evidence: list[str]) -> str:
    """Why an item of this subject and period cannot be proven so, in Chinese; empty when it can."""
    allowed = dict(OPTIONS[subject])
    if wrong := [name for name in evidence if name not in allowed]:
        label = Subject(subject).label
        return f"“{evidence_words(wrong)}”不能作为“{label}”的凭证。"
    facts = {name for name, _ in FACTS}
    if facts & set(evidence) and (period != Every.STANDING or not set(evidence) <= facts):
        return "“有代理家长”“有结对同学”是常设的事实：周期请选“常设”，不要和其他凭证混选。"
    if period == Every.BIRTHDAY and subject not in (Subject.CHILD, Subject.CARER):
        return "按生日的内容只能是每名儿童的。"
    return ""
