"""A census round: who is asked about, what one press does, what the registrar makes true, what is frozen."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from caretrack.access.history import Stale
from caretrack.access.policy import Role
from children.census.answers import answer, answer_rest, note_parts, propose
from children.census.figures import census_figures
from children.census.review import confirm, proposals, send_back
from children.census.rounds import close_round, open_round, progress
from children.models import Census, CensusRow, FamilyMember, StatusChange, codes
from children.services import leave_school
from tests.support.factories import TODAY, make_child, make_class, make_left_behind, make_parent, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
Answer = CensusRow.Answer


def opened(school_class, cut_off: date = TODAY) -> Census:  # type: ignore[no-untyped-def]
    return open_round(
        school=school_class.school, kind="term_start", cut_off=cut_off, due_on=TODAY, by=None, today=TODAY
    )


def row_of(census: Census, child) -> CensusRow:  # type: ignore[no-untyped-def]
    return census.rows.select_related("census", "child").get(child=child)


def at_home(school_class, name: str = "田小雨"):  # type: ignore[no-untyped-def]
    child = make_child(name, school_class)
    make_parent(child, "51", codes.ParentStatus.AT_HOME, None)
    make_parent(child, "52", codes.ParentStatus.AT_HOME, None)
    return child


def test_the_whole_class_is_asked_about_not_only_known_children(school_class) -> None:  # type: ignore[no-untyped-def]
    known, other = make_left_behind(at=school_class), make_child("龙小山", school_class)
    gone = make_child("杨小海", school_class)
    leave_school(child=gone, on=date(2026, 11, 1), kind="out_transfer", by=None)
    census = opened(school_class)
    assert set(census.rows.values_list("child", flat=True)) == {known.pk, other.pk}


@pytest.mark.parametrize(
    "given, words",
    [
        ({"cut_off": date(2026, 12, 1)}, "不能在今天以后"),
        ({"due_on": date(2026, 1, 1)}, "不能早于今天"),
        ({"cut_off": date(2020, 1, 1)}, "不在已登记的学期里"),
    ],
)
def test_days_that_do_not_fit_are_refused(school_class, given, words) -> None:  # type: ignore[no-untyped-def]
    make_child("龙小山", school_class)
    usual = {"cut_off": TODAY, "due_on": TODAY} | given
    with pytest.raises(ValidationError, match=words):
        open_round(school=school_class.school, kind="annual", by=None, today=TODAY, **usual)


def test_unchanged_needs_known_parents(school_class) -> None:  # type: ignore[no-untyped-def]
    unknown, known = make_child("龙小山", school_class), at_home(school_class)
    census, staff = opened(school_class), make_staff(Role.HOMEROOM, school_class)
    row = row_of(census, unknown)
    with pytest.raises(ValidationError, match="父亲、母亲的情况还没有登记"):
        answer(row=row, answer="unchanged", by=staff, version=row.version)
    assert answer_rest(census=census, school_class=school_class.pk, by=staff) == (1, 1)
    assert row_of(census, known).answered_by == staff
    assert row_of(census, unknown).answer == Answer.OPEN


def test_two_teachers_do_not_overwrite_each_other(school_class) -> None:  # type: ignore[no-untyped-def]
    child = at_home(school_class)
    census, staff = opened(school_class), make_staff(Role.HOMEROOM, school_class)
    mine, theirs = row_of(census, child), row_of(census, child)
    answer(row=theirs, answer="unknown", by=staff, version=theirs.version)
    with pytest.raises(Stale):
        answer(row=mine, answer="unchanged", by=staff, version=1)
    assert row_of(census, child).answer == Answer.UNKNOWN


def _away(place: str = "广东东莞") -> dict[str, str]:
    return {"status": "away_work", "since": "2026-03-01", "place": place, "phone": "13800005678"}


def test_proposed_facts_become_true_when_confirmed(school_class) -> None:  # type: ignore[no-untyped-def]
    child = at_home(school_class)
    census, staff = opened(school_class), make_staff(Role.HOMEROOM, school_class)
    registrar = make_staff(Role.REGISTRAR, school_class.school)
    row = row_of(census, child)
    propose(row=row, proposed={"father": _away(), "mother": _away()}, by=staff, version=row.version)
    assert child.family.get(relation="51").status == "at_home"  # nothing is true before the registrar says so
    assert row_of(census, child).answer == Answer.NEW  # follows from the facts
    [proposal] = proposals([row_of(census, child)])
    assert "学校口径：不计入 → 双方外出" in proposal.effects
    assert "民政口径：不计入 → 双方外出" in proposal.effects
    assert proposal.lines[0] == "父亲：外出务工（2026年3月1日起，广东东莞，13800005678）"
    confirm(rows=[row_of(census, child)], by=registrar)
    father = FamilyMember.objects.get(child=child, relation="51")
    assert (father.status, father.work_place) == ("away_work", "广东东莞")
    assert father.phones.get().number == "13800005678"
    kinds = list(StatusChange.objects.filter(child=child).order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["new_away", "type_change"]
    assert row_of(census, child).review == "confirmed"
    with pytest.raises(ValidationError, match="已经处理过"):
        confirm(rows=[row_of(census, child)], by=registrar)


def test_a_new_carer_is_a_dated_event(school_class) -> None:  # type: ignore[no-untyped-def]
    child = make_left_behind(at=school_class)
    census, staff = opened(school_class), make_staff(Role.HOMEROOM, school_class)
    row = row_of(census, child)
    carer = {"relation": "87", "name": "罗春兰", "phone": "", "care_type": "kin_friend"}
    propose(row=row, proposed={"carer": carer}, by=staff, version=row.version)
    confirm(rows=[row_of(census, child)], by=make_staff(Role.REGISTRAR, school_class.school))
    assert child.care.get(ends_on__isnull=True).carer.name == "罗春兰"
    assert StatusChange.objects.filter(child=child, kind="care_change").exists()


def test_sent_back_with_a_question_and_proposed_again(school_class) -> None:  # type: ignore[no-untyped-def]
    child = at_home(school_class)
    census, staff = opened(school_class), make_staff(Role.HOMEROOM, school_class)
    row = row_of(census, child)
    propose(row=row, proposed={"father": _away()}, by=staff, version=row.version)
    with pytest.raises(ValidationError, match="请写明"):
        send_back(row=row_of(census, child), question=" ", by=staff, version=row.version)
    send_back(row=row_of(census, child), question="母亲在家吗？", by=staff, version=row.version)
    with pytest.raises(ValidationError, match="退回后没有重新核对"):
        close_round(census=census, by=staff)
    row = row_of(census, child)
    assert row.proposed["father"]["place"] == "广东东莞"
    propose(row=row, proposed=row.proposed, by=staff, version=row.version)
    assert row_of(census, child).question == ""


def test_closing_waits_for_proposals_and_asks_why_pupils_are_open(school_class) -> None:  # type: ignore[no-untyped-def]
    child = at_home(school_class)
    make_child("龙小山", school_class)
    census, staff = opened(school_class), make_staff(Role.HOMEROOM, school_class)
    row = row_of(census, child)
    propose(row=row, proposed={"father": _away()}, by=staff, version=row.version)
    principal = make_staff(Role.PRINCIPAL, school_class.school)
    with pytest.raises(ValidationError, match="还有 1 名学生的变化没有确认"):
        close_round(census=census, by=principal)
    confirm(rows=[row_of(census, child)], by=principal)
    with pytest.raises(ValidationError, match="写明原因"):
        close_round(census=census, by=principal)
    close_round(census=census, by=principal, reason="家中电话不通")
    assert Census.objects.get().unanswered_reason == "家中电话不通"


def test_a_closed_round_is_frozen_by_the_database(school_class) -> None:  # type: ignore[no-untyped-def]
    child = make_left_behind(at=school_class)
    census, staff = opened(school_class), make_staff(Role.PRINCIPAL, school_class.school)
    answer_rest(census=census, school_class=school_class.pk, by=staff)
    close_round(census=census, by=staff)
    before = census_figures(Census.objects.get(), staff)
    row = row_of(Census.objects.get(), child)
    with pytest.raises(ValidationError, match="已经定稿"):
        note_parts(row=row, parts={"study": "好"}, by=staff, version=row.version)
    for act in (lambda: CensusRow.objects.update(study="好"), lambda: CensusRow.objects.all().delete()):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            act()
    FamilyMember.objects.filter(child=child).update(status="at_home")
    child.family.get(relation="51").absences.all().delete()
    assert census_figures(Census.objects.get(), staff) == before
    assert dict(zip(before.columns, before.total, strict=True))["双方外出"] == 1


def test_what_changed_since_the_round_before(school_class) -> None:  # type: ignore[no-untyped-def]
    staying, leaving = at_home(school_class), at_home(school_class, "龙小山")
    staff = make_staff(Role.PRINCIPAL, school_class.school)
    first = opened(school_class, date(2026, 10, 8))
    answer_rest(census=first, school_class=school_class.pk, by=staff)
    close_round(census=first, by=staff)
    leave_school(child=leaving, on=date(2026, 10, 20), kind="out_transfer", by=None)
    second = opened(school_class)
    row = row_of(second, staying)
    propose(row=row, proposed={"father": _away()}, by=staff, version=row.version)
    confirm(rows=[row_of(second, staying)], by=staff)
    newcomer = at_home(school_class, "杨小海")
    CensusRow.objects.create(census=second, child=newcomer, school_class=school_class)
    changes = {(c.name, c.kind) for c in census_figures(second, staff).changes}
    assert changes == {
        ("田小雨", "新增留守"),
        ("田小雨", "联系方式变化"),
        ("龙小山", "不在册"),
        ("杨小海", "新进册"),
    }


def test_a_class_that_graduated_since_is_no_longer_on_the_register(school_class) -> None:  # type: ignore[no-untyped-def]
    sixth = make_class(school_class.school, grade=6)
    at_home(school_class)
    graduate = at_home(sixth, "石小峰")
    staff = make_staff(Role.PRINCIPAL, school_class.school)
    first = opened(school_class, date(2026, 10, 8))
    for place in (school_class, sixth):
        answer_rest(census=first, school_class=place.pk, by=staff)
    close_round(census=first, by=staff)
    leave_school(child=graduate, on=date(2026, 10, 20), kind="graduate", by=None)
    changes = [(c.class_name, c.name, c.kind) for c in census_figures(opened(school_class), staff).changes]
    assert changes == [(sixth.name_on(date(2026, 10, 8)), "石小峰", "不在册")]


def test_another_father_than_the_stored_one_is_refused_by_name(school_class) -> None:  # type: ignore[no-untyped-def]
    child = at_home(school_class)
    census = opened(school_class)
    carer = {"relation": "51", "name": "田大水", "phone": "", "care_type": "one_parent"}
    row = row_of(census, child)
    propose(row=row, proposed={"carer": carer}, by=None, version=row.version)
    with pytest.raises(ValidationError, match="田小雨：.*田大水不是同一个姓名"), transaction.atomic():
        confirm(rows=[row_of(census, child)], by=make_staff(Role.REGISTRAR, school_class.school))
    assert child.family.filter(relation="51").count() == 1


def test_progress_counts_classes_in_three_statements(school_class) -> None:  # type: ignore[no-untyped-def]
    make_staff(Role.HOMEROOM, school_class, name="韦老师")
    for number in range(3):
        at_home(school_class, f"田小{'甲乙丙'[number]}")
    at_home(make_class(school_class.school, number=2), "罗小川")
    census = opened(school_class)
    with CaptureQueriesContext(connection) as seen:
        found = progress(census, date(2026, 11, 30))
    assert len(seen) == 3
    assert [(c.total, c.open, c.overdue, c.teachers) for c in found] == [(3, 3, True, "韦老师"), (1, 1, True, "")]


def test_who_left_after_the_cut_off_day_waits_for_nobody(school_class) -> None:  # type: ignore[no-untyped-def]
    staying, leaving = at_home(school_class), at_home(school_class, "龙小山")
    census, principal = opened(school_class, date(2026, 11, 2)), make_staff(Role.PRINCIPAL, school_class.school)
    leave_school(child=leaving, on=date(2026, 11, 10), kind="out_transfer", by=None)
    [found] = progress(census, TODAY)
    assert (found.total, found.open, found.left) == (1, 1, 1)
    row = row_of(census, staying)
    answer(row=row, answer="unchanged", by=principal, version=row.version)
    close_round(census=census, by=principal)
    assert census_figures(Census.objects.get(), principal).total[1] == 2, "on the cut-off day there were two"
