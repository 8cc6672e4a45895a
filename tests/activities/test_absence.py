"""Daily rolls, the chain of steps at its edges, cases against dropping out, letters and the monthly report."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from activities.absence import CALL, CASE, JOINT, VISIT, Entry, away_now, enter_day
from activities.dropout import add_case_step, close_case, open_case, withdraw_case
from activities.dropout_month import dropout_month
from activities.models import Absence, ClassDay, DropoutCase
from caretrack.access.models import ChangeSet
from caretrack.periods import Month
from children.models import Child, StatusChange
from children.services import change_class, leave_school
from children.timeline import timeline
from reports.builders.changes import build_movement
from reports.builders.tally import WHOLE
from reports.builders.unit import Unit
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_mentor,
    make_pairing,
    make_record,
)
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MONDAY, TUESDAY, THURSDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 19)
FRIDAY_BEFORE, SATURDAY = date(2026, 11, 13), date(2026, 11, 14)


def roll(school_class, homeroom, on, *absent, reason="unknown", called="", today=TODAY):
    entries = {one.pk: Entry(reason, called) for one in absent}
    return enter_day(school_class=school_class, on=on, absent=entries, by=homeroom, today=today)


@pytest.mark.data
def test_only_who_is_not_there_is_entered_and_a_roll_is_corrected(school_class, homeroom, child) -> None:
    other = make_child("龙小川", school_class)
    roll(school_class, homeroom, TODAY, child)
    assert ClassDay.objects.get().pupils == 2
    roll(school_class, homeroom, TODAY, other, reason="sick")
    assert [(a.child, a.reason) for a in Absence.objects.all()] == [(other, "sick")]
    roll(school_class, homeroom, TODAY)
    assert not Absence.objects.exists()
    assert ClassDay.objects.count() == 1


def test_no_roll_on_a_day_without_lessons_or_of_another_class(school_class, homeroom) -> None:
    stranger = make_child("外班孩子", make_class(school_class.school, grade=5))
    for on, absent in ((SATURDAY, ()), (TODAY + DAY, ()), (TODAY, (stranger,))):
        with pytest.raises(ValidationError):
            roll(school_class, homeroom, on, *absent)
    assert not ClassDay.objects.exists()


@pytest.mark.parametrize("days, step", [(1, CALL), (2, VISIT), (3, JOINT), (4, CASE), (5, CASE)])
def test_each_school_day_away_asks_for_the_next_step(school_class, homeroom, child, days, step) -> None:
    for on in (MONDAY + n * DAY for n in range(5 - days, 5)):
        roll(school_class, homeroom, on, child)
    (away,) = away_now(Child.objects.all(), TODAY)
    assert (away.days, away.step, away.done) == (days, step, False)


def test_a_weekend_does_not_break_a_run_and_leave_or_presence_does(school_class, homeroom, child) -> None:
    roll(school_class, homeroom, FRIDAY_BEFORE, child)
    roll(school_class, homeroom, MONDAY, child)
    (away,) = away_now(Child.objects.all(), MONDAY)
    assert (away.since, away.days) == (FRIDAY_BEFORE, 2)
    roll(school_class, homeroom, TUESDAY, child, reason="sick")
    assert away_now(Child.objects.all(), TUESDAY) == []
    roll(school_class, homeroom, TUESDAY)
    roll(school_class, homeroom, TUESDAY + DAY, child)
    (away,) = away_now(Child.objects.all(), TUESDAY + DAY)
    assert (away.since, away.days) == (TUESDAY + DAY, 1)


def test_the_call_and_the_visit_count_as_done(school_class, homeroom, child) -> None:
    roll(school_class, homeroom, THURSDAY, child, called="reached")
    assert away_now(Child.objects.all(), THURSDAY)[0].done
    roll(school_class, homeroom, TODAY, child)
    assert not away_now(Child.objects.all(), TODAY)[0].done
    make_record(child, homeroom, TODAY, kind="home_visit")
    assert away_now(Child.objects.all(), TODAY)[0].done


def test_a_day_without_a_roll_neither_ends_the_run_nor_counts_and_is_shown(
    client, school_class, homeroom, child
) -> None:
    for on in (FRIDAY_BEFORE, MONDAY, TUESDAY, THURSDAY, TODAY):  # nobody took the roll on Wednesday
        roll(school_class, homeroom, on, child)
    (away,) = away_now(Child.objects.all(), TODAY)
    assert (away.since, away.days, away.step) == (FRIDAY_BEFORE, 5, CASE)
    assert away.unrolled == (TUESDAY + DAY,)
    client.force_login(homeroom)
    page = client.get(reverse("activities:absence_home")).content.decode()
    assert "其间 11月18日 没有点名" in page
    roll(school_class, homeroom, TUESDAY + DAY)  # it turns out that the pupil was there
    (away,) = away_now(Child.objects.all(), TODAY)
    assert (away.since, away.days, away.unrolled) == (THURSDAY, 2, ())


def test_days_without_a_roll_before_the_first_day_away_are_no_gap(school_class, homeroom, child) -> None:
    roll(school_class, homeroom, FRIDAY_BEFORE, child)
    roll(school_class, homeroom, MONDAY)
    roll(school_class, homeroom, THURSDAY, child)
    (away,) = away_now(Child.objects.all(), TODAY)
    assert (away.since, away.days, away.unrolled) == (THURSDAY, 1, ())


@pytest.mark.parametrize("how", ["record", "step"])
def test_the_visit_with_the_village_is_another_one_than_that_of_the_first_day(
    school_class, homeroom, child, how
) -> None:
    for on in (TUESDAY + DAY, THURSDAY):
        roll(school_class, homeroom, on, child)
    make_record(child, homeroom, THURSDAY, kind="home_visit")
    assert away_now(Child.objects.all(), THURSDAY)[0].done
    roll(school_class, homeroom, TODAY, child)
    make_record(child, homeroom, TODAY, kind="home_visit")
    (away,) = away_now(Child.objects.all(), TODAY)
    assert (away.step, away.done) == (JOINT, False)
    if how == "record":
        make_record(child, homeroom, TODAY, kind="home_visit", detail={"company": "与村（社区）联合"})
    else:
        case = open_case(child=child, away_since=TUESDAY + DAY, cause="", by=homeroom, on=TODAY)
        add_case_step(case=case, kind="joint", on=TODAY, result="与村主任同去", by=homeroom, today=TODAY)
    assert away_now(Child.objects.all(), TODAY)[0].done


def test_a_visit_of_the_case_is_a_visit(school_class, homeroom, child) -> None:
    roll(school_class, homeroom, THURSDAY, child)
    roll(school_class, homeroom, TODAY, child)
    case = open_case(child=child, away_since=THURSDAY, cause="", by=homeroom, on=TODAY)
    add_case_step(case=case, kind="visit", on=TODAY, result="家里没人", by=homeroom, today=TODAY)
    (away,) = away_now(Child.objects.all(), TODAY)
    assert (away.step, away.done) == (VISIT, True)


def test_one_press_for_a_full_class_and_a_line_for_who_is_away(client, school_class, homeroom, child) -> None:
    client.force_login(homeroom)
    home = reverse("activities:absence_home")
    assert "还没点名" in client.get(home).content.decode()
    client.post(reverse("activities:absence_full", args=[school_class.pk, str(TODAY)]))
    assert "全勤" in client.get(home).content.decode()
    url = reverse("activities:absence_class", args=[school_class.pk, str(TODAY)])
    refused = client.post(url, {f"called_{child.pk}": "reached"})
    assert refused.status_code == 422
    assert "请同时选择缺勤的原因" in refused.content.decode()
    client.post(url, {f"reason_{child.pk}": "unknown", f"called_{child.pk}": "no_answer"})
    page = client.get(home).content.decode()
    assert "李小兰（没有请假）" in page
    assert "当天电话联系家人" in page
    other = make_class(school_class.school, grade=5)
    assert client.get(reverse("activities:absence_class", args=[other.pk, str(TODAY)])).status_code == 404


@pytest.mark.data
def test_a_case_needs_its_papers_before_the_register_says_so(school_class, homeroom, child) -> None:
    case = open_case(child=child, away_since=MONDAY, cause="想打工", by=homeroom, on=TODAY)
    with pytest.raises(ValidationError, match="已有"):
        open_case(child=child, away_since=MONDAY, cause="", by=homeroom, on=TODAY)
    end = {"case": case, "back": False, "on": TODAY, "outcome": "劝返无效", "by": homeroom, "today": TODAY}
    with pytest.raises(ValidationError, match="送达劝返通知书、书面报告教育部门"):
        close_case(**end)
    with pytest.raises(ValidationError):
        add_case_step(case=case, kind="visit", on=MONDAY - DAY, result="x", by=homeroom, today=TODAY)
    for kind in ("letter", "education"):
        add_case_step(case=case, kind=kind, on=TODAY, result="已送达", by=homeroom, today=TODAY)
    pairing = make_pairing(child)
    closed = close_case(**end)
    line = StatusChange.objects.get(kind="dropout")
    assert (closed.register_line, line.reason, line.evidence) == (line, "想打工", "控辍个案")
    child.refresh_from_db()
    pairing.refresh_from_db()
    assert child.school_class is None
    assert pairing.ends_on == TODAY
    with pytest.raises(ValidationError):
        close_case(**end)


def test_a_pupil_who_is_back_stays_on_the_roll(homeroom, child) -> None:
    case = open_case(child=child, away_since=MONDAY, cause="", by=homeroom, on=TODAY)
    close_case(case=case, back=True, on=TODAY, outcome="奶奶送来", by=homeroom, today=TODAY)
    child.refresh_from_db()
    assert child.school_class is not None
    assert not StatusChange.objects.filter(kind="dropout").exists()


def test_who_leaves_otherwise_needs_no_case(homeroom, child) -> None:
    from children.leaving import end_what_is_open

    open_case(child=child, away_since=MONDAY, cause="", by=homeroom, on=TODAY)
    leave_school(child=child, kind="out_transfer", on=TODAY, by=homeroom)
    end_what_is_open(child=child, on=TODAY, by=homeroom)
    assert DropoutCase.objects.get().state == "left"


def test_letters_print_and_the_timeline_tells(client, homeroom, child) -> None:
    case = open_case(child=child, away_since=MONDAY, cause="想打工", by=homeroom, on=TODAY)
    add_case_step(
        case=case, kind="joint", on=TODAY, result="母亲同意周一返校", by=homeroom, today=TODAY, people="村主任"
    )
    client.force_login(homeroom)
    shown = {
        what: text_of(client.get(reverse("activities:case_letter", args=[case.pk, what])).content)
        for what in ("notice", "visit", "report")
    }
    assert "送达回执" in shown["notice"]
    assert "母亲同意周一返校" in shown["visit"]
    assert "第二十八条书面报告" in shown["report"]
    lines = timeline([child], homeroom, last=TODAY, kinds={"absence"})
    assert [line.title for line in lines] == ["控辍个案：劝返中"]


def test_the_month_counts_days_heads_and_cases(client, school_class, homeroom, child) -> None:
    other = make_child("龙小川", school_class)
    roll(school_class, homeroom, MONDAY, child)
    roll(school_class, homeroom, TUESDAY, child)
    roll(school_class, homeroom, THURSDAY, other, reason="sick")
    case = open_case(child=child, away_since=MONDAY, cause="", by=homeroom, on=TUESDAY)
    for kind in ("letter", "education"):
        add_case_step(case=case, kind=kind, on=TODAY, result="已办", by=homeroom, today=TODAY)
    close_case(case=case, back=False, on=TODAY, outcome="劝返无效", by=homeroom, today=TODAY)
    report = dropout_month(school_class.school, Month.of(TODAY))
    assert report.total.cells == ("合计", 2, 3, 1, 0, 2, 1, 1, 0, 0, 1, "50.0%（1/2）")
    assert [line.name for line in report.lines] == ["四（1）班"]
    assert "12-" not in report.cases[0].steps
    client.force_login(homeroom)
    for form in ("", "?as=print", "?as=xlsx"):
        assert client.get(reverse("activities:absence_month") + form).status_code == 200


def test_the_month_does_not_know_what_came_later(school_class, homeroom, child) -> None:
    case = open_case(child=child, away_since=MONDAY, cause="", by=homeroom, on=THURSDAY)
    later = Month.of(TODAY).last + DAY
    close_case(case=case, back=True, on=later, outcome="奶奶送来", by=homeroom, today=later)
    [line] = dropout_month(school_class.school, Month.of(TODAY)).cases
    assert (line.state, line.outcome) == ("劝返中", "")
    [line] = dropout_month(school_class.school, Month.of(later)).cases
    assert (line.state, line.outcome) == ("已返校", "奶奶送来")


@pytest.mark.data
def test_a_case_for_the_wrong_pupil_is_withdrawn_and_leaves_the_month(client, school_class, homeroom, child) -> None:
    case = open_case(child=child, away_since=MONDAY, cause="", by=homeroom, on=TODAY)
    client.force_login(homeroom)
    url = reverse("activities:case_withdraw", args=[case.pk])
    assert url in client.get(reverse("activities:case_show", args=[case.pk])).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "点名时点错了人"}).status_code == 302
    assert not DropoutCase.objects.exists()
    assert dropout_month(school_class.school, Month.of(TODAY)).total.opened == 0
    assert ChangeSet.objects.filter(staff_id=homeroom.pk, reason="控辍个案误立，撤销：点名时点错了人").exists()


def test_a_case_with_a_step_happened_and_is_not_withdrawn(client, homeroom, child) -> None:
    case = open_case(child=child, away_since=MONDAY, cause="", by=homeroom, on=TODAY)
    add_case_step(case=case, kind="call", on=TODAY, result="没人接", by=homeroom, today=TODAY)
    client.force_login(homeroom)
    show, url = (reverse(f"activities:case_{name}", args=[case.pk]) for name in ("show", "withdraw"))
    assert url not in client.get(show).content.decode()
    assert client.post(url, {"reason": "点错了人"})["Location"] == show
    with pytest.raises(ValidationError):
        withdraw_case(case=case, reason="点错了人", by=homeroom)
    assert DropoutCase.objects.get() == case


def test_the_month_counts_dropouts_as_the_register_does(school_class, homeroom, child) -> None:
    """By the class of the register's line, from the day after the last in class; who changed class counts once."""
    school, five = school_class.school, make_class(school_class.school, grade=5)
    mover, last_day = make_child("龙小川", school_class), make_child("蒙小燕", school_class)
    change_class(child=mover, to=five, on=TUESDAY, by=None)
    roll(school_class, homeroom, MONDAY, mover)
    roll(five, homeroom, THURSDAY, mover)
    leave_school(child=mover, kind="dropout", on=TODAY, by=None)
    month = Month.of(TODAY)
    leave_school(child=last_day, kind="dropout", on=month.last, by=None)
    for asked in (month, month.next()):
        register = build_movement(Unit(school), asked.first, asked.last)
        report = dropout_month(school, asked)
        assert {line.name: line.left for line in report.lines} == {
            at.name_on(asked.last): len(register.ids("roll.dropout", at.pk)) for at in (school_class, five)
        }
        assert report.total.left == len(register.ids("roll.dropout", WHOLE)) == 1
    november = dropout_month(school, month)
    assert sum(line.pupils for line in november.lines) == 4
    assert (november.total.pupils, november.total.heads, november.total.left) == (3, 1, 1)


