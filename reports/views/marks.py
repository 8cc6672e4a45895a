"""How the state of a report is shown: the name of the shared badge and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from reports.models import MonthlyReport, SemesterSummary


@dataclass(frozen=True)
class StateBadge:
    """`name` is a state of the shared badges."""

    name: str
    label: str


NONE_YET = StateBadge("due", "未建立")


def state_badge(report: MonthlyReport | SemesterSummary | None) -> StateBadge:
    """The badge of a report, or of one that nobody has begun."""
    return StateBadge(report.state, report.get_state_display()) if report else NONE_YET
