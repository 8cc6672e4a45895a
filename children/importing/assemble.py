"""From the values of one row to a ChildRow: each field through its normaliser, each remark to its cell."""

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from children.importing.adults import (
    give_phones_to_owners,
    read_members,
    read_mentors,
    read_named_parents,
    read_parent,
)
from children.importing.body import Body
from children.importing.carers import read_carer
from children.importing.cell_readers import PLAIN
from children.importing.findings import Fate, Finding
from children.importing.header import Header
from children.importing.normalise import (
    boarding,
    classes,
    dates,
    id_numbers,
    left_behind,
    names,
    phones,
    places,
    sex,
    text,
    yesno,
)
from children.importing.normalise.reading import error, fixed, warning
from children.importing.own_numbers import take_own_numbers
from children.importing.records import ChildRow
from children.importing.row_cells import RowCells, SheetCells
from children.importing.sheets import CellValue, Sheet

_TICKED = frozenset({"sex_male", "sex_female", "day_tick"})
_LEFT = re.compile("(?:已经?|于)?(?:转走|转出|转往|退学|休学|辍学)")
_SCHOOL = re.compile(r".*?(?:小学|中学|学校|幼儿园|教学点)")


@dataclass(slots=True)
class Settings:
    """What the reading of values depends on: the school year (2026 is 2026/27), the cut-off date, the first grade."""

    school_year: int
    cut_off: dt.date
    first_grade: int = 1


