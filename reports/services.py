"""The acts of reports: open, submit with frozen figures, return, approve, reopen; snapshot and texts of a summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from caretrack.access.history import Stale, save_if_unchanged
from caretrack.access.policy import Act
from caretrack.periods import Month, chinese_date
from caretrack.schools.models import School, Staff, Term
from children.left_behind import Definition
from children.models import Child
from mentoring.models import Pairing
from reports.builders.frozen import from_plain, to_plain
from reports.builders.month import MonthFigures, build_month
from reports.builders.semester import SemesterFigures
from reports.builders.term import build_semester
from reports.builders.unit import Unit
from reports.models import MonthlyForm, MonthlyReport, ReportMove, ReportState, SemesterSummary

State = ReportState


@dataclass(frozen=True)
class Move:
    """A step in a report's life: from which states, to which, who may, in what words."""

    sources: tuple[str, ...]
    target: str
    act: Act
    label: str
    needs_note: bool = False


MOVES = {
    "submit": Move((State.DRAFT, State.RETURNED), State.SUBMITTED, Act.MONTH_SUBMIT, "提交审定"),
    "approve": Move((State.SUBMITTED,), State.APPROVED, Act.MONTH_APPROVE, "审定通过"),
    "return": Move((State.SUBMITTED,), State.RETURNED, Act.MONTH_APPROVE, "退回修改", needs_note=True),
    "reopen": Move((State.APPROVED,), State.RETURNED, Act.MONTH_APPROVE, "重新打开", needs_note=True),
}


def way_back(state: str) -> str:
    """What the principal does so that a report in this state can be changed: 退回修改, or 重新打开 once approved."""
    return MOVES["reopen" if state == State.APPROVED else "return"].label


@transaction.atomic
def open_month(*, unit: Unit, month: Month, definition: str, by: Staff) -> MonthlyReport:
    """
    Begin the report of a unit and month as a draft under `definition`.

    Raises ValidationError for an unknown definition or when the report exists already.
    """
    if definition not in Definition.values:
        raise ValidationError("请选择统计口径。")
    report = MonthlyReport(school=unit.school, school_class=unit.school_class, month=month.key, definition=definition)
    report.full_clean(exclude=["change"])
    try:
        with transaction.atomic():
            report.save()
    except IntegrityError as error:
        raise ValidationError("这个月的月报刚刚已由别人建立，请刷新页面。") from error
    ReportMove.objects.create(report=report, move="open", to_state=State.DRAFT, made_by=by)
    return report


@transaction.atomic
def move_report(*, report: MonthlyReport, move: str, by: Staff, on: date, note: str = "") -> MonthlyReport:
    """
    Take a report one step on; submitting freezes its figures as of `on`, returning lets them move again.

    Raises ValidationError when the report is not in a state for this move, when the month is not over, or when the
    move asks for a reason.
    """
    step = MOVES[move]
    current = MonthlyReport.objects.select_for_update().get(pk=report.pk)
    unit = unit_of(current)
    month = Month.parse(current.month, unit.school.closing_day)
    if current.state not in step.sources:
        raise ValidationError(f"月报现在是“{current.get_state_display()}”，不能{step.label}。请刷新页面后再看。")
    if step.needs_note and not note.strip():
        raise ValidationError({"note": "请写明原因，让编报人知道要改什么。"})
    if move == "submit":
        if on < month.last:
            raise ValidationError(f"{month.label}统计到{month.last:%m月%d日}为止，还没有到期，不能提交。")
        current.figures = to_plain(build_month(unit, month, definition=current.definition, on=on))
        current.frozen_at = timezone.now()
    elif step.target == State.RETURNED:
        current.figures, current.frozen_at = None, None
    current.state = step.target
    current.save()
    ReportMove.objects.create(report=current, move=move, to_state=step.target, note=note.strip()[:300], made_by=by)
    return current


def unit_of(report: MonthlyReport) -> Unit:
    """The unit that a report is about."""
    return Unit(report.school, report.school_class)


def frozen_figures(report: MonthlyReport) -> MonthFigures | None:
    """The figures as they were when the report was submitted; None while it is a draft."""
    return from_plain(MonthFigures, report.figures) if report.figures else None


REPORT_TEXTS = ("work_done", "highlights", "problems", "next_steps")


def save_report_texts(*, report: MonthlyReport, texts: Mapping[str, str], version: int) -> MonthlyReport:
    """
    Save the written part of a report opened at `version`.

    Raises ValidationError once the report is submitted, Stale (nothing written) if somebody else saved meanwhile.
    """
    if report.state not in MOVES["submit"].sources:
        raise ValidationError(f"月报已经提交，文字不能再改；需要修改请校长{way_back(report.state)}。")
    for name in REPORT_TEXTS:
        setattr(report, name, texts[name].strip())
    save_if_unchanged(report, version=version)
    return report


