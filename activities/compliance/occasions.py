"""
Items that are asked for on occasions which the school chooses: festivals, holidays, birthdays of a child's elders
(写一封亲情书信, domain §8.2 no. 8 and §8.3 no. 8).

A holiday's occasion is its beginning: from a fortnight before the last day of the term to a week after it. An elder's
birthday is known a month before, as the page of birthdays shows it; in the holidays it is asked for on the last school
day before them. Who of the family counts as an elder is said in activities.elders.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from activities.compliance.periods import BEFORE_FESTIVAL, DAY, asked_on, festival_periods, solar_day
from activities.compliance.rules import Period, Rule, Window
from activities.elders import OCCASION, SHOWN_BEFORE, Elder, elders
from activities.festivals import FESTIVALS, HOLIDAY, LETTER, WINTER
from caretrack.fixed import fixed
from caretrack.schools.calendar import Calendar
from children.models import FamilyMember

ELDERS, WINTER_HOLIDAY, SUMMER_HOLIDAY = "elders", "winter", "summer"
#: What a school may choose from, with the words for people.
CHOICES = (
    *((festival.code, festival.name) for festival in FESTIVALS),
    (ELDERS, "长辈生日"),
    (WINTER_HOLIDAY, "寒假"),
    (SUMMER_HOLIDAY, "暑假"),
)
#: What an item that names no occasions is asked for on.
USUAL = tuple(festival.code for festival in FESTIVALS if festival.letter)
IN_HOLIDAY = timedelta(days=7)
#: A deed may be for an occasion so near to the span that is looked at: both are weighed against each other.
NEAR = timedelta(days=45)


def occasion_words(chosen: Collection[str]) -> str:
    """春节、中秋节、长辈生日、寒假, in the order of the form."""
    return "、".join(label for name, label in CHOICES if name in chosen)


def occasions_of(rule: Rule, calendar: Calendar, span: Window) -> tuple[Period, ...]:
    """The chosen festivals and holidays that are asked for in `span` or near it while the rule is in force, in order."""
    first, last = span.first - NEAR, span.last + NEAR
    festivals = [festival for festival in FESTIVALS if festival.code in rule.occasions]
    found = [*festival_periods(calendar, festivals, first, last, occasion=LETTER.occasion)]
    found += _holidays(rule.occasions, calendar, first, last)
    return tuple(sorted((one for one in found if rule.span.holds(one.on)), key=lambda one: (one.on, one.closes)))


def _holidays(chosen: Collection[str], calendar: Calendar, first: date, last: date) -> Iterator[Period]:
    terms = sorted(calendar.terms)
    for (_, end), (again, _) in zip(terms, [*terms[1:], (date.max, date.max)], strict=True):
        code, name = (WINTER_HOLIDAY, "寒假") if end.month in WINTER else (SUMMER_HOLIDAY, "暑假")
        if code in chosen and first <= end <= last:
            opens, closes = end - BEFORE_FESTIVAL, min(end + IN_HOLIDAY, again - DAY)
            yield Period(
                f"H{end}", f"{end.year}年{name}", opens, closes, opens, closes, (end,), end, at_day=True,
                occasion=HOLIDAY[0].occasion,
            )  # fmt: skip


def birthdays_of_elders(calendar: Calendar, children: Iterable[int], span: Window) -> dict[int, tuple[Period, ...]]:
    """Child (id) → the birthdays of its elders that are asked for in `span` or near it, in order. One statement."""
    return elder_periods(calendar, _elders(tuple(children)), span)


def elder_periods(calendar: Calendar, born: Iterable[Sequence[Any]], span: Window) -> dict[int, tuple[Period, ...]]:
    """As `birthdays_of_elders`, of (child, day of birth, relation, its note, name) in their order."""
    first, last = span.first - NEAR, span.last + NEAR
    asked: dict[date, date | None] = {}
    found: dict[int, list[Period]] = defaultdict(list)
    for child, birth, *who in born:
        elder = Elder(*who)
        # A birthday in the holidays is asked for before them: it may lie in the next calendar year.
        for year in range(first.year, last.year + 2):
            day = solar_day(birth, year)
            if day is None:
                continue
            if day not in asked:
                asked[day] = asked_on(calendar, day)
            on = asked[day]
            if on is not None and first <= on <= last:
                found[child].append(_birthday(elder, day, on))
    return {child: tuple(sorted(mine, key=lambda one: (one.on, one.closes))) for child, mine in found.items()}


def _birthday(elder: Elder, day: date, on: date) -> Period:
    label = f"{elder.words}生日（{day.month}月{day.day}日）"
    opens = on - SHOWN_BEFORE
    return Period(
        f"E{day}-{elder.relation}-{elder.name}", label, opens, day, opens, day, (on,), on, at_day=True,
        occasion=OCCASION, elder=elder,
    )  # fmt: skip


@fixed
def _elders(children: tuple[int, ...]) -> QuerySet[FamilyMember, Any]:
    known = elders(FamilyMember.objects.filter(child__in=children)).order_by("birth_date", "relation", "pk")
    return known.values_list("child", "birth_date", "relation", "relation_note", "name")
