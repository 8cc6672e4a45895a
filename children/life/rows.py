"""The acts on rows about pupils: enter one, enter many at once, take back what was entered by mistake."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from caretrack.access.history import current_change_id
from caretrack.access.models import ChangeSet
from caretrack.schools.models import Staff
from children.models import AidGrant, Award, HealthCheck, Result

#: A second row that says the same in these fields is the same paper entered twice.
SAME_PAPER: Mapping[type[Model], tuple[str, ...]] = {
    HealthCheck: ("on",),
    AidGrant: ("programme", "on", "amount", "goods", "batch"),
    Award: ("title", "scope", "on"),
}
TWICE = "这一条已经登记过了，没有重复登记。"
CAN_BE_TAKEN_BACK: tuple[type[Any], ...] = (HealthCheck, Result, AidGrant, Award)
TAKE_BACK_WITHIN = timedelta(hours=24)


def twins(model: type[Any], children: Sequence[int], shared: Mapping[str, Any]) -> set[int]:
    """Ids of those of `children` who have a row that says the same in the fields of `shared`; one statement."""
    if not children:
        return set()
    return set(model.objects.filter(child__in=children, **shared).order_by().values_list("child_id", flat=True))


@transaction.atomic
def enter(row: Any) -> Any:
    """Save one new row about a child. Raises ValidationError for impossible facts and for the same paper again."""
    row.full_clean(exclude=["change"])
    fields = SAME_PAPER.get(type(row), ())
    if fields and twins(type(row), [row.child_id], {name: getattr(row, name) for name in fields}):
        raise ValidationError(TWICE)
    row.save()
    return row


@transaction.atomic
def enter_many(model: type[Any], new: Sequence[Any], changed: Sequence[Any], fields: Sequence[str]) -> UUID:
    """
    Write the rows of a grid: new ones, and `fields` of changed ones. All or nothing; returns the change they share.

    The caller has checked them; the database's constraints are the last word.
    """
    model.objects.bulk_create(new)
    model.objects.bulk_update(changed, fields)
    return current_change_id()


def taken_back_by(change: UUID, staff: Staff, model: type[Any], children: QuerySet[Any]) -> QuerySet[Any]:
    """What `staff` entered in one change less than a day ago and nobody touched since, about `children`."""
    own = ChangeSet.objects.filter(pk=change, staff_id=staff.pk, made_at__gte=timezone.now() - TAKE_BACK_WITHIN)
    rows = model.objects.about(children)
    found: QuerySet[Any] = rows.filter(Q(change__in=own) & Q(version=1))
    return found


@transaction.atomic
def take_back(rows: QuerySet[Any]) -> int:
    """Delete rows that were entered by mistake; the history keeps them. Returns how many."""
    count = rows.count()
    rows.model.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()
    return count
