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


@dataclass(frozen=True)
class Letter(Deed):
    """A deed that may say for which occasion and to whom it is."""

    occasion: str = ""
    whom: str = ""


@dataclass(frozen=True)
class Occasion(Frame):
    """A festival, the beginning of a holiday or an elder's birthday; `elder` by relation and name."""

    called: str = ""
    elder: tuple = ()

    def may_be_of(self, deed):
        if deed.occasion and deed.occasion != self.called:
            return False
        return not self.elder or not deed.whom or bool(WHOM[deed.whom] & set(self.elder))


#: Whom the words on a letter mean: codes of relations, or a name.
WHOM = {
    "奶奶": {"62"}, "外婆": {"64"}, "爸爸妈妈": {"51", "52"}, "奶奶和外婆": {"62", "64"}, "王桂英": {"王桂英"}, "同学": set(),
}  # fmt: skip


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
            asked = asked_for(calendar, day)
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
        answer[name] = (
            state_of(promise, frame, on_time, late, excused=is_excused, tried=tried, today=today),
            min(promise.count, on_time + late),
        )
    return answer


def state_of(promise, frame, on_time, late, *, excused, tried, today):
    if on_time >= promise.count:
        return "done"
    if on_time + late >= promise.count:
        return "late"
    if excused:
        return "excused"
    if tried:
        return "attempted"
    return "due" if today <= frame.end else "missing"


def chosen_occasions(chosen, calendar, first, last, elders):
    """
    Name → Occasion of what the school chose, asked for in first … last: festivals, "winter", "summer", "elders".

    `elders` are (relation, name, day of birth) in order.
    """
    found = []
    for year in range(first.year - 1, last.year + 2):
        for festival in FESTIVALS:
            if festival.code in chosen:
                day = festival.on(year)
                found.append((f"F{day}", day, asked_for(calendar, day), 14, day, "传统节日", ()))
    for begin, end in calendar.terms:
        if ("winter" if end.month in (12, 1, 2) else "summer") in chosen:
            over = end + 7 * DAY
            while any(other != (begin, end) and other[0] <= over <= other[1] for other in calendar.terms):
                over -= DAY
            found.append((f"H{end}", end, end, 14, over, "寒暑假", ()))
    for relation, name, born in elders if "elders" in chosen else ():
        for year in range(first.year, last.year + 2):
            leap = born.month == 2 and born.day == 29
            day = born.replace(year=year, day=28 if leap and year % 4 else born.day)
            found.append(
                (f"E{day}-{relation}-{name}", day, asked_for(calendar, day), 30, day, "长辈生日", (relation, name))
            )
    return {
        name: Occasion(all_days(on - before * DAY, end), [on], end, on, at_day=True, called=called, elder=elder)
        for name, _day, on, before, end, called, elder in sorted(
            (one for one in found if one[2] is not None and first <= one[2] <= last),
            key=lambda one: (one[2], one[4], bool(one[6])),
        )
    }


def asked_for(calendar, day):
    if calendar.term_on(day):
        return day
    before = [one for one in all_days(day - 75 * DAY, day) if calendar.is_school_day(one)]
    return before[-1] if before else None


def enough(needs):
    """Whether each of the needs, lists of deeds, can have one of its own: tried one by one."""
    if not needs:
        return True
    return any(enough([[other for other in need if other != deed] for need in needs[1:]]) for deed in needs[0])


def read_occasions(promise, *, listed, there, deeds, waived, today, asks=lambda day: True):
    """
    As `read`, for occasions in their order, of which each letter is for one: who comes first is served wherever all that
    are served can be; in time goes before late.
    """
    owed = owed_frames(promise, listed, there, asks)
    wants = [(name, frame) for name, (frame, _mine) in owed.items() for _ in range(promise.count)]
    done = [deed for deed in deeds if deed.on <= today]

    def fits(frame, *, late):
        over = max(frame.days[-1], frame.end)
        for index, deed in enumerate(done):
            if not deed.reached or not frame.may_be_of(deed):
                continue
            entered_late = deed.entered > frame.end and deed.entered > deed.on + 3 * DAY
            in_days = deed.on in frame.days and entered_late == late
            if in_days or (late and over < deed.on <= over + 7 * DAY):
                yield index

    served = []
    for late in (False, True):
        for number, (name, frame) in enumerate(wants):
            need = list(fits(frame, late=late))
            if all(number != other for other, *_ in served) and enough([one[3] for one in served] + [need]):
                served.append((number, name, late, need))
    answer = {}
    for name, (frame, mine) in owed.items():
        times = [late for _, other, late, _ in served if other == name]
        tried = any(not deed.reached and deed.on in frame.days and frame.may_be_of(deed) for deed in done)
        state = state_of(
            promise, frame, times.count(False), times.count(True),
            excused=any(day in waived for day in mine), tried=tried, today=today,
        )  # fmt: skip
        answer[name] = (state, len(times))
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
