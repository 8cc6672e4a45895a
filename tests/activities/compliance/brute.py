"""
Obligations read once more, day by day and by hand, straight from domain §8.7: slow, without a line of the engine.

Only the calendar's school days and the festivals' days are taken as given.
"""

from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Promise:
    """An item: how often, how many times, in force from … to …."""

    every: str
    count: int
    first: date
    last: date | None


@dataclass(frozen=True)
class Deed:
    on: date
    entered: date
    reached: bool


def all_days(first, last):
    return [first + n * DAY for n in range((last - first).days + 1)]


def month_name(day, closing_day):
    """The reporting month a day belongs to, counted by hand: after the closing day the next month begins."""
    last_of_month = (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY
    if day.day > min(closing_day, last_of_month.day):
        day = last_of_month + DAY
    return f"{day.year}-{day.month:02}"


def groups(promise, closing_day, days):
    """Days of the calendar put into weeks or months."""
    found = {}
    for day in days:
        if promise.every == "week":
            year, week, _ = day.isocalendar()
            name = f"{year}-W{week:02}"
        else:
            name = month_name(day, closing_day)
        found.setdefault(name, []).append(day)
    return found


def read(promise, *, calendar, closing_day, there, deeds, waived, today, first, last):
    """
    Period name → (state, times done) for weeks and months that have a day in first … last.

    `there` and `waived` are sets of days, `deeds` a list of Deed.
    """
    wide = all_days(first - 40 * DAY, last + 40 * DAY)
    in_term = {day for day in wide if calendar.term_on(day)}
    lessons = {day for day in wide if calendar.is_school_day(day)}
    owed = {}
    whole = {}
    for name, days in groups(promise, closing_day, wide).items():
        if not any(first <= day <= last for day in days):
            continue
        clipped = [day for day in days if day in in_term]
        if not clipped:
            continue
        clipped = all_days(clipped[0], clipped[-1])
        school = [day for day in clipped if day in lessons]
        if not school:
            continue
        whole[name] = days
        mine = [
            day
            for day in school
            if day in there and promise.first <= day and (promise.last is None or day <= promise.last)
        ]
        half = 2 * len(mine) - len(school)
        stopped = promise.last is not None and promise.last < clipped[-1]
        if not mine or half < 0 or (stopped and half == 0):
            continue
        left = [day for day in mine if day not in waived]
        owed[name] = (days, clipped, len(left) < len(mine) and 2 * len(left) < len(school))
    done = [deed for deed in deeds if deed.reached and deed.on <= today]
    spare = {}
    for name, (days, _clipped, _excused) in owed.items():
        spare[name] = max(sum(deed.on in days for deed in done) - promise.count, 0)
    used = []
    answer = {}
    for name in owed:
        days, clipped, is_excused = owed[name]
        end = clipped[-1]
        own = [deed for deed in done if deed.on in days]
        tried = [deed for deed in deeds if not deed.reached and deed.on <= today and deed.on in days]
        written_late = [deed for deed in own if deed.entered > end and deed.entered > deed.on + 3 * DAY]
        on_time = len(own) - len(written_late)
        late = len(written_late)
        for index, deed in sorted(enumerate(done), key=lambda pair: (pair[1].on, pair[0])):
            if on_time + late >= promise.count:
                break
            if index in used or not days[-1] < deed.on <= days[-1] + 7 * DAY:
                continue
            home = [other for other in owed if deed.on in owed[other][0]]
            if home and spare[home[0]] == 0:
                continue
            if home:
                spare[home[0]] -= 1
            used.append(index)
            late += 1
        if on_time >= promise.count:
            state = "done"
        elif on_time + late >= promise.count:
            state = "late"
        elif is_excused:
            state = "excused"
        elif tried:
            state = "attempted"
        else:
            state = "due" if today <= end else "missing"
        answer[name] = (state, min(promise.count, on_time + late))
    return answer
