"""Who works at the school no longer is given nobody, whatever way a page, a plan or a list takes."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import Appointment
from children.models import Child
from mentoring.absences import plan_absence
from mentoring.handover import change_mentor
from mentoring.models import Mentor, MentorAbsence, Pairing
from mentoring.planning import change_lines, make_plan
from mentoring.services import pair
from tests.support.factories import make_mentor, make_pairing, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()
LATER = TODAY + timedelta(days=10)


@pytest.fixture
def there(school_class) -> Mentor:
    return make_mentor(make_staff(Role.TEACHER, school_class, "石老师"))


@pytest.fixture
def going(school_class) -> Mentor:
    """A mentor whose post ends in some days."""
    mentor = make_mentor(make_staff(Role.TEACHER, school_class, "韦老师"))
    Appointment.objects.filter(staff=mentor.staff).update(ends_on=TODAY + timedelta(days=5))
    return mentor


def test_paired_until_the_post_ends_and_not_after(child, going, lead) -> None:
    with pytest.raises(ValidationError, match="韦老师已经离岗"):
        pair(child=child, mentor=going, on=LATER, by=lead)
    assert pair(child=child, mentor=going, on=TODAY, by=lead).mentor == going


def test_a_closed_account_counts_as_gone(child, going, lead) -> None:
    going.staff.is_active = False
    going.staff.save()
    with pytest.raises(ValidationError, match="账号已停用"):
        pair(child=child, mentor=going, on=TODAY, by=lead)


def test_nor_as_the_next_mentor(child, there, going, lead) -> None:
    Appointment.objects.filter(staff=going.staff).update(ends_on=TODAY - timedelta(days=1))
    with pytest.raises(ValidationError, match="韦老师已经离岗"):
        change_mentor(pairing=make_pairing(child, there), mentor=going, on=TODAY, today=TODAY, by=lead)
    assert Pairing.objects.open().get().mentor == there


def test_nor_as_a_deputy(child, there, going, lead) -> None:
    make_pairing(child, there)
    with pytest.raises(ValidationError, match="韦老师已经离岗"):
        plan_absence(mentor=there, deputy=going, starts_on=LATER, ends_on=LATER, reason="培训", by=lead)
    assert not MentorAbsence.objects.exists()


def test_nor_in_a_plan(school_class, child, there, going, lead) -> None:
    plan = make_plan(
        school=school_class.school, children=Child.objects.filter(pk=child.pk), title="结对", starts_on=LATER, by=lead
    )
    line = plan.lines.get()
    assert line.mentor == there
    with pytest.raises(ValidationError, match="不在这所学校"):
        change_lines(plan=plan, chosen={line.pk: going.pk}, by=lead)
