"""
The festivals that care work follows, with their days in any year (domain §9.3) and what schools do for them.

Lunar festivals are reckoned by lunar_python; nothing is stored, so no yearly table has to be kept.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from lunar_python import Lunar


@dataclass(frozen=True)
class Festival:
    """
    One festival. `month` and `day` are lunar when `lunar`; `tasks` is what the seeds do for it.

    `hotline_before`: the family phone is free the day before. `letter` and `meal`: counts as an occasion of the
    programmes' letter and shared meal.
    """

    code: str
    name: str
    month: int
    day: int
    lunar: bool = False
    hotline_before: bool = False
    letter: bool = False
    meal: bool = False
    tasks: tuple[str, ...] = ()

    def on(self, year: int) -> date:
        """Its day in the solar year; the lunar year that begins in `year`."""
        if not self.lunar:
            return date(year, self.month, self.day)
        solar = Lunar.fromYmd(year, self.month, self.day).getSolar()
        return date(solar.getYear(), solar.getMonth(), solar.getDay())


FESTIVALS: tuple[Festival, ...] = (
    Festival("new_year", "元旦", 1, 1, tasks=("元旦谈心", "给外出父母打一次电话")),
    Festival(
        "spring", "春节", 1, 1, lunar=True, letter=True, meal=True,
        tasks=("放假前发给家长的一封信", "登记父母是否返乡", "走访父母不返乡的学生", "亲情视频", "安全教育"),
    ),
    Festival("lantern", "元宵节", 1, 15, lunar=True, tasks=("登记父母外出日期",)),
    Festival("women", "三八妇女节", 3, 8, hotline_before=True, tasks=("给妈妈打一次电话", "给妈妈或奶奶写一封信")),
    Festival(
        "dragon_boat", "端午节", 5, 5, lunar=True, letter=True, meal=True, tasks=("亲情视频", "共进一次亲情餐")
    ),
    Festival("children", "六一儿童节", 6, 1, hotline_before=True, tasks=("“同在一片蓝天”活动", "集体活动优先安排")),
    Festival(
        "mid_autumn", "中秋节", 8, 15, lunar=True, letter=True, meal=True, tasks=("亲情视频", "共进一次亲情餐", "写信")
    ),
    Festival("double_ninth", "重阳节", 9, 9, lunar=True, letter=True, meal=True, tasks=("看望爷爷奶奶", "写信")),
    Festival("national", "国庆节", 10, 1, hotline_before=True, tasks=("给爸爸妈妈打一次电话",)),
)  # fmt: skip


@dataclass(frozen=True)
class FestivalDay:
    """A festival with its day."""

    festival: Festival
    on: date

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
