"""What of the turn of the year is still to be done, for the workbench in summer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from caretrack.access.policy import Role
from caretrack.schools.models import Appointment, School, SchoolClass, Term
from children.models.child import ChildQuerySet


@dataclass(frozen=True)
class Left:
    """Pupils to graduate, schools without first-year classes or a term, classes without 班主任 on the first of September."""

    graduates: int
    without_new_classes: int
    without_term: int
    without_teacher: int

    @property
    def anything(self) -> bool:
        return any((self.graduates, self.without_new_classes, self.without_term, self.without_teacher))


def unprepared(schools: Sequence[School], children: ChildQuerySet, year: int, today: date) -> Left:
    """What the schools have not prepared for the school year `year`, in four statements; `children` are those seen."""
    first_day = max(today, date(year, 9, 1))
    new = set(SchoolClass.objects.filter(school__in=schools, entry_year=year).values_list("school_id", flat=True))
    dated = set(Term.objects.filter(school__in=schools, year=year, season=1).values_list("school_id", flat=True))
    teaching = Appointment.objects.current(first_day).filter(role=Role.HOMEROOM).values("school_class")
    classes = SchoolClass.objects.filter(school__in=schools).taught_on(first_day)
    return Left(
        graduates=children.on_roll().filter(school__in=schools, school_class__graduates_year__lte=year).count(),
        without_new_classes=len(schools) - len(new),
        without_term=len(schools) - len(dated),
        without_teacher=classes.exclude(pk__in=teaching).count(),
    )
