"""
The situations that every member of staff must report at once, before anybody has approved anything.

Source: 高检发〔2020〕9号 art. 4 (nine situations), 国发〔2016〕13号 (four more for 农村留守儿童); domain §11.4, P-29.
"""

from collections.abc import Collection
from dataclasses import dataclass

from activities.models import Incident

LAW = "高检发〔2020〕9号第四条"
STATE_COUNCIL = "国发〔2016〕13号"
Kind = Incident.Kind


@dataclass(frozen=True)
class Situation:
    """One situation: its code in the file, its words, where it is written, and what kind of file it begins with."""

    code: str
    words: str
    source: str
    kind: Incident.Kind


SITUATIONS = (
    Situation("private_parts", "生殖器官或隐私部位遭受或疑似遭受非正常损伤", LAW, Kind.SEXUAL),
    Situation("girl_under_14", "不满十四周岁的女性遭受或疑似遭受性侵害、怀孕、流产", LAW, Kind.SEXUAL),
    Situation("girl_over_14", "十四周岁以上女性遭受或疑似遭受性侵害所致怀孕、流产", LAW, Kind.SEXUAL),
    Situation(
        "injuries", "多处损伤、严重营养不良、意识不清，疑似受家庭暴力、欺凌、虐待、殴打或者被人麻醉", LAW, Kind.VIOLENCE
    ),
    Situation("self_harm", "因自杀、自残、工伤、中毒、被人麻醉、殴打等非正常原因导致伤残、死亡", LAW, Kind.SELF_HARM),
    Situation("abandoned", "被遗弃或长期处于无人照料状态", LAW, Kind.UNCARED),
    Situation("unknown_origin", "来源不明、失踪或者被拐卖、收买", LAW, Kind.MISSING),
    Situation("begging", "被组织乞讨", LAW, Kind.CRIME),
    Situation("other_grave", "其他严重侵害身心健康的情形，或正面临不法侵害危险", LAW, Kind.CRIME),
    Situation("living_alone", "留守儿童脱离监护单独居住生活或失踪", STATE_COUNCIL, Kind.UNCARED),
    Situation("guardian_fails", "监护人丧失监护能力或不履行监护责任", STATE_COUNCIL, Kind.UNCARED),
    Situation("home_violence", "疑似遭受家庭暴力", STATE_COUNCIL, Kind.VIOLENCE),
    Situation("unlawful_harm", "疑似遭受意外伤害或不法侵害", STATE_COUNCIL, Kind.CRIME),
)
CHOICES = [(s.code, s.words + ("（农村留守儿童）" if s.source == STATE_COUNCIL else "")) for s in SITUATIONS]

#: Kinds that are reported at once even before somebody has named the situation.
GRAVE = frozenset(
    {
        Incident.Kind.MISSING,
        Incident.Kind.VIOLENCE,
        Incident.Kind.SEXUAL,
        Incident.Kind.SELF_HARM,
        Incident.Kind.UNCARED,
        Incident.Kind.CRIME,
        Incident.Kind.DEATH,
    }
)


def must_report(incident: Incident) -> bool:
    """
    Whether police, civil affairs and education are to be told at once (未保法 art. 11).

    A file that a finder opened because there was danger now obliges as well, until somebody who leads it has ruled the
    situations out for a reason.
    """
    return bool(incident.situations) or incident.kind in GRAVE or not incident.weighed


def to_be_weighed(incident: Incident) -> bool:
    """Whether only the danger itself obliges: nobody has said yet which situation it is, or that it is none."""
    return not incident.weighed and not incident.situations and incident.kind not in GRAVE


def kind_of(codes: Collection[str]) -> Incident.Kind:
    """The kind with which a file begins that a finder opened, by the first situation named; those who lead it put it right."""
    return next((situation.kind for situation in SITUATIONS if situation.code in codes), Kind.OTHER)


def words_of(codes: Collection[str]) -> list[str]:
    """The situations of a file in words, in the order of the law."""
    return [situation.words for situation in SITUATIONS if situation.code in codes]
