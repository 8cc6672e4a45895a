"""The adults of one row: parents, other members of the family, mentors."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from children.importing.aliases import MEMBERS
from children.importing.cell_readers import read_age
from children.importing.mentors import split_names
from children.importing.normalise import ethnic, id_numbers, names, phones, places, relations, text, yesno
from children.importing.normalise.reading import Reading, fixed, warning
from children.importing.records import ChildRow, Person
from children.importing.row_cells import RowCells
from children.importing.sheets import CellValue
from children.places import PROVINCES

_NAME_AND_MORE = re.compile(r"\s*([\u4e00-\u9fff·]{2,6}?)[\s，,、/:：]+([\u4e00-\u9fff]{2,})\s*")
SHORTEST_WITH_MORE = 5
WHOSE = {"father": "父亲", "mother": "母亲", "carer": "监护人"}


def read_parent(one: RowCells, who: str, parent: Person) -> None:
    """Father or mother: name, status, where they are since when, and how to reach them."""
    prefix = f"{who}."
    if prefix not in one.shared.people:
        return
    status = one.reading(prefix + "status", places.read_status)
    numbers = take_numbers(one, prefix + "name")
    parent.name, by_name = _parent_name(one, prefix + "name", WHOSE[who], status.value)
    parent.status = status.value or by_name
    _ticked_away(one, prefix, parent)
    where = one.values.get(prefix + "place_phone")
    if where is not None:
        place, number = places.split_place_and_phone(where)
        one.values.setdefault(prefix + "work_place", place)
        if number is not None:
            one.values.setdefault(prefix + "phone", number)
        one.alias[prefix + "work_place"] = one.alias[prefix + "phone"] = prefix + "place_phone"
    whereabouts = one.take(prefix + "work_place", places.read_whereabouts)
    if whereabouts is not None:
        parent.work_place, parent.work_region = whereabouts.place or None, whereabouts.region or None
        parent.status = parent.status or whereabouts.status
    parent.work_place = parent.work_place or status.detail or None
    read_adult(one, prefix, parent)
    give_numbers(one, prefix + "name", parent, numbers)
    if parent.work_unit and parent.status is None and not parent.work_place:
        _unit_as_place(parent)


def _ticked_away(one: RowCells, prefix: str, parent: Person) -> None:
    """父亲外出: a tick says that he is away, a text where or how; that he is not away does not tell where he is."""
    field = prefix + "away"
    if field not in one.values:
        return
    written = one.values[field]
    away = yesno.read_yes_no(written).value
    if away:
        parent.status = parent.status or places.AWAY_WORK
    elif away is False:
        one.child.notes.append(f"{WHOSE[prefix[:-1]]}外出：{text.tidy(written)}")
    elif not text.is_nothing(written) and one.empty(prefix + "work_place"):
        one.values[prefix + "work_place"], one.alias[prefix + "work_place"] = written, field


def _parent_name(one: RowCells, field: str, whose: str, stated: str | None) -> tuple[str | None, str | None]:
    """The parent's name, and the status that stands in its place or behind it: 已故, 田勇（已故） (fault 66)."""
    if places.is_dash(one.values.get(field)):
        one.remark(field, places.dash_question())
        return None, None
    written = one.values.get(field)
    if isinstance(written, str) and len(written) >= SHORTEST_WITH_MORE:
        one.values[field] = _words_in_brackets(written)
    reading = one.reading(field, names.read_adult_name)
    name, words = reading.value, reading.detail
    status = places.status_for_name(name or "")
    if status is not None:
        name, words = None, name or ""
    elif words.startswith(PROVINCES) and field.startswith(("father.", "mother.")) and one.empty(_place_of(field)):
        one.values[_place_of(field)] = words
        one.remark(field, warning(names.BEHIND, f"{whose}姓名后面的“{words}”已按务工地保存，请核对。"))
        return name, None
    elif words:
        status = places.read_status(words).value
    else:
        return name, None
    if not status:
        keep_words(one, field, whose, words, in_place=not name)
        return name, None
    if stated is not None and stated != status:
        one.child.notes.append(f"{whose}：{words}")
        sentence = f"{whose}姓名栏写着“{words}”，与{whose}状况一栏不同，已按状况一栏保存，请核实。"
        one.remark(field, warning("parent_status", sentence))
        return name, None
    added = "" if name else f"{whose}姓名请补上。"
    for remark in places.care_needed(status, words) or (warning("parent_status", f"“{words}”已记作{whose}状况。"),):
        one.remark(field, replace(remark, sentence=remark.sentence + added))
    return name, status


