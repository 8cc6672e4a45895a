"""Which class a pupil belongs to, where the file does not say it fully (faults 16, 26, 54): asked, never guessed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from children.importing.class_doubts import DOUBT, ClassDoubts
from children.importing.findings import Fate, Finding, Level
from children.importing.further_tables import holder_of
from children.importing.header import Column, Header
from children.importing.normalise.classes import ClassRef, chinese_number, read_class
from children.importing.parsed import Context
from children.importing.questions import Choice, Question, as_answered, class_of_answer, column_question, question_key
from children.importing.records import ChildRow
from children.importing.titles import TitleFacts, grade_in

WITHOUT_CLASS, CREATE_CLASS, ONE_BY_ONE = "none", "create", "each"
CREATE = "create-"
CLASS_FIELDS = ("class_name", "grade", "school_grade")


@dataclass(slots=True)
class ClassSettler:
    """
    Completes the classes of a sheet's pupils from title, sheet name and answers; asks what is left.

    ``row_findings`` are the findings of the sheet's rows; those about doubtful classes are settled in place.
    ``waiting`` are rows whose class depends on another question.
    """

    header: Header
    titles: TitleFacts
    context: Context
    row_findings: list[Finding]
    waiting: Collection[int] = ()
    headed: Mapping[int, ClassRef] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    to_create: list[ClassRef] = field(default_factory=list)

    def settle(self, children: list[ChildRow]) -> None:
        """Fill in what can be filled and collect questions for the rest."""
        doubts = ClassDoubts(self.row_findings, self.context)
        doubts.settle(children)
        self.questions += doubts.questions
        self._from_enrolment(children)
        self._from_sheet_or_title(self._from_headings(children))
        self._grade_from_sheet_or_title(children)
        self._grade_only(children)
        self._number_only_or_nothing(children)
        self._unknown(children)

    def _answer(self, key: str) -> str:
        return self.context.answers.get(key, "")

    def _column(self) -> Column | None:
        fields = self.header.fields
        return next((fields[name] for name in CLASS_FIELDS if name in fields), None)

    def _asked(self, what: str, sentence: str, fate: Fate = Fate.IMPORT) -> Finding:
        """The finding of a question on the class column, or on the sheet if there is none."""
        column = self._column()
        place = (column.index, column.label) if column else (None, "")
        return replace(column_question(what, sentence, self.header.sheet, *place), fate=fate)

    def _from_enrolment(self, children: list[ChildRow]) -> None:
        """班号 says only the number; the grade follows from 入学年月 (L1), which a person confirms for the column."""
        counted = [child for child in children if child.class_origin == "enrolment"]
        if not counted:
            return
        sentence = "这一列只有班号，年级按入学年月推算，请确认。"
        finding = self._asked("class_from_enrolment", sentence)
        key = question_key(finding.what, self.header.sheet, finding.letter)
        answer = self._answer(key)
        choices = (Choice("yes", "对，按入学年月推算年级"), Choice("no", "不对，另选班级"))
        self.findings.append(as_answered(finding) if answer else finding)
        self.questions.append(Question(key, finding, sentence, choices, "yes", answer))
        if answer == "no":
            for child in counted:
                child.klass = None

    def _from_headings(self, children: list[ChildRow]) -> list[ChildRow]:
        """
        Lines between the pupils name the class of those below, the title that of those above the first line; a person
        confirms it once. Returns all other pupils.
        """
        if not self.headed or any(child.klass is not None or child.class_origin for child in children):
            return children
        found = {child.place: self.headed.get(child.row - 1) or self.titles.klass for child in children}
        classes = "、".join(dict.fromkeys(str(klass) for klass in found.values() if klass))
        sentence = f"表里没有班级一列，学生上面的标题行写着{classes}，按这些分班，请确认。"
        finding = column_question("class_from_headings", sentence, self.header.sheet)
        key = question_key(finding.what, self.header.sheet)
        answer = self._answer(key)
        choices = (Choice("yes", "是，按标题行分班"), Choice("no", "不对，另选班级"))
        self.findings.append(as_answered(finding) if answer else finding)
        self.questions.append(Question(key, finding, sentence, choices, "yes", answer))
        if answer == "no":
            return children
        for child in children:
            child.klass = found[child.place]
        return [child for child in children if child.klass is None]

    def _from_sheet_or_title(self, children: list[ChildRow]) -> None:
        """A class that stands only above the table or in the sheet's name counts for pupils without a class."""
        if not children or any(child.klass is not None or child.class_origin for child in children):
            return
        sheet = self.header.sheet
        holder = holder_of(sheet)
        by_name = read_class(holder).value if holder and (holder == sheet or self.titles.klass is None) else None
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
        finding = Finding(what, Level.QUESTION, sentence, sheet, *place)
        key = question_key(what, sheet)
        answer = self._answer(key)
        choices = (Choice("yes", f"是，都在{ref}"), *self._class_choices(None), Choice(WITHOUT_CLASS, "先不分班"))
        self.findings.append(as_answered(finding) if answer else finding)
        self.questions.append(Question(key, finding, sentence, choices, "yes", answer))
        chosen = ref if answer in ("", "yes") else class_of_answer(answer)
        for child in children:
            child.klass = chosen

    def _grade_from_sheet_or_title(self, children: list[ChildRow]) -> None:
        """Where the cells say 2班 or nothing, the grade may stand above the table or in the sheet's name."""
        grade, what = grade_in(holder_of(self.header.sheet) or ""), "class_from_sheet"
        place: tuple[int | None, int | None] = (None, None)
        if grade is None and self.titles.class_place is not None:
            row, column = self.titles.class_place
            grade, what, place = self.titles.grade, "class_from_title", (row + 1, column)
        lost = [
            child
            for child in children
            if child.row not in self.waiting and (child.klass is None or _number_alone(child.klass))
        ]
        if grade is None or not lost or any(child.class_origin for child in lost):
            return
        origin = "工作表名称" if what == "class_from_sheet" else "标题"
        said = "表里没有写年级" if lost == children else f"其中 {len(lost)} 名学生（{_rows(lost)}）没有写年级"
        sentence = f"{said}，按{origin}算作{ClassRef(grade)}，请确认。"
        finding = Finding(what, Level.QUESTION, sentence, self.header.sheet, *place)
        key = question_key(what, self.header.sheet, "年级")
        answer = self._answer(key)
        choices = (Choice("yes", f"是，都在{ClassRef(grade)}"), Choice("no", "不对，另选班级"))
        self.findings.append(as_answered(finding) if answer else finding)
        self.questions.append(Question(key, finding, sentence, choices, "yes", answer))
        if answer != "no":
            for child in lost:
                child.klass = ClassRef(grade, child.klass.number if child.klass else None)

    def _grade_only(self, children: list[ChildRow]) -> None:
        """只有年级: a grade with one class needs no question; else asked once for each grade, or child by child."""
        by_grade: dict[int | str, list[ChildRow]] = defaultdict(list)
        for child in children:
            if child.class_origin == DOUBT:
                continue
            if child.klass is not None and child.klass.grade is not None and child.klass.number is None:
                by_grade[child.klass.grade].append(child)
        for grade in [*by_grade]:
            numbers = [number for known, number in self.context.known_classes if known == grade]
            if len(numbers) == 1:
                for child in by_grade.pop(grade):
                    child.klass = ClassRef(grade, numbers[0], stage=child.klass.stage if child.klass else "")
        if not by_grade:
            return
        sentence = "只写了年级，没写几班。请为每个年级选一个班，或逐个学生选；系统里已有的学生保持原来的班。"
        finding = self._asked("class_number_missing", sentence)
        open_before = self._open_questions()
        for grade in sorted(by_grade, key=str):
            self._ask_grade(finding, grade, by_grade[grade])
        self.findings.append(finding if self._open_questions() > open_before else as_answered(finding))

    def _open_questions(self) -> int:
        return sum(not question.answer for question in self.questions)

    def _ask_grade(self, finding: Finding, grade: int | str, waiting: list[ChildRow]) -> None:
        label = f"{chinese_number(grade)}年级" if isinstance(grade, int) else f"{grade}班"
        key = question_key(finding.what, self.header.sheet, finding.letter, label)
        known = self._class_choices(grade)
        choices = known or (Choice(f"{CREATE}{grade}-1", f"建立{ClassRef(grade, 1)}"),)
        if len(known) > 1 and len(waiting) > 1:
            choices = (*choices, Choice(ONE_BY_ONE, "逐个学生选择"))
        answer = self._answer(key)
        asked = f"{label}的 {len(waiting)} 名学生分到哪个班？"
        self.questions.append(Question(key, finding, asked, choices, "", answer))
        if answer == ONE_BY_ONE:
            for child in waiting:
                self._ask_child(finding, child, known)
            return
        if answer.startswith(CREATE):
            self.to_create.append(ClassRef(grade, 1))
        if chosen := class_of_answer(answer.removeprefix(CREATE)):
            for child in waiting:
                child.klass = chosen

    def _ask_child(self, finding: Finding, child: ChildRow, choices: tuple[Choice, ...]) -> None:
        key = question_key(finding.what, self.header.sheet, child.place)
        answer = self._answer(key)
        place = replace(finding, row=child.row)
        self.questions.append(Question(key, place, f"第{child.row}行 {child.name}在哪个班？", choices, "", answer))
        if chosen := class_of_answer(answer):
            child.klass = chosen

    def _number_only_or_nothing(self, children: list[ChildRow]) -> None:
        lost = [
            child
            for child in children
            if child.fate is Fate.IMPORT
            and (child.klass is None or child.klass.grade is None)
            and child.row not in self.waiting
            and child.class_origin != DOUBT
        ]
        if not lost:
            return
        all_of_them = "这张表" if len(lost) == len(children) else f"其中 {len(lost)} 名学生（{_rows(lost)}）"
        sentence = f"{all_of_them}没有写明班级，请选一个班。"
        finding = self._asked("class_missing", sentence)
        key = question_key(finding.what, self.header.sheet)
        answer = self._answer(key)
        choices = self._class_choices(None)
        if len(lost) > 1:
            choices = (*choices, Choice(ONE_BY_ONE, "逐个学生选择"))
        chosen = class_of_answer(answer)
        self.findings.append(as_answered(finding) if chosen or answer == ONE_BY_ONE else finding)
        self.questions.append(Question(key, finding, sentence, choices, "", answer))
        for child in lost:
            if answer == ONE_BY_ONE:
                self._ask_child(finding, child, self._class_choices(None))
            elif chosen:
                child.klass = chosen

    def _unknown(self, children: list[ChildRow]) -> None:
        """A class the school does not have is created only if a person says so; rows without a name are no pupils of it."""
        created = {(ref.grade, ref.number) for ref in self.to_create}
        lost: dict[ClassRef, list[ChildRow]] = defaultdict(list)
        for child in children:
            ref = child.klass
            if not child.name or ref is None or ref.grade is None or not ref.number:
                continue
            if (ref.grade, ref.number) not in self.context.known_classes | created:
                lost[ref].append(child)
        column = self._column()
        for ref, waiting in lost.items():
            key = question_key("class_unknown", self.header.sheet, "", str(ref))
            answer = self._answer(key)
            choices = (
                Choice(CREATE_CLASS, f"建立{ref}"),
                *(Choice(choice.value, f"改到{choice.label}") for choice in self._class_choices(None)),
            )
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
            elif chosen := class_of_answer(answer):
                for child in waiting:
                    child.klass = chosen
            else:
                self.findings += findings
            asked = f"系统里还没有{ref}，是否建立？（{len(waiting)} 名学生）"
            self.questions.append(Question(key, findings[0], asked, choices, "", answer))

    def _class_choices(self, grade: int | str | None) -> tuple[Choice, ...]:
        return tuple(
            Choice(f"{known}-{number}", str(ClassRef(known, number)))
            for known, number in sorted(self.context.known_classes, key=lambda item: (str(item[0]), item[1]))
            if grade is None or known == grade
        )


def _number_alone(klass: ClassRef) -> bool:
    """True for 2班: neither a grade nor the year of entry, and no kindergarten."""
    return klass.grade is None and klass.entry_year is None and not klass.stage


def _rows(children: Iterable[ChildRow]) -> str:
    rows = [str(child.row) for child in children]
    return f"第 {'、'.join(rows[:6])} 行" + ("等" if len(rows) > 6 else "")
