"""The acts of setting up: the first school, accounts, appointments, terms, classes."""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from caretrack.access.policy import CLASS_ROLES, Role
from caretrack.periods import chinese_date
from caretrack.schools.models import Appointment, School, SchoolClass, SchoolDay, Staff, Stage, Term

# Without 0 O 1 l I: a slip is read by people. 10 characters are about 49 bits.
SLIP_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
SLIP_LENGTH = 10
SLIP_VALID = timedelta(days=14)


@dataclass(frozen=True)
class Slip:
    """A printed log-in slip. The code exists here and on paper, nowhere else."""

    staff: Staff
    code: str = field(repr=False)
    valid_until: date


def issue_slip(staff: Staff) -> Slip:
    """A new one-time code for `staff`, valid for 14 days; it opens nothing but the page to choose a password."""
    code = "".join(secrets.choice(SLIP_ALPHABET) for _ in range(SLIP_LENGTH))
    staff.set_password(code)
    staff.must_change_password = True
    staff.password_set_at = timezone.now()
    staff.save(update_fields=["password", "must_change_password", "password_set_at"])
    return Slip(staff, code, timezone.localdate() + SLIP_VALID)


def slip_expired(staff: Staff) -> bool:
    """Whether the code on the slip is older than 14 days."""
    return staff.must_change_password and timezone.now() - staff.password_set_at > SLIP_VALID


@transaction.atomic
def set_up(*, school: School, term: Term, admin: Staff, password: str, classes_per_grade: int, on: date) -> Staff:
    """
    Create the first school with its term, classes for every grade, and the first administrator.

    Raises ValidationError if an account exists already.
    """
    if Staff.objects.exists():
        raise ValidationError("系统已经设置过了，请直接登录。")
    school.save()
    term.school = school
    term.full_clean(exclude=["change"])
    term.save()
    make_classes(school=school, per_grade=classes_per_grade, year=term.year)
    admin.set_password(password)
    admin.must_change_password = False
    admin.save()
    for role in (Role.SYSADMIN, Role.REGISTRAR):
        Appointment.objects.create(staff=admin, role=role, school=school, starts_on=min(on, term.starts_on))
    return admin


def make_classes(*, school: School, per_grade: int, year: int) -> list[SchoolClass]:
    """One to `per_grade` classes in every grade of the school year that began in `year`; existing ones stay."""
    made = []
    grades = Stage(school.stage).grades
    for grade in grades:
        for number in range(1, per_grade + 1):
            entry = year - grade + grades.start
            if not SchoolClass.objects.filter(school=school, entry_year=entry, number=number).exists():
                made.append(SchoolClass.objects.create(school=school, entry_year=entry, number=number))
    return made


@transaction.atomic
def appoint(
    *, staff: Staff, role: str, school: School, school_class: SchoolClass | None, on: date, ends_on: date | None = None
) -> Appointment:
    """
    Appoint `staff` from `on`.

    Raises ValidationError if a class role lacks its class, or the class is of another school.
    """
    if Role(role) not in CLASS_ROLES:
        school_class = None
    if school_class is not None and school_class.school_id != school.pk:
        raise ValidationError({"school_class": "班级不在所选学校。"})
    post = Appointment(staff=staff, role=role, school=school, school_class=school_class, starts_on=on, ends_on=ends_on)
    post.full_clean(exclude=["change"])
    post.save()
    return post


@transaction.atomic
def end_appointment(*, appointment: Appointment, on: date) -> Appointment:
    """End an appointment; `on` is its last day. Rights end with it. Raises ValidationError if it ended before."""
    if appointment.ends_on is not None:
        raise ValidationError(f"这项任职已于{chinese_date(appointment.ends_on)}结束。")
    appointment.ends_on = on
    appointment.full_clean(exclude=["change"])
    appointment.save(update_fields=["ends_on"])
    return appointment


@transaction.atomic
def set_school_days(*, school: School, kind: str, first: date, last: date, reason: str) -> list[SchoolDay]:
    """
    Enter first … last as days off, or as days of lessons. Days that are so already by the national calendar count too.

    Raises ValidationError naming the days that were entered before; nothing is written then.
    """
    known = SchoolDay.objects.filter(school=school).between(first, last).order_by("on").values_list("on", flat=True)
    if known:
        days = "、".join(f"{on.month}月{on.day}日" for on in known)
        raise ValidationError({"first": f"{days}已经登记过了，请先在下面撤销。"})
    days_in = (last - first).days + 1
    return SchoolDay.objects.bulk_create(
        [
            SchoolDay(school=school, on=first + timedelta(days=n), kind=kind, reason=reason.strip())
            for n in range(days_in)
        ]
    )
