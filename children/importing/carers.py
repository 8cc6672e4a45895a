"""Who really cares, as one row states it: a name, a relation in place of a name, two people, or nobody (faults 60–62)."""

from children.importing.adults import WHOSE, give_numbers, keep_words, read_adult, take_numbers
from children.importing.mentors import split_names
from children.importing.normalise import care, id_numbers, names, places, relations, text
from children.importing.normalise.phones import Phone
from children.importing.normalise.reading import fixed, warning
from children.importing.records import Person
from children.importing.row_cells import RowCells
from children.importing.sheets import CellValue

LONGEST_DASH = 2
_NAME, _RELATION = "carer.name", "carer.relation"


def read_carer(one: RowCells) -> None:
    """The carer of the row with the most exact relation that its cells tell."""
    if "carer." not in one.shared.people:
        return
    numbers = take_numbers(one, _NAME)
    carer, written = one.child.carer, one.values.get(_NAME)
    if written.__class__ is str and len(written) <= LONGEST_DASH and places.is_dash(written):  # type: ignore[arg-type]
        written = one.values[_NAME] = None
    told = ""
    alone, field = _nobody(one, written)
    if alone:
        sentence = f"写的是“{text.tidy(one.values[field])}”，没有大人照顾，没有登记监护人；请尽快核实由谁照看。"
        one.remark(field, warning("no_adult_carer", sentence))
        one.child.care_type = one.child.care_type or alone
    else:
        told, second = _name(one, carer, written)
        if second is not None and len(numbers) == 2:  # one number for each of two people
            give_numbers(one, _NAME, second, numbers[1:])
            numbers = numbers[:1]
    read_adult(one, "carer.", carer)
    give_numbers(one, _NAME, carer, numbers)
    if not alone:
        _relation(one, carer, told)
        carer.phones = _own_phones(one, carer)
    carer.status = None


def _own_phones(one: RowCells, carer: Person) -> tuple[Phone, ...]:
    """The carer's phones without those that say 父, 母 or 外公 and mean somebody else, who gets them and is told."""
    others = [phone for phone in carer.phones if phone.owner and _is_of_another(one, carer, phone.owner)]
    field = "carer.phone" if "carer.phone" in one.shared.fields else _NAME
    for phone in others:
        _member(one, phone.owner).add_phone(phone)
        whose = WHOSE.get(relations.PARENTS.get(phone.owner, ""), "这位亲属")
        one.remark(field, fixed("phone_owner", f"电话旁边写着“{phone.note}”，已记作{whose}的电话，没有记给监护人。"))
    return tuple(phone for phone in carer.phones if phone not in others)


def _is_of_another(one: RowCells, carer: Person, owner: str) -> bool:
    """Whether the words beside a phone mean somebody else; a named carer of unknown relation may well be the one meant."""
    who = relations.PARENTS.get(owner)
    named = getattr(one.child, who).name if who else None
    if named and carer.name:
        return bool(named != carer.name)
    if carer.relation_code is None:
        return not carer.name
    return not relations.may_be(carer.relation_code, owner)


def _member(one: RowCells, code: str) -> Person:
    """The parent or relative of that relation to the pupil, whom the row need not name."""
    if who := relations.PARENTS.get(code):
        parent: Person = getattr(one.child, who)
        return parent
    found = next((member for member in one.child.family if member.relation_code == code), None)
    if found is None:
        found = Person(relation_code=code)
        one.child.family.append(found)
    return found


def _nobody(one: RowCells, written: CellValue) -> tuple[str, str]:
    """The code of who cares if no adult does, and the cell that says so: 本人 or 无人, or the pupil's own name."""
    if alone := care.without_adult(written):
        return alone, _NAME
    if written is not None and not _is_the_pupil(one, written):
        return "", ""
    relation = one.values.get(_RELATION)
    if alone := care.without_adult(relation):
        return alone, _RELATION
    return ("self", _NAME) if written is not None and relation is None else ("", "")


def _is_the_pupil(one: RowCells, written: CellValue) -> bool:
    return isinstance(written, str) and written.replace(" ", "") == one.child.name


