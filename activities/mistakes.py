"""
A suggestion of parents, an agreement with them or a check that was entered for the wrong child, twice or by mistake is
taken back as a record is (activities.withdrawals): the row goes, the history keeps it and says why.
"""

from collections.abc import Collection
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from activities.models import CheckIn, FollowUp, ParentPromise, Suggestion
from caretrack.access.history import change_by, first_entries
from caretrack.access.policy import Role
from caretrack.schools.models import Staff

Entry = Suggestion | ParentPromise | CheckIn


def may_take_back(rows: Collection[Entry], staff: Staff, *, today: date) -> set[int]:
    """
    Which of `rows` this person may take back, by id: the leads all, who entered one within the school's edit window.

    An answered suggestion was one: only the leads take it back. Rows of one model, `child__school` and `change` loaded.
    """
    leads = {school.pk for school in staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)}
    own = [row for row in rows if _writer(row) == staff.pk and not _answered(row)]
    entered = first_entries(own)
    in_time = {row.pk for row in own if today <= entered[row.pk] + timedelta(days=row.child.school.edit_days)}
    return in_time | {row.pk for row in rows if row.child.school_id in leads}


def _writer(row: Entry) -> int:
    return row.checked_by_id if isinstance(row, CheckIn) else row.noted_by_id


def _answered(row: Entry) -> bool:
    return isinstance(row, Suggestion) and row.answered_on is not None


@transaction.atomic
def take_back(*, row: Entry, reason: str, by: Staff, today: date) -> None:
    """
    Take an entry back. What a check had given somebody to do goes with it, unless it was done meanwhile.

    `child__school` and `change` must be loaded. Raises ValidationError without a reason and for what `by` may not take back.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么撤回。"})
    if row.pk not in may_take_back([row], by, today=today):
        raise ValidationError("登记错的，修改期限内由登记人撤回，过后由德育主任或校长撤回。")
    with change_by(by, f"撤回{row._meta.verbose_name}：{reason.strip()}"):
        given = row.follow_up_id if isinstance(row, CheckIn) else None
        row.delete()
        FollowUp.objects.open().filter(pk=given).delete()
