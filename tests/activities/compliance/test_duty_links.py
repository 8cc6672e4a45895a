"""Every open cell has a next step for the person who sees it: the form, or who else enters what is asked for."""

import re

import pytest
from django.urls import reverse

from activities.programmes import adopt
from caretrack.access.policy import Role
from mentoring.services import mentor_for
from tests.support.factories import TERM_START, appoint, make_class, make_left_behind, make_pairing, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentee(school_class, homeroom):
    """A child of another class whom the class teacher mentors."""
    for code in ("five_ones_pupils", "five_ones_parents", "ten_ones", "nine_ones"):
        adopt(code, school_class.school, TERM_START, None)
    made = make_left_behind("龙小川", make_class(school_class.school, grade=6))
    make_pairing(made, mentor_for(homeroom, school_class.school))
    return made


def cells(client) -> dict[str, set[str]]:
    """The addresses of the cells that are open, by item."""
    page = client.get(reverse("activities:duty_matrix"), {"span": "term", "programme": "all", "open": "on"})
    found: dict[str, set[str]] = {}
    for name, url in re.findall(
        r'<td class="care-duty [^"]+" data-label="([^"]+)"><a href="([^"]+)"', page.content.decode()
    ):
        found.setdefault(name, set()).add(url.replace("&amp;", "&"))
    return found


def test_no_open_cell_leads_to_a_refusal(client, child, mentee, homeroom):
    client.force_login(homeroom)
    found = cells(client)
    assert {"为学校添一份光彩", "至少回家一次", "参加一项课外兴趣小组", "改正一个缺点"} <= set(found)
    refused = {url for urls in found.values() for url in urls if client.get(url).status_code != 200}
    assert refused == set()


def test_an_award_of_an_own_child_is_entered_and_of_a_mentee_it_is_said_by_whom(client, child, mentee, homeroom):
    client.force_login(homeroom)
    mine, duties = reverse("children:awards_add", args=[child.pk]), reverse("activities:child_duties", args=[mentee.pk])
    urls = cells(client)["为学校添一份光彩"]
    assert mine in urls
    assert reverse("children:awards_add", args=[mentee.pk]) not in urls
    assert any(url.startswith(duties) for url in urls)
    shown = client.get(duties, {"span": "term"}).content.decode()
    assert "奖励由班主任、德育主任登记" in shown
    assert (
        "奖励由"
        not in client.get(reverse("activities:child_duties", args=[child.pk]), {"span": "term"}).content.decode()
    )


def test_who_leads_and_keeps_the_register_reads_each_figure_once(client, child, lead, school_class):
    appoint(lead, Role.REGISTRAR, school_class.school)
    client.force_login(lead)
    labels = [figure.label for figure in client.get("/").context["figures"]]
    assert "档案未完成" in labels
    assert len(labels) == len(set(labels))
    alone = make_staff(Role.REGISTRAR, school_class.school)
    client.force_login(alone)
    assert "在校学生" in [figure.label for figure in client.get("/").context["figures"]]
