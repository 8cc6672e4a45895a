"""Every sample roster against its expected result: children, faults, skipped rows, header, control totals."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

from children.importing.parse import Context, ParsedRoster, parse_roster

SHEETS = Path(__file__).parents[2] / "sheets"
SAMPLES = sorted(SHEETS.glob("*.expected.json"))


@pytest.fixture(params=SAMPLES, ids=lambda path: path.name[:3])
def sample(request: pytest.FixtureRequest) -> tuple[dict[str, Any], ParsedRoster]:
    expected = json.loads(request.param.read_text())
    context = Context(
        expected["school_year"],
        dt.date.fromisoformat(expected["cut_off"]),
        expected["school"],
        known_classes=frozenset((item["grade"], item["number"]) for item in expected["classes"]),
    )
    return expected, parse_roster((SHEETS / expected["file"]).read_bytes(), context)


def test_children_are_read_as_the_sheet_states_them(sample: tuple[dict[str, Any], ParsedRoster]) -> None:
    expected, roster = sample
    read = {(child.sheet, child.row): child.as_json() for child in roster.children}
    assert list(read) == [(child["sheet"], child["row"]) for child in expected["children"]]
    for child in expected["children"]:
        differing = {
            key: (value, read[child["sheet"], child["row"]].get(key))
            for key, value in child.items()
            if not _agrees(key, value, read[child["sheet"], child["row"]].get(key))
        }
        assert not differing, f"row {child['row']}"


def _agrees(key: str, expected: Any, read: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(read, dict) and all(_agrees(name, value, read.get(name)) for name, value in expected.items())
    if key == "birth_precision":
        return True
    if key == "birth_date":
        return bool(expected) == bool(read) and str(read).startswith(str(expected))
    if key in ("phones", "contact_phones"):
        return [re.sub(r"\D", "", phone) for phone in expected] == [re.sub(r"\D", "", phone) for phone in read or []]
    if expected in (None, []):
        return not read
    return bool(expected == read)


def test_faults_stand_in_the_right_cell(sample: tuple[dict[str, Any], ParsedRoster]) -> None:
    """What a person must see; what was put right silently need not be reported."""
    expected, roster = sample
    wanted = {
        (fault["sheet"], fault["row"], fault["column"], fault["level"], fault["what"])
        for fault in expected["faults"]
        if fault["level"] != "fixed"
    }
    told = {
        (finding.sheet, finding.row, finding.letter or None, finding.level.value, finding.what)
        for finding in roster.findings
        if finding.level != "fixed"
    }
    assert told == wanted


def test_every_finding_is_a_sentence_with_its_place(sample: tuple[dict[str, Any], ParsedRoster]) -> None:
    _, roster = sample
    for finding in roster.findings:
        assert finding.sentence.endswith(("。", "？", "）"))
        if finding.row is not None:
            assert finding.text.startswith(f"第{finding.row}行")


def test_lines_that_are_no_pupils_are_skipped(sample: tuple[dict[str, Any], ParsedRoster]) -> None:
    expected, roster = sample
    assert [row.as_json() for row in roster.skipped] == expected["skipped_rows"]


def test_sheets_and_header_are_recognised(sample: tuple[dict[str, Any], ParsedRoster]) -> None:
    expected, roster = sample
    assert [{"name": s.name, "role": s.role, "state": s.state} for s in roster.sheets] == expected["sheets"]
    header = roster.headers[0]
    assert (header.sheet, header.top + 1) == (expected["header"]["sheet"], expected["header"]["row"])
    assert header.bottom + 1 == expected["header"].get("last_row", header.top + 1)


def test_control_totals_are_found_and_compared(sample: tuple[dict[str, Any], ParsedRoster]) -> None:
    expected, roster = sample
    stated = [{"row": t.row, **t.stated, "agrees": t.agrees} for t in roster.totals]
    assert stated == expected.get("control_totals", [])
