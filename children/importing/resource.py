"""
The roster as a django-import-export resource that plans and writes whole files (import §4.1).

Fields and widgets are made from the catalogue of columns, so that there is one definition of what a column means;
`import_data` keeps its contract (dry run or not, a Result with row results). Per-row hooks are given up: they would
cost dozens of statements a row, so a subclass that defines one is refused when the class is made.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import tablib
from django.db import transaction
from import_export import fields, resources, results, widgets

from children.importing.aliases import FIELDS, field_label
from children.importing.cell_readers import READERS
from children.importing.merge import Terms
from children.importing.outcomes import Outcome, Status
from children.importing.packing import Packing, seal
from children.importing.parse import Context, ParsedRoster, parse_workbook
from children.importing.planner import Planner
from children.importing.sheets import Sheet, Workbook
from children.importing.student_number_changes import ask_about_formal
from children.importing.writer import Writer
from children.models import Child

SHOWN_ROWS = 200
_ROW_HOOKS = (
    "before_import_row", "after_import_row", "before_save_instance", "after_save_instance", "save_instance",
    "import_row", "import_field", "import_instance", "skip_row", "init_instance",
)  # fmt: skip
_TYPES = {
    Status.NEW: results.RowResult.IMPORT_TYPE_NEW,
    Status.CHANGED: results.RowResult.IMPORT_TYPE_UPDATE,
    Status.SAME: results.RowResult.IMPORT_TYPE_SKIP,
    Status.DECIDE: results.RowResult.IMPORT_TYPE_SKIP,
    Status.WAITING: results.RowResult.IMPORT_TYPE_SKIP,
    Status.REJECTED: results.RowResult.IMPORT_TYPE_INVALID,
}


class RosterWidget(widgets.Widget):
    """Reads a cell with the normaliser of its column; what the normaliser refuses reads as nothing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The typed value of a cell, None if it says nothing usable. Never raises on content."""
        reader = READERS.get(self.name)
        return reader(value).value if reader else value


class RosterDataset(tablib.Dataset):
    """A dataset that stands for a parsed file: sheets, header, findings, questions, and the pupils as its only rows."""

    def __init__(self, roster: ParsedRoster) -> None:
        super().__init__()
        self.roster = roster


class RosterResult(results.Result):
    """
    A Result with the outcome of every row; row results are kept for the first rows only.

    What a row changes is left out of the outcomes of a run that hands its chunks on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[Outcome] = []
        self.records: list[dict[str, Any]] = []
        self.roster: ParsedRoster | None = None
        self.gone = 0
        """Rows of pupils who are known and have left."""

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each status."""
        return {status.value: sum(outcome.status == status for outcome in self.outcomes) for status in Status}

    def take(self, outcome: Outcome) -> None:
        """Add the outcome of one row."""
        self.outcomes.append(outcome)
        kind = _TYPES[outcome.status]
        self.totals[kind] += 1
        if len(self.rows) < SHOWN_ROWS:
            row = results.RowResult()
            row.import_type, row.number, row.object_id = kind, outcome.row, outcome.child
            row.object_repr = outcome.name
            self.rows.append(row)


class RosterResource(resources.ModelResource):
    """The children of one school and their families, as a roster states them."""

    class Meta:
        model = Child
        fields: tuple[str, ...] = ()
        use_transactions = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        used = [hook for hook in _ROW_HOOKS if hook in cls.__dict__]
        if used:
            raise TypeError(f"{cls.__name__}: rosters are planned and written whole, {used[0]} would never be called")

    def __init__(
        self,
        terms: Terms,
        context: Context | None = None,
        answers: Mapping[str, str] | None = None,
        *,
        hold: bool = False,
    ) -> None:
        """With `hold` every row waits: a question about the whole file is open."""
        super().__init__()
        self.terms, self.context, self.answers, self.hold = terms, context, dict(answers or {}), hold
        self.fields = {
            name: fields.Field(attribute=name, column_name=field_label(name), widget=RosterWidget(name))
            for name in FIELDS
        }

    def get_queryset(self) -> Any:
        """Only the school's own children can be matched or seen."""
        return Child.objects.of_school(self.terms.school)

    def import_data(self, dataset: tablib.Dataset, dry_run: bool = False, **kwargs: Any) -> RosterResult:  # type: ignore[override]
        """
        Plan a roster, and write it unless `dry_run`.

        Takes a RosterDataset, or any dataset with Chinese headers. `expected` (the stored outcomes as JSON) makes a run
        refuse a plan that has gone stale. A dry run hands each chunk to `keep`: its outcomes, and sealed what a confirm
        needs to write.
        Writing needs `change_by` around it; it is one transaction.
        Raises PlanStale if the expected outcomes differ, and nothing is written.
        """
        roster = self._roster(dataset)
        result = RosterResult()
        result.roster, result.diff_headers = roster, [field.column_name for field in self.fields.values()]
        result.total_rows = len(roster.children)
        stated: Iterable[dict[str, Any]] | None = kwargs.get("expected")
        expected = None if stated is None else iter(stated)
        keep: Callable[[list[Outcome], bytes], None] | None = kwargs.get("keep")
        progress = kwargs.get("progress")
        packing = Packing()
        planner = Planner(self.terms, self.answers, hold=self.hold)
        if dry_run:
            for outcomes, edits in planner.chunks(roster):
                self._take(result, outcomes, expected, progress)
                if keep is not None:
                    keep(outcomes, seal(packing.pack(edits)))
                    for outcome in outcomes:
                        outcome.changes = []
                edits.forget()
            result.gone = planner.gone
            ask_about_formal(roster, planner.formal, self.answers)
            return result
        with Writer(result.total_rows) as writer:
            for outcomes, edits in planner.chunks(roster):
                self._take(result, outcomes, expected, progress)
                result.records.append(writer.prepare(packing.pack(edits)))
                edits.forget()
            with transaction.atomic():
                writer.write(self.terms.school, self.terms.by)
        return result

    def _roster(self, dataset: tablib.Dataset) -> ParsedRoster:
        if isinstance(dataset, RosterDataset):
            return dataset.roster
        if self.context is None:
            raise ValueError("a plain dataset needs the context of the school year")
        rows = [list(dataset.headers or []), *(list(row) for row in dataset)]
        return parse_workbook(Workbook("dataset", [Sheet(None, rows)]), self.context)

    @staticmethod
    def _take(
        result: RosterResult, outcomes: list[Outcome], expected: Iterator[dict[str, Any]] | None, progress: Any
    ) -> None:
        for outcome in outcomes:
            if expected is not None and not outcome.is_as_stored(next(expected, None)):
                raise PlanStale(outcome)
            result.take(outcome)
        if progress is not None:
            progress(len(result.outcomes), result.total_rows)


class PlanStale(Exception):
    """The register has changed since the preview; carries the first row that would now be treated differently."""

    def __init__(self, outcome: Outcome | None) -> None:
        super().__init__(f"row {outcome.row}" if outcome else "another plan was shown")
        self.outcome = outcome


class StalePlan(PlanStale):
    """The page showed an older plan: answers were changed, or the file was checked again."""

    def __init__(self) -> None:
        super().__init__(None)
