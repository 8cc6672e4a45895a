"""From the values of one row to a ChildRow: each field through its normaliser, each remark to its cell."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from children.importing.body import Body
from children.importing.cell_readers import PLAIN, read_age
from children.importing.findings import Fate, Finding, Remark
from children.importing.header import Header
from children.importing.mentors import split_names
from children.importing.normalise import (
    boarding,
    classes,
    dates,
    ethnic,
    id_numbers,
    left_behind,
    names,
    phones,
    places,
    relations,
    sex,
    text,
    yesno,
)
from children.importing.normalise.reading import Reading, error, fixed, warning
from children.importing.records import ChildRow, Person
from children.importing.sheets import CellValue, Sheet
from children.importing.value_questions import Meanings, meaning_of

_SENSITIVE = re.compile("自残|自杀|性侵|猥亵|吸毒|艾滋|家暴|虐待|遗弃|精神病|服刑")
_SCHOOL = re.compile(r".*?(?:小学|中学|学校|幼儿园|教学点)")


@dataclass(slots=True)
class Settings:
    """What the reading of values depends on: the school year (2026 is 2026/27), the cut-off date, the first grade."""

    school_year: int
    cut_off: dt.date
    first_grade: int = 1


@dataclass(slots=True)
class RowReader:
    """Reads the pupils of one sheet; remembers what it has read before, since columns repeat their values."""

    sheet: Sheet
    header: Header
    settings: Settings
    date1904: bool = False
    meanings: Meanings = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    seen: dict[tuple[str, object, str], Reading] = field(default_factory=dict)

    def read(self, body: Body) -> list[ChildRow]:
        """All pupils of the body, in order; findings are collected on the way."""
        dragged = id_numbers.dragged([values.get("id_no") for values in body.values])
        children = [
            self._child(row, values, copied, position in dragged)
            for position, (row, values, copied) in enumerate(zip(body.rows, body.values, body.copied, strict=True))
        ]
        if body.split:
            for before, child in pairwise(children):
                child.part = before.part + 1 if before.row == child.row else 0
        return children

    def _child(self, row: int, values: dict[str, CellValue], copied: set[str], dragged: bool) -> ChildRow:
        child = ChildRow(self.sheet.name, row + 1, hidden=row in self.sheet.hidden_rows, copied=copied)
        one = _Cells(self, child, row, values)
        if dragged:
            sentence = "身份证号逐行加一，是拖动填充造成的，没有采用。请对照户口簿重新输入。"
            one.remark("id_no", error("id_series", sentence))
            values["id_no"] = None
        self._identity(one)
        self._class(one)
        for name, reader in PLAIN.items():
            if name in values and (value := one.take(name, reader)) is not None:
                setattr(child, name, value)
        if "boarding_tick" in values and not child.boarding:
            child.boarding = one.take("boarding_tick", lambda value: boarding.read_boarding(value, tick=True))
        for name in ("father", "mother"):
            self._parent(one, name, getattr(child, name))
        self._members(one)
        self._carer(one)
        self._mentor(one)
        self._left_behind(one)
        self._rest(one)
        return child

    def _identity(self, one: "_Cells") -> None:
        child, on = one.child, self.settings.cut_off
        name = one.reading("name", names.read_child_name)
        child.name = name.value
        if name.detail:
            child.notes.append(name.detail)
        if child.name is None and child.fate is Fate.IMPORT:
            one.remark("name", error("name_missing", "没有姓名，这一行不能导入。", fate=Fate.REJECT))
        child.id_no = one.take("id_no", lambda value: id_numbers.read_id(value, on=on))
        child.sex = one.take("sex", sex.read_sex)
        place = self.header.fields.get("birth_date")
        shown = self.sheet.formats.get((one.row, place.index), "") if place else ""
        birth = self._read(
            "birth_date",
            one.values.get("birth_date"),
            lambda value: dates.read_date(value, number_format=shown, date1904=self.date1904, what="birth", on=on),
            shown,
        )
        child.birth_date, child.birth_lunar = birth.value, birth.detail or None
        remarks = birth.remarks
        born = id_numbers.birth_of(child.id_no) if child.id_no else None
        ambiguous = any(remark.what == "birth_month_ambiguous" for remark in remarks)
        if born and ambiguous and child.birth_date and child.birth_date.agrees_with(born):
            remarks = (fixed("birth_month_from_id", "月份分不清，已按身份证号补全出生日期。"),)
        for remark in remarks:
            one.remark("birth_date", remark)
        self._compare_with_id(one, born)

    def _compare_with_id(self, one: "_Cells", born: dt.date | None) -> None:
        """Fill birth date and sex from a valid ID; where they differ the column stays, a person decides (fault 44)."""
        child = one.child
        if born is None or child.id_no is None:
            return
        if child.birth_date is None or child.birth_date.agrees_with(born):
            if child.birth_date is not None or one.empty("birth_date"):
                child.birth_date = dates.from_date(born)
        else:
            sentence = f"出生日期 {child.birth_date.iso} 与身份证号里的 {born.isoformat()} 不一致，请对照户口簿核实。"
            one.remark("birth_date", warning("id_birth_conflict", sentence))
        by_id = id_numbers.sex_of(child.id_no)
        if child.sex is None:
            child.sex = by_id if one.empty("sex") else None
        elif child.sex != by_id:
            sentence = f"性别“{child.sex}”与身份证号不一致（身份证号是{by_id}），请对照户口簿核实。"
            one.remark("sex", warning("id_sex_conflict", sentence))

    def _class(self, one: "_Cells") -> None:
        child, settings = one.child, self.settings
        grade = one.take("grade", classes.read_grade)
        place = self.header.fields.get("class_name")
        shown = self.sheet.formats.get((one.row, place.index), "") if place else ""
        klass = one.take("class_name", lambda value: classes.read_class(value, number_format=shown), shown)
        both = one.values.get("school_grade")
        if isinstance(both, str) and grade is None:
            grade = one.take("school_grade", classes.read_class)
            named = _SCHOOL.match(text.tidy(both))
            child.school = named[0] if named else None
        child.school = one.take("school", text.read_text) or child.school
        entered = one.take("enrolled_on", lambda value: dates.read_date(value, date1904=self.date1904))
        child.enrolled_on = entered
        if grade is None and klass is not None and klass.grade is None and klass.entry_year is None and entered:
            klass = classes.ClassRef(None, klass.number, entered.year, klass.stage)
            child.class_origin = "enrolment"
        child.klass = classes.combine(grade, klass, school_year=settings.school_year, first_grade=settings.first_grade)

    def _parent(self, one: "_Cells", who: str, parent: Person) -> None:
        prefix = f"{who}."
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
        self._adult(one, prefix, parent)
        if parent.work_unit and parent.status is None and not parent.work_place:
            self._unit_as_place(parent)

    @staticmethod
    def _unit_as_place(parent: Person) -> None:
        """A lone 单位 column often holds place and unit together, or 在家务农."""
        found = places.read_whereabouts(parent.work_unit).value
        if found is None:
            return
        parent.status = found.status
        parent.work_place, parent.work_unit = (found.place or None), None

    def _adult(self, one: "_Cells", prefix: str, adult: Person) -> None:
        adult.work_unit = one.take(prefix + "work_unit", text.read_text)
        farms = bool(adult.work_unit) and prefix.startswith(("carer", "member")) and places.is_at_home(adult.work_unit)
        adult.phones = one.take(prefix + "phone", phones.read_phones) or ()
        adult.away_since = one.take(prefix + "away_since", lambda value: dates.read_date(value, date1904=self.date1904))
        adult.birth_date = one.take(prefix + "birth_date", lambda value: dates.read_date(value, date1904=self.date1904))
        adult.id_no = one.take(prefix + "id_no", lambda value: id_numbers.read_id(value, pupil=False))
        adult.ethnic = one.take(prefix + "ethnic", ethnic.read_ethnic)
        adult.age = one.take(prefix + "age", read_age)
        for part in ("address", "health", "education", "job"):
            setattr(adult, part, one.take(prefix + part, text.read_text))
        if farms:
            adult.job, adult.work_unit = adult.job or adult.work_unit, None

    def _members(self, one: "_Cells") -> None:
        """成员1 and 成员2 of the 学籍 template: parents go to their place, others into the family list."""
        for prefix in ("member1.", "member2."):
            if one.empty(prefix + "name"):
                continue
            member = Person(name=one.take(prefix + "name", names.read_name))
            member.relation_code = one.take(prefix + "relation", relations.read_relation)
            if member.relation_code in (None, "97", "99"):
                told = relations.read_relation(one.values.get(prefix + "relation_note"))
                member.relation_code = told.value or member.relation_code
            self._adult(one, prefix, member)
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
                self._unit_as_place(target)

    def _carer(self, one: "_Cells") -> None:
        carer, written = one.child.carer, one.values.get("carer.name")
        if relations.names_two_people(written):
            one.remark("carer.name", relations.two_people_remark(written))
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
        self._adult(one, "carer.", carer)
        carer.status = None

    def _mentor(self, one: "_Cells") -> None:
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

    def _left_behind(self, one: "_Cells") -> None:
        """Turn who is away into the parents' facts; what the cell does not tell stays open (domain §3.2)."""
        child = one.child
        meaning = one.take("lb_type", left_behind.read_left_behind) or one.take("lb_flag", left_behind.read_left_behind)
        if meaning is None and one.take("lb_both", yesno.read_yes_no):
            meaning = left_behind.BOTH
        elif meaning is None and one.take("lb_one", yesno.read_yes_no):
            meaning = left_behind.ONE
        if meaning == left_behind.SINGLE_PARENT:
            child.family_structure = child.family_structure or left_behind.SINGLE_PARENT
            meaning = None
        child.left_behind = meaning
        if meaning in (left_behind.BOTH, left_behind.FATHER):
            child.father.status = child.father.status or places.AWAY_WORK
        if meaning in (left_behind.BOTH, left_behind.MOTHER):
            child.mother.status = child.mother.status or places.AWAY_WORK

    def _rest(self, one: "_Cells") -> None:
        child = one.child
        child.contact_phones = one.take("contact_phone", phones.read_phones) or ()
        child.neighbour_phones = one.take("neighbour_phone", phones.read_phones) or ()
        parents = text.tidy(one.values.get("away_parents"))
        child.away_parents = tuple(part for part in re.split(r"[、，,/\s]+", parents) if part)
        self._away_place(one)
        if note := one.take("note", text.read_text):
            child.notes.append(note)
        if unknown := one.values.get("_unknown"):
            child.notes.append(str(unknown))
        if any(_SENSITIVE.search(note) for note in child.notes):
            sentence = "备注涉及孩子的隐私或安全，不会显示在名单里；如属应报告的情形，请立即按强制报告制度办理。"
            one.remark("note", warning("sensitive_note", sentence))

    def _away_place(self, one: "_Cells") -> None:
        """A place of work without a person belongs to whoever is away; if that is not known it goes into the note."""
        found = one.take("away_place", places.read_whereabouts)
        if found is None or found.status not in (places.AWAY_WORK, places.AWAY_OTHER):
            return
        away = [
            parent
            for parent in (one.child.father, one.child.mother)
            if parent.status in (places.AWAY_WORK, places.AWAY_OTHER)
        ]
        for parent in away:
            parent.work_place, parent.work_region = found.place or None, found.region or None
        if not away:
            one.child.notes.append(f"务工地：{found.place or found.region}")

    def _read(self, name: str, value: CellValue, reader: Callable[[CellValue], Reading], shown: str = "") -> Reading:
        key = (name, (type(value), value), shown)
        if key not in self.seen:
            told = meaning_of(self.meanings, name, value) if self.meanings else None
            self.seen[key] = told or reader(value)
        return self.seen[key]