@dataclass(slots=True)
class RowReader:
    """Reads the pupils of one sheet."""

    sheet: Sheet
    header: Header
    settings: Settings
    shared: SheetCells
    plain: list[str] = field(init=False)
    ticks: bool = field(init=False)

    def __post_init__(self) -> None:
        self.plain = [name for name in PLAIN if name in self.shared.fields]
        self.ticks = not _TICKED.isdisjoint(self.shared.fields)

    @property
    def findings(self) -> list[Finding]:
        """What was remarked on the cells, in reading order."""
        return self.shared.findings

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

    def _child(self, row: int, values: dict[str, CellValue], copied: frozenset[str], dragged: bool) -> ChildRow:
        child = ChildRow(self.sheet.name, row + 1, hidden=row in self.sheet.hidden_rows, copied=copied)
        child.block = self.header.block
        one = RowCells(self.shared, child, row, values)
        if dragged:
            sentence = "身份证号逐行加一，是拖动填充造成的，没有采用。请对照户口簿重新输入。"
            one.remark("id_no", error("id_series", sentence))
            values["id_no"] = None
        self._identity(one)
        self._class(one)
        for name in self.plain:
            if (value := one.take(name, PLAIN[name])) is not None:
                setattr(child, name, value)
        if "boarding_tick" in values and not child.boarding:
            child.boarding = one.take("boarding_tick", boarding.read_boarding_tick)
        if self.ticks and not child.boarding:
            child.boarding = self._ticked(one, {"day_tick": boarding.DAY})
        for name in ("father", "mother"):
            read_parent(one, name, getattr(child, name))
        read_members(one)
        read_carer(one)
        read_mentors(one)
        self._left_behind(one)
        self._rest(one)
        return child

    def _identity(self, one: RowCells) -> None:
        child, on = one.child, self.settings.cut_off
        take_own_numbers(one)
        name = one.reading("name", names.read_child_name)
        child.name = name.value
        if name.detail:
            child.notes.append(name.detail)
        if child.name is None and child.fate is Fate.IMPORT:
            one.remark("name", error("name_missing", "没有姓名，这一行不能导入。", fate=Fate.REJECT))
        child.id_no = one.take("id_no", lambda value: id_numbers.read_id(value, on=on))
        child.sex = one.take("sex", sex.read_sex)
        if child.sex is None and self.ticks and one.empty("sex"):
            child.sex = self._ticked(one, {"sex_male": sex.MALE, "sex_female": sex.FEMALE})
        shown = self.shared.shown(one.row, "birth_date")
        birth = self.shared.read(
            "birth_date",
            one.values.get("birth_date"),
            lambda value: dates.read_date(
                value, number_format=shown, date1904=self.shared.date1904, what="birth", on=on
            ),
            shown,
        )
        child.birth_date, child.birth_lunar = birth.value, birth.detail or None
        remarks = birth.remarks
        born = id_numbers.birth_of(child.id_no) if child.id_no else None
        ambiguous = any(remark.what == "birth_month_ambiguous" for remark in remarks)
        if born and ambiguous and child.birth_date and child.birth_date.agrees_with(born):
            remarks = (fixed("birth_month_from_id", "月份分不清，已按身份证号补全出生日期。"),)
        for remark in remarks:
            offered = born.isoformat() if born and remark.what == "birth_invalid" else remark.offer
            one.remark("birth_date", replace(remark, offer=offered))
        self._compare_with_id(one, born)

    def _ticked(self, one: RowCells, words: dict[str, str]) -> str | None:
        """What the one ticked column of several stands for; None if none or several are ticked."""
        ticked = [word for name, word in words.items() if name in one.values and one.take(name, yesno.read_yes_no)]
        return ticked[0] if len(ticked) == 1 else None

    def _compare_with_id(self, one: RowCells, born: dt.date | None) -> None:
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

    def _class(self, one: RowCells) -> None:
        child, settings = one.child, self.settings
        grade = one.take("grade", classes.read_grade)
        shown = self.shared.shown(one.row, "class_name")
        klass = one.take("class_name", lambda value: classes.read_class(value, number_format=shown), shown)
        both = one.values.get("school_grade")
        if isinstance(both, str) and grade is None:
            grade = one.take("school_grade", classes.read_class)
            named = _SCHOOL.match(text.tidy(both))
            child.school = named[0] if named else None
        child.school = one.take("school", text.read_text) or child.school
        entered = one.take("enrolled_on", lambda value: dates.read_date(value, date1904=self.shared.date1904))
        child.enrolled_on = entered
        if grade is None and klass is not None and klass.grade is None and klass.entry_year is None and entered:
            klass = classes.ClassRef(None, klass.number, entered.year, klass.stage)
            child.class_origin = "enrolment"
        child.klass = classes.combine(grade, klass, school_year=settings.school_year, first_grade=settings.first_grade)

    def _left_behind(self, one: RowCells) -> None:
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
        if meaning == left_behind.IN_WORDS:
            self._parents_in_words(one)
            meaning = None
        child.left_behind = meaning
        if meaning in (left_behind.BOTH, left_behind.FATHER):
            child.father.status = child.father.status or places.AWAY_WORK
        if meaning in (left_behind.BOTH, left_behind.MOTHER):
            child.mother.status = child.mother.status or places.AWAY_WORK

    def _parents_in_words(self, one: RowCells) -> None:
        """父亡母外出 and the like: each parent's status, and a reminder to look closer (fault 66)."""
        name = "lb_type" if not one.empty("lb_type") else "lb_flag"
        written = text.fold(one.values.get(name))
        place = places.work_place_in(written)
        for who, status in left_behind.parents_in_words(written).items():
            parent = getattr(one.child, who)
            parent.status = parent.status or status
            if parent.status == places.AWAY_WORK:
                parent.work_place = parent.work_place or place or None
            for remark in places.care_needed(status, one.values.get(name)):
                one.remark(name, remark)

    def _rest(self, one: RowCells) -> None:
        child = one.child
        beside = read_named_parents(one)
        stated = give_phones_to_owners(child, one.take("contact_phone", phones.read_phones) or ())
        child.contact_phones = tuple({phone.number: phone for phone in (*stated, *beside)}.values())
        child.neighbour_phones = one.take("neighbour_phone", phones.read_phones) or ()
        if parents := text.tidy(one.values.get("away_parents")):
            child.away_parents = tuple(part for part in re.split(r"[、，,/\s]+", parents) if part)
        self._away_place(one)
        if note := one.take("note", text.read_text):
            child.notes.append(note)
            if left := _LEFT.search(note):
                sentence = f"备注写着“{left[0]}”，仍按在校学生导入；已经离校的，请在导入后办理变动。"
                one.remark("note", warning("note_left", sentence))
        if unknown := one.values.get("_unknown"):
            child.notes.append(str(unknown))
        if child.guard_notes():
            sentence = (
                "备注涉及孩子的隐私或安全，存为限知情人备注，只有德育主任、校长和心理教师能看；"
                "如属应报告的情形，请立即按强制报告制度办理。"
            )
            one.remark("note", warning("sensitive_note", sentence))

    def _away_place(self, one: RowCells) -> None:
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
