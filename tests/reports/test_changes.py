"""变动登记: opening + in − out = closing for any span, the lines behind it, what came late, paper and Excel."""

import io
import re
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.periods import Month
from children.left_behind import Definition
from children.models import Child, Enrollment, StatusChange, codes
from children.services import change_class, enrol, leave_school, set_parent_status
from children.transfers import send
from reports.builders.changes import BASES, build_movement
from reports.builders.month import build_month
from reports.builders.unit import Unit
from reports.services import move_report, open_month
from tests.support.factories import (
    TERM_START,
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_parent,
    make_school,
    make_staff,
    make_term,
)
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YEAR = date(2026, 9, 1)


def number(movement: Any, key: str, scope: int = 0) -> int:
    return int(movement.table.cell(scope, key).value)


def on_roll(school_id: int, day: date) -> int:
    """The plain reading: whose days in a class hold this one."""
    return sum(
        e.starts_on <= day and (e.ends_on is None or e.ends_on >= day)
        for e in Enrollment.objects.filter(school=school_id)
    )


Move = tuple[int, str, int]
MOVES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["leave", "back", "class", "away", "home"]), st.integers(1, 25)),
    max_size=14,
)
OUT = ("out_transfer", "suspended", "dropout", "graduate", "error")


def play(children: list[Child], classes: list[Any], moves: list[Move]) -> None:
    """Let the moves happen, each a few days after the one before; what the rules refuse does not happen."""
    day = YEAR + DAY
    for turn, (who, what, days) in enumerate(moves):
        day += timedelta(days=days)
        child = Child.objects.get(pk=children[who].pk)
        try:
            if what == "leave":
                leave_school(child=child, on=day, kind=OUT[turn % len(OUT)], by=None)
            elif what == "back":
                enrol(child=child, school_class=classes[turn % 2], on=day, by=None, kind="resume")
            elif what == "class":
                change_class(child=child, to=classes[turn % 2], on=day, by=None)
            else:
                status = codes.ParentStatus.AWAY_WORK if what == "away" else codes.ParentStatus.AT_HOME
                member = child.family.get(relation=codes.Relation.FATHER)
                set_parent_status(member=member, status=status, since=day, by=None, on=day)
        except ValidationError:
            continue


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, offset=st.integers(0, 150), length=st.integers(0, 200))
def test_opening_and_in_and_out_make_closing_whatever_happened(moves: list[Move], offset: int, length: int) -> None:
    with change_by(None, "test"):
        school = make_school()
        classes = [make_class(school, number=1), make_class(school, number=2)]
        children = [make_child(f"学生{at}", classes[at % 2], came=YEAR) for at in range(3)]
        for child in children:
            make_parent(child, status=codes.ParentStatus.AT_HOME, since=None)
        play(children, classes, moves)
    first = YEAR + timedelta(days=offset)
    last = first + timedelta(days=length)
    roll = build_movement(Unit(school), first, last)
    assert number(roll, "roll.start") == on_roll(school.pk, first - DAY)
    assert number(roll, "roll.end") == on_roll(school.pk, last)
    assert roll.holds
    for row in roll.table.rows:
        values = {cell.key: int(cell.value) for cell in row.cells}
        assert values["roll.start"] + values["roll.gain"] - values["roll.loss"] == values["roll.end"]
        assert "roll.came_unsaid" not in values, "each coming has its line"
        assert "roll.went_unsaid" not in values, "each going has its line"
    for basis in Definition:
        assert build_movement(Unit(school), first, last, basis).holds


def test_who_leaves_on_the_last_day_is_counted_until_that_day() -> None:
    child = make_child()
    unit, last_day = Unit(child.school), date(2026, 10, 25)
    leave_school(child=child, on=last_day, kind="out_transfer", by=None)
    until = build_movement(unit, date(2026, 9, 26), last_day)
    after = build_movement(unit, last_day + DAY, date(2026, 11, 20))
    assert (number(until, "roll.end"), number(until, "roll.loss")) == (1, 0)
    assert (number(after, "roll.start"), number(after, "roll.out_transfer"), number(after, "roll.end")) == (1, 1, 0)


def test_the_monthly_report_explains_who_left_on_its_closing_day() -> None:
    child = make_left_behind()
    leave_school(child=child, on=date(2026, 10, 25), kind="out_transfer", by=None)
    figures = build_month(Unit(child.school), Month(2026, 11), definition=Definition.SEED, on=TODAY)
    assert figures.tables[1].cell(0, "t2.out_transfer").value == 1
    assert not [check for check in figures.broken if check.rule.startswith("期初＋")]


