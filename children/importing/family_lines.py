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
from children.importing.normalise.text import is_nothing, tidy
from children.importing.sheets import CellValue, Sheet

_RELATION = "carer.relation"
_CARER = "carer.name"
_NAMES = (_CARER, "parents_named")
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
    several = {of for place, of in enumerate(first) if place != of}
    # A name under 家长 is placed by its relation in every line; under 监护人 a single line says who cares, as ever.
    both = (named, _RELATION)
    told = {of for of in first if named != _CARER and not any(is_nothing(body.values[of].get(name)) for name in both)}
    for pupil in sorted(several | told):
        places = [place for place, of in enumerate(first) if of == pupil and not is_nothing(body.values[place][named])]
        adults = [{part: body.values[place].get(name) for name, part in parts.items()} for place in places]
        values = body.values[pupil]
        for name in parts if pupil in places else ():
            values.pop(name, None)
        for place, adult, whose in zip(places, adults, _places_of(adults, first_cares=named == _CARER), strict=True):
            for who in whose:
                values |= {f"{who}.{part}": value for part, value in adult.items() if value is not None}
                given |= {
                    f"{who}.{part}": fields[name] for name, part in parts.items() if f"{who}.{part}" not in fields
                }
            if not whose:
                _keep_in_note(sheet, body, values, body.rows[place], adult)
    _drop_lines(sheet, body, first)
    return given


def _goes_on(sheet: Sheet, row: int, fields: dict[str, Column], values: dict[str, CellValue], named: str) -> bool:
    """True for a line that tells of an adult and of no pupil of its own."""
    alone = all(is_nothing(sheet.value(row, fields[name].index)) for name in _OF_THE_PUPIL if name in fields)
    return alone and not is_nothing(values.get(named)) and not is_nothing(values.get(_RELATION))


def _places_of(adults: list[dict[str, CellValue]], *, first_cares: bool) -> list[list[str]]:
    """
    Whose fields each adult of a pupil is read into; nobody's for relatives beyond those a row has fields for.

    Where the column is that of the carer (`first_cares`) the first adult is the carer, and the father as well if it is he.
    """
    left, found = ["carer", *MEMBERS], list[list[str]]()
    for adult in adults:
        who = PARENTS.get(read_relation(adult["relation"]).value or "", "")
        whose = [who] if who and [who] not in [taken[:1] for taken in found] else left[:1]
        if first_cares and not found and "carer" not in whose:
            whose.append("carer")
        left = [place for place in left if place not in whose]
        found.append(whose)
    return found


def _keep_in_note(
    sheet: Sheet, body: Body, values: dict[str, CellValue], row: int, adult: dict[str, CellValue]
) -> None:
    """Write a relative for whom the pupil's row has no fields into the pupil's note, and tell it."""
    words = "家庭成员：" + " ".join(tidy(value) for value in adult.values() if not is_nothing(value))
    values["_unknown"] = f"{values['_unknown']}；{words}" if values.get("_unknown") else words
    sentence = f"这名学生的家庭成员超过能登记的人数，“{tidy(adult['name'])}”写进了备注，请到学生档案里补登。"
    body.findings.append(Finding("family_lines_many", Level.WARNING, sentence, sheet.name, row + 1))


def _drop_lines(sheet: Sheet, body: Body, first: list[int]) -> None:
    gone = [body.rows[place] for place, pupil in enumerate(first) if place != pupil]
    kept = [place for place, pupil in enumerate(first) if place == pupil]
    body.skipped += [SkippedRow(sheet.name, row + 1, FAMILY_LINE) for row in gone]
    body.rows = [body.rows[place] for place in kept]
    body.values = [body.values[place] for place in kept]
    body.copied = [body.copied[place] for place in kept]
    sentence = f"有 {len(gone)} 行写的是上一名学生的另一位家长，已归到这名学生。"
    body.findings.append(Finding("family_lines", Level.FIXED, sentence, sheet.name))