def _words_in_brackets(written: str) -> str:
    """韦大山,广东 and 罗春花 在家: what a parent's cell says behind the name is looked for in brackets."""
    found = _NAME_AND_MORE.fullmatch(written)
    if found is None or not (found[2].startswith(PROVINCES) or places.read_status(found[2]).value):
        return written
    return f"{found[1]}（{found[2]}）"


def _place_of(field: str) -> str:
    return field.replace(".name", ".work_place")


def take_numbers(one: RowCells, field: str) -> tuple[phones.Phone, ...]:
    """The phones that stand beside the name in a cell; the cell then holds the name alone."""
    name, written = names.name_and_numbers(one.values.get(field))
    if not written:
        return ()
    one.values[field] = name
    return tuple(phone for number in written for phone in _beside_name(one, field, number))


def _beside_name(one: RowCells, field: str, number: str) -> tuple[phones.Phone, ...]:
    reading = phones.read_phones(number)
    if reading.value is None:
        sentence = (
            f"姓名旁边的一串数字（{len(phones.digits(number))} 位）不是电话号码，没有采用，请核对后填到对应的栏。"
        )
        one.remark(field, warning("name_number", sentence))
        return ()
    for remark in reading.remarks:
        one.remark(field, remark)
    return reading.value


def give_numbers(one: RowCells, field: str, adult: Person, numbers: tuple[phones.Phone, ...]) -> None:
    """Phones that stood beside an adult's name: taken if there are no others, else any other one is only told."""
    if not numbers:
        return
    if not adult.phones:
        adult.phones = tuple({phone.number: phone for phone in numbers}.values())
        one.remark(field, fixed("name_phone", "姓名旁边的电话号码已记到电话里。"))
        return
    known = {phones.digits(phone.number) for phone in adult.phones}
    others = "、".join(phone.number for phone in numbers if phones.digits(phone.number) not in known)
    if others:
        sentence = f"姓名旁边写着另一个号码 {others}，已按电话一栏保存，没有采用它，请核对。"
        one.remark(field, warning("name_phone", sentence))
    else:
        one.remark(field, fixed("name_phone", "姓名旁边的电话与电话一栏相同，姓名里不再保留。"))


def _tell_unused(one: RowCells, field: str, numbers: tuple[phones.Phone, ...], adults: list[Person]) -> None:
    """Numbers beside several names of which nobody knows whose they are are told, not guessed."""
    known = {phones.digits(phone.number) for adult in adults for phone in adult.phones}
    if left := "、".join(phone.number for phone in numbers if phones.digits(phone.number) not in known):
        sentence = f"姓名旁边的号码 {left} 不能确定是谁的，没有采用，请核对后填到电话一栏。"
        one.remark(field, warning("name_phone", sentence))


def keep_words(one: RowCells, field: str, whose: str, words: str, *, in_place: bool = False) -> None:
    """
    What stands behind an adult's name, or `in_place` of it, goes into the pupil's note with whom it is about.
    """
    one.child.notes.append(f"{whose}：{words}")
    if in_place:
        sentence = f"{whose}姓名栏里的“{words}”不是姓名，已写进备注；{whose}是否在家、有无联系，请在学生档案里补上。"
        one.remark(field, warning("parent_status", sentence))
    else:
        one.remark(field, warning(names.BEHIND, f"{whose}姓名后面的“{words}”已写进备注，请核对。"))


def _unit_as_place(parent: Person) -> None:
    """A lone 单位 column often holds place and unit together, or 在家务农."""
    found = places.read_whereabouts(parent.work_unit).value
    if found is None:
        return
    parent.status = parent.status or found.status
    parent.work_place, parent.work_unit = (found.place or None), None


def read_adult(one: RowCells, prefix: str, adult: Person) -> None:
    """What is stated of any adult beside name and relation; only parts that the sheet has columns for are looked at."""
    for part in one.shared.parts.get(prefix, ()):
        if (value := one.take(prefix + part, _PARTS[part])) is not None:
            setattr(adult, _ATTRIBUTES.get(part, part), value)
    if one.values.get(prefix + "away_since"):
        adult.away_since = one.take(prefix + "away_since", one.shared.read_date)
    if one.values.get(prefix + "birth_date"):
        adult.birth_date = one.take(prefix + "birth_date", one.shared.read_date)
    if adult.work_unit and prefix.startswith(("carer", "member")) and places.is_at_home(adult.work_unit):
        adult.job, adult.work_unit = adult.job or adult.work_unit, None


_ATTRIBUTES = {"phone": "phones"}
_PARTS: dict[str, Callable[[CellValue], Reading[Any]]] = {
    "work_unit": text.read_text,
    "phone": phones.read_phones,
    "id_no": lambda value: id_numbers.read_id(value, pupil=False),
    "ethnic": ethnic.read_ethnic,
    "age": read_age,
    "address": text.read_text,
    "health": text.read_text,
    "education": text.read_text,
    "job": text.read_text,
}


