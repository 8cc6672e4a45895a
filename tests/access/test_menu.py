"""What stands in the menu leads somewhere: no entry opens an empty page or one that is kept to others."""

import pytest
from django.urls import reverse

from caretrack.access.policy import ACTS, Act, Role
from caretrack.web.navigation import menu_for
from children.views.life.kinds import KINDS
from tests.support.factories import make_class, make_staff

pytestmark = pytest.mark.django_db


def test_the_page_before_the_lists_is_for_those_who_may_open_one_of_them():
    assert ACTS[Act.LIFE_VIEW] == frozenset().union(*(ACTS[kind.view] for kind in KINDS.values()))


@pytest.mark.parametrize("role,there", [(Role.LEADER, False), (Role.TEACHER, True)])
def test_the_menu_names_the_lists_of_school_life_only_to_those(client, role, there):
    school_class = make_class()
    staff = make_staff(role, school_class if role is Role.TEACHER else school_class.school)
    assert ("在校登记" in [item.label for item in menu_for(staff, "/")]) is there
    client.force_login(staff)
    assert client.get(reverse("children:life_home")).status_code == (200 if there else 403)


@pytest.mark.parametrize(
    "role,place",
    [
        (Role.CARE_LEAD, "worry_list"),
        (Role.COUNSELLOR, "alert_list"),
        (Role.REGISTRAR, "night_home"),
        (Role.LEADER, "worry_mine"),
        (Role.SYSADMIN, "worry_mine"),
    ],
)
def test_safety_begins_with_a_page_of_ones_own_and_never_with_the_files(client, role, place):
    client.force_login(make_staff(role, make_class().school))
    answer = client.get(reverse("activities:safety"), follow=True)
    assert answer.redirect_chain == [(reverse(f"activities:{place}"), 302)]
    assert answer.status_code == 200
