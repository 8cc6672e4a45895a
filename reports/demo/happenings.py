"""What happened besides the contacts: programme, activities, meetings, aid, awards, health checks, monthly forms."""

from reports.demo.clock import Calendar
from reports.demo.families import Pupil
from reports.demo.pairings import Pairings
from reports.demo.township import Site


class Happenings:
    def __init__(self, calendar: Calendar, sites: list[Site], pupils: list[Pupil], pairings: Pairings) -> None:
        self.calendar, self.sites, self.pupils, self.pairings = calendar, sites, pupils, pairings

    def write(self) -> None:
        pass
