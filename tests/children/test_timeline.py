"""The timeline: what happened with a child, by kind, for each pair of eyes."""

from datetime import date

import pytest

from caretrack.access.policy import Role
from children import timeline as module
from children.models import Child, StatusChange
from children.timeline import TimelineItem, register_source, timeline, with_entry_days
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def child() -> Child:
    return make_left_behind()


def titles(child: Child, staff, **kw) -> list[str]:
    return [item.title for item in timeline([child], staff, last=TODAY, **kw)]


def test_newest_first_with_event_and_entry_day(child: Child) -> None:
    staff = make_staff(Role.HOMEROOM, child.school_class)
    make_record(child, staff, date(2026, 11, 2), content="说了家里的事", topics=("study",))
    make_record(child, staff, date(2026, 11, 10), "home_visit")
    found = timeline([child], staff, last=TODAY)
    records = [item for item in found if item.kind == "record"]
    assert [(item.on, item.title) for item in records] == [
        (date(2026, 11, 10), "家访"),
        (date(2026, 11, 2), "谈心 · 学习"),
    ]
    assert records[1].text == "说了家里的事"
    assert records[1].entered is not None
    assert [item.on for item in found] == sorted((item.on for item in found), reverse=True)


def test_a_kind_and_a_span_narrow(child: Child) -> None:
    staff = make_staff(Role.HOMEROOM, child.school_class)
    make_record(child, staff, date(2026, 11, 2))
    make_record(child, staff, date(2026, 11, 10))
    assert len(titles(child, staff, kinds={"record"}, first=date(2026, 11, 3))) == 1
    assert "新生入学" in titles(child, staff, kinds={"register"})
    assert titles(child, staff, kinds={"nonsense"}) == []


def test_counselling_is_a_grey_line_for_all_but_the_counsellor(child: Child) -> None:
    counsellor = make_staff(Role.COUNSELLOR, child.school)
    make_record(child, counsellor, kind="counselling", content="辅导的话", topics=("mood",))
    principal = make_staff(Role.PRINCIPAL, child.school)
    (line,) = timeline([child], principal, last=TODAY, kinds={"record"})
    assert (line.title, line.text, line.details, line.sealed, line.page) == ("心理辅导", "", (), True, None)
    assert not timeline([child], counsellor, last=TODAY, kinds={"record"})[0].sealed
    assert timeline([child], None, last=TODAY, kinds={"record"})[0].sealed


def test_a_mentor_gets_own_records_and_the_family_s_changes(child: Child) -> None:
    staff = make_staff(name="杨帆")
    make_pairing(child, make_mentor(staff, child.school))
    make_record(child, make_staff(Role.HOMEROOM, child.school_class), content="班主任的")
    make_record(child, staff, content="代理家长的")
    texts = [item.text for item in timeline([child], staff, last=TODAY, kinds={"record"})]
    assert texts == ["代理家长的"]


def test_registrar_gets_the_register_and_no_records(child: Child) -> None:
    make_record(child, make_staff(Role.HOMEROOM, child.school_class))
    kinds = {item.kind for item in timeline([child], make_staff(Role.REGISTRAR, child.school), last=TODAY)}
    assert "register" in kinds
    assert "record" not in kinds


def test_a_stranger_gets_nothing(child: Child) -> None:
    make_record(child, make_staff(Role.HOMEROOM, child.school_class))
    assert timeline([child], make_staff(Role.PRINCIPAL, make_class()), last=TODAY) == []


def test_entry_day_survives_a_later_correction(child: Child) -> None:
    change = StatusChange.objects.filter(child=child).first()
    assert change is not None
    item = TimelineItem(child.pk, "register", TODAY, "x", **module.stamp(change))
    assert item.entered is not None
    change.reason = "补写原因"
    change.save()
    later = TimelineItem(child.pk, "register", TODAY, "x", **module.stamp(change))
    assert later.entered is None
    assert with_entry_days([later])[0].entered == item.entered


def test_a_kind_belongs_to_one_source() -> None:
    with pytest.raises(ValueError, match="record"):
        register_source("record", "别的", lambda *a: [], data=module.DataClass.CARE)


@pytest.mark.parametrize("rows", [1, 12])
def test_statements_do_not_grow(rows: int, django_assert_max_num_queries) -> None:
    at = make_class()
    staff = make_staff(Role.PRINCIPAL, at.school)
    children = [make_child(f"学生{number}", at) for number in range(rows)]
    for child in children:
        make_record(child, staff)
    with django_assert_max_num_queries(35):
        assert len(with_entry_days(timeline(children, staff, last=TODAY))) >= 2 * rows
