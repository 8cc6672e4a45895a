"""The papers about changes: the ledger of a period, and what goes with a dossier to the next school."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from activities.models import CareRecord
from caretrack.pdf import PRINT_SHEET, render_pdf, render_pdf_set
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.models import Child, Transfer, codes
from children.models.transfer import HANDLERS
from children.sight import sights
from children.transfers import MATERIALS, batch_of
from reports.builders.changes import Movement
from reports.builders.dossier import Dossier, build_dossier
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


def batch_for(staff: Staff, pk: int) -> list[Transfer]:
    """The hand-overs sent together with this one, for whoever hands over at their school; empty for anybody else."""
    own = Transfer.objects.visible_to(staff).filter(from_school__in=staff.schools_as(*HANDLERS))
    asked = own.filter(pk=pk).first()
    return list(batch_of(asked).select_related("child", "line", "from_school", "to_school")) if asked else []


def summaries_for(staff: Staff, transfers: Sequence[Transfer], on: date) -> dict[int, Dossier]:
    """Child id → summary of the dossier, of those whose dossier is still here and seen by `staff`."""
    seen = Child.objects.visible_to(staff).filter(pk__in=[transfer.child_id for transfer in transfers])
    children = list(seen.select_related("school", "school_class__school"))
    reached = sights(staff, [child.pk for child in children])
    none = CareRecord.objects.none()
    return {child.pk: build_dossier(child, sight=reached[child.pk], records=none, on=on) for child in children}


def transfers_paper(
    transfers: Sequence[Transfer], summaries: Mapping[int, Dossier], imprint: Imprint, on: date
) -> Paper:
    """
    For each hand-over its cover letter, list of what goes along and receipt slip; then the summary of the dossier.

    Each is numbered by itself, for it is filed by itself. Without a summary (the dossier has gone) the letter stands
    alone.
    """
    first = transfers[0]
    title = f"{first.child.name}档案移交函"
    if len(transfers) > 1:
        title = f"{first.to_name}档案移交函（{len(transfers)}份）"
    contexts = (
        {
            "letter": _letter(transfer),
            "dated": formal_date(on),
            "dossier": summaries.get(transfer.child_id),
            "imprint": imprint,
        }
        for transfer in transfers
    )
    return Paper(title, render_pdf_set("print/transfer.html", contexts, title=title, stylesheets=SHEETS))
