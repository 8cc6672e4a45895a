"""Figures of several schools side by side, from the reports that they handed in: no child is read, none is named."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform

from reports.builders.programme import percent
from reports.models import MonthlyReport

#: Where table 4 lies among the frozen tables of a month (domain §10.2).
TABLE_4 = "3"


@dataclass(frozen=True)
class ProgrammeTotal:
    """The programme of one school in one month, all its items together."""

    report: int
    title: str
    mentees: int
    due: int
    done: int

    @property
    def rate(self) -> str:
        return percent(self.done, self.due) or "—"


def programme_totals(reports: QuerySet[MonthlyReport]) -> dict[int, ProgrammeTotal]:
    """School id → the total row of table 4 of its report. One statement that reads nothing but that table."""
    table = KeyTransform(TABLE_4, KeyTransform("tables", "figures"))
    rows = reports.annotate(table=table).values_list("pk", "school_id", "table")
    return {school: _total(pk, json.loads(kept) if isinstance(kept, str) else kept) for pk, school, kept in rows}


def _total(report: int, table: dict[str, Any] | None) -> ProgrammeTotal:
    sums = {"mentees": 0, "due": 0, "done": 0}
    last = next((row for row in reversed((table or {}).get("rows", ())) if row.get("total")), None)
    if table and last:
        for column, cell in zip(table["columns"], last["cells"], strict=True):
            what = column["key"].rpartition(".")[2]
            if what in sums and isinstance(cell["value"], int):
                sums[what] += cell["value"]
    return ProgrammeTotal(report, (table or {}).get("title", ""), **sums)
