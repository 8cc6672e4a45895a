"""
三个优先 with its evidence: who was put first in learning, in daily life and in activities (domain §8.6, §13 no. 49).

It is shown beside what the other pupils got, and never counted as an obligation.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from activities.models import ActivityParticipant, CareRecord, GroupMember, Kind
from children.left_behind import statuses
from children.models import Child, Enrollment, SupportDecision, codes
from children.models.child import ChildQuerySet

LEARNING = (Kind.TUTORING, Kind.HOMEWORK)
LIFE = (Kind.MEAL, Kind.ILLNESS)


@dataclass(frozen=True)
class Evidence:
    """Of one class, or of all: heads of pupils put first and of the others, and what both got in the span."""

    first: int = 0
    others: int = 0
    learning_heads: int = 0
    learning_times: int = 0
    life_heads: int = 0
    life_times: int = 0
    group_first: int = 0
    group_others: int = 0
    event_first: int = 0
    event_given: int = 0
    event_others: int = 0

    @property
    def group_rate(self) -> str:
        return _rate(self.group_first, self.first)

    @property
    def group_rate_others(self) -> str:
        return _rate(self.group_others, self.others)

    @property
    def row(self) -> tuple[int | str, ...]:
        """As a line of a table; see COLUMNS."""
        return (
            self.first, self.learning_heads, self.learning_times, self.life_heads, self.life_times,
            self.group_first, self.group_rate, self.group_rate_others,
            self.event_first, self.event_given, self.event_others,
        )  # fmt: skip


COLUMNS = (
    "优先对象", "学习辅导人数", "学习辅导人次", "生活照顾人数", "生活照顾人次", "参加小组人数", "参加小组率", "其他学生参加小组率",
    "参加活动人次", "其中优先安排", "其他学生活动人次",
)  # fmt: skip


def _rate(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def evidence_of(children: ChildQuerySet, school: int, first: date, last: date) -> dict[int, Evidence]:
    """
    Class id → its evidence in first … last, for those of `children` who were in classes of the school; nine statements.

    Everything as it was then: who was on the roll, in which class last, and whom 三个优先 put first on the last day.
    """
    stays = Enrollment.objects.during(first, last).filter(school=school, child__in=children.order_by().values("pk"))
    classes: dict[int, int] = dict(stays.order_by("starts_on", "pk").values_list("child", "school_class"))
    ids = stays.order_by().values("child")
    put_first = _first_served(Child.objects.filter(pk__in=ids), last)
    tallies: dict[int, Counter[str]] = defaultdict(Counter)
    for pk, school_class in classes.items():
        tallies[school_class]["first" if pk in put_first else "others"] += 1
    records = CareRecord.objects.reached().between(first, last).filter(child__in=ids, kind__in=(*LEARNING, *LIFE))
    heads: set[tuple[int, str]] = set()
    for child, kind in records.order_by().values_list("child", "kind"):
        if child in put_first:
            part = "learning" if kind in LEARNING else "life"
            tallies[classes[child]][f"{part}_times"] += 1
            if (child, part) not in heads:
                heads.add((child, part))
                tallies[classes[child]][f"{part}_heads"] += 1
    members = GroupMember.objects.filter(child__in=ids).during(first, last)
    for child in members.order_by().values_list("child", flat=True).distinct():
        tallies[classes[child]]["group_first" if child in put_first else "group_others"] += 1
    came = ActivityParticipant.objects.present().filter(child__in=ids, activity__on__range=(first, last))
    for child, given in came.order_by().values_list("child", "priority"):
        tally = tallies[classes[child]]
        tally["event_first" if child in put_first else "event_others"] += 1
        tally["event_given"] += given
    return {school_class: Evidence(**tally) for school_class, tally in tallies.items()}


def _first_served(children: ChildQuerySet, day: date) -> set[int]:
    """As `gatherings.first_served` on a day that may be long past."""
    decided: dict[int, str] = {}
    decisions = SupportDecision.objects.filter(child__in=children.order_by().values("pk"))
    for child, on, level in decisions.order_by("on", "pk").values_list("child", "on", "level"):
        decided[child] = level if on <= day else decided.get(child, "")
    levels = dict(children.order_by().values_list("pk", "support_level")) | decided
    away = {pk for pk, of in statuses(children, day).items() if of.father_away or of.mother_away}
    return away | {pk for pk, level in levels.items() if level in codes.KEY_LEVELS}


def summed(parts: Iterable[Evidence]) -> Evidence:
    """All classes together."""
    listed = list(parts)
    return Evidence(*(sum(getattr(part, one.name) for part in listed) for one in fields(Evidence)))