def test_the_start_page_takes_the_roll_in_one_press(client, school_class, homeroom, child) -> None:
    client.force_login(homeroom)
    url = reverse("activities:absence_panel")
    assert f'hx-get="{url}"' in client.get("/").content.decode()
    assert "今天还没点名" in client.get(url, headers={"HX-Request": "true"}).content.decode()
    full = reverse("activities:absence_full", args=[school_class.pk, str(TODAY)])
    answer = client.post(full, headers={"Referer": "http://testserver/"})
    assert answer["Location"] == reverse("workbench")
    assert "今天都已点名" in client.get(url, headers={"HX-Request": "true"}).content.decode()


def test_what_came_of_the_call_is_pressed_where_one_calls(client, school_class, homeroom, child) -> None:
    page = reverse("activities:call_tree", args=[child.pk])
    client.force_login(homeroom)
    assert "没打通" not in client.get(page).content.decode()
    roll(school_class, homeroom, TODAY, child)
    row = Absence.objects.get()
    for outcome, told in (("no_answer", "没联系上"), ("reached", "已联系上家人")):
        url = reverse("activities:absence_called", args=[row.pk, outcome])
        assert url in client.get(page).content.decode()
        answer = client.post(url, headers={"Referer": f"http://testserver{page}"}, follow=True)
        assert answer.redirect_chain[-1][0] == page
        assert f"已记：{told}" in answer.content.decode()
        row.refresh_from_db()
        assert row.called == outcome
    assert away_now(Child.objects.all(), TODAY)[0].called
    assert client.post(reverse("activities:absence_called", args=[row.pk, "nonsense"])).status_code == 404
    mentor = make_mentor(school=child.school)
    make_pairing(child, mentor)
    client.force_login(mentor.staff)
    shown = client.get(page)
    assert shown.status_code == 200
    assert "没打通" not in shown.content.decode()
    assert client.post(reverse("activities:absence_called", args=[row.pk, "no_answer"])).status_code == 403
