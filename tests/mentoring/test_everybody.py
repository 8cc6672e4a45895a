"""Every teacher and every check: who has no child, whose check ends, entered for many at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from mentoring.models import Mentor
from mentoring.standing import expected_share
from tests.support.factories import make_class, make_left_behind, make_mentor, make_pairing, make_staff

pytestmark = pytest.mark.django_db


def test_every_teacher_without_a_child_is_listed_and_can_become_a_mentor(client, lead, school_class) -> None:
    busy, free = (make_staff(Role.TEACHER, school_class, name) for name in ("石老师", "韦老师"))
    make_staff(Role.SYSADMIN, school_class.school, "管理员甲")
    make_staff(Role.TEACHER, make_class(), "别校老师")
    make_pairing(make_left_behind("李小兰", school_class), make_mentor(busy))
    client.force_login(lead)
    address = reverse("mentoring:teacher_list")
    shown = client.get(address).content.decode()
    assert "韦老师" in shown
    assert all(name not in shown for name in ("石老师", "管理员甲", "别校老师"))
    assert client.post(address).status_code == 422
    assert client.post(address, {"staff": [free.pk]}).status_code == 302
    made = Mentor.objects.get(staff=free)
    assert (made.school, made.background_checked_on) == (school_class.school, free.background_checked_on)
    assert "已在名单" in client.get(address).content.decode()


@pytest.mark.parametrize("children,teachers,words", [(10, 4, "2—3 名"), (9, 3, "3 名"), (5, 0, "—"), (2, 5, "0—1 名")])
def test_an_even_share(children, teachers, words) -> None:
    assert expected_share(children, teachers) == words


def test_checks_are_entered_for_many_and_the_most_urgent_stand_first(client, lead, school_class) -> None:
    today = timezone.localdate()
    names = ("从没查过", "已经过期", "快要到期", "还有很久")
    days = (None, today - timedelta(days=400), today - timedelta(days=340), today - timedelta(days=10))
    for name, day in zip(names, days, strict=True):
        mentor = make_mentor(make_staff(Role.TEACHER, school_class, name))
        mentor.background_checked_on = day
        mentor.save()
    client.force_login(lead)
    address = reverse("mentoring:check_list")
    shown = client.get(address).content.decode()
    assert sorted(names, key=shown.index) == list(names)
    late = Mentor.objects.filter(name__in=names[:2])
    told = {"mentors": [m.pk for m in late], "on": (today - timedelta(days=366)).isoformat()}
    assert "超过 12 个月" in client.post(address, told).content.decode()
    assert (
        "不能在今天以后"
        in client.post(address, told | {"on": (today + timedelta(days=1)).isoformat()}).content.decode()
    )
    assert client.post(address, told | {"on": today.isoformat()}).status_code == 302
    assert all(m.checked_on(today) for m in Mentor.objects.filter(name__in=names[:2]))


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("name,most", [("teacher_list", 18), ("check_list", 12)])
def test_these_pages_stay_flat(client, lead, school_class, rows, name, most, django_assert_max_num_queries) -> None:
    for number in range(rows):
        make_mentor(make_staff(Role.TEACHER, school_class, f"老师{number}"))
    client.force_login(lead)
    client.get(reverse(f"mentoring:{name}"))
    with django_assert_max_num_queries(most):
        client.get(reverse(f"mentoring:{name}"))
