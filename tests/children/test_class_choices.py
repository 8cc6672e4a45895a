"""A class teacher who is also the 代理家长 of a child elsewhere: lists offer the classes that they can hold."""

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import AidGrant, HealthCheck
from tests.support.factories import (
    TODAY,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def four(client: Client) -> SchoolClass:
    """The own class of whoever is signed in; a mentee is in 五（1）班."""
    four = make_class()
    make_term(four.school)
    five = make_class(four.school, 5)
    staff = make_staff(Role.HOMEROOM, four, "田老师")
    for child in (make_left_behind("李小兰", four), make_left_behind("龙小川", five)):
        HealthCheck.objects.create(child=child, on=TODAY)
        AidGrant.objects.create(child=child, programme="营养餐", on=TODAY, goods="牛奶1箱")
    make_pairing(child, make_mentor(staff, four.school))
    client.force_login(staff)
    return four


@pytest.mark.parametrize(
    "page",
    [
        "children:contact_list",
        "children:special_list",
        "children:health_list",
        "children:aid_list",
    ],
)
def test_no_other_class_is_offered(client: Client, four: SchoolClass, page: str) -> None:
    offered = [
        str(label) for _, label in client.get(reverse(page)).context["filter_form"].fields["school_class"].choices
    ]
    assert "五（1）班" not in offered, "the mentee's class has nothing on this list"


def test_the_mentee_is_found_by_class_among_all_children(client: Client, four: SchoolClass) -> None:
    choices = client.get(reverse("children:child_list")).context["filter_form"].fields["school_class"].choices
    assert {"四（1）班", "五（1）班"} <= {label for _, label in choices}