FORM_TEXTS = ("conduct", "problems", "next_steps")


@transaction.atomic
def save_monthly_form(
    *, child: Child, month: Month, texts: Mapping[str, str], version: int, handed_in: bool, by: Staff, on: date
) -> MonthlyForm:
    """
    Save what the mentor adds to a child's monthly form (domain §7.18); `version` 0 means that there was none yet.

    Handing in keeps the first day on which it was done; taking it back clears it.
    Raises ValidationError for a form handed in without a word on the child, Stale if somebody else saved meanwhile.
    """
    if handed_in and not texts["conduct"].strip():
        raise ValidationError({"conduct": "上交以前请写几句本月表现。"})
    form = MonthlyForm.objects.select_for_update().filter(child=child, month=month.key).first()
    if form is not None and version != form.version:
        raise Stale(form)
    form = form or MonthlyForm(child=child, month=month.key)
    day = min(month.last, on)
    pairing = Pairing.objects.on(day).acting_parents().reaching(day).filter(child=child).first()
    form.mentor_id = pairing.mentor_id if pairing else form.mentor_id
    for name in FORM_TEXTS:
        setattr(form, name, texts[name].strip())
    form.handed_in_on = (form.handed_in_on or on) if handed_in else None
    form.written_by = by
    form.full_clean(exclude=["change"])
    form.save()
    return form


@transaction.atomic
def take_snapshot(*, school: School, term: Term, cut_off: date, definition: str, by: Staff | None) -> SemesterSummary:
    """
    Freeze the figures of a term as of `cut_off`; the texts stay.

    Raises ValidationError when the day lies outside the term, the definition is unknown, or the summary is no draft.
    """
    if definition not in Definition.values:
        raise ValidationError({"definition": "请选择统计口径。"})
    if not term.starts_on <= cut_off <= term.ends_on:
        raise ValidationError(
            {"cut_off": f"截止日期要在本学期内（{chinese_date(term.starts_on)}至{chinese_date(term.ends_on)}）。"}
        )
    summary = SemesterSummary.objects.select_for_update().filter(school=school, term=term).first()
    new = summary is None
    summary = summary or SemesterSummary(school=school, term=term, cut_off=cut_off)
    if summary.state not in MOVES["submit"].sources:
        raise ValidationError(f"学期总结已经提交，数据不能再取；需要重取请校长{way_back(summary.state)}。")
    summary.cut_off, summary.definition = cut_off, definition
    now = timezone.now()
    figures = build_semester(school, term, definition=definition, cut_off=cut_off, taken_on=timezone.localdate(now))
    summary.figures, summary.frozen_at = to_plain(figures), now
    summary.save()
    if new:
        ReportMove.objects.create(summary=summary, move="open", to_state=State.DRAFT, made_by=by)
    return summary


def summary_figures(summary: SemesterSummary) -> SemesterFigures | None:
    """The frozen figures of a summary; None before the first snapshot."""
    return from_plain(SemesterFigures, summary.figures) if summary.figures else None


def save_summary_texts(*, summary: SemesterSummary, texts: Mapping[str, str], version: int) -> SemesterSummary:
    """
    Save the sections that people write, opened at `version`.

    Raises ValidationError once the summary is submitted, Stale (nothing written) if somebody else saved meanwhile.
    """
    if summary.state not in MOVES["submit"].sources:
        raise ValidationError(f"学期总结已经提交，文字不能再改；需要修改请校长{way_back(summary.state)}。")
    summary.texts = {key: text.strip() for key, text in texts.items()}
    save_if_unchanged(summary, version=version)
    return summary


@transaction.atomic
def move_summary(*, summary: SemesterSummary, move: str, by: Staff, note: str = "") -> SemesterSummary:
    """
    Take a semester summary one step on. Its figures were frozen by `take_snapshot` and stay.

    Raises ValidationError when it is not in a state for this move, has no figures, or a reason is missing.
    """
    step = MOVES[move]
    current = SemesterSummary.objects.select_for_update().get(pk=summary.pk)
    if current.state not in step.sources:
        raise ValidationError(f"学期总结现在是“{current.get_state_display()}”，不能{step.label}。请刷新页面后再看。")
    if step.needs_note and not note.strip():
        raise ValidationError({"note": "请写明原因，让编写人知道要改什么。"})
    if not current.figures:
        raise ValidationError("还没有固定学期数据，不能提交。")
    current.state = step.target
    current.save()
    ReportMove.objects.create(summary=current, move=move, to_state=step.target, note=note.strip()[:300], made_by=by)
    return current