def test_who_came_and_went_within_the_span_counts_in_both() -> None:
    child = make_child(came=date(2026, 10, 1))
    leave_school(child=child, on=date(2026, 10, 8), kind="error", by=None)
    moved = build_movement(Unit(child.school), date(2026, 9, 26), date(2026, 10, 25))
    assert [number(moved, f"roll.{key}") for key in ("start", "gain", "loss", "error", "end")] == [0, 1, 1, 1, 0]


def test_a_move_between_classes_balances_in_the_total() -> None:
    child = make_child()
    old, new = child.school_class, make_class(child.school, number=2)
    change_class(child=child, to=new, on=date(2026, 10, 1), by=None)
    moved = build_movement(Unit(child.school), TERM_START + DAY, TODAY)
    assert (number(moved, "roll.class_out", old.pk), number(moved, "roll.class_in", new.pk)) == (1, 1)
    assert number(moved, "roll.class_in") == number(moved, "roll.class_out") == 1
    assert (number(moved, "roll.end", old.pk), number(moved, "roll.end", new.pk)) == (0, 1)


def test_suspended_pupils_stay_on_the_register_until_they_come_back() -> None:
    child = make_child()
    school_class = child.school_class
    leave_school(child=child, on=date(2026, 10, 1), kind="suspended", by=None)
    unit = Unit(child.school)
    assert build_movement(unit, TERM_START, date(2026, 10, 10)).ids("roll.kept", 0) == (child.pk,)
    enrol(child=child, school_class=school_class, on=date(2026, 11, 2), by=None, kind="resume")
    assert build_movement(unit, TERM_START, TODAY).ids("roll.kept", 0) == ()


def test_an_enrolment_without_a_line_is_told() -> None:
    child = make_child()
    StatusChange.objects.all().delete()
    moved = build_movement(Unit(child.school), TERM_START, TODAY)
    assert number(moved, "roll.came_unsaid") == 1


@pytest.mark.parametrize("basis", list(BASES))
def test_the_figures_cost_the_same_for_one_pupil_and_for_twelve(django_assert_max_num_queries, basis: str) -> None:
    child = make_left_behind()
    unit = Unit(child.school)
    leave_school(child=make_left_behind("龙小川", child.school_class), on=date(2026, 10, 1), kind="dropout", by=None)

    def statements() -> int:
        with django_assert_max_num_queries(20) as counted:
            build_movement(unit, TERM_START, TODAY, basis)
        return len(counted)

    one = statements()
    for at in range(11):
        made = make_left_behind(f"学生{at}", child.school_class)
        if at % 3 == 0:
            leave_school(child=made, on=date(2026, 10, 1 + at), kind="dropout", by=None)
    assert statements() == one


# the page


