"""A questionnaire from draft to closed."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from caretrack.access.history import save_if_unchanged
from caretrack.schools.models import School, Term
from children.models import Survey, SurveySheet


def draft(*, survey: Survey, school: School, today: date) -> Survey:
    """Keep a new questionnaire for the present term. Raises ValidationError without a term or with a title used before."""
    term = Term.objects.current(school, today)
    if term is None:
        raise ValidationError("今天不在已登记的学期里，请先在学校设置里登记学期。")
    survey.school, survey.term = school, term
    survey.full_clean(exclude=["change"])
    survey.save()
    return survey


@transaction.atomic
def reword(*, survey: Survey, version: int) -> None:
    """Save an edited questionnaire. Raises ValidationError once sheets are in, Stale if somebody was faster."""
    _untouched(survey, "已经录入答卷，题目不能再改；确实要改，请先删除答卷，或者另建一份问卷。")
    survey.full_clean(exclude=["change"])
    save_if_unchanged(survey, version=version)


def hand_out(*, survey: Survey, today: date) -> None:
    """Let sheets come in, from now on or again."""
    survey.opened_on, survey.closed_on = survey.opened_on or today, None
    survey.save(update_fields=["opened_on", "closed_on"])


def close(*, survey: Survey, today: date) -> None:
    """No more sheets. Raises ValidationError if it was never handed out."""
    if survey.opened_on is None:
        raise ValidationError("这份问卷还没有发放。")
    survey.closed_on = today
    survey.save(update_fields=["closed_on"])


@transaction.atomic
def discard(*, survey: Survey) -> None:
    """Delete a questionnaire nobody has answered. Raises ValidationError once sheets are in."""
    _untouched(survey, "已经录入答卷，不能删除。")
    survey.delete()


def _untouched(survey: Survey, words: str) -> None:
    Survey.objects.select_for_update().get(pk=survey.pk)
    if SurveySheet.objects.filter(survey=survey).exists():
        raise ValidationError(words)
