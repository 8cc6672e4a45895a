"""Absences, night rolls and answers to warnings, for the timeline and the change history of a child."""

from collections.abc import Iterator
from datetime import date

from activities.dropout import end_case_of, reopen_case_of
from activities.models import Absence, AlertAnswer, DropoutCase, NightAbsence
from caretrack.access.policy import DataClass
from caretrack.schools.models import Staff
from children import leaving
from children.history_parts import tell_changes_of
from children.models import Child
from children.timeline import TimelineItem, register_source, stamp


def absences(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Days away from school and from bed, and what was done to bring a pupil back."""
    span = {"child__in": children, "on__gte": first, "on__lte": last}
    for row in Absence.objects.filter(**span).select_related("change"):
        told = (("当天联系", row.get_called_display() if row.called else ""), ("说明", row.note))
        yield TimelineItem(
            row.child_id, "absence", row.on, f"缺勤：{row.get_reason_display()}",
            details=tuple((label, value) for label, value in told if value), **stamp(row),
        )  # fmt: skip
    for night in NightAbsence.objects.filter(**span).select_related("change"):
        found = (
            ("联系结果", night.get_called_display() if night.called else ""),
            ("次日核实", night.verified_result),
            ("说明", night.note),
        )
        yield TimelineItem(
            night.child_id, "absence", night.on, f"查夜不在：{night.get_reason_display()}",
            details=tuple((label, value) for label, value in found if value), **stamp(night),
        )  # fmt: skip
    cases = DropoutCase.objects.filter(child__in=children, opened_on__gte=first, opened_on__lte=last)
    for case in cases.select_related("change"):
        yield TimelineItem(
            case.child_id, "absence", case.opened_on, f"控辍个案：{case.get_state_display()}",
            text=case.outcome, tone="warn", **stamp(case),
        )  # fmt: skip


def register() -> None:
    """Called once, when the app is ready."""
    register_source(
        "absence",
        "缺勤和查夜",
        absences,
        data=DataClass.CARE,
        mark="calendar-x",
        tables=[(Absence, "child"), (NightAbsence, "child"), (DropoutCase, "child")],
    )
    for model in (Absence, AlertAnswer, DropoutCase, NightAbsence):
        tell_changes_of(model)
    leaving.register(DropoutCase, "child", end_case_of, reopen_case_of)
