"""The rows of an import as tabs with search and pages: the same on the preview and on the result."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

from caretrack.masking import mask_numbers
from caretrack.web.components import Tab
from children.importing import leavers
from children.importing.findings import Level
from children.importing.lines import LEFT_OUT, SKIP_REASONS
from children.importing.mends import Mends
from children.importing.outcomes import Status
from children.importing.overview import sheets_read
from children.models import ImportBatch

PER_PAGE = 50
ROWS_NAMED = 30
LEVELS = (Level.ERROR, Level.QUESTION, Level.WARNING, Level.FIXED)
TONES = {Level.ERROR: "bad", Level.QUESTION: "info", Level.WARNING: "warn", Level.FIXED: "neutral"}
SHORT = {Level.ERROR: "错误", Level.QUESTION: "待确认", Level.WARNING: "提醒", Level.FIXED: "已整理"}


def shown_rows(
    request: HttpRequest, batch: ImportBatch, overview: dict[str, Any], plan: list[dict[str, Any]], first: str
) -> dict[str, Any]:
    """
    The context of children/_import_tabs.html: the tabs that have rows, and one page of the chosen one.

    `first` is the tab shown unless the address names one; rows can be mended only before the confirmation.
    """
    mends, shown = Mends.read(batch.mends), request.GET.get("show", first)
    content = _shown(request, batch, overview, plan, mends, shown)
    mendable = batch.state == ImportBatch.State.PLANNED
    return {"tabs": _tabs(overview, plan, mends, shown), "shown": shown, "mendable": mendable, **content}


def _tabs(overview: dict[str, Any], plan: list[dict[str, Any]], mends: Mends, shown: str) -> list[Tab]:
    faults = sum(count for level, count in overview["levels"].items() if level != Level.FIXED)
    tabs = [Tab("问题清单", "?show=faults#rows", shown == "faults", faults)]
    for status in Status:
        count = sum(row["status"] == status for row in plan)
        if count:
            tabs.append(Tab(status.heading, f"?show={status.value}#rows", shown == status.value, count))
    for name, label in (("skipped", "跳过的行"), ("absent", "名册里没有")):
        if overview[name]:
            tabs.append(Tab(label, f"?show={name}#rows", shown == name, len(overview[name])))
    if mends.acts:
        tabs.append(Tab("改动记录", "?show=mends#rows", shown == "mends", len(mends.acts)))
    return tabs


def _shown(
    request: HttpRequest,
    batch: ImportBatch,
    overview: dict[str, Any],
    plan: list[dict[str, Any]],
    mends: Mends,
    shown: str,
) -> dict[str, Any]:
    """The chosen tab: its rows that match the search, one page of them."""
    text = request.GET.get("q", "").strip()[:30]
    level = request.GET.get("level", "")
    places = {header["sheet"]: place for place, header in enumerate(sheets_read(overview)) if header["columns"]}
    found: list[Any]
    if shown == "faults":
        found = _faults(overview, plan, places, level)
    elif shown == "skipped":
        found = _skipped(overview, mends, places)
    elif shown == "absent":
        said = leavers.decisions(batch)
        found = [{**row, "decision": said.get(row["child"], "")} for row in overview["absent"]]
    elif shown == "mends":
        found = [
            {
                "act": act,
                "name": act.label,
                "row": act.row,
                "old": mask_numbers(act.old),
                "new": mask_numbers(act.new),
            }
            for act in reversed(mends.acts)
        ]
    else:
        found = [
            {**row, "place": places.get(row["sheet"]), "changes": _masked(row["changes"])}
            for row in plan
            if row["status"] == shown
        ]
    if text:
        found = [row for row in found if _matches(row, text)]
    return {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "q": text,
        "level": level,
        "decisions": leavers.Decision.choices,
        "levels": [
            Tab(SHORT[kind], f"?show=faults&level={kind.value}#rows", level == kind, overview["levels"][kind])
            for kind in LEVELS
            if overview["levels"][kind]
        ],
        "several_sheets": len(sheets_read(overview)) > 1,
    }


def _masked(changes: list[list[str]]) -> list[list[str]]:
    """Old and new values with phones and numbers masked, as everywhere on screens (rosters fault 83)."""
    return [[label, mask_numbers(old), mask_numbers(new)] for label, old, new in changes]


def _faults(
    overview: dict[str, Any], plan: list[dict[str, Any]], places: dict[str | None, int], level: str
) -> list[dict[str, Any]]:
    """Findings with the pupil's name, the worst first; what was put right by itself only on demand."""
    names = {(row["sheet"], row["row"]): row["name"] for row in plan}
    taken = {(row["sheet"], row["row"]): Status(row["status"]).is_taken for row in plan}
    wanted = [kind for kind in LEVELS if (kind == level if level else kind != Level.FIXED)]
    return [
        {
            **fault,
            "tone": TONES[kind],
            "word": _word(kind, taken.get((fault["sheet"], fault["row"]))),
            "place": places.get(fault["sheet"]) if (fault["sheet"], fault["row"]) in names else None,
            "name": names.get((fault["sheet"], fault["row"]), ""),
            "first_rows": fault["rows"][:ROWS_NAMED],
            "more_rows": max(0, len(fault["rows"]) - ROWS_NAMED),
        }
        for kind in wanted
        for fault in overview["findings"]
        if fault["level"] == kind
    ]


def _word(level: Level, taken: bool | None) -> str:
    """The level in a word; an error says whether it costs a cell or the row (None: it is about no single pupil)."""
    if level != Level.ERROR or taken is None:
        return SHORT[level]
    return "这一格不导入" if taken else "这一行不导入"


def _skipped(overview: dict[str, Any], mends: Mends, places: dict[str | None, int]) -> list[dict[str, Any]]:
    """Lines that are no pupils; those that a person left out, with the name and the way back."""
    by_hand = mends.left_out
    return [
        {
            **row,
            "words": SKIP_REASONS.get(row["why"], "隐藏的行"),
            "act": by_hand.get((row["sheet"] or "", row["row"])) if row["why"] == LEFT_OUT else None,
            "place": places.get(row["sheet"]),
        }
        for row in overview["skipped"]
    ]


def _matches(row: dict[str, Any], text: str) -> bool:
    """Whether a line of the preview holds the searched words; a number finds its row."""
    if text.isdigit():
        return row.get("row") == int(text) or int(text) in row.get("rows", ())
    act = row.get("act")
    parts = [row.get(key) for key in ("name", "class", "sentence", "message", "label", "words")]
    parts += [act.label, act.old, act.new, act.by] if act else []
    return any(text in str(part) for part in parts if part)
