"""The rows of an import as tabs with search and pages: the same on the preview and on the result."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

from caretrack.masking import mask_numbers
from caretrack.web.components import Tab
from caretrack.web.numbers import number
from children.importing import leavers
from children.importing.findings import Level
from children.importing.keeping import WORST_FIRST, Kept, Lines
from children.importing.lines import LEFT_OUT, SKIP_REASONS
from children.importing.mends import Mends
from children.importing.outcomes import Status
from children.importing.overview import mendable_sheets, sheets_read
from children.models import ImportBatch

PER_PAGE = 50
ROWS_NAMED = 30
TONES = {Level.ERROR: "bad", Level.QUESTION: "info", Level.WARNING: "warn", Level.FIXED: "neutral"}
SHORT = {Level.ERROR: "错误", Level.QUESTION: "待确认", Level.WARNING: "提醒", Level.FIXED: "已整理"}
HEADINGS = {status: status.heading for status in Status}
Line = dict[str, Any]
Found = Lines | list[Line]


def shown_rows(
    request: HttpRequest,
    batch: ImportBatch,
    overview: Mapping[str, Any],
    first: str,
    headings: Mapping[Status, str] = HEADINGS,
    pages: str = "import",
    place_title: str = "班级",
) -> dict[str, Any]:
    """
    The context of children/_import_tabs.html: the tabs that have rows, and one page of the chosen one.

    `first` is the tab shown unless the address names one, `pages` what the addresses of the rows are called; rows
    can be mended only before the confirmation. Only the
    kept parts are opened that hold the page.
    """
    mends, shown = Mends.read(batch.mends), request.GET.get("show", first)
    text, level = request.GET.get("q", "").strip()[:30], request.GET.get("level", "")
    found, dressed = _found(batch, overview, mends, shown, level)
    if text:
        found = _search(found, text, dressed)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = [dressed(line) for line in page.object_list]
    return {
        "tabs": _tabs(batch, overview, mends, shown, headings),
        "shown": shown,
        "mendable": batch.state == ImportBatch.State.PLANNED,
        "page": page,
        "q": text,
        "level": level,
        "decisions": leavers.Decision.choices,
        "absent_others": overview.get("scope", {}).get("others", 0),
        "levels": [
            Tab(SHORT[kind], f"?show=faults&level={kind.value}#rows", level == kind, overview["levels"][kind])
            for kind in WORST_FIRST
            if overview["levels"][kind]
        ],
        "place_title": place_title,
        "several_sheets": len(sheets_read(overview)) > 1,
        **{f"{page}_page": f"children:{pages}_{page}" for page in ("row", "leave", "errors", "preview")},
    }


def _tabs(
    batch: ImportBatch, overview: Mapping[str, Any], mends: Mends, shown: str, headings: Mapping[Status, str]
) -> list[Tab]:
    faults = sum(count for level, count in overview["levels"].items() if level != Level.FIXED)
    counted = [(status.value, headings[status], batch.counts.get(status.value, 0)) for status in Status]
    counted += [
        ("skipped", "跳过的行", overview["skipped"]),
        ("absent", "名册里没有", len(overview.get("absent", ()))),
        ("mends", "改动记录", len(mends.acts)),
    ]
    rest = [Tab(label, f"?show={name}#rows", shown == name, count) for name, label, count in counted if count]
    return [Tab("问题清单", "?show=faults#rows", shown == "faults", faults), *rest]


def _found(
    batch: ImportBatch, overview: Mapping[str, Any], mends: Mends, shown: str, level: str
) -> tuple[Found, Callable[[Line], Line]]:
    """The lines of the chosen tab, and what a line is made into before it is shown."""
    kept = Kept(batch, overview)
    places = mendable_sheets(overview)
    if shown == "faults":
        wanted = [kind for kind in WORST_FIRST if (kind == level if level else kind != Level.FIXED)]
        return kept.faults(*wanted) if wanted else [], lambda fault: _fault(fault, places)
    if shown == "skipped":
        by_hand = mends.left_out
        return kept.skipped(), lambda row: _skipped(row, by_hand, places)
    if shown == "absent":
        said = leavers.decisions(batch)
        return overview.get("absent", []), lambda row: _absent(row, said)
    if shown == "mends":
        return [{"act": act, "row": act.row} for act in reversed(mends.acts)], _mend
    if shown in HEADINGS:
        return kept.rows(Status(shown)), lambda row: _row(row, places)
    return [], dict


def _search(found: Found, text: str, dressed: Callable[[Line], Line]) -> Found:
    def matches(line: Line) -> bool:
        return _matches(dressed(line), text)

    if isinstance(found, Lines):
        return found.search(text, matches, plain=not any(text in words for words in _WORDS_ADDED))
    return [line for line in found if matches(line)]


def _absent(row: Line, said: Mapping[int, leavers.Decision]) -> Line:
    """A child who is not in the file, with what was decided and what can be."""
    return {**row, "decision": said.get(row["child"], ""), "choices": leavers.choices_for(row)}


def _row(row: Line, places: Mapping[str | None, int]) -> Line:
    """A planned row; phones and numbers are masked, as everywhere on screens (rosters fault 83)."""
    changes = [[label, mask_numbers(old), mask_numbers(new)] for label, old, new in row["changes"]]
    return {**row, "place": places.get(row["sheet"]), "changes": changes}


def _fault(fault: Line, places: Mapping[str | None, int]) -> Line:
    level = Level(fault["level"])
    return {
        **fault,
        "tone": TONES[level],
        "word": _word(level, fault["taken"]),
        "place": None if fault["taken"] is None else places.get(fault["sheet"]),
        "first_rows": fault["rows"][:ROWS_NAMED],
        "more_rows": max(0, len(fault["rows"]) - ROWS_NAMED),
    }


def _word(level: Level, taken: bool | None) -> str:
    """The level in a word; an error says whether it costs a cell or the row (None: it is about no single pupil)."""
    if level != Level.ERROR or taken is None:
        return SHORT[level]
    return "这一格不导入" if taken else "这一行不导入"


def _skipped(row: Line, by_hand: Mapping[tuple[str, int], Any], places: Mapping[str | None, int]) -> Line:
    """A line that is no pupil; one that a person left out comes with the name and the way back."""
    return {
        **row,
        "words": SKIP_REASONS.get(row["why"], HIDDEN),
        "act": by_hand.get((row["sheet"] or "", row["row"])) if row["why"] == LEFT_OUT else None,
        "place": places.get(row["sheet"]),
    }


def _mend(line: Line) -> Line:
    act = line["act"]
    return {**line, "name": act.label, "old": mask_numbers(act.old), "new": mask_numbers(act.new)}


def _matches(row: Line, text: str) -> bool:
    """Whether a line of the preview holds the searched words; a number finds its row."""
    if (asked := number(text)) is not None:
        return row.get("row") == asked or asked in row.get("rows", ())
    act = row.get("act")
    parts = [row.get(key) for key in ("name", "class", "sentence", "message", "label", "words")]
    parts += [act.label, act.old, act.new, act.by] if act else []
    return any(text in str(part) for part in parts if part)


HIDDEN = "隐藏的行"
_WORDS_ADDED = (*SKIP_REASONS.values(), HIDDEN)
"""What a shown line says without its being in the kept one."""
