"""Interest groups, a campaign of home visits, and parents who came home for the national holidays."""

from datetime import date, timedelta

from activities import groups
from activities.campaigns import add_targets
from activities.models import Campaign, Homecoming, InterestGroup, Kind
from children.models import Child
from reports.demo.clock import Calendar
from reports.demo.families import Pupil
from reports.demo.people import draw
from reports.demo.township import Site

GROUPS = (
    ("篮球小组", "周二、周四下午第三节", "操场"),
    ("剪纸小组", "周三下午第三节", "美术室"),
    ("竖笛小组", "周二下午第三节", "音乐室"),
    ("经典诵读小组", "周四下午第三节", "图书室"),
)
NOTES = ("坐长途车回来", "住了三天", "带孩子去了县城", "")


class Groups:
    """What a school sets up beside single activities."""

    def __init__(self, calendar: Calendar, sites: list[Site], pupils: list[Pupil]) -> None:
        self.calendar, self.sites, self.pupils = calendar, sites, pupils
        self.rng = draw("groups")

    def write(self) -> None:
        for site in self.sites:
            own = [p for p in self.pupils if p.child.school_id == site.school.pk]
            behind = [p for p in own if p.left_behind]
            self._groups(site, behind)
            self._campaign(site, behind)
            self._homecomings(site, behind)

    def _groups(self, site: Site, behind: list[Pupil]) -> None:
        staff = site.mentors()
        first = self.calendar.term.first + timedelta(days=7)
        kinds = GROUPS if len(behind) > 30 else GROUPS[:2]
        members: list[list[int]] = [[] for _ in kinds]
        for number, pupil in enumerate(behind):
            # Some are in no group yet: the list of those shows them.
            if number % 11 != 5 and pupil.came <= first:
                members[self.rng.randrange(len(kinds))].append(pupil.child.pk)
        for (name, schedule, place), ids, leader in zip(kinds, members, staff, strict=False):
            group = InterestGroup.objects.create(
                school=site.school, name=name, leader=leader, schedule=schedule, place=place, starts_on=first
            )
            groups.join(group, Child.objects.filter(pk__in=ids), on=first)

    def _campaign(self, site: Site, behind: list[Pupil]) -> None:
        last = self.calendar.until
        campaign = Campaign.objects.create(
            school=site.school,
            kind=Campaign.Kind.OTHER,
            name="秋冬季走进每个家庭",
            starts_on=max(self.calendar.term.first, last - timedelta(days=45)),
            ends_on=last + timedelta(days=30),
            record_kinds=[Kind.HOME_VISIT.value],
            aim="每名留守学生入户家访一次，看取暖、用电和上学路线，写好家访记录。",
        )
        add_targets(campaign, Child.objects.filter(pk__in=[p.child.pk for p in behind]), on=last)

    def _homecomings(self, site: Site, behind: list[Pupil]) -> None:
        holiday = date(self.calendar.term.first.year, 10, 1)
        if not self.calendar.term.first <= holiday <= self.calendar.until:
            return
        for pupil in behind:
            if self.rng.random() < 0.35 and pupil.came <= holiday:
                Homecoming.objects.create(
                    child=pupil.child,
                    who=self.rng.choice((Homecoming.Who.FATHER, Homecoming.Who.MOTHER, Homecoming.Who.BOTH)),
                    came_on=holiday,
                    left_on=holiday + timedelta(days=self.rng.randrange(2, 7)),
                    note=self.rng.choice(NOTES),
                    noted_by=site.lead,
                )
