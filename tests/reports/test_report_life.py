"""The life of a report: who may move it when, and that its figures stay when submitted."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from caretrack.access.history import Stale
from caretrack.periods import Month
from children.corrections import correct
from children.left_behind import Definition
from children.services import leave_school
from reports.builders.differences import differences
from reports.builders.month import build_month
from reports.builders.unit import Unit
from reports.models import MonthlyReport, ReportState, SemesterSummary
from reports.services import (
    frozen_figures,
    move_report,
    move_summary,
    open_month,
    save_report_texts,
    save_summary_texts,
    summary_figures,
    take_snapshot,
)
from tests.support.factories import make_child, make_left_behind, make_record, make_term

pytestmark = pytest.mark.data
NOVEMBER = Month(2026, 11)
CLOSED = date(2026, 11, 28)
EMPTY = {"work_done": "", "highlights": "", "problems": "", "next_steps": ""}


@pytest.fixture
def report(world):
    return open_month(unit=Unit(world.school), month=NOVEMBER, definition="lb_seed", by=world.care_lead)


def move(report, name, world, on=CLOSED, note=""):
    return move_report(report=report, move=name, by=world.care_lead, on=on, note=note)


def test_a_month_is_opened_once(world, report):
    with pytest.raises(ValidationError, match="已经建立"):
        open_month(unit=Unit(world.school), month=NOVEMBER, definition="lb_seed", by=world.care_lead)
    open_month(unit=Unit(world.school, world.four), month=NOVEMBER, definition="lb_seed", by=world.care_lead)


def test_an_unknown_definition_is_refused(world):
    with pytest.raises(ValidationError, match="口径"):
        open_month(unit=Unit(world.school), month=NOVEMBER, definition="x", by=world.care_lead)


def test_figures_stay_although_a_record_is_added_later(world, report):
    make_record(world.child, world.homeroom, date(2026, 11, 3))
    submitted = move(report, "submit", world)
    make_record(world.child, world.homeroom, date(2026, 11, 4))
    kept = frozen_figures(MonthlyReport.objects.get(pk=submitted.pk))
    assert kept.tables[2].rows[0].cells[0].value == 1
    now = build_month(Unit(world.school), NOVEMBER, definition="lb_seed", on=CLOSED)
    assert now.tables[2].rows[0].cells[0].value == 2
    changed = {(line.row, line.column, line.frozen, line.now) for line in differences(kept, now)}
    assert changed == {("谈心", "次数", "1", "2"), ("谈心", "人次", "1", "2")}


def test_a_month_that_is_not_over_cannot_be_submitted(world, report):
    with pytest.raises(ValidationError, match="还没有到期"):
        move(report, "submit", world, on=date(2026, 11, 20))
    assert MonthlyReport.objects.get(pk=report.pk).state == ReportState.DRAFT


def test_the_way_there_and_back(world, report):
    move(report, "submit", world)
    with pytest.raises(ValidationError, match="不能提交审定"):
        move(report, "submit", world)
    with pytest.raises(ValidationError, match="原因"):
        move(report, "return", world)
    returned = move(report, "return", world, note="四（1）班少一人")
    assert (returned.state, returned.figures) == (ReportState.RETURNED, None)
    move(report, "submit", world)
    approved = move(report, "approve", world)
    assert approved.state == ReportState.APPROVED
    assert [row.move for row in report.moves.all()] == ["open", "submit", "return", "submit", "approve"]
    reopened = move(report, "reopen", world, note="补一条家访")
    assert reopened.state == ReportState.RETURNED


def test_the_opening_of_the_next_month_is_checked_against_the_closing_of_the_last(world, report):
    move(report, "submit", world)
    december = build_month(Unit(world.school), Month(2026, 12), definition="lb_seed", on=date(2026, 12, 10))
    check = next(check for check in december.checks if check.rule == "期初＝上期月报期末")
    assert check.holds
    assert (check.left, check.right) == (2, 2)
    leave_school(child=world.other, on=date(2026, 11, 10), kind="out_transfer", by=None)
    december = build_month(Unit(world.school), Month(2026, 12), definition="lb_seed", on=date(2026, 12, 10))
    check = next(check for check in december.broken if check.rule == "期初＝上期月报期末")
    assert [culprit.child_id for culprit in check.children] == [world.other.pk]


def test_texts_are_written_while_it_is_a_draft(world, report):
    saved = save_report_texts(report=report, texts=EMPTY | {"work_done": "核对联系卡 "}, version=report.version)
    assert saved.work_done == "核对联系卡"
    move(report, "submit", world)
    current = MonthlyReport.objects.get(pk=report.pk)
    with pytest.raises(ValidationError, match="已经提交"):
        save_report_texts(report=current, texts=EMPTY, version=current.version)


def test_who_saves_second_is_told(world, report):
    first, second = (MonthlyReport.objects.get(pk=report.pk) for _ in range(2))
    version = first.version
    save_report_texts(report=first, texts=EMPTY | {"problems": "甲写的"}, version=version)
    with pytest.raises(Stale):
        save_report_texts(report=second, texts=EMPTY | {"problems": "乙写的"}, version=version)
    assert MonthlyReport.objects.get(pk=report.pk).problems == "甲写的"


class TestSummary:
    def take(self, world, cut_off=date(2026, 11, 25), definition=Definition.SEED):
        return take_snapshot(
            school=world.school, term=world.term, cut_off=cut_off, definition=definition, by=world.care_lead
        )

    def test_the_snapshot_stays_although_facts_change(self, world):
        summary = self.take(world)
        assert summary_figures(summary).register == 2
        make_left_behind("新来的", world.four)
        assert summary_figures(SemesterSummary.objects.get(pk=summary.pk)).register == 2
        assert summary_figures(self.take(world)).register == 3

    def test_the_cut_off_lies_in_the_term(self, world):
        with pytest.raises(ValidationError, match="本学期内"):
            self.take(world, cut_off=date(2026, 8, 1))

    def test_without_a_term_before_nothing_is_compared(self, world):
        figures = summary_figures(self.take(world))
        assert "没有上学期" in figures.earlier_basis
        assert {line.difference for line in figures.compared} == {"—"}

    def test_the_term_before_is_rebuilt_from_dated_facts(self, world):
        make_term(world.school, year=2025, season=2, starts_on=date(2026, 2, 20), ends_on=date(2026, 7, 5))
        make_left_behind("老生", world.five, came=date(2025, 9, 1))
        figures = summary_figures(self.take(world))
        register = next(line for line in figures.compared if line.key == "all")
        assert (register.earlier, register.now, register.difference) == (1, 3, "+2")
        assert "推算到2026年7月5日" in figures.earlier_basis

    def test_a_frozen_summary_of_the_term_before_wins_over_rebuilding(self, world):
        before = make_term(world.school, year=2025, season=2, starts_on=date(2026, 2, 20), ends_on=date(2026, 7, 5))
        old = make_left_behind("老生", world.five, came=date(2025, 9, 1))
        take_snapshot(
            school=world.school, term=before, cut_off=before.ends_on, definition="lb_seed", by=world.care_lead
        )
        old.enrollments.all().delete()
        figures = summary_figures(self.take(world))
        assert next(line for line in figures.compared if line.key == "all").earlier == 1
        assert "固定的2025—2026学年第二学期总结" in figures.earlier_basis

    def test_rates_have_both_their_numbers(self, world):
        make_record(world.child, world.homeroom, date(2026, 11, 3), kind="home_visit")
        rates = {rate.label: rate for rate in summary_figures(self.take(world)).rates}
        assert (rates["家访覆盖率"].numerator, rates["家访覆盖率"].denominator) == (1, 2)
        assert rates["家访覆盖率"].percent == "50.0%"
        assert rates["重点对象结对率"].percent == "—"
        assert rates["辍学率"].numerator == 0

    def test_who_dropped_out_is_counted_once_of_all_who_were_pupils_of_the_term(self, world):
        gone = make_child("辍学的", world.four)
        late = make_child("后来的", world.four, came=date(2026, 10, 8))
        mistaken = make_child("误登的", world.five)
        leave_school(child=gone, on=date(2026, 11, 2), kind="dropout", by=None)
        leave_school(child=late, on=date(2026, 11, 25), kind="dropout", by=None)
        line = leave_school(child=mistaken, on=date(2026, 11, 3), kind="dropout", by=None)
        correct(change=line, reason="按错了人", on=date(2026, 11, 25), by=None, counted=True)
        rates = {rate.label: rate for rate in summary_figures(self.take(world)).rates}
        assert (rates["辍学率"].numerator, rates["辍学率"].denominator) == (1, 5)
        assert "本学期在校过的学生" in rates["辍学率"].formula
        assert (rates["巩固率"].numerator, rates["巩固率"].denominator) == (4, 5)

    def test_graduates_and_entries_by_mistake_do_not_lower_the_share_that_stayed(self, world):
        leave_school(child=make_child("毕业的", world.five), on=date(2026, 11, 2), kind="graduate", by=None)
        leave_school(child=make_child("误登的", world.five), on=date(2026, 11, 2), kind="error", by=None)
        rates = {rate.label: rate for rate in summary_figures(self.take(world)).rates}
        assert rates["巩固率"].percent == "100.0%"

    def test_before_its_end_the_term_is_told_as_of_a_day(self, world):
        figures = summary_figures(self.take(world, cut_off=date(2026, 11, 25)))
        assert figures.movement.columns[-1].label == "截至11月25日"
        assert next(rate for rate in figures.rates if rate.label == "巩固率").formula.startswith("截止日在校÷")
        assert "只统计到11月25日" in figures.as_of_note
        whole = summary_figures(self.take(world, cut_off=world.term.ends_on))
        assert whole.movement.columns[-1].label == "期末数"
        assert (whole.as_of, whole.as_of_note) == ("", "")

    def test_texts_and_moves(self, world):
        summary = self.take(world)
        save_summary_texts(summary=summary, texts={"plans": "下学期继续"}, version=summary.version)
        move_summary(summary=summary, move="submit", by=world.care_lead)
        with pytest.raises(ValidationError, match="不能再取"):
            self.take(world)
        approved = move_summary(summary=summary, move="approve", by=world.principal)
        assert approved.state == ReportState.APPROVED
        assert approved.texts == {"plans": "下学期继续"}

    @pytest.mark.parametrize("children", [1, 12])
    def test_the_number_of_statements_does_not_grow(self, world, children, django_assert_max_num_queries):
        for number in range(children):
            make_record(make_left_behind(f"学生{number}", world.four), world.homeroom, date(2026, 11, 3))
        with django_assert_max_num_queries(75):
            self.take(world)
