"""Birthdays as a school keeps them: by day, those in the holidays beforehand, those of one day together (domain §9.3)."""

from dataclasses import dataclass
from datetime import date, timedelta

from activities.queries import Birthday, birthdays
from caretrack.schools.calendar import Calendar
from children.models.child import ChildQuerySet

TOGETHER = 2
LOOK_BACK = 70


@dataclass(frozen=True)
class KeptDay:
    """Birthdays of one day. `keep_on` is the day on which the school keeps them; None: before no school day is near."""

    on: date
    people: tuple[Birthday, ...]
    keep_on: date | None

    @property
    def early(self) -> bool:
        """Whether they fall on a day without lessons and are kept before it."""
        return self.keep_on is not None and self.keep_on != self.on

    @property
    def together(self) -> bool:
        """Several on one day: 特别座谈会."""
        return len(self.people) >= TOGETHER


def kept_days(children: ChildQuerySet, calendar: Calendar, first: date, days: int) -> list[KeptDay]:
    """
    The birthdays of `children` from `first` on for `days` days, by day; one statement.

    One on a day without lessons is kept on the last school day before it.
    """
    by_day: dict[date, list[Birthday]] = {}
    for birthday in birthdays(children, first, days):
        by_day.setdefault(birthday.on, []).append(birthday)
    found = []
    for on, people in sorted(by_day.items()):
        earlier = calendar.days(on - timedelta(days=LOOK_BACK), on)
        found.append(KeptDay(on, tuple(people), earlier[-1] if earlier else None))
    return found
