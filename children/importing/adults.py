"""The adults of one row: parents, other members of the family, the carer, mentors."""

from collections.abc import Callable
from typing import Any

from children.importing.cell_readers import read_age
from children.importing.mentors import split_names
from children.importing.normalise import ethnic, id_numbers, names, phones, places, relations, text
from children.importing.normalise.reading import Reading, warning
from children.importing.records import ChildRow, Person
from children.importing.row_cells import RowCells
from children.importing.sheets import CellValue


def read_parent(one: RowCells, who: str, parent: Person) -> None:
    """Father or mother: name, status, where they are since when, and how to reach them."""
    prefix = f"{who}."
    if prefix not in one.shared.people:
        return
    if places.is_dash(one.values.get(prefix + "name")):
        one.remark(prefix + "name", places.dash_question())
    else:
        parent.name = one.take(prefix + "name", names.read_name)
    parent.status = one.take(prefix + "status", places.read_status)
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
    _adult(one, prefix, parent)
    if parent.work_unit and parent.status is None and not parent.work_place:
        _unit_as_place(parent)


def _unit_as_place(parent: Person) -> None:
    """A lone 单位 column often holds place and unit together, or 在家务农."""
    found = places.read_whereabouts(parent.work_unit).value
    if found is None:
        return
    parent.status = found.status
    parent.work_place, parent.work_unit = (found.place or None), None


def _adult(one: RowCells, prefix: str, adult: Person) -> None:
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
    """成员1 and 成员2 of the 学籍 template: parents go to their place, others into the family list."""
    for prefix in ("member1.", "member2.", "member3.", "member4."):
        if prefix not in one.shared.people or one.empty(prefix + "name"):
            continue
        member = Person(name=one.take(prefix + "name", names.read_name))
        member.relation_code = one.take(prefix + "relation", relations.read_relation)
        if member.relation_code in (None, "97", "99"):
            told = relations.read_relation(one.values.get(prefix + "relation_note"))
            member.relation_code = told.value or member.relation_code
        _adult(one, prefix, member)
        target = {relations.FATHER: one.child.father, relations.MOTHER: one.child.mother}.get(
            member.relation_code or ""
        )
        if target is None or target.name:
            one.child.family.append(member)
            continue
        for name in ("name", "phones", "work_unit", "address", "id_no", "ethnic", "job", "birth_date"):
            setattr(target, name, getattr(member, name))
        if farmed := target.work_unit or (target.job if places.is_at_home(target.job) else None):
            target.work_unit, target.job = farmed, None if farmed == target.job else target.job
            _unit_as_place(target)


def read_carer(one: RowCells) -> None:
    """Who really cares: a name, a relation in place of a name, or two people (faults 60–62)."""
    if "carer." not in one.shared.people:
        return
    carer, written = one.child.carer, one.values.get("carer.name")
    several = split_names(written) if isinstance(written, str) else []
    if relations.names_two_people(written):
        one.remark("carer.name", relations.two_people_remark(written))
        _couple(one, written)
    elif len(several) == 2:
        carer.name = names.read_name(several[0]).value
        one.child.family.append(Person(name=names.read_name(several[1]).value, relation_code="97"))
        sentence = f"监护人写了两个人，以前一位{carer.name}为主要照顾人，后一位记作其他亲属，请核对。"
        one.remark("carer.name", warning("carer_two_people", sentence))
    elif relations.is_relation_word(written):
        carer.relation_code = relations.read_relation(written).value
        sentence = f"监护人姓名写的是“{text.tidy(written)}”，已记作关系，姓名请补上。"
        one.remark("carer.name", warning("carer_name_is_relation", sentence))
    else:
        carer.name = one.take("carer.name", names.read_name)
    relation = one.reading("carer.relation", relations.read_relation)
    if relation.value:
        carer.relation_code, carer.maternal = relation.value, relation.detail == relations.MATERNAL
        carer.relation_text = "" if carer.maternal else relation.detail
    _adult(one, "carer.", carer)
    carer.status = None


def _couple(one: RowCells, written: CellValue) -> None:
    """爷爷奶奶 without names: the first cares, the second is a member of the family; both names are asked for."""
    first, second = relations.couple(written)
    if first and second:
        one.child.carer.relation_code = first
        one.child.family.append(Person(relation_code=second))


def read_mentors(one: RowCells) -> None:
    """The mentors a row names; several in one cell are told apart (L10)."""
    written = one.values.get("mentor.name")
    several = split_names(written) if isinstance(written, str) else []
    if len(several) > 1:
        one.child.mentors = [Person(name=names.read_name(name).value) for name in several]
        numbers = one.take("mentor.phone", phones.read_phones) or ()
        if len(numbers) == len(several):
            for mentor, number in zip(one.child.mentors, numbers, strict=True):
                mentor.phones = (number,)
    elif name := one.take("mentor.name", names.read_name):
        job = one.take("mentor.job", text.read_text)
        one.child.mentors = [Person(name=name, job=job, phones=one.take("mentor.phone", phones.read_phones) or ())]


def read_named_parents(one: RowCells) -> None:
    """爸爸田勇/妈妈罗春花 in one 家长 column (L15); a bare name stays in the note, nobody knows whose it is."""
    written = one.values.get("parents_named")
    if text.is_nothing(written):
        return
    bare = []
    for part in split_names(written):
        who, name = names.owner_and_name(part)
        parent = getattr(one.child, who) if who else None
        if parent is None:
            bare.append(part)
        else:
            parent.name = parent.name or name
    if bare:
        one.child.notes.append(f"家长：{'、'.join(bare)}")


def give_phones_to_owners(child: ChildRow, found: tuple[phones.Phone, ...]) -> tuple[phones.Phone, ...]:
    """Numbers that say 爸 or 妈 go to that parent, if the row knows the parent; the others are the family's."""
    left = []
    for phone in found:
        parent = {"father": child.father, "mother": child.mother}.get(phone.owner)
        if parent is None or not parent.name:
            left.append(phone)
        elif phone.number not in {known.number for known in parent.phones}:
            parent.phones = (*parent.phones, phone)
    return tuple(left)
