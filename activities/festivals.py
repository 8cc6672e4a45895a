"""
The festivals that care work follows, with their days in any year (domain §9.3) and what schools do for them.

Lunar festivals are reckoned by lunar_python; nothing is stored, so no yearly table has to be kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lunar_python import Lunar

from activities.models import Kind


class Proof(StrEnum):
    """What shows that a task of a festival was done, and so which form it opens, where it is no record of a kind."""

    ACTIVITY = "activity"
    HOME_LETTER = "home_letter"
    HOMECOMING = "homecoming"


@dataclass(frozen=True)
class Task:
    """
    What is done for a festival.

    `proof` is a kind of record, or a Proof; `occasion` is what such a record says of its occasion; an activity is known
    by `name` in its name.
    """

    words: str
    proof: str
    occasion: str = ""
    name: str = ""


@dataclass(frozen=True)
class Festival:
    """
    One festival. `month` and `day` are lunar when `lunar`; `tasks` is what the seeds do for it.

    `hotline_before`: the family phone is free the day before. `letter` and `meal`: counts as an occasion of the
    programmes' letter and shared meal. What is entered `before` … `after` so many days around it counts for its tasks.
    """

    code: str
    name: str
    month: int
    day: int
    lunar: bool = False
    hotline_before: bool = False
    letter: bool = False
    meal: bool = False
    tasks: tuple[Task, ...] = ()
    before: int = 14
    after: int = 7

    def on(self, year: int) -> date:
        """Its day in the solar year; the lunar year that begins in `year`."""
        if not self.lunar:
            return date(year, self.month, self.day)
        solar = Lunar.fromYmd(year, self.month, self.day).getSolar()
        return date(solar.getYear(), solar.getMonth(), solar.getDay())


CALL_HOME = Task("给外出父母打一次电话", Kind.CALL)
VIDEO = Task("亲情视频", Kind.VIDEO)
LETTER = Task("写信", Kind.LETTER, "传统节日")

FESTIVALS: tuple[Festival, ...] = (
    Festival("new_year", "元旦", 1, 1, tasks=(Task("元旦谈心", Kind.TALK), CALL_HOME)),
    Festival(
        "spring", "春节", 1, 1, lunar=True, letter=True, meal=True, before=45, after=20,
        tasks=(
            Task("放假前发给家长的一封信", Proof.HOME_LETTER),
            Task("登记父母是否返乡", Proof.HOMECOMING),
            Task("走访父母不返乡的学生", Kind.HOME_VISIT),
            VIDEO,
            Task("安全教育", Proof.ACTIVITY, name="安全"),
        ),
    ),
    Festival("lantern", "元宵节", 1, 15, lunar=True, tasks=(Task("登记父母返乡和再外出的日期", Proof.HOMECOMING),)),
    Festival("women", "三八妇女节", 3, 8, hotline_before=True, tasks=(
        Task("给妈妈打一次电话", Kind.CALL), Task("给妈妈或奶奶写一封信", Kind.LETTER, "传统节日"),
    )),
    Festival(
        "dragon_boat", "端午节", 5, 5, lunar=True, letter=True, meal=True,
        tasks=(VIDEO, Task("共进一次亲情餐", Kind.MEAL, "端午")),
    ),
    Festival("children", "六一儿童节", 6, 1, hotline_before=True, tasks=(
        Task("“同在一片蓝天”活动", Proof.ACTIVITY, name="同在一片蓝天"), Task("六一集体活动", Proof.ACTIVITY, name="六一"),
    )),
    Festival(
        "mid_autumn", "中秋节", 8, 15, lunar=True, letter=True, meal=True,
        tasks=(VIDEO, Task("共进一次亲情餐", Kind.MEAL, "中秋"), LETTER),
    ),
    Festival(
        "double_ninth", "重阳节", 9, 9, lunar=True, letter=True, meal=True,
        tasks=(Task("看望爷爷奶奶", Kind.HOME_VISIT), LETTER),
    ),
    Festival("national", "国庆节", 10, 1, hotline_before=True, tasks=(CALL_HOME,)),
)  # fmt: skip


#: Terms that end in these months are followed by the winter holiday.
WINTER = (12, 1, 2)
#: What is done when a holiday begins.
HOLIDAY = (Task("写一封信", Kind.LETTER, "寒暑假"), Task("假期安全教育", Proof.ACTIVITY, name="安全"))


@dataclass(frozen=True)
class FestivalDay:
    """A festival with its day."""

    festival: Festival
    on: date

    @property
    def window(self) -> tuple[date, date]:
        """The days in which what is entered counts for its tasks."""
        return self.on - timedelta(days=self.festival.before), self.on + timedelta(days=self.festival.after)

    @property
    def hotline_on(self) -> date | None:
        """The day on which the family phone is free; None when the festival has none."""
        return self.on - timedelta(days=1) if self.festival.hotline_before else None


def festivals_between(first: date, last: date) -> list[FestivalDay]:
    """The festivals in first … last, both days included, in the order of their days."""
    found = [
        FestivalDay(festival, day)
        for year in range(first.year - 1, last.year + 1)
        for festival in FESTIVALS
        if first <= (day := festival.on(year)) <= last
    ]
    return sorted(found, key=lambda one: (one.on, one.festival.code))


def holidays_between(terms: Iterable[tuple[date, date]], first: date, last: date) -> list[FestivalDay]:
    """
    The beginnings of winter and summer holidays in first … last, after the last days of the `terms` of a school.

    A holiday is an occasion for a letter like a festival (domain §7.4, §8.2); what else is done before it stands beside.
    """
    return [
        FestivalDay(
            Festival("holiday", "寒假" if end.month in WINTER else "暑假", end.month, end.day, tasks=HOLIDAY), end
        )
        for _begin, end in sorted(terms)
        if first <= end <= last
    ]
