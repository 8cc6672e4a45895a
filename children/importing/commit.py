"""A plan kept in sealed chunks of five hundred rows, and what is kept on its way to the writer."""

import json
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import Any, Self

from caretrack.access.crypto import encrypt
from children.importing import statements
from children.importing.keeping import PartIndex, index_of
from children.importing.outcomes import Outcome
from children.importing.packing import unseal
from children.importing.writer import Writer
from children.models import ImportBatch, ImportChunk

_PLAN: Any = ImportChunk._meta.get_field("plan")


class Spool:
    """
    The chunks of a plan on their way to the database, sealed in a file without a name that ends with its process.

    A plan of fifty thousand rows takes hundreds of megabytes as objects; here memory holds one chunk of it. They are
    stored together later, so that the lock is short and an earlier plan holds until then.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115  closed by __exit__
        self._sizes: list[tuple[int, int]] = []
        self.index: list[PartIndex] = []
        """What each chunk holds, for the pages."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, outcomes: list[Outcome], packed: bytes) -> None:
        """Take a chunk: the outcomes for the preview with the packed edits for the confirm."""
        rows = [outcome.as_json() for outcome in outcomes]
        self.index.append(index_of(rows, "status"))
        text = json.dumps(rows, ensure_ascii=False, check_circular=False, separators=(",", ":"))
        plan = encrypt(text, context=_PLAN.context).encode()
        self._file.write(plan)
        self._file.write(packed)
        self._sizes.append((len(plan), len(packed)))

    def clear(self) -> None:
        """Forget all chunks: the plan is made anew."""
        self._file.seek(0)
        self._file.truncate()
        self._sizes.clear()
        self.index.clear()

    def store(self, batch: ImportBatch) -> None:
        """Keep the chunks in place of those of an earlier check, inside the caller's transaction."""
        batch.chunks.all().delete()
        self._file.seek(0)
        for number, (plan_size, packed_size) in enumerate(self._sizes):
            plan, packed = self._file.read(plan_size).decode(), self._file.read(packed_size)
            columns: dict[str, statements.Column] = {
                "id": list(statements.take_keys(ImportChunk, 1)), "batch_id": (batch.pk,), "number": (number,),
                "plan": [plan], "packed": [packed], "written": ("",),
            }  # fmt: skip
            statements.insert(ImportChunk._meta.db_table, columns, 1)


def stored_rows(batch: ImportBatch) -> Iterator[dict[str, Any]]:
    """The planned outcomes of all rows, in file order; memory holds one chunk, and no statement stays open."""
    for pk in _chunks(batch):
        yield from json.loads(ImportChunk.objects.only("plan").get(pk=pk).plan)


def _chunks(batch: ImportBatch) -> list[int]:
    return list(batch.chunks.order_by("number").values_list("pk", flat=True))


def lay_ready(batch: ImportBatch, writer: Writer, writing: Callable[[int, int], None] | None = None) -> dict[int, str]:
    """
    Hand the packed chunks of a batch to the writer, holding nobody up; returns the record of each chunk for an undo.

    `writing` is told after each chunk how many of all rows are done.
    """
    records = {}
    rows, chunks = int(batch.counts.get("rows", 0)), _chunks(batch)
    for number, pk in enumerate(chunks, start=1):
        packed = ImportChunk.objects.filter(pk=pk).values_list("packed", flat=True).first()
        if not packed:  # confirmed or checked again by somebody else meanwhile, as the look under the lock will tell
            break
        records[pk] = json.dumps(writer.prepare(unseal(bytes(packed))), ensure_ascii=False)
        if writing is not None:
            writing(rows * number // len(chunks), rows)
    return records


def keep_records(records: dict[int, str]) -> None:
    """Keep what `lay_ready` returned, in the transaction that writes the rows; the packed edits are done with."""
    for pk, record in records.items():
        ImportChunk.objects.filter(pk=pk).update(written=record, packed=b"")
