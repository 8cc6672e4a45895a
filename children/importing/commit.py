"""A plan kept in sealed chunks of a thousand rows, and the writing of what is kept."""

import json

from caretrack.schools.models import Staff
from children.importing.packing import unseal
from children.importing.planner import CHUNK
from children.importing.resource import RosterResult
from children.importing.writer import Writer
from children.models import ImportBatch, ImportChunk


def store_plan(batch: ImportBatch, result: RosterResult) -> None:
    """Keep the outcomes of a dry run for the preview, and the packed edits for the confirm."""
    batch.chunks.all().delete()
    for number, packed in enumerate(result.packed):
        rows = [outcome.as_json() for outcome in result.outcomes[number * CHUNK : (number + 1) * CHUNK]]
        plan = json.dumps(rows, ensure_ascii=False)
        ImportChunk.objects.create(batch=batch, number=number, plan=plan, packed=packed)


def write_plan(batch: ImportBatch, by: Staff | None) -> None:
    """
    Write the packed chunks of a batch inside the caller's transaction and change; their records are kept for an undo.

    Raises Stale if a row was changed since the plan was made, IntegrityError if a number is taken by now.
    """
    writer = Writer(by)
    for chunk in batch.chunks.order_by("number").only("packed").iterator(chunk_size=1):
        record = writer.write(unseal(bytes(chunk.packed)))
        ImportChunk.objects.filter(pk=chunk.pk).update(written=json.dumps(record, ensure_ascii=False), packed=b"")
