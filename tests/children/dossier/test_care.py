"""Care: what warns, what is for few eyes, what a registrar may save."""

from datetime import date, timedelta

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.care_watch import care_warnings
from children.models import (
    CareArrangement,
    Child,
)
from tests.children.dossier.conftest import dossier
from tests.support.factories import (
    TODAY,
    make_mentor,
    make_pairing,
    make_staff,
)

pytestmark = pytest.mark.django_db


def care(child: Child, **kw) -> CareArrangement:
    row = child.care.get()
    for name, value in kw.items():
        setattr(row, name, value)
    row.save()
    return row


def said(row: CareArrangement | None, papers=(), **kw) -> str:
    given = {"both_away": True, "papers": papers, "on": TODAY} | kw
    return " ".join(warning.text for warning in care_warnings(row, **given))


def test_both_parents_away_want_a_written_entrustment(child: Child) -> None:
    row = child.care.get()
    assert "还没有登记委托照护协议" in said(row)
    assert "书面告知学校" in said(row)
    assert "委托照护协议" not in said(row, both_away=False)


@pytest.mark.parametrize(
    "days,words", [(-1, "到期，请尽快续签"), (10, "还有10天"), (60, "")], ids=["over", "soon", "far"]
)
def test_an_entrustment_that_ends_is_told_in_time(child: Child, days: int, words: str) -> None:
    row = care(child, entrusted=True, entrusted_on=date(2026, 1, 5), entrusted_until=TODAY + timedelta(days=days))
    text = said(row, papers={"entrustment"})
    assert words in text
    assert ("到期" in text) is bool(words)


def test_nothing_is_left_to_say_when_all_is_there(child: Child) -> None:
    row = care(
        child,
        entrusted=True,
        entrusted_on=date(2026, 9, 1),
        entrusted_until=date(2027, 8, 31),
        school_told_on=date(2026, 9, 1),
        excluded_checked_on=date(2026, 9, 1),
    )
    assert said(row, papers={"entrustment"}) == ""


def test_what_excludes_a_carer_is_for_those_who_care_only(client: Client, child: Child, homeroom: Staff) -> None:
    care(child, exclusions=["vice"], excluded_checked_on=TODAY, entrusted=True)
    assert "吸毒、酗酒、赌博" in dossier(client, homeroom, child)
    mentor = make_staff()
    make_pairing(child, make_mentor(mentor, child.school))
    for staff in (mentor, make_staff(Role.REGISTRAR, child.school)):
        text = dossier(client, staff, child)
        assert "酗酒" not in text
        assert "不得委托其照护" not in text


def test_a_registrar_saves_the_care_without_touching_the_check(client: Client, child: Child) -> None:
    row = care(child, exclusions=["vice"], excluded_checked_on=TODAY)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    assert "不得委托情形核查" not in client.get(f"/students/{child.pk}/care/").content.decode()
    data = {"carer": row.carer_id, "care_type": "grandparent", "rating": "good", "opened_version": row.version}
    assert client.post(f"/students/{child.pk}/care/", data).status_code == 302
    row.refresh_from_db()
    assert (row.rating, row.exclusions) == ("good", ["vice"])
