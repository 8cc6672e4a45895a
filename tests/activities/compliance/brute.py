"""
Obligations read once more, day by day and by hand, straight from domain §8.7 and §9.3: slow, without a line of the engine.

Only the calendar's terms and school days and the festivals' days are taken as given.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from activities.festivals import FESTIVALS

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Promise:
    """An item: how often, how many times, in force from … to …."""

    every: str
    count: int
    first: date
    last: date | None

    def in_force(self, day):
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Deed:
    on: date
    entered: date
    reached: bool


@dataclass(frozen=True)
class Frame:
    """A period: on which days a deed counts, which school days ask for it, when it is over, by which day it is shown."""

    days: list
    lessons: list
    end: date
    shown: date
    at_day: bool = False


def took_place(meeting):
    """Whether anything says that a meeting was held: its minutes, how many came, or one person who did."""
    if meeting.minutes or meeting.present:
        return True
    listed = any(row.came or row.carer_came for row in meeting.participants.all())
    return listed or any(guest.came for guest in meeting.attendees.all())


def all_days(first, last):
    return [first + n * DAY for n in range((last - first).days + 1)]


def month_name(day, closing_day):
    """The reporting month a day belongs to, counted by hand: after the closing day the next month begins."""
    last_of_month = (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY
    if day.day > min(closing_day, last_of_month.day):
        day = last_of_month + DAY
    return f"{day.year}-{day.month:02}"


def name_of(every, day, closing_day, calendar):
    """The name of the period that a day belongs to, None in none."""
    if every == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    if every == "month":
        return month_name(day, closing_day)
    if every == "year":
        return f"Y{day.year if day.month >= 8 else day.year - 1}"
    return next((f"T{begin}" for begin, end in calendar.terms if begin <= day <= end), None)


def frames(every, calendar, closing_day, first, last, born=None):
    """Name → Frame of the periods that have a day in first … last."""
    if every in ("festival", "birthday"):
        return dict(occasions(every, calendar, first, last, born))
    found = {}
    groups = {}
    for day in all_days(first - 400 * DAY, last + 400 * DAY):
        groups.setdefault(name_of(every, day, closing_day, calendar), []).append(day)
    for name, days in groups.items():
        if name is None or not any(first <= day <= last for day in days):
            continue
        terms = [day for day in days if calendar.term_on(day)]
        if not terms:
            continue
        end = days[-1] if every == "year" else terms[-1]
        lessons = [day for day in all_days(terms[0], terms[-1]) if calendar.is_school_day(day)]
        if lessons:
            found[name] = Frame(days, lessons, end, end)
    return found


def occasions(every, calendar, first, last, born):
    """Festivals with a letter or a meal, or somebody's birthdays, that are asked for in first … last."""
    for year in range(first.year - 1, last.year + 2):
        if every == "birthday":
            leap = born.month == 2 and born.day == 29
            days = [born.replace(year=year, day=28 if leap and year % 4 else born.day)] if year > born.year else []
        else:
            days = [festival.on(year) for festival in FESTIVALS if festival.letter or festival.meal]
        for day in days:
            asked = day
            if not calendar.term_on(day):
                before = [one for one in all_days(day - 75 * DAY, day) if calendar.is_school_day(one)]
                asked = before[-1] if before else None
            if asked is None or not first <= asked <= last:
                continue
            if every == "festival":
                yield f"F{day}", Frame(all_days(asked - 14 * DAY, day), [asked], day, asked, at_day=True)
            else:
                month_end = (asked.replace(day=28) + 4 * DAY).replace(day=1) - DAY
                begin = min(asked.replace(day=1), asked - 7 * DAY)
                end = max(month_end, day, asked + 7 * DAY)
                yield f"B{year}", Frame(all_days(begin, end), [asked], end, asked, at_day=True)


def owed_frames(promise, listed, there, asks=lambda day: True):
    """Those of the frames that somebody there on the days `there` owes, name → (frame, its own school days)."""
    owed = {}
    for name, frame in listed.items():
        mine = [day for day in frame.lessons if day in there and promise.in_force(day)]
        half = 2 * len(mine) - len(frame.lessons)
        stopped = promise.last is not None and promise.last < frame.end and not frame.at_day
        if mine and half >= 0 and not (stopped and half == 0) and asks(frame.shown):
            owed[name] = (frame, mine)
    return owed


def read(promise, *, listed, there, deeds, waived, today, asks=lambda day: True):
    """
    Period name → (state, times done) for the frames `listed`.

    `there` and `waived` are sets of days, `deeds` a list of Deed; `asks` says whether the item is for somebody on a day.
    """
    owed = owed_frames(promise, listed, there, asks)
    done = [deed for deed in deeds if deed.reached and deed.on <= today]
    spare = {}
    for name, (frame, _mine) in owed.items():
        spare[name] = max(sum(deed.on in frame.days for deed in done) - promise.count, 0)
    used = []
    answer = {}
    for name, (frame, mine) in owed.items():
        own = [deed for deed in done if deed.on in frame.days]
        tried = [deed for deed in deeds if not deed.reached and deed.on <= today and deed.on in frame.days]
        late = sum(deed.entered > frame.end and deed.entered > deed.on + 3 * DAY for deed in own)
        on_time = len(own) - late
        over = max(frame.days[-1], frame.end)
        for index, deed in sorted(enumerate(done), key=lambda pair: (pair[1].on, pair[0])):
            if on_time + late >= promise.count:
                break
            if index in used or not over < deed.on <= over + 7 * DAY:
                continue
            homes = [other for other in owed if deed.on in owed[other][0].days]
            if any(spare[home] == 0 for home in homes):
                continue
            for home in homes:
                spare[home] -= 1
            used.append(index)
            late += 1
        left = [day for day in mine if day not in waived]
        is_excused = len(left) < len(mine) and 2 * len(left) < len(frame.lessons)
        if on_time >= promise.count:
            state = "done"
        elif on_time + late >= promise.count:
            state = "late"
        elif is_excused:
            state = "excused"
        elif tried:
            state = "attempted"
        else:
            state = "due" if today <= frame.end else "missing"
        answer[name] = (state, min(promise.count, on_time + late))
    return answer


def read_standing(promise, *, listed, there, deeds, facts, waived, today, asks=lambda day: True):
    """
    Period name → (state, times done) of a standing item; `facts` are the days on which a fact holds, None for deeds.
    """
    answer = {}
    for name, frame in listed.items():
        asked = min(today, frame.end)
        if frame.days[0] > today or asked not in there or not promise.in_force(asked) or not asks(frame.shown):
            continue
        if facts is None:
            met = any(deed.reached and deed.on in frame.days and deed.on <= today for deed in deeds)
        else:
            met = asked in facts
        if met:
            state = "done"
        elif asked in waived:
            state = "excused"
        else:
            state = "due" if facts is None and today <= frame.end else "missing"
        answer[name] = (state, int(met))
    return answer
