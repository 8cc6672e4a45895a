"""What the pages show of a checked file: recognised columns, questions, faults, lines left out, children not in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from caretrack.masking import mask_numbers
from children.importing.absentees import Absentees
from children.importing.aliases import is_sensitive
from children.importing.findings import Finding, Level
from children.importing.header import Column, Header
from children.importing.outcomes import Outcome
from children.importing.own_numbers import READ_BESIDE
from children.importing.parse import ParsedRoster
from children.importing.questions import Question
from children.importing.resource import RosterResult
from children.importing.titles import TitleFacts


def overview_of(roster: ParsedRoster, result: RosterResult, absent: Absentees) -> dict[str, Any]:
    """The stored summary of a check, as plain JSON values."""
    findings = roster.findings + row_notes(roster, result.outcomes)
    beside = _read_beside(findings)
    return {
        "sheets": [{"name": sheet.name, "role": sheet.role, "rows": sheet.rows} for sheet in roster.sheets],
        "headers": [
            _header(header, roster.titles.get(header.sheet), [] if roster.from_forms else header.columns, beside)
            | {"form": roster.from_forms}
            for header in roster.headers
        ],
        "questions": [_question(question) for question in roster.questions],
        "findings": [told(finding) for finding in findings],
        "levels": {level.value: sum(finding.level == level for finding in findings) for level in Level},
        "skipped": [skipped.as_json() for skipped in roster.skipped],
        "totals": [
            {"sheet": total.sheet, "row": total.row, "stated": total.stated, "agrees": total.agrees and total.compared}
            for total in roster.totals
        ],
        "new_classes": [str(ref) for ref in roster.classes_to_create],
        "mentors": len({mentor.name for child in roster.children for mentor in child.mentors}),
        "absent": absent.children,
        "scope": absent.as_json(),
    }


def is_about_row(question: Mapping[str, Any]) -> bool:
    """True for a stored question on a single pupil; False for one on a column, a class, a sheet or the file."""
    place = question["key"].removeprefix(f"{question['what']}/").removeprefix(f"{question['sheet'] or ''}/")
    return question["row"] is not None and "/" not in place and place.split(".")[0] == str(question["row"])


def left_out_of(faults: Iterable[Mapping[str, Any]], outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Pupils who were taken while cells of their rows were not: sheet, row, name, child if known, the cells' titles."""
    titles: dict[tuple[str | None, int], dict[str, None]] = defaultdict(dict)
    for found in faults:
        if found["level"] == Level.ERROR and found["letter"]:
            for row in found["rows"] or [found["row"]]:
                titles[found["sheet"], row][found["label"] or f"{found['letter']}列"] = None
    return [
        {"sheet": row.sheet, "row": row.row, "name": row.name, "child": row.child, "cells": list(cells)}
        for row in outcomes
        if row.status.is_taken and (cells := titles.get((row.sheet, row.row)))
    ]


def sheets_read(overview: Mapping[str, Any]) -> list[dict[str, Any]]:
    """
    The stored headers of a file, one a sheet: lists that stand side by side share their rows, so they share a header.

    A registration form has no columns, its cells are found by their labels.
    """
    found: dict[str | None, dict[str, Any]] = {}
    for header in overview["headers"]:
        first = found.setdefault(header["sheet"], {**header, "columns": []})
        first["columns"] = [*first["columns"], *header["columns"]]
    return list(found.values())


def mendable_sheets(overview: Mapping[str, Any]) -> dict[str | None, int]:
    """The sheets whose rows can be corrected in the page, with the number by which addresses name them."""
    return {
        header["sheet"]: place
        for place, header in enumerate(sheets_read(overview))
        if header["columns"] or header.get("form")
    }


def row_notes(roster: ParsedRoster, outcomes: list[Outcome]) -> list[Finding]:
    """Notes that arose while a row was laid over its dossier, as findings of their row."""
    return [
        Finding("row_note", Level.WARNING, note, outcome.sheet, outcome.row)
        for outcome in outcomes
        for note in outcome.notes
    ]


def _read_beside(findings: Iterable[Finding]) -> dict[tuple[str | None, int | None], str]:
    """What is read out of a column beside its own item, by sheet and column: 身份证号 beside the name."""
    found: dict[tuple[str | None, int | None], dict[str, None]] = defaultdict(dict)
    for finding in findings:
        if finding.level == Level.FIXED and (word := READ_BESIDE.get(finding.what)):
            found[finding.sheet, finding.column][word] = None
    return {place: "、".join(words) for place, words in found.items()}


def _header(
    header: Header,
    titles: TitleFacts | None,
    columns: list[Column],
    beside: Mapping[tuple[str | None, int | None], str],
) -> dict[str, Any]:
    return {
        "sheet": header.sheet,
        "block": header.block,
        "top": header.top + 1,
        "bottom": header.bottom + 1,
        "labels": [column.label for column in header.columns],
        "titles": {
            "lines": titles.lines if titles else [],
            "school": titles.school if titles else "",
            "term": titles.term if titles else "",
            "date": titles.date.isoformat() if titles and titles.date else "",
            "class": str(titles.klass) if titles and titles.klass else "",
        },
        "columns": [
            {
                "index": column.index,
                "letter": column.letter,
                "label": column.label,
                "field": column.field,
                "confidence": column.confidence,
                "beside": beside.get((header.sheet, column.index), ""),
                "samples": [] if is_sensitive(column.label) else [mask_numbers(sample) for sample in column.samples],
            }
            for column in columns
            if column.label or column.samples
        ],
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "what": question.finding.what,
        "sheet": question.finding.sheet,
        "row": question.finding.row,
        "sentence": question.sentence,
        "choices": [[choice.value, choice.label] for choice in question.choices],
        "default": question.default,
        "answer": question.answer,
        "waits": question.waits,
    }


def told(finding: Finding) -> dict[str, Any]:
    """A finding as it is stored; ``line`` is where its cell stands."""
    return {
        "level": finding.level.value,
        "what": finding.what,
        "sheet": finding.sheet,
        "row": finding.row,
        "line": finding.line or finding.row,
        "letter": finding.letter,
        "label": finding.label,
        "sentence": finding.sentence,
        "offer": finding.offer,
        "rows": list(finding.rows),
    }
