"""A mentor who may not read others' records is told "you have not", never "nobody has"."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from tests.support.factories import make_class, make_mentor, make_pairing, make_record, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor_page(client: Client, child, homeroom) -> Client:
    """The browser of a mentor of the child, with whom only the class teacher has talked."""
    staff = make_staff(Role.TEACHER, make_class(child.school, grade=6), "石老师")
    make_pairing(child, make_mentor(staff))
    make_record(child, homeroom, timezone.localdate())
    client.force_login(staff)
    return client


def addresses(child) -> dict[str, str]:
    return {
        "workbench": reverse("workbench"),
        "silences": reverse("activities:silence_list"),
        "form": f"{reverse('activities:record_add')}?child={child.pk}&kind=talk",
        "dossier": reverse("children:child_show", args=[child.pk]),
        "timeline": reverse("children:child_timeline", args=[child.pk]),
    }


@pytest.mark.parametrize(
    "page, said, unsaid",
    [
        ("workbench", "您还没有谈过", ">还没有谈过"),
        ("silences", "您还没有过", ">还没有过"),
        ("form", "您还没有谈过心", " 还没有谈过心"),
        ("dossier", "您能看到的 0 条", "还没有关爱记录"),
        ("timeline", "您能看到的共", None),
    ],
)
def test_nothing_seen_is_not_called_nothing_done(mentor_page, child, page, said, unsaid) -> None:
    shown = mentor_page.get(addresses(child)[page]).content.decode()
    assert said in shown
    assert unsaid is None or unsaid not in shown


@pytest.mark.parametrize("page", ["workbench", "silences", "form", "dossier", "timeline"])
def test_the_class_teacher_who_reads_all_is_told_it_plainly(client, child, homeroom, page) -> None:
    client.force_login(homeroom)
    shown = client.get(addresses(child)[page]).content.decode()
    assert "您还没有" not in shown
    assert "您能看到的" not in shown
