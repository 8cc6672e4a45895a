"""A programme that begins in the middle of a term: nothing of it is due before its day, and every page says from when."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from activities.compliance.board import board_of
from activities.compliance.spans import view_of
from activities.models import ProgrammeItem
from activities.programme_acts import change_item
from activities.programmes import adopt
from caretrack.access.policy import Role
from mentoring.services import mentor_for
from tests.support.factories import (
    TODAY,
    make_class,
    make_left_behind,
    make_pairing,
    make_school,
    make_staff,
    make_term,
)
from tests.support.paper import silent_layout, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]
START = date(2026, 11, 26)
#: A term of which the programme still has more than half.
OPENS = date(2026, 11, 2)
SAID = "“十个一”从2026年11月26日起实行"


@pytest.fixture
def school():
    made = make_school()
    make_term(made, starts_on=OPENS)
    four = make_class(made, 4)
    teacher = make_staff(Role.HOMEROOM, four, name="罗老师")
    make_pairing(make_left_behind("李小兰", four), mentor_for(teacher, made), OPENS)
    adopt("ten_ones", made, START, None)
    return made


@pytest.fixture
def lead(school, client):
    made = make_staff(Role.CARE_LEAD, school, name="石主任")
    client.force_login(made)
    return made


def test_before_the_day_the_term_has_no_rate_and_nobody_lacks_anything(client, lead):
    shown = client.get(reverse("activities:duty_matrix"), {"span": "term"})
    [row] = shown.context["rows"]
    assert (row["due"], row["done"], row["lacks"], row["begins"]) == (0, 0, 0, START)
    assert shown.context["totals"]["rate"] == "—"
    text = shown.content.decode()
    assert f"{SAID}，尚未开始，现在不计应做和完成率。" in text
    assert "11月26日起算" in text
    assert "0.0%" not in text


def test_before_the_day_classes_paper_and_workbook_say_so_too(client, lead):
    by_class = client.get(reverse("activities:duty_groups"), {"span": "term", "by": "class"}).content.decode()
    assert SAID in by_class
    assert "0.0%" not in by_class
    with silent_layout():
        paper = text_of(client.get(reverse("activities:duty_print"), {"span": "term"}).content)
    assert f"{SAID}，尚未开始" in paper.replace("\n", "")
    assert "0.0%" not in paper
    book = openpyxl.load_workbook(BytesIO(client.get(reverse("activities:duty_export"), {"span": "term"}).content))
    cells = [str(cell.value) for row in book["学生"].iter_rows() for cell in row if cell.value is not None]
    assert any(SAID in cell for cell in cells)
    assert "0.0%" not in cells


def test_before_the_day_the_pages_of_a_child_call_nothing_done_or_lacking(client, lead, school):
    child = school.classes.get().enrollments.get().child
    text = client.get(reverse("activities:child_duties", args=[child.pk]), {"span": "term"}).content.decode()
    assert SAID in text
    assert "还差的" not in text
    assert "该做的都做到了" not in text


def test_from_the_day_on_the_term_counts_and_the_head_keeps_the_day(client, lead, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: START)
    shown = client.get(reverse("activities:duty_matrix"), {"span": "term"})
    [row] = shown.context["rows"]
    assert row["due"] > 0
    assert row["lacks"] > 0
    text = shown.content.decode()
    assert f"{SAID}。" in text
    assert "尚未开始" not in text


def test_an_item_that_is_changed_from_a_day_to_come_stays_due_until_then(lead, school):
    """What was asked for before the change is asked for after it: the term does not begin anew."""
    monday = date(2026, 11, 9)
    adopt("four_packs", school, OPENS, None)
    item = ProgrammeItem.objects.get(programme__code="four_packs", name="包家访")
    facts = {name: getattr(item, name) for name in ("name", "period", "evidence", "subject", "role", "applies_to")}
    change_item(item=item, facts=facts | {"count": 2}, on=START, today=monday)
    board = board_of(school, view_of(school, "term", "", TODAY), TODAY, programme=item.programme_id)
    [column] = [column for column in board.child_columns if column.rule.name == "包家访"]
    [pupil] = board.pupils
    assert board.figures_of(pupil.pk, column).due == 2
    assert board.late_starts == ()
