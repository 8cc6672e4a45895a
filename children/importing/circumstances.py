"""What an import must know beside the file: the school's year and classes, from which day and how pupils count."""

import datetime as dt
from typing import Any

from django.db.models import Count
from django.utils import timezone

from caretrack.periods import school_year
from caretrack.schools.models import School, SchoolClass, Staff, Term
from caretrack.schools.models.school import KINDERGARTEN_GRADES, Stage, school_first
from children.importing.merge import Terms
from children.importing.normalise.phones import digits
from children.importing.parsed import Context
from children.models import StatusChange, codes

IN_USE_AFTER = dt.timedelta(days=30)


def context_of(school: School, on: dt.date, answers: dict[str, Any]) -> Context:
    """What the reader must know about the school: year, classes, and what a person has said so far."""
    grades = Stage(school.stage)
    sizes = {
        (KINDERGARTEN_GRADES[grade - 1] if grades == Stage.KINDERGARTEN else grade, found.number): found.pupils
        for found in SchoolClass.objects.taught_on(on).filter(school=school).annotate(pupils=Count("children"))
        if (grade := school_year(on) - found.entry_year + school_first(school)) in grades.grades
    }
    mapping = {
        sheet: {int(index): name for index, name in columns.items()}
        for sheet, columns in answers.get("mapping", {}).items()
    }
    return Context(
        school_year=school_year(on),
        cut_off=on,
        school_name=school.name,
        first_grade=school_first(school),
        known_classes=frozenset(sizes),
        class_sizes=sizes,
        mapping=mapping,
        answers=answers.get("answers", {}),
        staff_phones=frozenset(
            digits(phone) for phone in Staff.objects.of_school(school, on).values_list("phone", flat=True) if phone
        ),
    )


def terms_of(school: School, by: Staff | None, on: dt.date, answers: dict[str, Any]) -> Terms:
    """
    The circumstances of an import, unless a person says otherwise.

    The first rosters of a school put pupils into class on the first day of the term. Once the register is in use, whom
    a roster adds was overlooked and counts from the roster's day: months that were handed in must not change.
    """
    entry, running = answers.get("entry_on"), in_use(school, on)
    usual = codes.ChangeKind.FOUND if running else codes.ChangeKind.ENROL_NEW
    default = on if running else default_entry(school, on)
    kind = answers.get("entry_kind") or usual.value
    return Terms(school, by, on, dt.date.fromisoformat(entry) if entry else default, kind)


def in_use(school: School, on: dt.date) -> bool:
    """Whether the school's register was kept for a month and more before `on`."""
    known = timezone.now() - IN_USE_AFTER
    return StatusChange.objects.filter(school=school, entered_at__lt=known, on__lt=on).exists()


def default_entry(school: School, on: dt.date) -> dt.date:
    """The first day of the school's current term, so that the term's records fit; `on` without a term."""
    term = Term.objects.current(school, on)
    return min(term.starts_on, on) if term else on
