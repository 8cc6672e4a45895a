"""The reader of every column that is read by itself, by field name: what import-export calls the widgets' clean."""

import re
from collections.abc import Callable

from children.importing.aliases import PERSONS
from children.importing.findings import Level, Remark
from children.importing.normalise import (
    amounts,
    boarding,
    care,
    classes,
    commute,
    dates,
    ethnic,
    id_numbers,
    left_behind,
    names,
    papers,
    phones,
    places,
    relations,
    sex,
    student_numbers,
    text,
    yesno,
)
from children.importing.normalise.reading import Reading, warning
from children.importing.sheets import CellValue

_LIST_MARKS = re.compile(r"[、，,;；/\s①②③④⑤⑥⑦⑧⑨]+")


def read_age(value: CellValue) -> Reading[int]:
    """An age in years; words around the number do not matter."""
    found = re.search(r"\d{1,3}", text.fold(value))
    return Reading(int(found[0])) if found and int(found[0]) < 120 else Reading(None)


def _read_list(value: CellValue) -> Reading[tuple[str, ...]]:
    reading = text.read_text(value)
    parts = tuple(part for part in _LIST_MARKS.split(reading.value or "") if part)
    if reading.value and not parts:
        sentence = f"只写了“{reading.value}”，看不出是哪几项，原样写进备注；请改写成文字，或在表头注明各号的意思。"
        return Reading(None, remarks=(warning("choice_numbers", sentence),))
    return Reading(parts or None, remarks=reading.remarks)


def _read_hukou_kind(value: CellValue) -> Reading[str]:
    word = text.fold(value)
    if text.is_nothing(value):
        return Reading(None)
    if word in ("2",) or word.startswith(("非农", "城镇", "居民")):
        return Reading("非农业")
    if word == "1" or word.startswith("农"):
        return Reading("农业")
    return Reading(
        None, remarks=(Remark("hukou_kind_unknown", Level.WARNING, "户口性质应填农业或非农业，这一格没有采用。"),)
    )


PLAIN: dict[str, Callable[[CellValue], Reading]] = {
    "former_name": text.read_text,
    "birth_lunar": text.read_text,
    "ethnic": ethnic.read_ethnic,
    "id_type": papers.read_id_type,
    "student_no": student_numbers.read_student_no,
    "aux_no": text.read_text,
    "class_seq": text.read_text,
    "boarding": boarding.read_boarding,
    "dorm": text.read_text,
    "bed": text.read_text,
    "commute": commute.read_commute,
    "commute_km": amounts.read_distance,
    "needs_bus": yesno.read_yes_no,
    "address": text.read_text,
    "village_group": text.read_text,
    "hukou_place": text.read_text,
    "hukou_kind": _read_hukou_kind,
    "care_type": care.read_care_type,
    "care_rating": care.read_care_rating,
    "entrusted": yesno.read_yes_no,
    "family_structure": text.read_text,
    "health": text.read_text,
    "disability": text.read_text,
    "disabled": yesno.read_yes_no,
    "blood_type": papers.read_blood_type,
    "personality": text.read_text,
    "hobby": text.read_text,
    "household_size": amounts.read_people,
    "income_per_head": amounts.read_income,
    "income_sources": _read_list,
    "aid": _read_list,
    "hardship": text.read_text,
    "orphan": yesno.read_yes_no,
    "boarding_subsidy": yesno.read_yes_no,
    "low_income": yesno.read_yes_no,
}

READERS: dict[str, Callable[[CellValue], Reading]] = PLAIN | {
    "name": names.read_child_name,
    "sex": sex.read_sex,
    "birth_date": lambda value: dates.read_date(value, what="birth"),
    "id_no": id_numbers.read_id,
    "grade": classes.read_grade,
    "class_name": classes.read_class,
    "school_grade": classes.read_class,
    "enrolled_on": dates.read_date,
    "contact_phone": phones.read_phones,
    "neighbour_phone": phones.read_phones,
    "lb_flag": left_behind.read_left_behind,
    "lb_type": left_behind.read_left_behind,
    "sex_male": yesno.read_yes_no,
    "sex_female": yesno.read_yes_no,
    "day_tick": yesno.read_yes_no,
    "lb_both": yesno.read_yes_no,
    "lb_one": yesno.read_yes_no,
    "note": text.read_text,
    "parents_named": text.read_text,
    "away_place": places.read_whereabouts,
}
READERS |= {
    f"{person}.{part}": reader
    for person in PERSONS
    for part, reader in {
        "name": names.read_name,
        "status": places.read_status,
        "work_place": places.read_whereabouts,
        "work_unit": text.read_text,
        "phone": phones.read_phones,
        "relation": relations.read_relation,
        "away_since": dates.read_date,
        "birth_date": dates.read_date,
        "id_no": lambda value: id_numbers.read_id(value, pupil=False),
        "ethnic": ethnic.read_ethnic,
        "age": read_age,
    }.items()
}
