"""控辍: the case of a pupil who stays away, its steps, its end (未保法 art. 28; domain §5.3, §11.5)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from activities.models import DropoutCase, DropoutStep
from caretrack.access.history import change_by
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.models import Child, codes
from children.services import leave_school

Step = DropoutStep.Kind
#: How a case ends whose pupil has left; by these words it is found again.
LEFT = "已办理离校"
#: Before the register may say 辍学: brought the notice, told both in writing.
NEEDED = (Step.LETTER, Step.EDUCATION)
NOT_WITHDRAWN = "这个个案已登记步骤或者已经结案，不能撤销。"


@transaction.atomic
def open_case(*, child: Child, away_since: date, cause: str, by: Staff, on: date) -> DropoutCase:
    """Begin a case. Raises ValidationError if one is open, or for a day to come."""
    if away_since > on:
        raise ValidationError({"away_since": "缺勤起始日不能在今天以后。"})
    if DropoutCase.objects.open().filter(child=child).exists():
        raise ValidationError("这名学生已有正在劝返的个案。")
    return DropoutCase.objects.create(
        child=child, school=child.school, away_since=away_since, opened_on=on, opened_by=by, cause=cause.strip()
    )


@transaction.atomic
def add_case_step(
    *, case: DropoutCase, kind: str, on: date, result: str, by: Staff, today: date, people: str = "", met: str = ""
) -> DropoutStep:
    """One step of the case. Raises ValidationError without a result, outside the case's days, or when it is closed."""
    current = DropoutCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    errors = {}
    if current.state != DropoutCase.State.OPEN:
        raise ValidationError("这个个案已经结案。")
    if not result.strip():
        errors["result"] = "请写明情况和结果。"
    if on > today:
        errors["on"] = "日期不能在今天以后。"
    if on < current.away_since:
        errors["on"] = f"日期不能早于缺勤起始日（{chinese_date(current.away_since)}）。"
    if errors:
        raise ValidationError(errors)
    return DropoutStep.objects.create(
        case=current, kind=kind, on=on, result=result.strip(), people=people.strip(), met=met.strip(), made_by=by
    )


@transaction.atomic
def close_case(*, case: DropoutCase, back: bool, on: date, outcome: str, by: Staff, today: date) -> DropoutCase:
    """
    The pupil is back; or was persuaded in vain and leaves the roll as 辍学 with a line of the register.

    Raises ValidationError without an outcome, for a day to come, or when the notice or the written report to the
    education office is not entered yet: both come before the register may say so.
    """
    current = DropoutCase.objects.select_for_update(of=("self",)).select_related("child", "school").get(pk=case.pk)
    if current.state != DropoutCase.State.OPEN:
        raise ValidationError("这个个案已经结案。")
    errors = {}
    if not outcome.strip():
        errors["outcome"] = "请写明结果。"
    if on > today or on < current.away_since:
        errors["on"] = "日期要在缺勤起始日和今天之间。"
    if errors:
        raise ValidationError(errors)
    if not back:
        done = set(current.steps.values_list("kind", flat=True))
        if missing := [DropoutStep.Kind(kind).label for kind in NEEDED if kind not in done]:
            raise ValidationError(f"登记辍学以前，先完成并登记：{'、'.join(missing)}。")
    current.state = DropoutCase.State.BACK if back else DropoutCase.State.LEFT
    current.closed_on, current.outcome = on, outcome.strip()
    current.save(update_fields=["state", "closed_on", "outcome"])
    if not back:
        current.register_line = leave_school(
            child=current.child,
            kind=codes.ChangeKind.DROPOUT,
            on=on,
            by=by,
            reason=current.cause or outcome.strip(),
            evidence="控辍个案",
        )
        current.save(update_fields=["register_line"])
    return current


def may_be_withdrawn(case: DropoutCase) -> bool:
    """Whether nothing was done on a case yet: it may have been opened by mistake."""
    return case.state == DropoutCase.State.OPEN and not case.steps.exists()


@transaction.atomic
def withdraw_case(*, case: DropoutCase, reason: str, by: Staff) -> None:
    """
    Take back a case that was opened by mistake; it stays in the change history, with the reason.

    Raises ValidationError without a reason, for a closed case, and once a step was made: then it did happen.
    """
    current = DropoutCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not may_be_withdrawn(current):
        raise ValidationError(NOT_WITHDRAWN)
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么撤销。"})
    with change_by(by, f"控辍个案误立，撤销：{reason.strip()}"):
        current.delete()


def end_case_of(*, child: Child, on: date, by: Staff | None) -> None:
    """A pupil who leaves by another line of the register needs no persuading any longer (see children.leaving)."""
    for case in DropoutCase.objects.open().filter(child=child):
        case.state, case.closed_on, case.outcome = DropoutCase.State.LEFT, max(on, case.opened_on), LEFT
        case.save(update_fields=["state", "closed_on", "outcome"])


def reopen_case_of(*, child: Child, left_on: date) -> None:
    """
    The leaving is taken back: the case that it had closed, or that had closed with it as 辍学, is open again.

    What was written as its outcome becomes a step. With a newer case open nothing happens.
    """
    ended = Q(register_line__isnull=True, outcome=LEFT, closed_on__gte=left_on) | Q(register_line__on=left_on)
    found = DropoutCase.objects.select_for_update(of=("self",)).filter(
        ended, child=child, school=child.school_id, state=DropoutCase.State.LEFT
    )
    case = found.order_by("-opened_on", "-pk").first()
    if case is None or DropoutCase.objects.open().filter(child=child).exists():
        return
    if case.register_line is not None and case.closed_on:
        told = f"登记辍学时的结果：{case.outcome}（这次登记已更正，继续劝返）"
        DropoutStep.objects.create(case=case, kind=Step.OTHER, on=case.closed_on, result=told)
    case.state, case.closed_on, case.outcome, case.register_line = DropoutCase.State.OPEN, None, "", None
    case.save(update_fields=["state", "closed_on", "outcome", "register_line"])
