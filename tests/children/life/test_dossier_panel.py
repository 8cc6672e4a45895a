"""The dossier shows the latest entries of each kind, as far as the reader gets that class of data."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import AidGrant, Award, BoardingTerm, BusRide, BusRoute, Child, HealthCheck, Result
from tests.support.factories import make_child, make_class, make_mentor, make_pairing, make_staff, make_term

pytestmark = pytest.mark.django_db
WORDS = {
    "health": "龋齿",
    "results": "91分 优",
    "aid": "春蕾计划",
    "awards": "阳光少年",
    "bus": "栗坪村方向",
    "boarding": "201-1",
}


@pytest.fixture
def four() -> SchoolClass:
    return make_class()


@pytest.fixture
def child(four: SchoolClass) -> Child:
    term = make_term(four.school)
    lan = make_child("李小兰", four, boarding="2", dorm_bed="201-1")
    on = date(2026, 10, 8)
    HealthCheck.objects.create(child=lan, on=on, finding="龋齿", needs_follow_up=True)
    Result.objects.create(child=lan, term=term, subject="语文", occasion="期中", mark=91)
    AidGrant.objects.create(child=lan, programme="春蕾计划", amount=300, on=on)
    Award.objects.create(child=lan, title="阳光少年", scope="school", on=on)
    route = BusRoute.objects.create(school=four.school, direction="栗坪村方向", vehicle="coach")
    BusRide.objects.create(child=lan, route=route, starts_on=on)
    BoardingTerm.objects.create(child=lan, term=term, bed="201-1", comment="内务整齐")
    return lan


def shown(client: Client, child: Child) -> set[str]:
    page = client.get(reverse("children:child_show", args=[child.pk])).content.decode()
    return {slug for slug, words in WORDS.items() if f'id="life-{slug}"' in page and words in page}


@pytest.mark.parametrize(
    "role, kinds",
    [
        (Role.HOMEROOM, set(WORDS)),
        (Role.PRINCIPAL, set(WORDS)),
        (Role.REGISTRAR, set(WORDS) - {"results"}),
        (Role.COUNSELLOR, {"health", "results", "awards"}),
        (Role.TEACHER, {"awards"}),
    ],
)
def test_each_post_gets_its_kinds(client: Client, four: SchoolClass, child: Child, role: Role, kinds: set[str]) -> None:
    client.force_login(make_staff(role, four))
    assert shown(client, child) == kinds


def test_a_mentor_gets_results_and_awards_of_the_mentee(client: Client, four: SchoolClass, child: Child) -> None:
    mentor = make_mentor(make_staff(Role.TEACHER, make_class(four.school, 5)), four.school)
    make_pairing(child, mentor)
    client.force_login(mentor.staff)
    assert shown(client, child) == {"results", "awards"}


def test_the_workbench_tells_what_waits(client: Client, four: SchoolClass, child: Child) -> None:
    Child.objects.filter(pk=child.pk).update(dorm_bed="", commute="unlicensed")
    client.force_login(make_staff(Role.PRINCIPAL, four))
    page = client.get(reverse("workbench")).content.decode()
    for words in ("体检后还没有复查", "住校没有床位", "学生乘无证或非营运车上下学"):
        assert words in page
