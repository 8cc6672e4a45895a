"""The papers about changes: the ledger of a period, and what goes with a dossier to the next school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.periods import chinese_date
from children.models import Transfer, codes
from children.transfers import MATERIALS
from reports.builders.changes import Movement
from reports.builders.dossier import Dossier
from reports.builders.paper import Imprint, chinese_span, formal_date
from reports.builders.unit import Unit
from reports.change_ledger import Entry
from reports.papers import Paper

SHEETS = (PRINT_SHEET, "print/changes.css")


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
    return Paper(title, render_pdf("print/changes.html", context, title=title, stylesheets=SHEETS))


def _departure(transfer: Transfer) -> str:
    kind = transfer.line.kind if transfer.line else codes.ChangeKind.OUT_TRANSFER
    if kind == codes.ChangeKind.GRADUATE:
        return "毕业，升入贵校就读"
    left = "" if kind == codes.ChangeKind.OUT_TRANSFER else f"{codes.ChangeKind(kind).label}，现"
    return f"{left}转往贵校就读"


@dataclass(frozen=True)
class Letter:
    """What a letter says of one hand-over."""

    transfer: Transfer
    items: tuple[tuple[int, str, bool], ...]
    departure: str
    due: str


def _letter(transfer: Transfer) -> Letter:
    return Letter(
        transfer,
        tuple((at, item, item in transfer.items) for at, item in enumerate(MATERIALS, start=1)),
        f"{chinese_date(transfer.left_on)}{_departure(transfer)}",
        chinese_date(transfer.due_on),
    )


def transfer_paper(transfer: Transfer, dossier: Dossier | None, imprint: Imprint, on: date) -> Paper:
    """
    Cover letter, list of what goes along and receipt slip; then the summary of the dossier.

    Without `dossier` (it has gone to the next school) the summary is left out.
    """
    return _letters(f"{transfer.child.name}档案移交函", [transfer], dossier, imprint, on)


def transfers_paper(transfers: Sequence[Transfer], imprint: Imprint, on: date) -> Paper:
    """The letters of a batch to one school, a page each."""
    return _letters(f"{transfers[0].to_name}档案移交函（{len(transfers)}份）", transfers, None, imprint, on)


def _letters(title: str, transfers: Sequence[Transfer], dossier: Dossier | None, imprint: Imprint, on: date) -> Paper:
    context = {
        "letters": [_letter(transfer) for transfer in transfers],
        "dated": formal_date(on),
        "dossier": dossier,
        "imprint": imprint,
    }
    return Paper(title, render_pdf("print/transfer.html", context, title=title, stylesheets=SHEETS))