def _name(one: RowCells, carer: Person, written: CellValue) -> tuple[str, Person | None]:
    """Set the carer's name; returns the relation that the cell tells, and the second person that it may name."""
    parts = split_names(written)
    people = relations.beside_names(parts)
    stated = one.values.get(_RELATION)
    if relations.names_two_people(written):
        return _couple(one, _NAME, written)
    if len(people) == 2:
        return _two_names(one, carer, people, relations.couple(stated))
    if written is None and stated is not None and relations.names_two_people(stated):
        return _couple(one, _RELATION, stated)
    if people != parts:
        one.values[_NAME] = people[0]
    told = _one_name(one, carer)
    if people != parts and told and carer.name:
        one.remark(_NAME, fixed("carer_title", f"“{text.tidy(written)}”已分成关系和姓名“{carer.name}”。"))
    return told, None


def _couple(one: RowCells, field: str, written: CellValue) -> tuple[str, Person]:
    """爷爷奶奶 without names: the first cares, the second is a member of the family; both names are asked for."""
    one.remark(field, relations.two_people_remark(written))
    first, code = relations.couple(written)
    second = Person(relation_code=code)
    one.child.family.append(second)
    return first, second


def _two_names(one: RowCells, carer: Person, people: list[str], pair: tuple[str, str]) -> tuple[str, Person]:
    """The first of two people cares, the second is the parent or relative that the cell says; `pair` by the column."""
    second = Person()
    one.values[_NAME] = people[1]
    second.relation_code = _one_name(one, second) or pair[1] or relations.RELATIVE
    one.values[_NAME] = people[0]
    told = _one_name(one, carer) or pair[0]
    who = relations.PARENTS.get(second.relation_code)
    parent: Person | None = getattr(one.child, who) if who else None
    if parent is None or (parent.name and parent.name != second.name):
        one.child.family.append(second)
    else:
        parent.name = second.name
        second = parent
    kept = "记作其他亲属" if who is None else f"记作{WHOSE[who]}"
    first = carer.name or text.tidy(people[0])
    sentence = f"监护人写了两个人，以前一位{first}为主要照顾人，后一位{kept}，请核对。"
    one.remark(_NAME, warning("carer_two_people", sentence))
    return told, second


def _one_name(one: RowCells, adult: Person) -> str:
    """A single name with what stands around it: 王腊梅（奶奶）, 奶奶（王腊梅）, 爷爷田老根, 王奶奶, 王奶奶（腿脚不便）."""
    written = one.values.get(_NAME)
    if relations.is_relation_word(written):
        sentence = f"监护人姓名写的是“{text.tidy(written)}”，已记作关系，姓名请补上。"
        one.remark(_NAME, warning("carer_name_is_relation", sentence))
        return relations.read_relation(written).value or ""
    reading = one.reading(_NAME, names.read_adult_name)
    name, behind = reading.value, reading.detail
    told = ""
    if not name:
        return told
    if name == one.child.name:
        one.remark(_NAME, warning("carer_is_pupil", "监护人姓名写的是学生自己，没有采用，请填写照顾孩子的大人。"))
        return told
    if behind and relations.is_relation(behind):
        told = relations.read_relation(behind).value or ""
    elif behind and relations.is_relation_word(name):
        told, name = relations.read_relation(name).value or "", behind
    elif behind:
        keep_words(one, _NAME, WHOSE["carer"], behind)
    if places.status_for_name(name) is not None:
        keep_words(one, _NAME, WHOSE["carer"], name, in_place=True)
        return told
    adult.name, by_title = relations.title_in_name(name)
    if adult.name != name:
        one.remark(_NAME, fixed("carer_title", f"“{name}”已分成关系和姓名“{adult.name}”。"))
    return told or by_title


def _relation(one: RowCells, carer: Person, told: str) -> None:
    """The relation of the column, made exact by the name and by the carer's sex; of the name if the column has none."""
    reading = one.reading(_RELATION, relations.read_relation)
    if not reading.value:
        carer.relation_code = told or None
        return
    carer.maternal = reading.detail == relations.MATERNAL
    sex = id_numbers.sex_of(carer.id_no) if carer.id_no else None
    carer.relation_code = relations.sharpened(reading.value, told, maternal=carer.maternal, sex=sex)
    if carer.relation_code == reading.value and not carer.maternal:
        carer.relation_text = reading.detail
