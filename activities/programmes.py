"""
The programmes that ship with CareTrack, as data, with their source (domain §8).

A school adopts one from a day on; its items become obligations. "四包" is the seeds' 三包加督查 (§8.6). Items whose
source names no period are per term (§8). `evidence` names the kinds of record that count, or for what a class or a
school owes: "meeting:<kind>", "activity:<kind>", "pairing", "peer" (a buddy), "care_home", "award", "goal", "home_return".
"""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from activities.compliance.occasions import ELDERS, SUMMER_HOLIDAY, USUAL, WINTER_HOLIDAY
from activities.models import Activity, Kind, Meeting, Programme, ProgrammeItem
from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff

Subject = ProgrammeItem.Subject
Period = ProgrammeItem.Period


@dataclass(frozen=True)
class Item:
    """One promise of a programme, see ProgrammeItem."""

    name: str
    period: str
    evidence: tuple[str, ...] = ()
    subject: str = Subject.CHILD
    role: str = ""
    count: int = 1
    min_grade: int = 0
    levels: tuple[str, ...] = ()
    planned: bool = False
    occasions: tuple[str, ...] = ()

    @property
    def applies_to(self) -> dict[str, Any]:
        limits: dict[str, Any] = {}
        if self.min_grade:
            limits["min_grade"] = self.min_grade
        if self.levels:
            limits["levels"] = list(self.levels)
        if self.planned:
            limits["planned"] = True
        if self.occasions:
            limits["occasions"] = list(self.occasions)
        return limits


@dataclass(frozen=True)
class Shipped:
    """A programme as it ships."""

    code: str
    name: str
    source: str
    items: tuple[Item, ...]


MENTOR, HOMEROOM, CARE_LEAD = Role.MENTOR.value, Role.HOMEROOM.value, Role.CARE_LEAD.value
LECTURE = f"activity:{Activity.Kind.LECTURE.value}"
OUTING = f"activity:{Activity.Kind.OUTING.value}"
CLUB = f"activity:{Activity.Kind.GROUP.value}"
MENTOR_MEETING = f"meeting:{Meeting.Kind.MENTORS.value}"
CARER_MEETINGS = (f"meeting:{Meeting.Kind.CARERS.value}", f"meeting:{Meeting.Kind.PARENT_SCHOOL.value}")
STAGES = tuple(
    f"activity:{kind.value}" for kind in (Activity.Kind.CLASS_MEETING, Activity.Kind.CONTEST, Activity.Kind.SHOW)
)
CARE_HOME, PAIRING, PEER, AWARD = "care_home", "pairing", "peer", "award"
# A pupil's own goal, and a parent's return told by the absence spans; neither is a record of contact.
GOAL, HOME_RETURN = "goal", "home_return"
TALK, VISIT, LETTER, DEED = (kind.value for kind in (Kind.TALK, Kind.HOME_VISIT, Kind.LETTER, Kind.GOOD_DEED))
CALLS = (Kind.CALL.value, Kind.VIDEO.value)
CONTACT = (Kind.PARENT_CONTACT.value,)
#: Both programmes: festivals, elders' birthdays and the winter holiday (§8.2 no. 8, §8.3 no. 8).
FAMILY_DAYS = (*USUAL, ELDERS, WINTER_HOLIDAY)

