"""
Change history kept by the database itself, and with it protection against overwriting unseen.

A tracked row carries `version` and `change` (who, when, why). A trigger refuses an update that does not raise the
version by one, another keeps the previous row as JSON. So every route is recorded alike: forms, imports, bulk
statements, raw SQL. Libraries that listen to signals miss the bulk routes (measured, security requirements §2.6).
"""

import contextlib
import uuid
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from caretrack.access.models import ChangeSet, RowHistory
from caretrack.access.telling import DELETED_BY, telling


class Unnamed(Exception):
    """A tracked row was written outside `change_by(…)`: nobody would know who did it."""


@dataclass
class _Change:
    staff_id: int | None
    staff_name: str
    reason: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    stored: bool = False


_current: ContextVar[_Change | None] = ContextVar("caretrack_change", default=None)


@contextlib.contextmanager
def change_by(staff: Any, reason: str) -> Iterator[uuid.UUID]:
    """
    Name the author and the reason of everything written inside.

    `staff` is a Staff or None (the system itself: set-up, commands). Yields the change's id.
    Inside an outer `change_by` a new one begins, so that an import's rows can be told from the rest.
    """
    named = bool(staff is not None and getattr(staff, "pk", None))
    change = _Change(staff.pk if named else None, str(staff) if named else "系统", reason[:200])
    token = _current.set(change)
    try:
        yield change.id
    finally:
        _current.reset(token)


def current_change_id() -> uuid.UUID:
    """The id of the change that names what is written now, stored on first need. Raises Unnamed outside one."""
    change = _current.get()
    if change is None:
        raise Unnamed("write tracked rows inside caretrack.access.history.change_by(staff, reason)")
    if not change.stored:
        # A rolled-back transaction takes the row with it, so it counts as stored only after the commit.
        ChangeSet.objects.bulk_create(
            [ChangeSet(id=change.id, staff_id=change.staff_id, staff_name=change.staff_name, reason=change.reason)],
            ignore_conflicts=True,
        )
        transaction.on_commit(lambda: setattr(change, "stored", True))
    return change.id


@contextlib.contextmanager
def deleting() -> Iterator[None]:
    """
    Rows deleted inside with plain SQL are kept once, as deleted by the current change.

    Without it each would have to be given the change by an update before, and be kept twice.
    """
    with telling(DELETED_BY, current_change_id().hex):
        yield


class TrackedQuerySet(models.QuerySet):
    """Bulk writes that name their change; the triggers refuse any that do not."""

    def update(self, **kwargs: Any) -> int:
        kwargs.setdefault("version", F("version") + 1)
        kwargs.setdefault("change_id", current_change_id())
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        objs = list(objs)
        if objs:
            change_id = current_change_id()
            for obj in objs:
                obj.change_id = change_id
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        objs = list(objs)
        if not objs:
            return 0
        change_id = current_change_id()
        for obj in objs:
            obj.version += 1
            obj.change_id = change_id
        return super().bulk_update(objs, [*fields, "version", "change"], batch_size)

    def delete(self) -> Any:
        # Names who deletes: the row kept by the delete trigger then carries this change.
        self.update()
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Tracked(models.Model):
    """A model whose rows remember every earlier state. `version` also guards against overwriting unseen."""

    version = models.PositiveIntegerField("版本", default=1, editable=False)
    change = models.ForeignKey(
        "access.ChangeSet", verbose_name="变更", on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = models.Manager.from_queryset(TrackedQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save under the current change; raises Unnamed outside one, Stale if the row has moved on."""
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "version", "change"}
        self.change_id = current_change_id()
        if not self._state.adding:
            self.version += 1
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        type(self)._base_manager.filter(pk=self.pk).update(version=F("version") + 1, change_id=current_change_id())
        return super().delete(*args, **kwargs)


class Stale(Exception):
    """Somebody else saved the row since the form was opened. Carries the row as it is now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(f"{current._meta.verbose_name} was changed meanwhile")
        self.current = current


def save_if_unchanged(instance: Any, *, version: int) -> None:
    """
    Save a tracked `instance` whose form was opened at `version`.

    Raises Stale (nothing is written) if the row has another version by now. The row is locked while compared;
    where the database has no row locks the trigger still refuses a version that does not follow.
    """
    model = type(instance)
    with transaction.atomic():
        current = model._base_manager.select_for_update().get(pk=instance.pk)
        if current.version != version:
            raise Stale(current)
        instance.version = version
        instance.save()


def first_entries(rows: Iterable[Any]) -> dict[int, date]:
    """Id → the day on which a tracked row was first written. `rows` are of one model, with `change`; two statements."""
    listed = list(rows)
    made = {row.pk: row.change.made_at for row in listed if row.version == 1}
    changed = [row for row in listed if row.version > 1]
    if changed:
        kept = RowHistory.objects.filter(table=changed[0]._meta.db_table, version=1)
        old = dict(kept.filter(row_id__in=[str(row.pk) for row in changed]).values_list("row_id", "old"))
        begun = {row.pk: uuid.UUID(old[str(row.pk)]["change_id"]) for row in changed if str(row.pk) in old}
        days = dict(ChangeSet.objects.filter(pk__in=set(begun.values())).values_list("pk", "made_at"))
        made |= {row.pk: days[begun[row.pk]] if row.pk in begun else row.change.made_at for row in changed}
    return {pk: timezone.localdate(at) for pk, at in made.items()}


def tracked_models() -> list[type[models.Model]]:
    """Every concrete model with history, in a fixed order."""
    from django.apps import apps

    return sorted((m for m in apps.get_models() if issubclass(m, Tracked)), key=lambda m: m._meta.label)
