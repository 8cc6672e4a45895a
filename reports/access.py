"""Whose figures a person may open (design §2): leads those of their school and its classes, homeroom teachers theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Q

from caretrack.access.policy import ACTS, SIGHT, Act, DataClass, Level, Role
from caretrack.access.scopes import children_reached_by
from caretrack.schools.models import School, SchoolClass, Staff
from children.models import Child
from children.models.child import ChildQuerySet
from mentoring.models import Mentor
from reports.builders.unit import Unit

LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)
A_YEAR = timedelta(days=365)


def units_for(staff: Staff, on: date) -> list[Unit]:
    """
    Every unit whose figures `staff` may open on the day.

    For 德育主任 and 校长 the whole school first, then its classes; for 班主任 their own classes.
    """
    schools = staff.schools_as(*LEADS)
    units: list[Unit] = []
    for school in schools:
        units.append(Unit(school))
        for school_class in SchoolClass.objects.taught_on(on).filter(school=school):
            school_class.school = school
            units.append(Unit(school, school_class))
    led = {school.pk for school in schools}
    units += [Unit(own.school, own) for own in staff.classes_as(Role.HOMEROOM) if own.school_id not in led]
    return units


def unit_for(staff: Staff, code: str) -> Unit | None:
    """
    The unit that `code` stands for, or None when there is none that `staff` may open.

    A lead may also open classes that have graduated; their reports are kept.
    """
    kind, number = code[:1], int(code[1:])
    schools = {school.pk: school for school in staff.schools_as(*LEADS)}
    if kind == "s":
        return Unit(schools[number]) if number in schools else None
    school_class = SchoolClass.objects.select_related("school").filter(pk=number).first()
    if school_class is None:
        return None
    own = {mine.pk for mine in staff.classes_as(Role.HOMEROOM)}
    if school_class.school_id in schools or school_class.pk in own:
        return Unit(school_class.school, school_class)
    return None


def books_for(staff: Staff, on: date) -> dict[str, SchoolClass | Mentor]:
    """
    Whose workbooks `staff` may bind on the day, by code (c12, m5): leads every class and mentor of their school, a year
    long also the classes that have graduated, class teachers their classes, mentors themselves. Statements do not grow
    with the classes.
    """
    found: dict[str, SchoolClass | Mentor] = {}
    for unit in units_for(staff, on):
        if unit.school_class:
            found[unit.code] = unit.school_class
    led = staff.schools_as(*LEADS)
    for school_class in SchoolClass.objects.taught_on(on - A_YEAR).filter(school__in=led).select_related("school"):
        found.setdefault(Unit(school_class.school, school_class).code, school_class)
    mentors = Mentor.objects.filter(Q(staff=staff) | Q(school__in=led))
    return found | {f"m{mentor.pk}": mentor for mentor in mentors.select_related("school").order_by("pinyin", "pk")}


def may_bind_class(staff: Staff, school_class: SchoolClass, on: date) -> bool:
    """Whether `books_for` holds the book of this class; asked for the one alone."""
    if school_class.school in staff.schools_as(*LEADS):
        taught = SchoolClass.objects.taught_on(on) | SchoolClass.objects.taught_on(on - A_YEAR)
        return taught.filter(pk=school_class.pk).exists()
    return school_class in staff.classes_as(Role.HOMEROOM)


def books_together(staff: Staff, books: Mapping[str, SchoolClass | Mentor]) -> dict[str, list[str]]:
    """
    Of each school that `staff` leads the books of all classes (s3c) and of all mentors (s3m), where there are several of
    a kind. Who teaches two classes has not all of them.
    """
    led = {school.pk for school in staff.schools_as(*LEADS)}
    found: dict[str, list[str]] = {}
    for code, whose in books.items():
        if whose.school_id in led:
            found.setdefault(f"s{whose.school_id}{code[0]}", []).append(code)
    return {together: codes for together, codes in found.items() if len(codes) > 1}


def register_units(staff: Staff, on: date) -> list[Unit]:
    """Units whose register of changes `staff` reads: as `units_for`, and the whole school for its registrar."""
    kept = staff.schools_as(Role.REGISTRAR, *LEADS)
    units: list[Unit] = []
    for school in kept:
        units.append(Unit(school))
        for school_class in SchoolClass.objects.taught_on(on).filter(school=school):
            school_class.school = school
            units.append(Unit(school, school_class))
    known = {school.pk for school in kept}
    return units + [Unit(own.school, own) for own in staff.classes_as(Role.HOMEROOM) if own.school_id not in known]


def leads(staff: Staff, act: Act, school: School) -> bool:
    """Whether a role that `staff` holds at this very school allows `act`; a role held elsewhere does not count."""
    return school.pk in {led.pk for led in staff.schools_as(*ACTS[act])}


def printable(staff: Staff, *needs: tuple[DataClass, Level]) -> ChildQuerySet:
    """
    Children of whom `staff` may print what needs the given data.

    One and the same post must allow printing and give all of the data: the mentor of one child who teaches another
    prints the first child's card only.
    """
    roles = frozenset(role for role in ACTS[Act.PRINT] if all(SIGHT[role][data] >= level for data, level in needs))
    return Child.objects.visible_to(staff).filter(children_reached_by(staff, roles))


def may_write_form(staff: Staff, on: date) -> ChildQuerySet:
    """
    Children whose monthly form `staff` may finish.

    Those of whom they get care data through a post that also writes records: their 代理家长, 班主任, 德育主任, 校长.
    """
    roles = frozenset(
        role
        for role in (Role.MENTOR, Role.HOMEROOM, *LEADS)
        if role in ACTS[Act.RECORD_WRITE] and SIGHT[role][DataClass.CARE] >= Level.OWN
    )
    return Child.objects.visible_to(staff).filter(children_reached_by(staff, roles, on))


CARD_NEEDS = ((DataClass.CONTACT, Level.READ),)
FORM_NEEDS = ((DataClass.CONTACT, Level.READ), (DataClass.CARE, Level.OWN))
# The official form asks for everything: whole family, numbers, health, economy. It is no paper for a mentor.
REGISTRATION_NEEDS = (
    (DataClass.CONTACT, Level.READ),
    (DataClass.ECONOMY, Level.READ),
    (DataClass.HEALTH, Level.READ),
)
# Who may make a paper about a child for people outside: those who know its care and answer for it.
OUTSIDE_NEEDS = ((DataClass.CONTACT, Level.READ), (DataClass.CARE, Level.READ))
DOSSIER_NEEDS = ((DataClass.IDENTITY, Level.READ),)
