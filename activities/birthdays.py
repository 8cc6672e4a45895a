"""Birthdays as a school keeps them: by day, those in the holidays beforehand, those of one day together (domain §9.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from activities.compliance.periods import asked_on, birthday_opens
from activities.models import CareRecord, Kind
from activities.queries import Birthday, birthdays
from caretrack.schools.calendar import ONE_DAY, Calendar, calendar_of
from caretrack.schools.models import Staff
from children.models import Child
from children.models.child import ChildQuerySet

TOGETHER = 2
#: No holiday is longer than this many days.
LONGEST_HOLIDAY = 70
HALF_A_YEAR = 182


@dataclass(frozen=True)
class KeptDay:
    """
    Birthdays of one day. `keep_on` is the day on which the school keeps them; None: before no school day is near.

    From `opens` on keeping them counts; what was kept before was not this birthday.
    """

    on: date
    people: tuple[Birthday, ...]
    keep_on: date | None
    opens: date

    @property
    def early(self) -> bool:
        """Whether they fall on a day without lessons and are kept before it."""
        return self.keep_on is not None and self.keep_on != self.on

    @property
    def together(self) -> bool:
        """Several on one day: 特别座谈会."""
        return len(self.people) >= TOGETHER

    def due(self, today: date) -> date:
        """The day to have in mind: the day on which they are kept while it is not over, else the birthday itself."""
        return self.keep_on if self.keep_on is not None and self.keep_on >= today else self.on


def calendar_for(staff: Staff) -> Calendar:
    """The school days of one's own school; none without a post."""
    school = staff.home_school()
    return calendar_of(school) if school else Calendar(())


def kept_days(children: ChildQuerySet | Iterable[Child], calendar: Calendar, first: date, days: int) -> list[KeptDay]:
    """
    The birthdays of `children` from `first` on for `days` days, by day, and those kept in these days; one statement.

    One on a day without lessons is kept on the last school day before it, so a holiday that begins within the days, or
    right after them, brings all its birthdays.
    """
    last = first + timedelta(days=days)
    by_day: dict[date, list[Birthday]] = {}
    for birthday in birthdays(children, first, (_holiday_end(calendar, last) - first).days):
        by_day.setdefault(birthday.on, []).append(birthday)
    found = []
    for on, people in sorted(by_day.items()):
        earlier = calendar.days(on - timedelta(days=LONGEST_HOLIDAY), on)
        keep_on = earlier[-1] if earlier else None
        opens = min(birthday_opens(asked_on(calendar, on) or on), keep_on or on)
        day = KeptDay(on, tuple(people), keep_on, opens)
        if on <= last or (day.keep_on is not None and first <= day.keep_on <= last):
            found.append(day)
    return found


def too_early(children: Iterable[Child], calendar: Calendar, on: date) -> list[tuple[Child, KeptDay]]:
    """
    Whose birthday, kept on the day, would be kept before its time: the coming one is nearer than the last one, and what
    is kept now does not count for it yet. Who keeps a birthday after its day is not meant.
    """
    coming = kept_days(children, calendar, on, HALF_A_YEAR)
    return [(one.child, day) for day in coming if day.opens > on for one in day.people]


def kept_already(days: Iterable[KeptDay], staff: Staff) -> dict[int, date]:
    """Child id → the day on which its birthday among `days` was kept, as far as `staff` may know; one statement."""
    opens = {one.child.pk: day.opens for day in days for one in day.people}
    if not opens:
        return {}
    kept = CareRecord.objects.visible_to(staff).filter(
        kind=Kind.BIRTHDAY, reached=True, child__in=opens, on__gte=min(opens.values())
    )
    found = kept.order_by("on", "pk").values_list("child", "on")
    return {child: on for child, on in found if on >= opens[child]}


def _holiday_end(calendar: Calendar, on: date) -> date:
    """The last day without lessons after `on`; `on` itself when the next day has lessons or no school day is known."""
    longest = on + timedelta(days=LONGEST_HOLIDAY)
    if later := calendar.days(on + ONE_DAY, longest):
        return later[0] - ONE_DAY
    return longest if calendar.days(on - timedelta(days=LONGEST_HOLIDAY), on) else on
