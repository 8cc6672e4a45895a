"""
Lists in which a pupil has a line for each adult: 家长姓名, 关系, 电话 in several lines under one name.

The lines after the first have no name of a pupil. What they say belongs to the pupil above: by its relation to the
father or the mother, else to who cares, else to another member of the family.
"""

from caretrack.masking import mask_id_numbers, mask_numbers
from children.importing.aliases import MEMBERS
from children.importing.body import Body, SkippedRow, put_beside
from children.importing.findings import Finding, Level
from children.importing.header import Column, Header, is_joined
from children.importing.lines import FAMILY_LINE
from children.importing.normalise.relations import PARENTS, read_relation
from children.importing.normalise.text import is_nothing, tidy
from children.importing.sheets import CellValue, Sheet

_RELATION = "carer.relation"
_CARER = "carer.name"
_NAMES = (_CARER, "parents_named")
_OF_NOBODY = {"contact_phone": "phone", "away_place": "work_place"}
_OF_THE_PUPIL = ("name", "id_no", "student_no", "sex", "birth_date")

Adult = dict[str, CellValue]
"""What a line tells of an adult, by the part: name, relation, phone."""


def gather_family_lines(sheet: Sheet, header: Header, body: Body) -> dict[str, Column]:
    """
    Put the lines of each pupil's adults together in a body just read.

    Returns the columns of the fields that the adults were given, none if every pupil has one line.
    """
    fields = header.fields
    named = next((name for name in _NAMES if name in fields), "")
    if not named or _RELATION not in fields:
        return {}
    families = _families(sheet, fields, body, named)
    if len(families) == len(body.rows):
        return {}
    parts = {named: "name"}
    parts |= {name: name.removeprefix("carer.") for name in fields if name.startswith("carer.")}
    parts |= {name: part for name, part in _OF_NOBODY.items() if name in fields and f"carer.{part}" not in fields}
    given: set[str] = set()
    for pupil, places in families.items():
        values = body.values[pupil]
        # A name under 家长 is placed by its relation in every line; under 监护人 a single line says who cares, as ever.
        if len(places) > 1 or (named != _CARER and not any(is_nothing(values[name]) for name in (named, _RELATION))):
            given.update(_gather(sheet, body, places, parts, named))
    _drop_lines(sheet, body, families)
    columns = {part: fields[name] for name, part in parts.items()}
    found = {f"{who}.{part}": column for who in sorted(given) for part, column in columns.items()}
    return {name: column for name, column in found.items() if name not in fields}


def _families(sheet: Sheet, fields: dict[str, Column], body: Body, named: str) -> dict[int, list[int]]:
    """The place of each pupil's first line, with the places of all its lines."""
    families: dict[int, list[int]] = {}
    lines: list[int] = []
    for place, row in enumerate(body.rows):
        if lines and _goes_on(sheet, row, fields, body.values[place], named):
            lines.append(place)
        else:
            lines = families[place] = [place]
    return families


def _goes_on(sheet: Sheet, row: int, fields: dict[str, Column], values: dict[str, CellValue], named: str) -> bool:
    """True for a line that tells of an adult and of no pupil of its own."""
    alone = all(is_nothing(sheet.value(row, fields[name].index)) for name in _OF_THE_PUPIL if name in fields)
    return alone and not is_nothing(values.get(named)) and not is_nothing(values.get(_RELATION))


def _gather(sheet: Sheet, body: Body, places: list[int], parts: dict[str, str], named: str) -> set[str]:
    """Put the adults of these lines into the first of them; returns whose fields they were given."""
    values = body.values[places[0]]
    places = [place for place in places if not is_nothing(body.values[place][named])]
    adults = [{part: body.values[place].get(name) for name, part in parts.items()} for place in places]
    if not is_nothing(values[named]):
        for name in parts:
            values.pop(name, None)
    found = _places_of(adults, values, first_cares=named == _CARER)
    for place, adult, whose in zip(places, adults, found, strict=True):
        beyond = adult if not whose else {}
        for who in whose:
            beyond |= _put(values, who, adult)
        if beyond:
            _keep_in_note(sheet, body, values, body.rows[place], {"name": adult["name"]} | beyond)
    return {who for whose in found for who in whose}


def _places_of(adults: list[Adult], values: dict[str, CellValue], *, first_cares: bool) -> list[list[str]]:
    """
    Whose fields each adult of a pupil is read into; nobody's for relatives beyond those a row has fields for.

    Where the column is that of the carer (`first_cares`) the first adult is the carer, and the father as well if it is he.
    A father whom the row names otherwise (`values`, beside 父亲姓名) keeps his fields.
    """
    left, found = ["carer", *MEMBERS], list[list[str]]()
    taken: set[str] = set()
    for adult in adults:
        who = PARENTS.get(read_relation(adult["relation"]).value or "", "")
        own = values.get(f"{who}.name")
        is_meant = is_nothing(own) or tidy(own) == tidy(adult["name"])
        whose = [who] if who and who not in taken and is_meant else left[:1]
        if first_cares and not found and "carer" not in whose:
            whose.append("carer")
        taken.update(whose)
        left = [place for place in left if place not in taken]
        found.append(whose)
    return found


def _put(values: dict[str, CellValue], who: str, adult: Adult) -> Adult:
    """
    Put what a line says into the empty cells of `who`; a number beside that of 父亲电话 is one more.

    Returns what another cell of the row says otherwise.
    """
    beyond: Adult = {}
    for part, value in adult.items():
        name = f"{who}.{part}"
        own = values.get(name)
        if is_nothing(own):
            values[name] = value
        elif is_nothing(value) or tidy(value) == tidy(own):
            continue
        elif is_joined(name):
            values[name] = f"{tidy(own)}/{tidy(value)}"
        else:
            beyond[part] = value
    return beyond


def _keep_in_note(sheet: Sheet, body: Body, values: dict[str, CellValue], row: int, adult: Adult) -> None:
    """Write what a pupil's row has no fields for into the pupil's note, and tell it; a note is no place for an ID number."""
    words = " ".join(mask_id_numbers(tidy(value)) for value in adult.values() if not is_nothing(value))
    put_beside(values, f"家庭成员：{words}")
    sentence = f"这名学生的家庭成员没有登记完，“{mask_numbers(words)}”写进了备注，请到学生档案里补登。"
    body.findings.append(Finding("family_lines_many", Level.WARNING, sentence, sheet.name, row + 1))


def _drop_lines(sheet: Sheet, body: Body, families: dict[int, list[int]]) -> None:
    gone = [body.rows[place] for places in families.values() for place in places[1:]]
    body.skipped += [SkippedRow(sheet.name, row + 1, FAMILY_LINE) for row in gone]
    body.rows = [body.rows[place] for place in families]
    body.values = [body.values[place] for place in families]
    body.copied = [body.copied[place] for place in families]
    sentence = f"有 {len(gone)} 行写的是上一名学生的另一位家长，已归到这名学生。"
    body.findings.append(Finding("family_lines", Level.FIXED, sentence, sheet.name))
