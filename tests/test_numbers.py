"""Numbers in addresses and forms: what no row can have is no number, and no page breaks over it."""

import pytest
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.web.numbers import number, numbers
from tests.support.factories import make_class, make_left_behind, make_staff, make_term

ODD = ("²", "9" * 25, "٣", "-1", "1.5", "", "abc")


def test_a_number_is_what_a_row_may_have() -> None:
    assert number("42") == 42
    assert [number(text) for text in (*ODD, None)] == [None] * 8
    assert numbers(["7", *ODD, "8"]) == [7, 8]


PAGES = [
    ("activities:group_print", "group"), ("activities:incident_add", "child"), ("activities:incident_add", "worry"),
    ("activities:event_add", "group"), ("activities:worry_add", "child"), ("activities:homecoming_many", "campaign"),
    ("activities:feedback_print", "school_class"), ("activities:feedback_print", "child"),
    ("activities:promise_list", "school_class"), ("children:child_list", "school_class"),
    ("children:bus_many", "route"), ("mentoring:peer_add", "child"), ("mentoring:peer_add", "class"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("page, name", PAGES)
@pytest.mark.parametrize("text", ["²", "9" * 25])
def test_odd_numbers_in_an_address_break_no_page(client, page, name, text) -> None:
    school_class = make_class()
    make_term(school_class.school)
    make_left_behind("李小兰", school_class)
    client.force_login(make_staff(Role.CARE_LEAD, school_class.school))
    assert client.get(reverse(page), {name: text}, follow=True).status_code in (200, 302, 404)
