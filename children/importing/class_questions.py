"""Which class a pupil belongs to, where the file does not say it fully (faults 16, 54): asked, never guessed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from children.importing.findings import Fate, Finding, Level
from children.importing.header import Column, Header
from children.importing.normalise.classes import ClassRef, chinese_number, read_class
from children.importing.questions import Choice, Question, as_answered, column_question, question_key
from children.importing.records import ChildRow
from children.importing.titles import TitleFacts

WITHOUT_CLASS = "none"
CREATE_CLASS = "create"
_CLASS_FIELDS = ("class_name", "grade", "school_grade")


@dataclass(slots=True)
class ClassSettler:
    """Completes the classes of a sheet's pupils from title, sheet name and answers; asks what is left."""

    header: Header
    titles: TitleFacts
    known: frozenset[tuple[int | str, int]]
    answers: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    to_create: list[ClassRef] = field(default_factory=list)

    def settle(self, children: list[ChildRow]) -> None:
        """Fill in what can be filled and collect questions for the rest."""
        self._from_sheet_or_title(children)
        self._grade_only(children)
        self._number_only_or_nothing(children)
        self._unknown(children)

    def _column(self) -> Column | None:
        fields = self.header.fields
        return next((fields[name] for name in _CLASS_FIELDS if name in fields), None)

    def _from_sheet_or_title(self, children: list[ChildRow]) -> None:
        """A class that stands only above the table or in the sheet's name counts for pupils without a class."""
        if any(child.klass is not None for child in children) or not children:
            return
        sheet = self.header.sheet
        by_name = read_class(sheet).value if sheet else None
        if by_name is not None and by_name.complete:
            what, ref = "class_from_sheet", by_name
            place: tuple[int | None, int | None] = (None, None)
        elif self.titles.klass is not None and self.titles.class_place is not None:
            row, column = self.titles.class_place
            what, ref = "class_from_title", self.titles.klass
            place = (row + 1, column)
        else:
            return
        origin = "工作表名称" if what == "class_from_sheet" else "标题"
        sentence = f"表里没有班级一列，按{origin}算作{ref}，请确认。"
        finding = Finding(what, column_question(what, sentence, sheet).level, sentence, sheet, *place)
        key = question_key(what, sheet)
        answer = self.answers.get(key, "")
        choices = (Choice("yes", f"是，都在{ref}"), *self._class_choices(None), Choice(WITHOUT_CLASS, "先不分班"))
        self.findings.append(as_answered(finding) if answer else finding)
        self.questions.append(Question(key, finding, sentence, choices, "yes", answer))
        chosen = ref if answer in ("", "yes") else parse_class(answer)
        for child in children:
            child.klass = chosen

    def _grade_only(self, children: list[ChildRow]) -> None:
        """只有年级: asked once for the column, with one choice for each grade."""
        by_grade: dict[int | str, list[ChildRow]] = defaultdict(list)
        for child in children:
            if child.klass is not None and child.klass.grade is not None and child.klass.number is None:
                by_grade[child.klass.grade].append(child)
        if not by_grade:
            return
        column = self._column()
        sentence = "只写了年级，没写几班。请为每个年级选一个班；系统里已有的学生保持原来的班。"
        finding = column_question(
            "class_number_missing",
            sentence,
            self.header.sheet,
            column.index if column else None,
            column.label if column else "",
        )
        open_before = len([question for question in self.questions if not question.answer])
        for grade in sorted(by_grade, key=str):
            label = f"{chinese_number(grade)}年级" if isinstance(grade, int) else f"{grade}班"
            key = question_key(finding.what, self.header.sheet, finding.letter, label)
            choices = self._class_choices(grade)
            answer = self.answers.get(key, "")
            default = choices[0].value if len(choices) == 1 else ""
            asked = f"{label}的 {len(by_grade[grade])} 名学生分到哪个班？"
            self.questions.append(Question(key, finding, asked, choices, default, answer))
            if chosen := parse_class(answer):
                for child in by_grade[grade]:
                    child.klass = chosen
        still_open = len([question for question in self.questions if not question.answer]) > open_before
        self.findings.append(finding if still_open else as_answered(finding))

    def _number_only_or_nothing(self, children: list[ChildRow]) -> None:
        lost = [
            child
            for child in children
            if child.fate is Fate.IMPORT and (child.klass is None or child.klass.grade is None)
        ]
        if not lost:
            return
        column = self._column()
        all_of_them = "这张表" if len(lost) == len(children) else f"其中 {len(lost)} 名学生（{_rows(lost)}）"
        sentence = f"{all_of_them}没有写明班级，请选一个班。"
        finding = column_question(
            "class_missing",
            sentence,
            self.header.sheet,
            column.index if column else None,
            column.label if column else "",
        )
        key = question_key(finding.what, self.header.sheet)
        answer = self.answers.get(key, "")
        self.findings.append(as_answered(finding) if parse_class(answer) else finding)
        self.questions.append(Question(key, finding, sentence, self._class_choices(None), "", answer))
        if chosen := parse_class(answer):
            for child in lost:
                child.klass = chosen

    def _unknown(self, children: list[ChildRow]) -> None:
        """A class the school does not have: one question a class, its pupils wait for the answer."""
        column = self._column()
        lost: dict[ClassRef, list[ChildRow]] = defaultdict(list)
        for child in children:
            ref = child.klass
            if ref is not None and ref.grade is not None and ref.number and (ref.grade, ref.number) not in self.known:
                lost[ref].append(child)
        for ref, waiting in lost.items():
            key = question_key("class_unknown", self.header.sheet, "", str(ref))
            answer = self.answers.get(key, "")
            sentence = f"系统里还没有{ref}，是否建立？"
            choices = (
                Choice(CREATE_CLASS, f"建立{ref}"),
                *(Choice(choice.value, f"改到{choice.label}") for choice in self._class_choices(None)),
            )
            chosen = parse_class(answer)
            told = f"系统里还没有{ref}。请确认是否建立这个班，确认前这一行不导入。"
            findings = [
                Finding(
                    "class_unknown", Level.QUESTION, told, child.sheet, child.row,
                    column.index if column else None, column.label if column else "", Fate.ASK,
                )
                for child in waiting
            ]  # fmt: skip
            if answer == CREATE_CLASS:
                self.to_create.append(ref)
            elif chosen:
                for child in waiting:
                    child.klass = chosen
            else:
                self.findings += findings
            asked = f"{sentence}（{len(waiting)} 名学生）"
            self.questions.append(Question(key, findings[0], asked, choices, "", answer))

    def _class_choices(self, grade: int | str | None) -> tuple[Choice, ...]:
        return tuple(
            Choice(f"{known}-{number}", str(ClassRef(known, number)))
            for known, number in sorted(self.known, key=lambda item: (str(item[0]), item[1]))
            if grade is None or known == grade
        )


def parse_class(answer: str) -> ClassRef | None:
    """The class of an answer such as 3-2; None for an open or refused answer."""
    grade, dash, number = answer.rpartition("-")
    if not dash or not number.isdigit():
        return None
    return ClassRef(int(grade) if grade.isdigit() else grade, int(number))


def _rows(children: list[ChildRow]) -> str:
    shown = "、".join(str(child.row) for child in children[:6])
    return f"第 {shown} 行" + ("等" if len(children) > 6 else "")