@dataclass(slots=True)
class _Cells:
    """The cells of one row by field, with the place every remark belongs to."""

    reader: RowReader
    child: ChildRow
    row: int
    values: dict[str, CellValue]
    alias: dict[str, str] = field(default_factory=dict)

    def empty(self, name: str) -> bool:
        return text.is_nothing(self.values.get(name))

    def take(self, name: str, reader: Callable[[CellValue], Reading], shown: str = "") -> Any:
        return self.reading(name, reader, shown).value

    def reading(self, name: str, reader: Callable[[CellValue], Reading], shown: str = "") -> Reading:
        if name not in self.values:
            return Reading(None)
        value = self.values[name]
        if value is None:
            self._unsolved(name)
            return Reading(None)
        if text.is_clear(value):
            self.child.clears.add(name)
            return Reading(None)
        reading = self.reader._read(name, value, reader, shown)
        for remark in reading.remarks:
            self.remark(name, remark)
        return reading

    def remark(self, name: str, remark: Remark) -> None:
        column = self.reader.header.fields.get(self.alias.get(name, name))
        self.child.settle(remark.fate)
        self.reader.findings.append(
            Finding(
                remark.what,
                remark.level,
                remark.sentence,
                self.child.sheet,
                self.child.row,
                column.index if column else None,
                column.label if column else "",
                remark.fate,
                remark.offer,
            )
        )

    def _unsolved(self, name: str) -> None:
        column = self.reader.header.fields.get(name)
        if column and (self.row, column.index) in self.reader.sheet.unsolved:
            sentence = "单元格是公式，但文件里没有保存结果。请用 Excel 打开这个文件保存一次，再上传。"
            self.remark(name, error("formula_no_value", sentence))
