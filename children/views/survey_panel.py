"""What the workbench says about questionnaires: how many sheets of the own class are still to be typed."""

from datetime import date
from typing import Any

from django.urls import reverse

from caretrack.access.policy import Act, Role
from caretrack.web.workbench import Figure, Panel
from children.surveys.figures import running_in


def survey_tasks(staff: Any, today: date) -> Panel | None:
    """A figure for every own class of a running questionnaire whose sheets are not all in."""
    if not staff.may(Act.SURVEY) or not (own := staff.classes_as(Role.HOMEROOM)):
        return None
    figures = tuple(
        Figure(
            f"{found.name}问卷未录入",
            found.left,
            reverse("children:survey_class", args=[survey.pk, found.school_class.pk]),
            "份",
            hint=f"{survey.due_on.month}月{survey.due_on.day}日前录完" if survey.due_on else "",
            tone="bad" if survey.due_on and survey.due_on < today else "warn",
        )
        for survey, found in running_in(own, today)
        if found.left
    )
    return Panel(figures=figures) if figures else None
