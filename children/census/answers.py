"""What a class teacher says about a pupil in a round: nothing new, something new, or nobody could be reached."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from caretrack.access.history import save_if_unchanged
from caretrack.schools.models import Staff
from children.census import poverty
from children.census.review import proposals
from children.left_behind import statuses
from children.models import Census, CensusRow

Answer, Review = CensusRow.Answer, CensusRow.Review
PARTS = ("study", "life", "mind", "safety", "health")
FROZEN = "这次普查已经定稿，不能再修改。"


def _writable(row: CensusRow) -> None:
    if row.census.closed_at is not None:
        raise ValidationError(FROZEN)
    if row.review == Review.CONFIRMED:
        raise ValidationError("这名学生的变化已经由档案管理员确认，不能再改；请在档案里修改。")


@transaction.atomic
def answer(*, row: CensusRow, answer: str, by: Staff, version: int) -> None:
    """
    "Unchanged", "cannot be reached" or "not answered" in one press; a proposal made before is taken back.

    In a round about poverty "unchanged" of a family of which nothing is known says that there is no hardship. Raises
    ValidationError once the round is closed or the change confirmed, and otherwise for "unchanged" while nothing is
    known of a parent; Stale if somebody else has answered since `version`.
    """
    _writable(row)
    if answer not in (Answer.OPEN, Answer.UNCHANGED, Answer.UNKNOWN):
        raise ValidationError("请填写有什么变化。")
    of_parents = answer == Answer.UNCHANGED and row.census.kind != Census.Kind.POVERTY
    if of_parents and (unknown := statuses([row.child_id], row.census.cut_off)[row.child_id].unknown):
        raise ValidationError(f"{'、'.join(unknown)}的情况还没有登记，请选“有变化”填写。")
    row.answer, row.proposed, row.review, row.question = answer, {}, Review.NONE, ""
    _said(row, by, answer)
    save_if_unchanged(row, version=version)


def _said(row: CensusRow, by: Staff, answer: str) -> None:
    if answer == Answer.OPEN:
        row.answered_by = row.answered_at = None
    else:
        row.answered_by, row.answered_at = by, timezone.now()


@transaction.atomic
def propose(*, row: CensusRow, proposed: dict[str, Any], by: Staff, version: int) -> None:
    """
    Put forward changed facts; they become true when the registrar confirms them (domain §5.2.3).

    Whether the child is newly left behind or no longer follows from the facts, nobody chooses it (domain §5.2.2).

    Raises ValidationError once the round is closed or the change confirmed, or if nothing was changed; Stale if
    somebody else has answered since `version`.
    """
    _writable(row)
    if not any(proposed.get(part) for part in ("father", "mother", "carer", "economy", "remark")):
        raise ValidationError("还没有填写有什么变化；没有变化请选“无变化”。")
    row.answer, row.proposed, row.review, row.question = Answer.CHANGED, proposed, Review.PROPOSED, ""
    [found] = proposals([row])
    if found.before.seed != found.after.seed:
        row.answer = Answer.NEW if found.after.seed else Answer.NO_LONGER
    _said(row, by, row.answer)
    save_if_unchanged(row, version=version)


@transaction.atomic
def note_parts(*, row: CensusRow, parts: dict[str, str], by: Staff, version: int) -> None:
    """
    The five parts of the survey (学习、生活、心理、安全、健康), each a short line; blank clears it.

    Raises ValidationError once the round is closed; Stale if somebody else has written since `version`.
    """
    if row.census.closed_at is not None:
        raise ValidationError(FROZEN)
    for part in PARTS:
        setattr(row, part, parts.get(part, "").strip())
    save_if_unchanged(row, version=version)


@transaction.atomic
def answer_rest(*, census: Census, school_class: int, by: Staff) -> tuple[int, int]:
    """
    "Unchanged" for all pupils of a class who are not answered yet, except those of whom a parent is unknown.

    In a round about poverty those are left of whose economy nothing is known.

    Returns how many were answered and how many were left. Raises ValidationError once the round is closed.
    """
    census = Census.objects.select_for_update().get(pk=census.pk)
    if census.closed_at is not None:
        raise ValidationError(FROZEN)
    asked = census.rows.placed().filter(place=school_class)
    open_rows = dict(asked.filter(answer=Answer.OPEN, review=Review.NONE).values_list("child", "pk"))
    unknown = _unknown(census, list(open_rows))
    sure = [pk for child, pk in open_rows.items() if child not in unknown]
    CensusRow.objects.filter(pk__in=sure).update(answer=Answer.UNCHANGED, answered_by=by, answered_at=timezone.now())
    return len(sure), len(open_rows) - len(sure)


def _unknown(census: Census, children: list[int]) -> set[int]:
    if census.kind == Census.Kind.POVERTY:
        return {pk for pk, economy in poverty.economies(children).items() if poverty.is_unknown(economy)}
    return {pk for pk, status in statuses(children, census.cut_off).items() if status.unknown}
