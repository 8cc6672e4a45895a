"""What is known before a file is read, and everything that was read from it; nothing of it is in the database."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from children.importing.body import SkippedRow
from children.importing.findings import Finding
from children.importing.form_sheets import FormPlaces
from children.importing.header import Header
from children.importing.mends import Mends
from children.importing.normalise.classes import ClassRef
from children.importing.questions import Question
from children.importing.records import ChildRow
from children.importing.titles import TitleFacts

ROSTER, MENTORS = "roster", "mentors"


@dataclass(frozen=True, slots=True)
class Context:
    """
    What the reader knows beforehand.

    ``known_classes`` are (grade, number) of the school in that year, ``class_sizes`` their pupils so far, ``mapping`` the columns mapped by hand
    ({sheet: {column index: field}}), ``answers`` what a person has answered so far (question key: value),
    ``staff_phones`` the digits of the school's teachers' numbers, ``mends`` the cells corrected and rows left out by hand.
    """

    school_year: int
    cut_off: dt.date
    school_name: str = ""
    first_grade: int = 1
    known_classes: frozenset[tuple[int | str, int]] = frozenset()
    class_sizes: Mapping[tuple[int | str, int], int] = field(default_factory=dict)
    mapping: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    staff_phones: frozenset[str] = frozenset()
    mends: Mends = field(default_factory=Mends)


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet of the file and what it was taken for."""

    name: str | None
    role: str
    state: str
    rows: int


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """
    A total stated in the file beside what the rows add up to, and the pupils of the class beside those in the system.

    A stated figure that is not in ``counted`` can be compared with nothing.
    """

    sheet: str | None
    row: int
    stated: dict[str, int]
    counted: dict[str, int]

    @property
    def agrees(self) -> bool:
        """True if every stated figure that was counted is also the counted one."""
        return all(self.counted[name] == number for name, number in self.stated.items() if name in self.counted)

    @property
    def compared(self) -> bool:
        """True if at least one stated figure was counted."""
        return not self.counted.keys().isdisjoint(self.stated)


@dataclass(slots=True)
class ParsedRoster:
    """
    Everything read from a file; nothing of it is in the database.

    ``held`` are the rows (sheet, block, row) that wait for the answer to a question about their column, ``places`` the
    cells of registration forms by (sheet, row of the name).
    """

    kind: str
    sheets: list[SheetInfo]
    headers: list[Header]
    titles: dict[str | None, TitleFacts]
    children: list[ChildRow]
    findings: list[Finding]
    skipped: list[SkippedRow]
    questions: list[Question]
    totals: list[ControlTotal]
    classes_to_create: list[ClassRef] = field(default_factory=list)
    from_forms: bool = False
    held: set[tuple[str | None, int, int]] = field(default_factory=set)
    places: dict[tuple[str | None, int], FormPlaces] = field(default_factory=dict)

    @property
    def open_questions(self) -> list[Question]:
        """Questions without an answer."""
        return [question for question in self.questions if not question.answer]
