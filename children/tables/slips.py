"""First-password slips for the accounts that a list has made: once, right after, for whoever imported it."""

import datetime as dt
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from caretrack.access.history import change_by
from caretrack.schools.models import Staff
from caretrack.schools.services import Slip, issue_slip
from children.models import ImportBatch
from children.tables.writing import records_of

WITHIN = dt.timedelta(days=1)
ISSUED = "slips_issued"


def waiting_for_slip(batch: ImportBatch, by: Staff) -> dict[int, int]:
    """
    Key and written version of the accounts for which slips can be issued now; none for anybody but the importer, after
    a day, or after they were issued.
    """
    done = batch.state == ImportBatch.State.DONE and batch.done_at is not None
    if not done or batch.uploaded_by_id != by.pk or ISSUED in batch.answers:
        return {}
    if batch.done_at is None or timezone.now() - batch.done_at > WITHIN:
        return {}
    label = Staff._meta.label
    return {pk: version for row in records_of(batch) for name, pk, version in row["created"] if name == label}


def issue_slips(batch: ImportBatch, *, by: Staff) -> list[Slip]:
    """
    A first password for every account that the batch has made and nobody has touched since. The codes are in the
    answer only; what is stored is their hash.

    Raises ValidationError if the slips were issued before, it is too late, or somebody else has imported the list.
    """
    with change_by(by, f"出首次登录条（批次{batch.pk}）"), transaction.atomic():
        batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        waiting = waiting_for_slip(batch, by)
        if not waiting:
            raise ValidationError("这批登录条已经出过，或已过了一天。请到“人员”里给本人单独重发。")
        people = Staff.objects.filter(pk__in=list(waiting), must_change_password=True).order_by("pinyin", "pk")
        slips = [issue_slip(person) for person in people if person.version == waiting[person.pk]]
        _remember_versions(batch, {slip.staff.pk: slip.staff.version for slip in slips})
        batch.answers = {**batch.answers, ISSUED: timezone.now().isoformat()}
        batch.save(update_fields=["answers"])
    return slips


def _remember_versions(batch: ImportBatch, versions: dict[int, int]) -> None:
    """The slip was no edit by a person: the import can still be undone."""
    label = Staff._meta.label
    for chunk in batch.chunks.order_by("number"):
        rows: list[dict[str, Any]] = json.loads(chunk.written or "[]")
        for row in rows:
            row["created"] = [
                [name, pk, versions.get(pk, version) if name == label else version]
                for name, pk, version in row["created"]
            ]
        chunk.written = json.dumps(rows, ensure_ascii=False)
        chunk.save(update_fields=["written"])
