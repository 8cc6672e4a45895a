"""The papers about changes: the ledger of a period."""

from __future__ import annotations

from collections.abc import Sequence

from caretrack.pdf import render_pdf
from reports.builders.changes import Movement
from reports.builders.paper import Imprint, chinese_span
from reports.builders.unit import Unit
from reports.change_ledger import Entry
from reports.papers import Paper


def ledger_paper(unit: Unit, movement: Movement, rows: Sequence[Entry], imprint: Imprint) -> Paper:
    """变动登记册 of a class or school for the span of `movement`, with the figures first and the lines after."""
    title = f"{unit.name(movement.last)}学生变动登记册"
    context = {
        "school": unit.school.name,
        "unit": unit.title_prefix(movement.last),
        "span": chinese_span(movement.first, movement.last),
        "movement": movement,
        "rows": rows,
        "imprint": imprint,
    }
    return Paper(title, render_pdf("print/changes.html", context, title=title))
