"""A plan kept in sealed chunks of a thousand rows, and the writing of what is kept."""

import json

from caretrack.schools.models import Staff
from children.importing.packing import unseal
from children.importing.planner import CHUNK
from children.importing.resource import RosterResult
from children.importing.writer import Writer
from children.models import ImportBatch, ImportChunk


def chunks_of(batch: ImportBatch, result: RosterResult) -> list[ImportChunk]:
    """The outcomes of a dry run for the preview with the packed edits for the confirm; made before any lock."""
    plans = (
        json.dumps([outcome.as_json() for outcome in result.outcomes[start : start + CHUNK]], ensure_ascii=False)
        for start in range(0, len(result.packed) * CHUNK, CHUNK)
    )
    return [
        ImportChunk(batch=batch, number=number, plan=plan, packed=packed)
        for number, (plan, packed) in enumerate(zip(plans, result.packed, strict=True))
    ]


def store_plan(batch: ImportBatch, chunks: list[ImportChunk]) -> None:
    """Keep these chunks in place of those of an earlier check."""
    batch.chunks.all().delete()
    ImportChunk.objects.bulk_create(chunks, batch_size=100)


def write_plan(batch: ImportBatch, by: Staff | None) -> None:
    """
    Write the packed chunks of a batch inside the caller's transaction and change; their records are kept for an undo.

    Raises Stale if a row was changed since the plan was made, IntegrityError if a number is taken by now.
    """
    writer = Writer(by)
    for chunk in batch.chunks.order_by("number").only("packed").iterator(chunk_size=1):
        record = writer.write(unseal(bytes(chunk.packed)))
        ImportChunk.objects.filter(pk=chunk.pk).update(written=json.dumps(record, ensure_ascii=False), packed=b"")
