"""
Classes that Excel has changed or that can be read in two ways (fault 54): asked once for the column.

What the school's own classes settle is not asked: 5.1 is class 1 where there is no class 10.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from children.importing.findings import Fate, Finding
from children.importing.normalise.classes import LAST_GRADE, ClassRef, grade_of_entry
from children.importing.parsed import Context
from children.importing.questions import Choice, Question, as_answered, class_of_answer, question_key
from children.importing.records import ChildRow

AS_DATE, AS_NEGATIVE, DECIMAL, ENTRY_OR_GRADE, UNCLEAR = (
    "class_as_date",
    "class_as_negative",
    "class_decimal",
    "class_entry_or_grade",
    "class_unclear",
)
DOUBT = "doubt"
"""The origin of a class whose question is still open: nothing else is asked about it."""
_YES_NO = {
    AS_DATE: ("这一列有班级被 Excel 当成了日期，月作年级、日作班号，对吗？", "对，3月2日就是三年级（2）班"),
    AS_NEGATIVE: ("这一列有班级成了负数，去掉负号作班号，对吗？", "对，-2 就是 2 班"),
}


@dataclass(slots=True)
class ClassDoubts:
    """Settles the doubtful classes of one sheet; ``findings`` are those of its rows, mended in place."""

    findings: list[Finding]
    context: Context
    questions: list[Question] = field(default_factory=list)

    def settle(self, children: list[ChildRow]) -> None:
        """
        Apply what answers or the known classes say; what stays open becomes a question.

        A row without a name is refused whatever its class is, so nothing is said of that.
        """
        rows = {child.row: child for child in children}
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        settled: set[int] = set()
        for place, finding in enumerate(self.findings):
            if finding.row not in rows or finding.what not in (*_YES_NO, DECIMAL, ENTRY_OR_GRADE, UNCLEAR):
                continue
            if rows[finding.row].name:
                detail = "" if finding.what in _YES_NO else finding.offer
                groups[finding.what, detail].append(place)
            else:
                settled.add(place)
        for (what, detail), places in groups.items():
            waiting = [rows[self.findings[place].row or 0] for place in places]
            if what in _YES_NO:
                self._confirm(what, places, waiting)
            elif what == UNCLEAR:
                self._name(detail, places, waiting)
            elif self._choose(what, detail, places, waiting):
                settled.update(places)
        self.findings[:] = [finding for place, finding in enumerate(self.findings) if place not in settled]

    def _confirm(self, what: str, places: list[int], waiting: list[ChildRow]) -> None:
        first = self.findings[places[0]]
        key = question_key(what, first.sheet, first.letter)
        answer = self.context.answers.get(key, "")
        sentence, yes = _YES_NO[what]
        choices = (Choice("yes", yes), Choice("no", "不对，另选班级"))
        self.questions.append(Question(key, first, f"{sentence}（{len(waiting)} 名学生）", choices, "yes", answer))
        if not answer:
            return
        for place in places:
            self.findings[place] = as_answered(self.findings[place])
        for child in waiting:
            child.fate = Fate.IMPORT
            if answer != "yes":
                child.klass = None

    def _name(self, word: str, places: list[int], waiting: list[ChildRow]) -> None:
        """A word that is no class, such as the name that a class has given itself: which class that is."""
        first = self.findings[places[0]]
        key = question_key(UNCLEAR, first.sheet, first.letter, word)
        answer = self.context.answers.get(key, "")
        known = sorted(self.context.known_classes, key=lambda item: (str(item[0]), item[1]))
        choices = tuple(Choice(f"{grade}-{number}", str(ClassRef(grade, number))) for grade, number in known)
        sentence = f"“{word}”是哪个班？（{len(waiting)} 名学生）"
        self.questions.append(Question(key, replace(first, offer=""), sentence, choices, "", answer))
        chosen = class_of_answer(answer)
        for place in places:
            told = replace(self.findings[place], offer="")
            self.findings[place] = as_answered(told) if chosen else told
        for child in waiting:
            child.fate = Fate.IMPORT if chosen else child.fate
            child.klass = chosen or child.klass

    def _choose(self, what: str, detail: str, places: list[int], waiting: list[ChildRow]) -> bool:
        """One of two readings; True if the school's classes leave only one of them, so that nobody need be asked."""
        readings = self._readings(waiting[0].klass, detail)
        known = [ref for ref in readings if (ref.grade, ref.number) in self.context.known_classes]
        if len(known) == 1 or len(readings) == 1:
            self._set(waiting, (known or readings)[0])
            return True
        first = self.findings[places[0]]
        shown = detail.partition("|")[0]
        key = question_key(what, first.sheet, first.letter, shown)
        answer = self.context.answers.get(key, "")
        choices = tuple(Choice(f"{ref.grade}-{ref.number}", str(ref)) for ref in readings)
        sentence = f"“{shown}”是哪个班？（{len(waiting)} 名学生）"
        default = choices[0].value if detail.endswith("|shown") else ""
        self.questions.append(Question(key, replace(first, offer=""), sentence, choices, default, answer))
        chosen = class_of_answer(answer)
        for place in places:
            if chosen is not None:
                self.findings[place] = as_answered(replace(self.findings[place], offer=""))
            else:
                self.findings[place] = replace(self.findings[place], offer="")
        if chosen is not None:
            self._set(waiting, chosen)
        elif not default:
            for child in waiting:
                child.klass = replace(child.klass, number=None) if child.klass and what == DECIMAL else None
                child.class_origin = DOUBT
        return False

    def _readings(self, ref: ClassRef | None, detail: str) -> list[ClassRef]:
        if ref is None:
            return []
        if detail.endswith("|entry"):
            year, first = self.context.school_year, self.context.first_grade
            entry = 2000 + int(detail[:2])
            grade = grade_of_entry(entry, year, first_grade=first)
            return (
                [ref, ClassRef(grade, ref.number, entry)]
                if first <= grade <= LAST_GRADE and grade != ref.grade
                else [ref]
            )
        number = ref.number or 0
        other = number // 10 if number >= 10 and number % 10 == 0 else number * 10
        return [ref, ClassRef(ref.grade, other, stage=ref.stage)]

    @staticmethod
    def _set(waiting: list[ChildRow], ref: ClassRef) -> None:
        for child in waiting:
            child.klass = ref