def page(client: Client, staff: Any, query: str = "") -> str:
    client.force_login(staff)
    response = client.get("/reports/changes/" + query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_ledger_shows_what_and_why_and_opens_its_figures(client: Client) -> None:
    child = make_child("李小兰")
    make_term(child.school)
    leave_school(
        child=child, on=date(2026, 11, 2), kind="out_transfer", by=None, reason="东莞市第三小学", evidence="转学证明"
    )
    registrar = make_staff(Role.REGISTRAR, child.school)
    text = page(client, registrar)
    for words in ("李小兰", "转出", "东莞市第三小学", "转学证明", "四（1）班", "相符"):
        assert words in text
    cell = f"/reports/changes/cells/0/roll.out_transfer/?unit=s{child.school_id}&first=2026-09-01&last=2026-11-20"
    assert "李小兰" in client.get(cell).content.decode()


def test_the_latest_line_stands_on_top_under_its_number_in_the_print(client: Client) -> None:
    school_class = make_class()
    registrar = make_staff(Role.REGISTRAR, school_class.school)
    for at in range(27):
        make_child(f"学生{at:02}", school_class, came=date(2026, 9, 1 + at))
    found = re.compile(r'data-label="序号"[^>]*>(\d+)</td>\s*<th[^>]*>(?:<a[^>]*>)?([^<]+)')
    first = found.findall(page(client, registrar))
    assert (first[0], first[1], len(first)) == (("27", "学生26"), ("26", "学生25"), 25)
    assert found.findall(page(client, registrar, "?page=2")) == [("2", "学生01"), ("1", "学生00")]


def test_filters_by_kind_name_and_days(client: Client) -> None:
    school_class = make_class()
    leave_school(child=make_child("李小兰", school_class), on=date(2026, 11, 2), kind="dropout", by=None)
    make_child("石小禾", school_class, came=date(2026, 10, 9))
    registrar = make_staff(Role.REGISTRAR, school_class.school)
    rows = lambda query: page(client, registrar, query).split("<tbody>")[-1]  # noqa: E731
    assert "石小禾" not in rows("?kind=dropout")
    assert "李小兰" in rows("?kind=dropout")
    assert "李小兰" not in rows("?q=sxh&first=2026-09-01&last=2026-11-20")
    assert "李小兰" not in rows("?first=2026-10-01&last=2026-10-31")
    assert "结束日期不能早于" in page(client, registrar, "?first=2026-10-01&last=2026-09-01")


def test_a_line_after_the_report_is_a_supplement(client: Client) -> None:
    child = make_child()
    make_term(child.school)
    lead = make_staff(Role.CARE_LEAD, child.school)
    report = open_month(unit=Unit(child.school), month=Month(2026, 10), definition=Definition.SEED, by=lead)
    move_report(report=report, move="submit", by=lead, on=TODAY)
    assert "月报后补记" not in page(client, lead)
    StatusChange.objects.update(entered_at=timezone.now() - timedelta(days=400))
    leave_school(child=child, on=date(2026, 10, 8), kind="suspended", by=None)
    assert "月报后补记" in page(client, lead)


def test_a_homeroom_teacher_reads_the_own_class_only(client: Client) -> None:
    child = make_child("李小兰")
    make_child("石小禾", make_class(child.school, number=2))
    teacher = make_staff(Role.HOMEROOM, child.school_class)
    text = page(client, teacher)
    assert "李小兰" in text
    assert "石小禾" not in text
    assert client.get(f"/reports/changes/?unit=s{child.school_id}").status_code == 404


def test_a_pupil_who_left_the_class_stays_in_its_register_without_the_dossier(client: Client) -> None:
    child = make_child("李小兰")
    teacher = make_staff(Role.HOMEROOM, child.school_class)
    leave_school(child=child, on=date(2026, 11, 2), kind="dropout", by=None)
    text = page(client, teacher)
    assert "李小兰" in text
    assert f"/students/{child.pk}/" not in text


def test_the_list_costs_the_same_for_one_line_and_for_twelve(client: Client, django_assert_max_num_queries) -> None:
    child = make_child()
    client.force_login(make_staff(Role.REGISTRAR, child.school))

    def statements() -> int:
        with django_assert_max_num_queries(60) as counted:
            client.get("/reports/changes/")
        return len(counted)

    statements()
    one = statements()
    for at in range(11):
        make_child(f"学生{at}", child.school_class)
    assert statements() == one


def test_the_workbook_holds_text_and_no_formula(client: Client) -> None:
    child = make_child("李小兰")
    leave_school(child=child, on=date(2026, 11, 2), kind="dropout", by=None, reason="=1+1")
    client.force_login(make_staff(Role.PRINCIPAL, child.school))
    response = client.get("/reports/changes/book/?first=2026-09-01&last=2026-11-20")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    lines = [[cell.value for cell in row] for row in book["变动登记"].iter_rows(min_row=2)]
    assert lines[0][:5] == ["序号", "姓名", "班级", "变动类型", "变动日期"]
    assert lines[-1][1:5] == ["李小兰", "四（1）班", "辍学", "2026-11-02"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert book["变动情况表"]["B3"].value == 0


def test_the_ledger_prints_with_its_figures_and_places_to_sign(client: Client) -> None:
    child = make_child("李小兰")
    leave_school(child=child, on=date(2026, 11, 2), kind="out_transfer", by=None, reason="东莞市第三小学")
    client.force_login(make_staff(Role.PRINCIPAL, child.school))
    response = client.get("/reports/changes/pdf/?first=2026-10-01&last=2026-11-20")
    text = "".join(text_of(response.content).split())
    for words in (
        "学生变动登记册",
        "在校生变动情况表",
        "李小兰",
        "东莞市第三小学",
        "期初数1＋增加0－减少1＝期末数0",
        "校长（签名）",
    ):
        assert words in text


def test_the_hand_over_prints_letter_receipt_and_summary(client: Client) -> None:
    child = make_left_behind("李小兰")
    transfer = send(child=child, on=date(2026, 11, 2), by=None, to_name="东莞市第三小学", items=["档案摘要"])
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    text = "".join(text_of(client.get(f"/reports/transfers/{transfer.pk}/pdf/").content).split())
    for words in ("学生档案移交函", "东莞市第三小学：", "〔2026〕1号", "回执", "接收人（签名）", "档案摘要", "王桂英"):
        assert words in text
