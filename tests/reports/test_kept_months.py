"""Kept sums of a month tell what counting everything tells, at the moment after whatever was saved."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.programmes import adopt
from caretrack.access.models import Told
from caretrack.access.policy import Role
from caretrack.periods import Month
from children.models import Child
from reports import keeping
from reports.builders.month import Asked, count_month
from reports.builders.tally import PART, PartedTally
from reports.builders.unit import Unit
from reports.models import MonthSums, MonthTouch
from reports.touched import OF_A_SCHOOL, OF_CHILDREN
from tests.reports.month_saves import (
    DAY,
    IN_OCTOBER,
    NOVEMBER,
    OCTOBER,
    SAVES,
    SILENT,
    TODAY,
    World,
    class_graduated,
    kept,
    left_in_the_past,
    record,
    report_handed_in,
    roster_imported,
    roster_taken_back,
    scratch,
)
from tests.support.factories import (
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
    make_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def world(monkeypatch) -> World:
    """Two classes whose children lie in several parts, paired with mentors, with records of two months."""
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: TODAY)
    school = make_school()
    make_term(school)
    other = make_school("云禾县白石镇小学")
    make_term(other)
    four, five = make_class(school), make_class(school, grade=5)
    lead = make_staff(Role.CARE_LEAD, school, name="赵主任")
    programme = adopt("six_ones", school, date(2026, 9, 1), None)
    mentors = [make_mentor(school=school) for _ in range(2)]
    children: list[Child] = []
    for number in range(8):
        child = make_left_behind(f"学生{number}", four if number % 2 else five, both=number % 3 == 0, boarding="1")
        Child.objects.filter(pk=child.pk).update(school=school)
        make_pairing(child, mentors[number % 2])
        make_record(child, lead, DAY - timedelta(days=number % 3))
        make_record(child, lead, IN_OCTOBER, kind="home_visit")
        children.append(child)
        make_child("别校的学生", make_class(other))
    return World(school, four, five, make_class(other, number=2), lead, mentors[0], programme.items.first(), children)


def agree(world: World) -> None:
    """What a page shows now, and what it shows after the worker has looked, is what counting everything tells."""
    for month in (OCTOBER, NOVEMBER):
        told = scratch(world, month)
        shown = keeping.live_month(Unit(world.school), month, definition="lb_seed", on=TODAY)
        assert replace(shown, behind={}) == told
    keeping.keep_up(TODAY)
    assert not MonthTouch.objects.exists()
    for month in (OCTOBER, NOVEMBER):
        assert kept(world, month) == scratch(world, month)


@pytest.mark.parametrize("save", SAVES, ids=lambda save: save.__name__)
def test_figures_after_a_save_are_those_of_a_full_count(world: World, save: Callable[[World], None]) -> None:
    keeping.keep_up(TODAY)
    before = [scratch(world, month) for month in (OCTOBER, NOVEMBER)]
    save(world)
    if save not in SILENT:
        assert [scratch(world, month) for month in (OCTOBER, NOVEMBER)] != before
    agree_after(world, save)


def agree_after(world: World, save: Callable[[World], None]) -> None:
    if save is class_graduated:  # never told from kept sums
        assert kept(world, NOVEMBER) is None
        assert keeping.live_month(Unit(world.school), NOVEMBER, definition="lb_seed", on=TODAY).broken
    else:
        agree(world)


@pytest.mark.parametrize("seed", range(4))
def test_any_saves_in_any_order(world: World, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    alone = {class_graduated, report_handed_in, roster_imported, roster_taken_back, left_in_the_past}
    keeping.keep_up(TODAY)
    for save in rng.sample([save for save in SAVES if save not in alone], 12):
        try:
            with transaction.atomic():
                save(world)
        except (ValidationError, ObjectDoesNotExist, IntegrityError):
            pass  # one save may stand in the way of another
        agree(world)


# --- how it is kept ---------------------------------------------------------------------------------------------------


def test_every_table_that_is_counted_from_leaves_marks(world: World) -> None:
    adopt("ten_ones", world.school, date(2026, 9, 1), None)
    unit = Unit(world.school)
    with CaptureQueriesContext(connection) as asked:
        for month in (OCTOBER, NOVEMBER):
            wanted = Asked.of(unit, month, min(month.last, TODAY))
            count_month(unit, month, wanted, PartedTally(), definition="lb_mca", on=TODAY)
    read = {name for query in asked.captured_queries for name in re.findall(r'(?:FROM|JOIN) "?(\w+)"?', query["sql"])}
    told = {model._meta.db_table for model in (*OF_CHILDREN, *OF_A_SCHOOL)}
    assert "activities_carerecord" in read
    assert read <= told


def test_a_clean_page_reads_kept_sums_and_counts_nobody(world: World) -> None:
    keeping.keep_up(TODAY)
    with CaptureQueriesContext(connection) as asked:
        assert kept(world, NOVEMBER) is not None
    assert not any("children_" in query["sql"] for query in asked.captured_queries)


def test_only_the_part_of_the_child_is_counted_anew(world: World) -> None:
    keeping.keep_up(TODAY)
    record(world)
    with CaptureQueriesContext(connection) as asked:
        assert kept(world, NOVEMBER) is not None
    counted = next(query["sql"] for query in asked.captured_queries if "children_enrollment" in query["sql"])
    assert counted.count(", ") < PART + 20


def test_nothing_is_kept_for_another_day_or_definition(world: World) -> None:
    keeping.keep_up(TODAY)
    unit = Unit(world.school)
    assert keeping.kept_month(unit, NOVEMBER, "lb_seed", TODAY + timedelta(days=1)) is None
    assert keeping.kept_month(unit, NOVEMBER, "lb_mca", TODAY) is None
    assert keeping.kept_month(unit, Month(2026, 9), "lb_seed", TODAY) is None


def test_another_edition_of_the_program_is_not_believed(world: World) -> None:
    keeping.keep_up(TODAY)
    MonthSums.objects.update(edition="an older one")
    assert kept(world, NOVEMBER) is None
    keeping.keep_up(TODAY)
    assert kept(world, NOVEMBER) == scratch(world, NOVEMBER)


def test_what_is_saved_while_the_worker_counts_is_not_lost(world: World) -> None:
    keeping.keep_up(TODAY)
    record(world)
    saved = []

    def and_somebody_saves(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if not saved and 'FROM "activities_carerecord"' in sql:
            saved.append(1)
            make_record(world.children[1], world.lead, DAY, kind="homework")
            make_record(world.children[6], world.lead, DAY, kind="homework")
        return answer

    with connection.execute_wrapper(and_somebody_saves):
        keeping.keep_up(TODAY)
    assert saved
    agree(world)


def test_a_second_worker_that_read_older_facts_keeps_nothing(world: World) -> None:
    keeping.keep_up(TODAY)
    record(world)
    began = []

    def and_another_worker(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if not began and 'FROM "activities_carerecord"' in sql:
            began.append(1)
            make_record(world.children[1], world.lead, DAY, kind="homework")
            keeping.keep_up(TODAY)
        return answer

    with connection.execute_wrapper(and_another_worker):
        keeping.keep_up(TODAY)
    assert began
    assert kept(world, NOVEMBER) == scratch(world, NOVEMBER)
    agree(world)


def test_a_save_that_is_taken_back_leaves_no_mark(world: World) -> None:
    keeping.keep_up(TODAY)
    with transaction.atomic():
        record(world)
        transaction.set_rollback(True)
    assert not MonthTouch.objects.exists()
    agree(world)


def test_many_rows_about_one_child_leave_one_mark(world: World) -> None:
    keeping.keep_up(TODAY)
    make_left_behind("新来的学生", world.four)
    child = Child.objects.get(name="新来的学生")
    assert MonthTouch.objects.filter(child_id=child.pk).count() == 1


def test_an_import_marks_its_school_and_of_the_pupils_only_those_who_were_there_before(world: World) -> None:
    known = make_child("龙宇松", world.four, student_no="G999999201609110971")
    keeping.keep_up(TODAY)
    roster_imported(world)
    assert Child.objects.filter(name="罗子杰").exists()
    assert set(MonthTouch.objects.values_list("child_id", "school_id")) == {(None, world.school.pk), (known.pk, None)}
    agree(world)
    record(world)
    assert MonthTouch.objects.filter(child_id__isnull=False).exists()
    assert not Told.objects.exists()
