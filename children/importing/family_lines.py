"""
Lists in which a pupil has a line for each adult: 家长姓名, 关系, 电话 in several lines under one name.

The lines after the first have no name of a pupil. What they say belongs to the pupil above: by its relation to the
father or the mother, else to who cares, else to another member of the family.
"""

from children.importing.aliases import MEMBERS
from children.importing.body import Body, SkippedRow
from children.importing.findings import Finding, Level
from children.importing.header import Column, Header
from children.importing.lines import FAMILY_LINE
from children.importing.normalise.relations import PARENTS, read_relation
from children.importing.normalise.text import is_nothing
from children.importing.sheets import CellValue, Sheet

_RELATION = "carer.relation"
_NAMES = ("carer.name", "parents_named")
_OF_NOBODY = {"contact_phone": "phone", "away_place": "work_place"}
_OF_THE_PUPIL = ("name", "id_no", "student_no", "sex", "birth_date")


def gather_family_lines(sheet: Sheet, header: Header, body: Body) -> dict[str, Column]:
    """
    Put the lines of each pupil's adults together in a body just read.

    Returns the columns of the fields that the adults were given, none if every pupil has one line.
    """
    fields = header.fields
    named = next((name for name in _NAMES if name in fields), "")
    if not named or _RELATION not in fields:
        return {}
    first: list[int] = []
    for place, row in enumerate(body.rows):
        follows = bool(first) and _goes_on(sheet, row, fields, body.values[place], named)
        first.append(first[-1] if follows else place)
    if all(place == pupil for place, pupil in enumerate(first)):
        return {}
    parts = {named: "name"}
    parts |= {name: name.removeprefix("carer.") for name in fields if name.startswith("carer.")}
    parts |= {name: part for name, part in _OF_NOBODY.items() if name in fields and f"carer.{part}" not in fields}
    given: dict[str, Column] = {}
    for pupil in sorted(set(first)):
        lines = [body.values[place] for place, of in enumerate(first) if of == pupil]
        adults = [{part: values.get(name) for name, part in parts.items()} for values in lines]
        for name in parts:
            lines[0].pop(name, None)
        for who, adult in zip(_places_of(adults), adults, strict=False):
            lines[0] |= {f"{who}.{part}": value for part, value in adult.items()}
            given |= {f"{who}.{part}": fields[name] for name, part in parts.items()}
    _drop_lines(sheet, body, first)
    return given


def _goes_on(sheet: Sheet, row: int, fields: dict[str, Column], values: dict[str, CellValue], named: str) -> bool:
    """True for a line that tells of an adult and of no pupil of its own."""
    alone = all(is_nothing(sheet.value(row, fields[name].index)) for name in _OF_THE_PUPIL if name in fields)
    return alone and not is_nothing(values.get(named)) and not is_nothing(values.get(_RELATION))


def _places_of(adults: list[dict[str, CellValue]]) -> list[str]:
    """Whose fields each adult of a pupil is read into."""
    left, found = ["carer", *MEMBERS], []
    for adult in adults:
        who = PARENTS.get(read_relation(adult["relation"]).value or "", "")
        if who in found or not who:
            who = left.pop(0) if left else ""
        found.append(who)
    return [who for who in found if who]


def _drop_lines(sheet: Sheet, body: Body, first: list[int]) -> None:
    gone = [body.rows[place] for place, pupil in enumerate(first) if place != pupil]
    kept = [place for place, pupil in enumerate(first) if place == pupil]
    body.skipped += [SkippedRow(sheet.name, row + 1, FAMILY_LINE) for row in gone]
    body.rows = [body.rows[place] for place in kept]
    body.values = [body.values[place] for place in kept]
    body.copied = [body.copied[place] for place in kept]
    sentence = f"有 {len(gone)} 行写的是上一名学生的另一位家长，已归到这名学生。"
    body.findings.append(Finding("family_lines", Level.FIXED, sentence, sheet.name))
