"""What the lines above the header state: school, class, term, date and totals (rosters §1.10)."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from children.importing.normalise.classes import ClassRef, read_class, to_number
from children.importing.normalise.text import tidy
from children.importing.sheets import Sheet

_CLASS = re.compile(
    r"(?:[初高]?[一二三四五六七八九\d]年?级?\s*[(（][一二三四五六七八九十\d]{1,2}[)）]\s*班"
    r"|[一二三四五六七八九\d]年级\s*[一二三四五六七八九十\d]{1,2}\s*班|[一二三四五六七八九][一二三四五六七八九十\d]{1,2}班"
    r"|[小中大学前]{1,2}[(（]?[一二三四五六\d]?[)）]?班)"
)
_GRADE = re.compile(r"(?<![至到\-—–~～、和及])([一二三四五六七八九1-9])年级(?![至到\-—–~～、和及])")
_SAID = re.compile("[。;；]|说明|要求")
_SCHOOL = re.compile(r"(?:填报单位|学校|单位)(?:[(（]盖章[)）])?[:：]\s*(\S+)|^(\S*?(?:小学|中学|学校|幼儿园|教学点))")
_DATE = re.compile(r"(20\d\d)\s*[年.\-/]\s*(\d{1,2})\s*[月.\-/]\s*(\d{1,2})")
_TERM = re.compile(
    r"(20\d\d)\s*[-—–~至]+\s*(20\d\d)\s*学年度?(?:\s*第?([一二12上下])学?期)?|(20\d\d)年(春|秋)季?学?期?"
)
_TOTAL = re.compile(
    r"(学生总数|全班人数|班级人数|留守儿童数|留守儿童总数|留守儿童人数|总人数|合计人数)\s*[:：]\s*(\d+)"
)
CLASS_TOTAL = "pupils_of_class"
"""All pupils of the class, left behind or not: the rows cannot confirm it."""
_TOTAL_NAMES = {
    "学生总数": CLASS_TOTAL,
    "全班人数": CLASS_TOTAL,
    "班级人数": CLASS_TOTAL,
    "留守儿童数": "children",
    "留守儿童总数": "children",
    "留守儿童人数": "children",
    "总人数": "children",
    "合计人数": "children",
}


Found = TypeVar("Found")


@dataclass(slots=True)
class TitleFacts:
    """
    Facts read from title lines; the class, or the grade where no class is named, keeps the cell it was found in.

    School year 2026 is 2026/27.
    """

    lines: list[str] = field(default_factory=list)
    school: str = ""
    klass: ClassRef | None = None
    grade: int | None = None
    class_place: tuple[int, int] | None = None
    term: str = ""
    date: dt.date | None = None
    school_year: int | None = None
    totals: dict[str, int] = field(default_factory=dict)
    totals_row: int | None = None


def read_titles(sheet: Sheet, header_top: int) -> TitleFacts:
    """Read all lines above the header of a sheet; cells that are merged down into it are its own upper row."""
    facts = TitleFacts()
    reaching = (
        merge.top for merge in sheet.merges if merge.bottom >= header_top and sheet.value(merge.top, merge.left)
    )
    for row in range(min([header_top, *reaching])):
        for column in range(len(sheet.rows[row])):
            text = tidy(sheet.value(row, column))
            if not text:
                continue
            facts.lines.append(text)
            _take(facts, text, (row, column))
    return facts


def class_in(text: str) -> ClassRef | None:
    """The class that a title names with grade and number; None if it names none."""
    found = _CLASS.search(text)
    ref = read_class(found[0]).value if found else None
    return ref if ref is not None and ref.complete else None


def grade_in(text: str) -> int | None:
    """The grade that a title names without a class; None for a range of grades, and for a sentence."""
    found = None if _SAID.search(text) else _GRADE.search(text)
    return to_number(found[1]) if found else None


def nearest(headings: Iterable[str], look: Callable[[str], Found | None]) -> Found | None:
    """What the last of these lines says about something, as far as one does."""
    return next((found for line in reversed([*headings]) if (found := look(line))), None)


def _take(facts: TitleFacts, text: str, place: tuple[int, int]) -> None:
    if (found := _SCHOOL.search(_TERM.sub("", text).strip())) and not facts.school:
        facts.school = (found[1] or found[2] or "").strip("_ 　")
    if facts.klass is None and (ref := class_in(text)) is not None:
        facts.klass, facts.class_place = ref, place
    if facts.klass is None and facts.grade is None and (grade := grade_in(text)):
        facts.grade, facts.class_place = grade, place
    if (found := _TERM.search(text)) and not facts.term:
        facts.term = found[0]
        if found[1]:
            facts.school_year = int(found[1])
        elif found[4]:
            facts.school_year = int(found[4]) - (found[5] == "春")
    if (found := _DATE.search(text)) and facts.date is None:
        try:
            facts.date = dt.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            facts.date = None
    for name, number in _TOTAL.findall(unicodedata.normalize("NFKC", text)):
        facts.totals[_TOTAL_NAMES[name]] = int(number)
        facts.totals_row = place[0]
