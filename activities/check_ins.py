"""督查: writing down a check on the care of a child, and who was not checked yet."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from activities.models import CheckIn, FollowUp
from activities.queries import cared_for
from caretrack.schools.models import Staff
from children.models import Child
from mentoring.models import Mentor, Pairing


@dataclass(frozen=True)
class Promise:
    """What follows from a check: who does what until when."""

    what: str
    owner: Staff
    due_on: date


def to_check(children: "QuerySet[Child]", first: date, on: date) -> "QuerySet[Child]":
    """
    Of `children`, those whose care is checked: paired, left behind or key; with `last_check_on` (last check since `first`).

    Those not checked yet come first, then the longest ago.
    """
    paired = Exists(Pairing.objects.on(on).acting_parents().kept(on).filter(child=OuterRef("pk")))
    wanted = Q(pk__in=cared_for(children).values("pk")) | Q(paired)
    last = CheckIn.objects.filter(child=OuterRef("pk"), on__gte=first, on__lte=on).order_by("-on", "-pk")
    return (
        children.on_roll()  # type: ignore[attr-defined]
        .filter(wanted)
        .annotate(last_check_on=Subquery(last.values("on")[:1]), last_finding=Subquery(last.values("finding")[:1]))
    )


def mentor_on(child: Child, on: date) -> Mentor | None:
    """The 代理家长 of the child on the day."""
    pairing = (
        Pairing.objects.on(on).acting_parents().kept(on).filter(child=child).select_related("mentor__staff").first()
    )
    return pairing.mentor if pairing else None


@transaction.atomic
def check_in(*, child: Child, by: Staff, today: date, facts: dict[str, Any], promise: Promise | None = None) -> CheckIn:
    """
    Write down that `by` checked on the care of a child; a promise becomes a follow-up of its owner.

    Raises ValidationError when nobody was asked, the day is in the future, or the check found that records are not so
    and nothing is said about it.
    """
    row = CheckIn(child=child, school=child.school, mentor=mentor_on(child, facts["on"]), checked_by=by, **facts)
    if row.on > today:
        raise ValidationError({"on": "督查日期不能晚于今天。"})
    if not (row.asked_mentor or row.asked_child or row.asked_carer):
        raise ValidationError("请至少问一方：代理家长、学生或监护人。")
    if row.finding == CheckIn.Finding.NOT_SO and not row.note.strip():
        raise ValidationError({"note": "与记录不符时，请写明发现的问题和处理。"})
    row.full_clean(exclude=["change"])
    if promise is not None:
        row.follow_up = FollowUp.objects.create(
            child=child, what=promise.what, due_on=promise.due_on, owner=promise.owner, given_by=by
        )
    row.save()
    return row
