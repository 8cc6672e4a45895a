"""
What a school has said about a header once: which column means what, what its words mean (rosters §7.5).

A header is known again by its titles in their order. Only what holds for every file with that header is remembered;
answers about one file (hidden rows, a class to be made, a single row) are asked each time, and so is a column that a
school should not collect (fault 74). Which line of a pupil counts who is listed twice holds for the very same file too.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from caretrack.schools.models import School, Staff
from children.importing.aliases import is_sensitive, normal_title
from children.importing.form_sheets import is_of_forms
from children.importing.header import Header
from children.importing.overview import is_about_row
from children.importing.questions import question_key
from children.importing.row_questions import LISTED_TWICE
from children.models import ColumnMapping, ImportBatch, OtherSpelling

ABOUT_ONE_FILE = frozenset(
    {
        "hidden_rows", "sheets_to_choose", "class_unknown", "class_unclear", "class_from_title", "class_from_sheet", "class_from_headings",
        "class_missing",
        "old_file", "old_register", "student_no_formal", "comments_to_note", LISTED_TWICE,
    }
)  # fmt: skip
TITLES_SHOWN = 8


def fingerprint(labels: Iterable[str]) -> str:
    """Names a header by its titles; blanks, stars and brackets do not count."""
    return hashlib.sha256("|".join(normal_title(label) for label in labels).encode()).hexdigest()


def recall(batch: ImportBatch, headers: Sequence[Header]) -> bool:
    """
    Answer a new file with what the school has said about the same headers; True if the file must be read again.

    Sets `batch.answers` without saving: the mapping and answers known, and under "recalled" the memories used, by
    sheet. Asks only once for a batch, so that what a person decides afterwards stands.
    """
    if "recalled" in batch.answers:
        return False
    prints = {header.sheet or "": fingerprint(column.label for column in header.columns) for header in headers}
    whole = _asked_for_all([is_of_forms(header) for header in headers])
    known = {
        found.header_hash: found
        for found in ColumnMapping.objects.filter(school=batch.school_id, header_hash__in=set(prints.values()))
    }
    mapping, answers, recalled = {}, _said_of_file(batch), {}
    for sheet, header_hash in prints.items():
        if (found := known.get(header_hash)) is None:
            continue
        recalled[sheet] = found.pk
        if found.mapping:
            mapping[sheet] = found.mapping
        for key, answer in found.answers.items():
            what, _, rest = key.partition("|")
            answers[question_key(what, None if whole else sheet, rest)] = answer
    batch.answers = {
        **batch.answers,
        "recalled": recalled,
        "mapping": mapping | batch.answers.get("mapping", {}),
        "answers": answers | batch.answers.get("answers", {}),
    }
    return bool(mapping or answers)


def _said_of_file(batch: ImportBatch) -> dict[str, str]:
    """What was answered about single rows when the very same file was imported last, as far as it speaks of the file alone."""
    same = ImportBatch.objects.filter(school=batch.school_id, kind=batch.kind, file_hash=batch.file_hash)
    before = same.exclude(pk=batch.pk).exclude(confirmed_at=None).order_by("-confirmed_at").first()
    said = before.answers.get("answers", {}) if before else {}
    return {key: answer for key, answer in said.items() if key.startswith(f"{LISTED_TWICE}/")}


def remember(batch: ImportBatch, overview: Mapping[str, Any], by: Staff | None) -> None:
    """Keep what a person has said on the columns page, a memory a header."""
    said = batch.answers.get("answers", {})
    whole = _asked_for_all([header.get("form", False) for header in overview["headers"]])
    for header in overview["headers"]:
        sheet = header["sheet"] or ""
        sensitive = {str(column["index"]) for column in header["columns"] if is_sensitive(column["label"])}
        chosen = batch.answers.get("mapping", {}).get(sheet, {})
        labels = header["labels"]
        ColumnMapping.objects.update_or_create(
            school=batch.school,
            header_hash=fingerprint(labels),
            defaults={
                "title": "、".join(label for label in labels if label)[:200],
                "mapping": {index: field for index, field in chosen.items() if index not in sensitive},
                "answers": _lasting(overview["questions"], said, "" if whole else sheet),
                "file_name": batch.file_name,
                "said_by": by,
                "said_at": timezone.now(),
            },
        )


def _asked_for_all(forms: list[bool]) -> bool:
    """True for several sheets of forms: they are asked about together, and their questions name no sheet."""
    return len(forms) > 1 and all(forms)


def _lasting(questions: Iterable[Mapping[str, Any]], said: Mapping[str, str], sheet: str) -> dict[str, str]:
    """Answers that hold for the next file as well, by what and place within the sheet."""
    lasting = {}
    for question in questions:
        about_file = is_about_row(question) or question["what"] in ABOUT_ONE_FILE
        if about_file or (question["sheet"] or "") != sheet or not said.get(question["key"]):
            continue
        rest = question["key"].removeprefix(f"{question['what']}/").removeprefix(f"{sheet}/" if sheet else "")
        lasting[f"{question['what']}|{rest}"] = said[question["key"]]
    return lasting


def is_settled(batch: ImportBatch, overview: Mapping[str, Any]) -> bool:
    """True if every header of the file was recalled and nothing about columns is left to say."""
    recalled = batch.answers.get("recalled", {})
    return (
        all((header["sheet"] or "") in recalled for header in overview["headers"])
        and not has_doubled_columns(overview)
        and all(question["answer"] or is_about_row(question) for question in overview["questions"])
    )


def has_doubled_columns(overview: Mapping[str, Any]) -> bool:
    """True while two columns of a sheet are taken for the same field: nobody has said which one counts (fault 23)."""
    return any(found["what"] == "column_doubled" for found in overview["findings"])


def memories_of(schools: Iterable[School]) -> Any:
    """What these schools have said about headers of rosters, the latest first."""
    rosters = ColumnMapping.objects.filter(kind=ImportBatch.ROSTER, school__in=list(schools))
    return rosters.select_related("school", "said_by")


def spellings_of(schools: Iterable[School]) -> Any:
    """How lists write names of pupils of these schools that were not to be changed, in the order of a roll."""
    known = OtherSpelling.objects.filter(child__school__in=list(schools)).select_related("child", "change")
    return known.order_by("child__pinyin", "child", "name")


def forget(memory: ColumnMapping | OtherSpelling) -> None:
    """Forget a header or a spelling; files that are being imported keep what they were given."""
    memory.delete()