SHIPPED: tuple[Shipped, ...] = (
    Shipped("six_ones", "六个一", "三关工程：代理家长每月六个一", (
        Item("谈一次心", Period.MONTH, (TALK,), role=MENTOR),
        Item("检查一次家庭作业", Period.MONTH, (Kind.HOMEWORK.value,), role=MENTOR),
        Item("作一次作业辅导", Period.MONTH, (Kind.TUTORING.value,), role=MENTOR),
        Item("进行一次家访", Period.MONTH, (VISIT,), role=MENTOR),
        Item("共进一次亲情晚餐", Period.MONTH, (Kind.MEAL.value,), role=MENTOR),
        Item("召开一次代理家长座谈会", Period.MONTH, (MENTOR_MEETING,), Subject.SCHOOL, CARE_LEAD),
    )),
    Shipped("ten_ones", "十个一", "留守儿童关爱十个一", (
        Item("建好一个留守儿童之家", Period.STANDING, (CARE_HOME,), Subject.SCHOOL, CARE_LEAD),
        Item("开通一部亲情电话", Period.STANDING, CALLS, Subject.SCHOOL, CARE_LEAD),
        Item("落实一名代理家长", Period.STANDING, (PAIRING,), role=CARE_LEAD),
        Item("举办一次法制、安全、心理健康讲座", Period.MONTH, (LECTURE,), Subject.CLASS, HOMEROOM),
        Item("参加一项课外兴趣小组", Period.TERM, (CLUB,), role=HOMEROOM),
        Item("谈一次心", Period.WEEK, (TALK,), role=MENTOR),
        Item("读一本好书", Period.TERM, (Kind.READING.value,), role=MENTOR),
        Item("写一封亲情书信", Period.FESTIVAL, (LETTER,), role=MENTOR, occasions=(*FAMILY_DAYS, SUMMER_HOLIDAY)),
        Item("过一个快乐的生日", Period.BIRTHDAY, (Kind.BIRTHDAY.value,), role=HOMEROOM),
        Item("做一件有意义的事", Period.TERM, (DEED,), role=MENTOR),
    )),
    Shipped("nine_ones", "九个一", "留守儿童关爱九个一", (
        Item("办好一个留守儿童之家", Period.STANDING, (CARE_HOME,), Subject.SCHOOL, CARE_LEAD),
        Item("设立一条亲情电话专线", Period.STANDING, CALLS, Subject.SCHOOL, CARE_LEAD),
        # §8.3: a helper for each weak pupil, not for everybody.
        Item("结成一帮一对子", Period.STANDING, (PEER,), role=HOMEROOM, planned=True),
        Item("爱心妈妈谈一次心", Period.WEEK, (TALK,), role=MENTOR),
        Item("举办一次法制、安全、心理讲座", Period.TERM, (LECTURE,), Subject.SCHOOL, CARE_LEAD),
        Item("组织一次游览活动", Period.TERM, (OUTING,), Subject.SCHOOL, CARE_LEAD),
        Item("搭建一个活动平台", Period.TERM, STAGES, Subject.SCHOOL, CARE_LEAD),
        Item("写一封亲情书信", Period.FESTIVAL, (LETTER,), role=MENTOR, occasions=FAMILY_DAYS),
        Item("做一件有意义的事", Period.TERM, (DEED,), role=MENTOR),
        # Named beside the nine: the visits of item 4, and the class teacher's own talk with its card.
        Item("走访一次监护人", Period.TERM, (VISIT,), role=MENTOR),
        Item("班主任谈一次心", Period.MONTH, (TALK,), role=HOMEROOM),
    )),
    Shipped("three_ones", "三个一", "每周一谈心、每月一通信、每年一庆祝", (
        # §8.4 names no mentor: a child without one is owed the same.
        Item("每周一谈心", Period.WEEK, (TALK,), role=HOMEROOM),
        Item("每月一通信", Period.MONTH, (LETTER,), role=HOMEROOM),
        Item("每年一庆祝", Period.BIRTHDAY, (Kind.BIRTHDAY.value,), role=HOMEROOM),
    )),
    Shipped("five_ones_parents", "五个一（家长）", "对外出务工家长的五个一要求", (
        Item("打一个电话", Period.WEEK, CALLS, Subject.CARER),
        Item("写一封信", Period.MONTH, (LETTER,), Subject.CARER),
        Item("与班主任联系一次", Period.MONTH, CONTACT, Subject.CARER, HOMEROOM),
        Item("与科任教师联系一次", Period.MONTH, CONTACT, Subject.CARER, Role.TEACHER.value),
        Item("至少回家一次", Period.YEAR, (HOME_RETURN,), Subject.CARER),
    )),
    Shipped("five_ones_pupils", "五个一（学生）", "留守学生成长五个一", (
        Item("改正一个缺点", Period.TERM, (GOAL,)),
        Item("做一件好事", Period.TERM, (DEED,)),
        Item("交一份好答卷", Period.TERM, (GOAL,)),
        Item("为学校添一份光彩", Period.TERM, (AWARD,)),
        Item("做一个好学生", Period.TERM, (GOAL,)),
    )),
    Shipped("four_packs", "四包", "三包责任加督查：包家长培训、包家访、包假日活动、包控辍督查", (
        Item("包家长培训", Period.TERM, CARER_MEETINGS, Subject.CLASS, HOMEROOM),
        Item("包家访", Period.TERM, (VISIT,), role=HOMEROOM),
        Item("包假日活动", Period.TERM, (CLUB, OUTING), Subject.CLASS, HOMEROOM),
        Item("包控辍督查，每月向家长通报", Period.MONTH, CONTACT, role=HOMEROOM),
    )),
    Shipped("three_priorities", "三个优先", "学习优先辅导、生活优先照顾、活动优先安排", (
        Item("学习优先辅导", Period.STANDING, (Kind.TUTORING.value, Kind.HOMEWORK.value), role=MENTOR),
        Item("生活优先照顾", Period.STANDING, (Kind.MEAL.value, Kind.ILLNESS.value), role=HOMEROOM),
        Item("活动优先安排", Period.STANDING, (CLUB, OUTING), role=HOMEROOM),
    )),
)  # fmt: skip


def shipped(code: str) -> Shipped:
    """The shipped programme with this code. Raises ValidationError for an unknown one."""
    for programme in SHIPPED:
        if programme.code == code:
            return programme
    raise ValidationError("没有这个关爱项目。")


def adopt(programme_code: str, school: School, on: date, by: Staff | None) -> Programme:
    """
    Let `school` follow a shipped programme from `on`; the items become the school's own and may be changed.

    `by` is who decided and whom the change history names; None leaves that to the surrounding change. Raises ValidationError for an unknown code, or when
    the school follows the programme already on or after that day.
    """
    plan = shipped(programme_code)
    programme = Programme(school=school, code=plan.code, name=plan.name, source=plan.source, starts_on=on)
    programme.full_clean(exclude=["change"])
    if Programme.objects.filter(school=school, code=plan.code, ends_on__gte=on).exists():
        raise ValidationError({"on": "启用日期要晚于这个项目上次停用的日期。"})
    with change_by(by, f"启用关爱项目：{plan.name}") if by else nullcontext():
        try:
            with transaction.atomic():
                programme.save()
                ProgrammeItem.objects.bulk_create(_items(programme, plan))
        except IntegrityError as error:
            raise ValidationError("这个项目已经启用。") from error
    return programme


def _items(programme: Programme, plan: Shipped) -> list[ProgrammeItem]:
    return [
        ProgrammeItem(
            programme=programme,
            order=order,
            name=item.name,
            subject=item.subject,
            period=item.period,
            count=item.count,
            role=item.role,
            evidence=list(item.evidence),
            applies_to=item.applies_to,
        )
        for order, item in enumerate(plan.items, start=1)
    ]
