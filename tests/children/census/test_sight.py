"""Who is told what of a pupil that a round asked about and who has moved on since: page, paper, workbooks, counts."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.census.figures import census_figures
from children.census.rounds import close_round, open_round
from children.models import Census, Child
from children.services import change_class
from children.transfers import accept, send
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_mentor,
    make_pairing,
    make_school,
    make_staff,
)
from tests.support.paper import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def teacher(school_class: SchoolClass) -> Staff:
    return make_staff(Role.HOMEROOM, school_class)


@pytest.fixture
def principal(school_class: SchoolClass) -> Staff:
    return make_staff(Role.PRINCIPAL, school_class.school, "龙校长")


def opened(school_class: SchoolClass, days: int, kind: str = "poverty") -> Census:
    cut_off = TODAY - timedelta(days=days)
    return open_round(school=school_class.school, kind=kind, cut_off=cut_off, due_on=None, by=None, today=TODAY)


@pytest.fixture
def moved(school_class: SchoolClass, principal: Staff) -> Child:
    """Was poor in the first round, no longer in the second, and is in another class of the school since."""
    child = make_child("石小禾", school_class, hardship=["minimum"])
    make_child("田小雨", school_class, hardship=["illness"])
    close_round(census=opened(school_class, 20), by=principal, reason="测试")
    Child.objects.filter(pk=child.pk).update(hardship=[])
    child.refresh_from_db()
    opened(school_class, 5, "annual")
    opened(school_class, 5)
    change_class(child=child, to=make_class(school_class.school, number=2), on=TODAY, by=None)
    return child


def last() -> Census:
    return Census.objects.filter(kind="poverty").order_by("-cut_off")[0]


def told(census: Census, staff: Staff, place: SchoolClass | None = None) -> list[tuple[str, str]]:
    return [(c.name, c.kind) for c in census_figures(census, staff, {place.pk} if place else None).changes]


def everything(client: Client, census: Census) -> str:
    """What a visitor gets of a round: its page, the paper, both workbooks."""
    url = f"/students/census/{census.pk}/"
    pages = [client.get(url).content.decode(), text_of(client.get(f"{url}print/").content)]
    for what in ("", "?what=changes"):
        book = load_workbook(BytesIO(client.get(f"{url}export/{what}").content))
        pages += [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    return "\n".join(pages)


def test_the_former_class_teacher_is_not_told_of_who_changed_class(
    client: Client, moved: Child, school_class: SchoolClass, teacher: Staff, principal: Staff
) -> None:
    census = last()
    assert ("石小禾", "不再困难") in told(census, principal)
    assert not told(census, teacher, school_class)
    client.force_login(teacher)
    assert "石小禾" not in everything(client, census)
    client.force_login(principal)
    assert everything(client, census).count("石小禾") >= 3


def test_the_table_of_a_class_tells_nothing_by_what_is_missing_on_the_class_page(
    moved: Child, school_class: SchoolClass, teacher: Staff, principal: Staff
) -> None:
    first = Census.objects.order_by("cut_off")[0]
    mine, schools = census_figures(first, teacher, {school_class.pk}), census_figures(first, principal)
    counts = dict(zip(mine.columns, mine.total, strict=True))
    assert (counts["调查学生"], counts["低保"], counts["重病"]) == (1, 0, 1)
    assert "只包括现在由本人负责的学生，已转到别班或离校的不在内。" in mine.notes
    counts = dict(zip(schools.columns, schools.total, strict=True))
    assert (counts["调查学生"], counts["低保"]) == (2, 1), "the figures of the school are final"


def test_who_was_accepted_by_another_school_is_named_to_nobody_of_the_former(
    client: Client, school_class: SchoolClass, teacher: Staff, principal: Staff
) -> None:
    child = make_child("石小禾", school_class, hardship=["minimum"])
    make_child("田小雨", school_class, hardship=["illness"])
    close_round(census=opened(school_class, 20), by=principal, reason="测试")
    far = make_class(make_school("乙小学"))
    transfer = send(child=child, on=TODAY - timedelta(days=15), by=None, to_school=far.school)
    census = opened(school_class, 5)
    assert told(census, principal) == [("石小禾", "不再列入")], "not accepted yet: still a matter of this school"
    assert not told(census, teacher, school_class)
    accept(transfer=transfer, school_class=far, on=TODAY - timedelta(days=3), by=make_staff(Role.REGISTRAR, far.school))
    for staff in (teacher, principal):
        client.force_login(staff)
        assert "石小禾" not in everything(client, census)


def test_a_mentor_who_keeps_the_former_class_gets_no_more_than_a_mentor(
    moved: Child, school_class: SchoolClass, teacher: Staff
) -> None:
    make_pairing(moved, make_mentor(teacher), on=date(2026, 11, 1))
    assert Child.objects.visible_to(teacher).filter(pk=moved.pk).exists()
    assert not told(last(), teacher, school_class)


def test_a_family_out_of_reach_is_not_named_to_the_former_class_teacher(
    client: Client, moved: Child, school_class: SchoolClass, teacher: Staff, principal: Staff
) -> None:
    census = Census.objects.get(kind="annual")
    census.rows.update(answer="unknown")
    close_round(census=census, by=principal)
    client.force_login(teacher)
    page: Any = client.get(f"/students/census/{census.pk}/")
    assert [row.child.name for row, _ in page.context["lost"]] == ["田小雨"]
