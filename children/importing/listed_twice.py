"""
A pupil who stands in the file twice (rosters fault 77): what only repeats or adds counts once, of rows that contradict
each other a person says which one is right. The same number under different names is another matter (fault 42).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from caretrack.masking import mask_numbers
from children.importing.body import SkippedRow
from children.importing.class_questions import ONE_BY_ONE
from children.importing.findings import Fate, Finding, Level
from children.importing.further_tables import sheet_called
from children.importing.lines import SAME_PUPIL
from children.importing.normalise.text import tidy
from children.importing.parsed import ParsedRoster
from children.importing.questions import Choice, Question, as_answered, column_question, question_key
from children.importing.records import ChildRow
from children.importing.row_questions import LEAVE_OUT, LISTED_TWICE
from children.importing.same_pupil import Fact, contradictions, field_of, label_of, take_over
from children.importing.sheets import Workbook

COUNTED_ONCE = "listed_once"
NUMBERS = ("id_no", "student_no")
"""What tells pupils apart."""
DIFFERENCES_SHOWN = 6
LONGEST_SHOWN = 20
MANY, NAMED = 5, 3
"""So many pupils that two sheets have in common are asked about at once, and so many are named."""
Apart = tuple[list[ChildRow], str]
"""The rows of one pupil and the number that they share."""


def with_same_number(children: Iterable[ChildRow], attribute: str) -> list[list[ChildRow]]:
    """The rows that share a number, one of NUMBERS, in the order of the file."""
    rows: dict[str, list[ChildRow]] = defaultdict(list)
    for child in children:
        if number := getattr(child, attribute):
            rows[number].append(child)
    return [same for same in rows.values() if len(same) > 1]


def are_one_pupil(rows: Iterable[ChildRow]) -> bool:
    """True unless names or ID numbers of rows with one number differ: then a cell was copied (fault 42)."""
    listed = list(rows)
    return all(len({getattr(row, name) for row in listed} - {None}) < 2 for name in ("name", "id_no"))


def row_in_words(row: ChildRow, sheet: str | None) -> str:
    """Where a row stands, for somebody who looks at `sheet`."""
    return f"第{row.row}行" if row.sheet == sheet else f"工作表“{row.sheet}”第{row.row}行"


def settle_twice_listed(roster: ParsedRoster, workbook: Workbook, answers: Mapping[str, str]) -> None:
    """
    Leave one row of every pupil that the file lists twice, or ask which one counts.

    Rows that are refused or wait for another answer are left alone.
    """
    twice = _Twice(roster, workbook, answers)
    for attribute in NUMBERS:
        for rows in with_same_number(roster.children, attribute):
            if are_one_pupil(rows) and twice.asked.isdisjoint(map(id, rows)):
                twice.settle(twice.undecided(rows), attribute)
        twice.leave_out()
    twice.ask()
    twice.leave_out()


@dataclass(slots=True)
class _Twice:
    """
    Settles one pupil after the other: `apart` are the rows that contradict each other, a list for each pupil, `asked` all of
    them, `gone` the rows for which another one stands.
    """

    roster: ParsedRoster
    workbook: Workbook
    answers: Mapping[str, str]
    apart: list[Apart] = field(default_factory=list)
    asked: set[int] = field(default_factory=set)
    gone: list[ChildRow] = field(default_factory=list)
    refused: set[tuple[str | None, int | None]] = field(init=False)

    def __post_init__(self) -> None:
        self.refused = {(found.sheet, found.row) for found in self.roster.findings if found.fate is Fate.REJECT}

    def undecided(self, rows: list[ChildRow]) -> list[ChildRow]:
        """The rows that are neither refused nor held back by a question about their column."""
        return [
            row
            for row in rows
            if row.fate is not Fate.REJECT
            and (row.sheet, row.row) not in self.refused
            and (row.sheet, row.block, row.row) not in self.roster.held
        ]

    def settle(self, rows: list[ChildRow], attribute: str) -> None:
        """Join what agrees; if more than one row is left it has to be asked about."""
        apart: list[ChildRow] = []
        for row in rows:
            kept = next((known for known in apart if not contradictions([known, row])), None)
            if kept is None:
                apart.append(row)
                continue
            added = take_over(kept, row)
            what = f"多写的{'、'.join(added)}已并入这一行" if added else "内容一致"
            sentence = f"{row_in_words(row, kept.sheet)}写的也是这名学生，{what}，只算一名。"
            self.roster.findings.append(self._about(kept, attribute, COUNTED_ONCE, Level.WARNING, sentence))
            self.gone.append(row)
        if len(apart) > 1:
            self.apart.append((apart, attribute))
            self.asked |= {id(row) for row in apart}

    def ask(self) -> None:
        """Ask about the pupils whose rows contradict each other: once for two sheets that have many of them in common."""
        pupils: dict[tuple[str | None, ...], list[Apart]] = defaultdict(list)
        for rows, attribute in self.apart:
            sheets = tuple(row.sheet for row in rows)
            pupils[sheets if len(set(sheets)) == len(sheets) else ()].append((rows, attribute))
        for sheets, common in pupils.items():
            answer = self._ask_for_sheets(sheets, common) if sheets and len(common) >= MANY else ONE_BY_ONE
            for rows, attribute in common:
                if answer == ONE_BY_ONE:
                    self._ask_for_pupil(rows, attribute)
                else:
                    self._carry_out(rows, attribute, next((row for row in rows if row.sheet == answer), None))

    def _ask_for_sheets(self, sheets: tuple[str | None, ...], common: list[Apart]) -> str:
        named = [f"“{sheet}”" for sheet in sheets]
        pupils = "、".join(str(rows[0].name) for rows, _ in common[:NAMED])
        sentence = f"有 {len(common)} 名学生（{pupils}等）在工作表{'和'.join(named)}里都有，内容不同：以哪张表为准？"
        choices = [Choice(str(sheet), f"以{words}为准") for sheet, words in zip(sheets, named, strict=True)]
        choices.append(Choice(ONE_BY_ONE, "逐个学生选择"))
        key = question_key(LISTED_TWICE, None, "sheets", "、".join(map(str, sheets)))
        answer = self._answer(key, choices)
        finding = column_question(LISTED_TWICE, sentence, None)
        self.roster.findings.append(as_answered(finding) if answer else finding)
        self.roster.questions.append(Question(key, finding, sentence, tuple(choices), "", answer))
        return answer

    def _ask_for_pupil(self, rows: list[ChildRow], attribute: str) -> None:
        first = rows[0]
        sheet = first.sheet if all(row.sheet == first.sheet for row in rows) else None
        named = [row_in_words(row, sheet) + (f"（{row.klass}）" if row.klass else "") for row in rows]
        values = [question_key("row", row.sheet, detail=row.place) for row in rows]
        choices = [Choice(value, f"以{words}为准") for value, words in zip(values, named, strict=True)]
        choices.append(Choice(LEAVE_OUT, "都不导入"))
        key = question_key(LISTED_TWICE, first.sheet, detail=first.place)
        answer = self._answer(key, choices)
        sentence = f"{first.name}：{'与'.join(named)}是同一名学生，以哪一行为准？{self._differences(rows)}"
        finding = self._contradicted(first, rows, attribute, refused=False)
        self.roster.questions.append(Question(key, finding, sentence, tuple(choices), "", answer))
        chosen = rows[values.index(answer)] if answer in values else None
        self._carry_out(rows, attribute, chosen, refused=answer == LEAVE_OUT)

    def _answer(self, key: str, choices: list[Choice]) -> str:
        """What was answered, empty if that is none of the choices: the file may have been mended since."""
        answer = self.answers.get(key, "")
        return answer if any(choice.value == answer for choice in choices) else ""

    def _carry_out(
        self, rows: list[ChildRow], attribute: str, chosen: ChildRow | None, *, refused: bool = False
    ) -> None:
        """Let the chosen row stand for the others; while there is none all wait, or go back if they are `refused`."""
        for row in rows:
            finding = self._contradicted(row, rows, attribute, refused=refused)
            if chosen is None:
                self.roster.findings.append(finding)
            elif row is chosen:
                self.roster.findings.append(as_answered(finding))
            else:
                self.gone.append(row)

    def _contradicted(self, row: ChildRow, rows: list[ChildRow], attribute: str, *, refused: bool) -> Finding:
        others = "、".join(row_in_words(other, row.sheet) for other in rows if other is not row)
        told = f"与{others}是同一名学生，内容不同。"
        if refused:
            return self._about(row, attribute, LISTED_TWICE, Level.ERROR, f"{told}您选择了都不导入。", Fate.REJECT)
        return self._about(row, attribute, LISTED_TWICE, Level.QUESTION, f"{told}请选以哪一行为准。", Fate.ASK)

    def _about(
        self, row: ChildRow, name: str, what: str, level: Level, sentence: str, fate: Fate = Fate.IMPORT
    ) -> Finding:
        header = next(one for one in self.roster.headers if (one.sheet, one.block) == (row.sheet, row.block))
        column = header.fields.get(name) or header.fields["name"]
        return Finding(what, level, sentence, row.sheet, row.row, column.index, column.label, fate)

    def _differences(self, rows: list[ChildRow]) -> str:
        """What the rows say differently, as the file has it: 班级：三（1）班／三（2）班；父亲电话：138****0001／138****0002."""
        told = dict.fromkeys(self._difference(fact, rows) for fact in contradictions(rows))
        shown = "；".join(list(told)[:DIFFERENCES_SHOWN])
        return f"不同的内容：{shown}{f'等 {len(told)} 处' if len(told) > DIFFERENCES_SHOWN else ''}"

    def _difference(self, fact: Fact, rows: list[ChildRow]) -> str:
        stated = [str(row.klass) if fact[1] == "klass" else self._cell(row, field_of(fact)) for row in rows]
        return f"{label_of(fact)}：{'／'.join(stated)}" if all(stated) else label_of(fact)

    def _cell(self, row: ChildRow, name: str) -> str:
        """The text of a cell, its numbers masked; empty for one that cannot be shown."""
        headers = [one for one in self.roster.headers if (one.sheet, one.block) == (row.sheet, row.block)]
        column, sheet = headers[0].fields.get(name), sheet_called(self.workbook, row.sheet)
        if self.roster.from_forms or column is None or sheet is None:
            return ""
        return mask_numbers(tidy(sheet.value(row.row - 1, column.index)))[:LONGEST_SHOWN]

    def leave_out(self) -> None:
        """Take the rows for which another one stands out of the pupils, with what was said of them."""
        gone = {id(row) for row in self.gone}
        if not gone:
            return
        roster = self.roster
        roster.children = [row for row in roster.children if id(row) not in gone]
        roster.skipped += [SkippedRow(row.sheet, row.row, SAME_PUPIL) for row in self.gone]
        empty = {(row.sheet, row.row) for row in self.gone} - {(row.sheet, row.row) for row in roster.children}
        roster.findings = [found for found in roster.findings if (found.sheet, found.row) not in empty]
        self.gone.clear()
