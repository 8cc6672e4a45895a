"""Whose figures a person may open (design §2): leads those of their school and its classes, homeroom teachers theirs."""

from __future__ import annotations

from datetime import date

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from reports.builders.unit import Unit

LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)


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
