"""The acts of the register: each keeps the dated truth and writes its line."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.left_behind import status_of
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    StatusChange,
    SupportDecision,
    codes,
)
from children.services import (
    change_class,
    decide_support_level,
    enrol,
    leave_school,
    open_dossier,
    set_care,
    set_parent_status,
)
from tests.support.factories import (
    TERM_START,
    TODAY,
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_parent,
    make_staff,
)

pytestmark = pytest.mark.django_db
Status = codes.ParentStatus


def kinds(child: Child) -> list[str]:
    """The lines of the register of changes, oldest first."""
    return list(StatusChange.objects.filter(child=child).order_by("pk").values_list("kind", flat=True))


def refused(call, field: str | None = None, **kw) -> str:
    with pytest.raises(ValidationError) as caught:
        call(**kw)
    error = caught.value
    if field is not None:
        return error.message_dict[field][0]
    return error.messages[0]


# coming, moving, leaving


def test_enrols_with_a_line_in_the_register() -> None:
    child = make_child()
    line = StatusChange.objects.get(child=child)
    assert (line.kind, line.on, line.after) == ("enrol_new", TERM_START, "四（1）班")


def test_refuses_a_second_open_enrolment() -> None:
    child = make_child()
    to = make_class(child.school, number=2)
    assert "已有的在班经历" in refused(enrol, child=child, school_class=to, on=TODAY, by=None)
    assert Enrollment.objects.count() == 1


def test_refuses_days_of_an_earlier_enrolment() -> None:
    child = make_child()
    leave_school(child=child, on=date(2026, 10, 1), kind="suspended", by=None)
    to = make_class(child.school)
    assert "日期重叠" in refused(enrol, child=child, school_class=to, on=date(2026, 9, 15), by=None, kind="resume")


def test_a_way_out_is_no_way_in() -> None:
    child = Child.objects.create(name="石小禾", school=make_class().school)
    assert "变动类型不对" in refused(enrol, child=child, school_class=make_class(), on=TODAY, by=None, kind="graduate")


def test_changes_class_without_a_gap() -> None:
    child = make_child()
    to = make_class(child.school, number=2)
    change_class(child=child, to=to, on=date(2026, 11, 1), by=None)
    old, new = Enrollment.objects.filter(child=child).order_by("starts_on")
    assert old.ends_on + timedelta(days=1) == new.starts_on == date(2026, 11, 1)
    assert Child.objects.get(pk=child.pk).school_class == to
    assert kinds(child) == ["enrol_new", "class_change"]


@pytest.mark.parametrize("on", [TERM_START, TERM_START - timedelta(days=1)])
def test_changes_class_not_before_the_second_day(on: date) -> None:
    child = make_child()
    assert "晚于入班日期" in refused(
        change_class, "on", child=child, to=make_class(child.school, number=2), on=on, by=None
    )


def test_does_not_change_to_the_same_class_or_another_school() -> None:
    child = make_child()
    assert "已经在这个班" in refused(change_class, child=child, to=child.school_class, on=TODAY, by=None)
    assert "本校内" in refused(change_class, child=child, to=make_class(), on=TODAY, by=None)


def test_leaves_school_and_the_dossier_stays() -> None:
    child = make_child()
    leave_school(child=child, on=TODAY, kind="out_transfer", by=None, reason="随父母到东莞")
    child.refresh_from_db()
    assert child.school_class is None
    assert child.school is not None
    line = StatusChange.objects.filter(child=child).first()
    assert (line.kind, line.before, line.reason, line.school_class) == (
        "out_transfer",
        "四（1）班",
        "随父母到东莞",
        Enrollment.objects.get().school_class,
    )


def test_leaves_on_the_first_day_but_not_before() -> None:
    child = make_child()
    before = TERM_START - timedelta(days=1)
    assert "不能早于" in refused(leave_school, "on", child=child, on=before, kind="error", by=None)
    leave_school(child=child, on=TERM_START, kind="error", by=None)


def test_leaves_only_once() -> None:
    child = make_child()
    leave_school(child=child, on=TODAY, kind="graduate", by=None)
    assert "目前不在班" in refused(leave_school, child=child, on=TODAY, kind="graduate", by=None)
    assert "目前不在班" in refused(change_class, child=child, to=make_class(child.school, number=2), on=TODAY, by=None)


def test_opens_a_dossier_or_nothing() -> None:
    number = id_number(date(2016, 5, 4))
    school_class = make_class()
    made = open_dossier(child=Child(name="石小禾", id_no=number), school_class=school_class, on=TODAY, by=None)
    assert (made.school_class, made.pinyin) == (school_class, "shixiaohe")
    assert "身份证号" in refused(
        open_dossier, child=Child(name="安小禾", id_no=number), school_class=school_class, on=TODAY, by=None
    )
    assert (
        "name"
        in pytest.raises(
            ValidationError, open_dossier, child=Child(name=""), school_class=school_class, on=TODAY, by=None
        ).value.message_dict
    )
    assert Child.objects.count() == 1


def test_an_act_does_not_overwrite_what_was_saved_meanwhile() -> None:
    child = make_child()
    Child.objects.filter(pk=child.pk).update(address="青榕村五组")
    decide_support_level(child=child, level="key", reason="情绪低落", on=TODAY, by=make_staff())
    saved = Child.objects.get()
    assert (saved.address, saved.support_level) == ("青榕村五组", "key")
    assert child.version == saved.version


# parents


def test_first_parent_leaves_second_leaves_one_returns_both_home() -> None:
    child = make_child()
    father = make_parent(child)
    mother = make_parent(child, codes.Relation.MOTHER)
    set_parent_status(member=mother, status=Status.AT_HOME, since=date(2026, 10, 1), by=None, on=TODAY)
    set_parent_status(member=father, status=Status.AT_HOME, since=date(2026, 11, 1), by=None, on=TODAY)
    assert kinds(child) == ["enrol_new", "new_away", "type_change", "type_change", "parent_back"]
    assert StatusChange.objects.filter(child=child).first().before == "一方外出"


def test_a_grandparent_who_works_away_is_no_change_of_the_child() -> None:
    child = make_child()
    make_parent(child, codes.Relation.GRANDFATHER, name="李有福")
    assert kinds(child) == ["enrol_new"]


def test_coming_home_ends_the_span_the_day_before() -> None:
    father = make_parent(make_child())
    set_parent_status(member=father, status=Status.AT_HOME, since=date(2026, 11, 1), by=None, on=TODAY)
    span = AbsenceSpan.objects.get(member=father)
    assert (span.starts_on, span.ends_on) == (date(2025, 3, 1), date(2026, 10, 31))
    assert (father.away_since, father.returned_on) == (date(2025, 3, 1), date(2026, 11, 1))


def test_leaving_again_opens_another_span() -> None:
    father = make_parent(make_child())
    set_parent_status(member=father, status=Status.AT_HOME, since=date(2026, 2, 1), by=None, on=TODAY)
    set_parent_status(member=father, status=Status.AWAY_WORK, since=date(2026, 2, 20), by=None, on=TODAY)
    assert AbsenceSpan.objects.filter(member=father).count() == 2
    assert (father.away_since, father.returned_on) == (date(2026, 2, 20), None)


def test_the_same_status_again_corrects_the_day_and_the_place() -> None:
    child = make_child()
    father = make_parent(child)
    set_parent_status(
        member=father, status=Status.AWAY_WORK, since=date(2025, 5, 1), by=None, on=TODAY, work_place="广东省东莞市"
    )
    span = AbsenceSpan.objects.get(member=father)
    assert (span.starts_on, span.work_place, father.away_since) == (date(2025, 5, 1), "广东省东莞市", date(2025, 5, 1))
    assert kinds(child) == ["enrol_new", "new_away"]


def test_the_same_status_without_a_day_keeps_the_known_one() -> None:
    father = make_parent(make_child())
    set_parent_status(member=father, status=Status.AWAY_WORK, since=None, by=None, on=TODAY)
    assert father.away_since == AbsenceSpan.objects.get(member=father).starts_on == date(2025, 3, 1)


def test_an_absence_entered_by_mistake_is_taken_back() -> None:
    child = make_child()
    father = make_parent(child)
    set_parent_status(member=father, status=Status.AT_HOME, since=date(2025, 3, 1), by=None, on=TODAY)
    assert not AbsenceSpan.objects.exists()
    assert (father.away_since, father.returned_on) == (None, None)
    assert not status_of(child, date(2026, 1, 1)).seed


def test_a_parent_who_dies_has_not_come_home() -> None:
    father = make_parent(make_child())
    set_parent_status(member=father, status=Status.DECEASED, since=date(2026, 6, 1), by=None, on=TODAY)
    assert father.returned_on is None
    assert father.status == Status.DECEASED


def test_refuses_the_future_and_a_return_before_leaving() -> None:
    father = make_parent(make_child())
    tomorrow = TODAY + timedelta(days=1)
    assert "今天以后" in refused(
        set_parent_status, "since", member=father, status=Status.AT_HOME, since=tomorrow, by=None, on=TODAY
    )
    assert "不能早于" in refused(
        set_parent_status, "since", member=father, status=Status.AT_HOME, since=date(2025, 2, 1), by=None, on=TODAY
    )
    assert AbsenceSpan.objects.get().ends_on is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.sampled_from([Status.AT_HOME, Status.AWAY_WORK, Status.DETAINED]), st.integers(1, 40)), max_size=6
    )
)
def test_any_sequence_of_moves_explains_the_present_state(moves: list[tuple[str, int]]) -> None:
    """Whatever happened in order, the spans say of today what the row says, and never two of them cover one day."""
    with change_by(None, "test"):
        child = make_child(at=make_class())
        father = make_parent(child, since=date(2024, 1, 1))
        day = date(2024, 2, 1)
        for status, days in moves:
            day += timedelta(days=days)
            set_parent_status(member=father, status=status, since=day, by=None, on=TODAY)
        assert status_of(child, TODAY).father_away == (father.status == Status.AWAY_WORK)
        spans = list(AbsenceSpan.objects.filter(member=father).order_by("starts_on"))
        assert all(a.ends_on is not None and a.ends_on < b.starts_on for a, b in zip(spans, spans[1:], strict=False))


# care


def test_another_carer_ends_the_arrangement_the_day_before() -> None:
    child = make_left_behind()
    aunt = FamilyMember.objects.create(child=child, relation=codes.Relation.AUNT_PATERNAL, name="李二妹")
    set_care(child=child, carer=aunt, care_type="kin_friend", on=date(2026, 11, 1), by=None, reason="祖母住院")
    old, new = CareArrangement.objects.filter(child=child).order_by("starts_on")
    assert (old.ends_on, new.starts_on, new.carer) == (date(2026, 10, 31), date(2026, 11, 1), aunt)
    assert kinds(child)[-1] == "care_change"


def test_the_same_carer_keeps_the_arrangement() -> None:
    child = make_left_behind()
    carer = CareArrangement.objects.get(child=child).carer
    set_care(child=child, carer=carer, care_type="grandparent", rating="poor", on=TODAY, by=None)
    row = CareArrangement.objects.get(child=child)
    assert (row.rating, row.starts_on) == ("poor", TERM_START)
    assert "care_change" not in kinds(child)


def test_another_carer_on_the_first_day_is_a_correction() -> None:
    child = make_left_behind()
    aunt = FamilyMember.objects.create(child=child, relation=codes.Relation.AUNT_PATERNAL, name="李二妹")
    set_care(child=child, carer=aunt, care_type="kin_friend", on=TERM_START, by=None)
    assert CareArrangement.objects.get(child=child).carer == aunt
    assert "care_change" not in kinds(child)


def test_refuses_a_carer_of_another_family_and_a_day_before_the_beginning() -> None:
    child = make_left_behind()
    stranger = make_parent(make_child("安小禾"))
    assert "家庭成员" in refused(
        set_care, "carer", child=child, carer=stranger, care_type="kin_friend", on=TODAY, by=None
    )
    aunt = FamilyMember.objects.create(child=child, relation=codes.Relation.AUNT_PATERNAL, name="李二妹")
    early = TERM_START - timedelta(days=1)
    assert "不能早于" in refused(set_care, "on", child=child, carer=aunt, care_type="kin_friend", on=early, by=None)


# support level


def test_a_level_is_decided_by_a_person_with_a_reason() -> None:
    child, lead = make_child(), make_staff(Role.CARE_LEAD)
    decide_support_level(child=child, level="key", reason="情绪低落", on=TODAY, by=lead)
    assert child.support_level == "key"
    assert SupportDecision.objects.get().decided_by == lead


@pytest.mark.parametrize("reason,review_on,field", [(" ", None, "reason"), ("情绪低落", TODAY, "review_on")])
def test_refuses_a_level_without_reason_or_with_a_review_of_today(
    reason: str, review_on: date | None, field: str
) -> None:
    refused(
        decide_support_level,
        field,
        child=make_child(),
        level="key",
        reason=reason,
        on=TODAY,
        by=make_staff(),
        review_on=review_on,
    )
    assert not SupportDecision.objects.exists()
