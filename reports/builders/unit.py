"""What a report is about: a class or a school, and its children on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from caretrack.fixed import narrowed
from caretrack.schools.models import School, SchoolClass
from children.models import Enrollment


@dataclass(frozen=True)
class Unit:
    """A class, or a whole school when `school_class` is None. `code` stands in addresses: s3, c12."""

    school: School
    school_class: SchoolClass | None = None

    @property
    def code(self) -> str:
        return f"c{self.school_class.pk}" if self.school_class else f"s{self.school.pk}"

    def name(self, on: date) -> str:
        """四（1）班, or the school's name."""
        return self.school_class.name_on(on) if self.school_class else self.school.name

    def title_prefix(self, on: date) -> str:
        """What the heading of its report begins with: 四（1）班, or 全校."""
        return self.school_class.name_on(on) if self.school_class else "全校"

    def enrolled_during(self, first: date, last: date) -> QuerySet[Enrollment]:
        """Enrolments of its children with a day in first … last."""
        found = Enrollment.objects.during(first, last)
        if self.school_class:
            return found.filter(school_class=self.school_class)
        return found.filter(school=self.school)

    def stays(
        self, first: date, last: date, of: tuple[int, ...] | None = None
    ) -> list[tuple[int, int, date, date | None]]:
        """As `enrolled_during`: child id, class id, from, to; by class and child. `of` some children. One statement."""
        if self.school_class:
            return _stays_in_class(self.school_class.pk, first, last, of=of)
        return _stays_in_school(self.school.pk, first, last, of=of)

    def roll(self, on: date) -> dict[int, int]:
        """Every pupil of the unit on the day: child id → class id. One statement."""
        return {child: at for child, at, _, _ in self.stays(on, on)}

    def classes(self, on: date) -> list[SchoolClass]:
        """The classes that a table has rows for, lowest grade first. Their school is loaded."""
        if self.school_class:
            return [self.school_class]
        classes = list(SchoolClass.objects.taught_on(on).filter(school=self.school))
        for school_class in classes:
            school_class.school = self.school
        return classes


_STAY = ("child_id", "school_class_id", "starts_on", "ends_on")


@narrowed("school")
def _stays_in_school(first: date, last: date) -> QuerySet[Enrollment, Any]:
    found = Enrollment.objects.during(first, last)
    return found.order_by("school_class_id", "child_id", "starts_on").values_list(*_STAY)


@narrowed("school_class")
def _stays_in_class(first: date, last: date) -> QuerySet[Enrollment, Any]:
    found = Enrollment.objects.during(first, last)
    return found.order_by("school_class_id", "child_id", "starts_on").values_list(*_STAY)
