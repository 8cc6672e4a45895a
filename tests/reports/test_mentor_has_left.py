"""A mentor whose post at the school has ended is nobody's mentor, though nobody ended the pairing."""

import pytest
from django.urls import reverse

from activities.check_ins import mentor_on
from activities.compliance.board import board_of
from activities.compliance.rules import State
from activities.compliance.spans import view_of
from activities.models import CareRecord
from activities.programmes import adopt
from activities.silences import whom_to_ask
from caretrack.access.policy import Role
from caretrack.periods import Month
from caretrack.schools.models import Appointment
from children.models import Child
from children.sight import sights
from mentoring.models import Mentor, PaperKind
from mentoring.signing import owing, signers
from reports.builders.dossier import build_dossier
from reports.builders.month import build_month
from reports.builders.unit import Unit
from tests.support.factories import TERM_START, TODAY, make_mentor, make_pairing, make_record, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
LEFT = Month(2026, 10).last


@pytest.fixture
def lead(school_class):
    return make_staff(Role.CARE_LEAD, school_class.school, "杨主任")


@pytest.fixture
def gone(school_class, child) -> Mentor:
    mentor = make_mentor(make_staff(Role.TEACHER, school_class, "韦老师"))
    make_pairing(child, mentor)
    Appointment.objects.filter(staff=mentor.staff).update(ends_on=LEFT)
    return mentor


def pairing_cell(school, child, month, today=TODAY):
    view = view_of(school, "month", month, today)
    board = board_of(school, view, today)
    [column] = [column for column in board.child_columns if "pairing" in column.rule.kinds]
    return board, board.cell(child.pk, column)


def test_the_items_count_the_mentor_until_the_last_day_there(school_class, child, gone) -> None:
    adopt("ten_ones", school_class.school, TERM_START, None)
    board, cell = pairing_cell(school_class.school, child, "2026-11")
    assert cell.state is not State.DONE
    assert board.mentor_of(board.sources.pupils[child.pk]) == 0
    board, cell = pairing_cell(school_class.school, child, "2026-10", LEFT)
    assert cell.state is State.DONE
    assert board.mentor_of(board.sources.pupils[child.pk]) == gone.pk


def test_a_closed_account_whose_post_goes_on_counts_as_gone(school_class, child, gone) -> None:
    adopt("ten_ones", school_class.school, TERM_START, None)
    Appointment.objects.filter(staff=gone.staff).update(ends_on=None)
    assert pairing_cell(school_class.school, child, "2026-11")[1].state is State.DONE
    gone.staff.is_active = False
    gone.staff.save()
    assert pairing_cell(school_class.school, child, "2026-11")[1].state is not State.DONE


def test_nobody_is_sent_to_who_left(child, gone) -> None:
    assert whom_to_ask([child], LEFT)[child.pk] == ("代理家长韦老师", "")
    assert whom_to_ask([child], TODAY)[child.pk] == ("", "没有代理家长")
    assert mentor_on(child, LEFT) == gone
    assert mentor_on(child, TODAY) is None


def test_papers_do_not_ask_who_left_to_sign(school_class, child, gone) -> None:
    children = Child.objects.filter(pk=child.pk)
    assert signers(PaperKind.PAIRING, [child.pk], LEFT) == {child.pk: "韦老师"}
    assert signers(PaperKind.PAIRING, [child.pk], TODAY) == {}
    assert not owing(PaperKind.PLEDGE_MENTOR, children, TODAY)


def test_the_dossier_does_not_name_who_left(child, gone, lead) -> None:
    make_record(child, lead)
    sight = sights(lead, [child.pk])[child.pk]
    paper = build_dossier(child, sight=sight, records=CareRecord.objects.visible_to(lead), on=TODAY)
    assert "韦老师" not in str(paper)


def test_the_page_of_the_child_says_who_has_left(client, child, gone, lead) -> None:
    client.force_login(lead)
    shown = client.get(reverse("children:child_show", args=[child.pk]))
    assert shown.context["mentor"] is None
    assert "已离岗" in shown.content.decode()
    Appointment.objects.filter(staff=gone.staff).update(ends_on=None)
    shown = client.get(reverse("children:child_show", args=[child.pk]))
    assert shown.context["mentor"].mentor == gone
    assert "已离岗" not in shown.content.decode()


def test_the_month_counts_the_child_as_paired_while_the_mentor_was_there(school_class, child, gone) -> None:
    def paired(month: Month) -> int:
        figures = build_month(Unit(school_class.school), month, definition="lb_seed", on=TODAY)
        return len(figures.ids("t1.paired", 0))

    gone.staff.is_active = False
    gone.staff.save()
    assert paired(Month(2026, 10)) == 1
    assert paired(Month(2026, 11)) == 0
