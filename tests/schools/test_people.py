"""Accounts and appointments."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Act, Role
from caretrack.schools.models import Appointment, Staff
from tests.support.factories import appoint, make_class, make_school, make_staff, make_term

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def admin(client, school):
    staff = make_staff(Role.SYSADMIN, school, name="管理员")
    client.force_login(staff)
    return staff


def test_a_new_account_gets_a_slip_that_is_shown_once(client, admin):
    response = client.post(reverse("schools:staff_add"), {"name": "田老师", "username": "tian", "is_active": "on"})
    slip = response.context["slip"]
    assert slip.code in response.content.decode()
    assert Staff.objects.get(username="tian").check_password(slip.code)
    assert slip.code not in client.get(reverse("schools:staff_show", args=[slip.staff.pk])).content.decode()


def test_an_appointment_gives_the_right_and_its_end_takes_it(client, admin, school):
    teacher = make_staff(name="田老师")
    school_class = make_class(school)
    data = {
        "role": Role.HOMEROOM,
        "school": school.pk,
        "school_class": school_class.pk,
        "starts_on": timezone.localdate() - timedelta(days=1),
    }
    assert client.post(reverse("schools:appointment_add", args=[teacher.pk]), data).status_code == 302
    assert Staff.objects.get(pk=teacher.pk).may(Act.RECORD_WRITE)
    post = Appointment.objects.get(staff=teacher)
    url = reverse("schools:appointment_end", args=[post.pk])
    assert client.post(url, {"ends_on": timezone.localdate() - timedelta(days=1)}).status_code == 302
    assert not Staff.objects.get(pk=teacher.pk).may(Act.RECORD_WRITE)


def test_a_homeroom_teacher_needs_a_class(client, admin, school):
    teacher = make_staff(name="田老师")
    data = {"role": Role.HOMEROOM, "school": school.pk, "starts_on": "2026-09-01"}
    response = client.post(reverse("schools:appointment_add", args=[teacher.pk]), data)
    assert "须选择班级" in response.content.decode()
    assert not Appointment.objects.filter(staff=teacher).exists()


def test_nobody_appoints_himself(client, admin, school):
    data = {"role": Role.PRINCIPAL, "school": school.pk, "starts_on": "2026-09-01"}
    response = client.post(reverse("schools:appointment_add", args=[admin.pk]), data)
    assert "不能给自己任命" in response.content.decode()
    assert Staff.objects.get(pk=admin.pk).roles() == {Role.SYSADMIN}


def test_an_account_of_another_school_is_not_found(client, admin):
    stranger = make_staff(Role.PRINCIPAL, make_school("别的学校"))
    assert client.get(reverse("schools:staff_show", args=[stranger.pk])).status_code == 404
    assert client.post(reverse("schools:staff_slip", args=[stranger.pk])).status_code == 404


def test_a_new_slip_ends_the_old_password_and_sessions(client, admin, school):
    teacher = make_staff(Role.TEACHER, make_class(school), name="田老师")
    other = client.__class__()
    other.force_login(teacher)
    client.post(reverse("schools:staff_slip", args=[teacher.pk]))
    assert reverse("login") in other.get(reverse("schools:policy")).headers["Location"]


def test_the_database_refuses_a_homeroom_post_without_class(school):
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(staff=make_staff(), role=Role.HOMEROOM, school=school, starts_on=date(2026, 9, 1))


def test_the_database_refuses_the_same_open_post_twice(school):
    staff = make_staff(Role.PRINCIPAL, school)
    with pytest.raises(IntegrityError), transaction.atomic():
        appoint(staff, Role.PRINCIPAL, school)


def test_terms_of_a_school_do_not_overlap(client, admin, school):
    make_term(school)
    data = {"school": school.pk, "year": 2026, "season": 2, "starts_on": "2027-01-10", "ends_on": "2027-07-01"}
    response = client.post(reverse("schools:term_add"), data)
    assert response.status_code == 422
    assert "重叠" in response.content.decode()


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_of_people_stays_flat(client, admin, school, rows, django_assert_max_num_queries):
    for number in range(rows):
        make_staff(Role.TEACHER, make_class(school, number=1), name=f"老师{number}")
    with django_assert_max_num_queries(10):
        client.get(reverse("schools:staff_list"))


def test_names_of_classes_follow_from_the_day(school):
    school_class = make_class(school, grade=4)
    assert school_class.name_on(date(2026, 11, 20)) == "四（1）班"
    assert school_class.name_on(date(2027, 8, 1)) == "五（1）班"
    assert school_class.name_on(date(2030, 8, 1)) == "2029届（1）班"