def read_members(one: RowCells) -> None:
    """成员1 and 成员2 of the 学籍 template and more of them: parents go to their place, others into the family list."""
    for prefix in (f"{member}." for member in MEMBERS):
        if prefix not in one.shared.people or one.empty(prefix + "name"):
            continue
        field = prefix + "name"
        member = Person()
        numbers = take_numbers(one, field)
        member.relation_code = one.take(prefix + "relation", relations.read_relation)
        if member.relation_code in (None, "97", "99"):
            told = relations.read_relation(one.values.get(prefix + "relation_note"))
            member.relation_code = told.value or member.relation_code
        who = relations.PARENTS.get(member.relation_code or "")
        if who is not None:
            member.name, member.status = _parent_name(one, field, WHOSE[who], None)
        else:
            reading = one.reading(field, names.read_adult_name)
            member.name = reading.value
            if reading.detail:
                keep_words(one, field, "家庭成员", reading.detail)
        read_adult(one, prefix, member)
        give_numbers(one, field, member, numbers)
        target = None if who is None else getattr(one.child, who)
        if target is None or target.name:
            one.child.family.append(member)
            continue
        target.status = target.status or member.status
        for name in ("name", "phones", "work_unit", "address", "id_no", "ethnic", "job", "birth_date"):
            setattr(target, name, getattr(member, name))
        if farmed := target.work_unit or (target.job if places.is_at_home(target.job) else None):
            target.work_unit, target.job = farmed, None if farmed == target.job else target.job
            _unit_as_place(target)


def read_mentors(one: RowCells) -> None:
    """The mentors a row names; several in one cell are told apart (L10)."""
    beside = take_numbers(one, "mentor.name")
    several = split_names(one.values.get("mentor.name"))
    if len(several) > 1:
        one.child.mentors = [Person(name=names.read_name(name).value) for name in several]
        numbers = one.take("mentor.phone", phones.read_phones) or beside
        if len(numbers) == len(several):
            for mentor, number in zip(one.child.mentors, numbers, strict=True):
                mentor.phones = (number,)
        _tell_unused(one, "mentor.name", beside, one.child.mentors)
    elif name := one.take("mentor.name", names.read_name):
        job = one.take("mentor.job", text.read_text)
        mentor = Person(name=name, job=job, phones=one.take("mentor.phone", phones.read_phones) or ())
        give_numbers(one, "mentor.name", mentor, beside)
        one.child.mentors = [mentor]


def read_named_parents(one: RowCells) -> tuple[phones.Phone, ...]:
    """
    爸爸田勇/妈妈罗春花 in one 家长 column (L15); a bare name stays in the note, nobody knows whose it is.

    Returns the numbers beside the names of which it is not known either: they are the family's.
    """
    numbers = take_numbers(one, "parents_named")
    written = one.values.get("parents_named")
    parts = [] if text.is_nothing(written) else relations.beside_names(split_names(written))
    owned = len(parts) == len(numbers)
    bare = []
    for place, part in enumerate(parts):
        who, name = names.owner_and_name(part)
        parent = getattr(one.child, who) if who else None
        status = places.status_for_name(name)
        if parent is None or status == "":
            bare.append(part)
        elif status is None:
            parent.name = parent.name or name
        else:
            parent.status = parent.status or status
            for remark in places.care_needed(status, name):
                one.remark("parents_named", remark)
        if owned and parent is not None:
            give_numbers(one, "parents_named", parent, numbers[place : place + 1])
    if bare:
        one.child.notes.append(f"家长：{'、'.join(bare)}")
    known = {phones.digits(phone.number) for who in (one.child.father, one.child.mother) for phone in who.phones}
    left = tuple(phone for phone in numbers if phones.digits(phone.number) not in known)
    if left:
        shown = "、".join(phone.number for phone in left)
        sentence = f"姓名旁边的号码 {shown} 不能确定是谁的，已记作家庭联系电话，请核对。"
        one.remark("parents_named", warning("name_phone", sentence))
    return left


def give_phones_to_owners(child: ChildRow, found: tuple[phones.Phone, ...]) -> tuple[phones.Phone, ...]:
    """Numbers that say 爸 or 妈 go to that parent, if the row knows the parent; the others are the family's."""
    left = []
    for phone in found:
        who = relations.PARENTS.get(phone.owner)
        parent = getattr(child, who) if who else None
        if parent is None or not parent.name:
            left.append(phone)
        else:
            parent.add_phone(phone)
    return tuple(left)
