"""What the sheets of a questionnaire say together: counts and shares, by left-behind and other pupils (system 22)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from caretrack.schools.models import SchoolClass
from children.models import Child, Survey, SurveySheet
from children.surveys.sheets import Answer, answers_of
from children.surveys.wording import SCORE, SCORES, SEVERAL, WORDS, Question, questions_of

FEWEST = 5
"""Sheets without a name are told together from this many on: fewer would point at somebody."""
_SPLIT = ((SurveySheet.Group.LEFT_BEHIND, "留守学生"), (SurveySheet.Group.OTHER, "其他学生"))


@dataclass(frozen=True)
class Share:
    """How many chose an answer, of those who answered the question."""

    count: int
    of: int

    @property
    def percent(self) -> str:
        """37.5%, or — if nobody answered."""
        return f"{self.count * 100 / self.of:.1f}%" if self.of else "—"


@dataclass(frozen=True)
class Row:
    """An answer that can be chosen, with one share for each column of the table."""

    words: str
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class QuestionResult:
    """One question over all sheets: rows for what can be chosen, the mean of a score, or what was written."""

    number: int
    question: Question
    answered: int
    rows: tuple[Row, ...]
    mean: str = ""
    written: tuple[str, ...] = ()


@dataclass(frozen=True)
class SurveyResult:
    """The table of results: `columns` are (name, sheets); empty `questions` with `withheld` saying why."""

    columns: tuple[tuple[str, int], ...]
    questions: tuple[QuestionResult, ...]
    withheld: str = ""

    @property
    def sheets(self) -> int:
        """How many sheets the table rests on."""
        return self.columns[0][1]


@dataclass(frozen=True)
class ClassReturns:
    """How many sheets of a class came back."""

    school_class: SchoolClass
    name: str
    pupils: int
    sheets: int

    @property
    def left(self) -> int:
        """Pupils whose sheet is not in."""
        return max(self.pupils - self.sheets, 0)


def returns(survey: Survey, on: date, classes: Iterable[int] | None = None) -> list[ClassReturns]:
    """The classes of the school, `classes` only if given: pupils and sheets. Three statements."""
    sheets = Counter(dict(survey.sheets.order_by().values_list("school_class").annotate(n=Count("pk"))))
    on_roll = Child.objects.filter(school_class__school=survey.school_id).order_by()
    pupils = Counter(dict(on_roll.values_list("school_class").annotate(n=Count("pk"))))
    wanted = (set(pupils) | set(sheets)) & (set(classes) if classes is not None else set(pupils) | set(sheets))
    found = SchoolClass.objects.filter(pk__in=wanted).select_related("school").order_by("-entry_year", "number")
    return [ClassReturns(one, one.name_on(on), pupils[one.pk], sheets[one.pk]) for one in found]


def results(survey: Survey, classes: Iterable[int] | None = None) -> SurveyResult:
    """
    The results over the school, or over `classes`.

    Sheets without a name are not told below `FEWEST`: neither a class, nor the split into left-behind and others when
    one of the two is smaller, as the other could then be taken off the whole.
    """
    found = survey.sheets.order_by("pk")
    if classes is not None:
        found = found.filter(school_class__in=classes)
    sheets = [(sheet.group, answers_of(sheet)) for sheet in found]
    if survey.anonymous and 0 < len(sheets) < FEWEST:
        return SurveyResult((("全部", len(sheets)),), (), f"不记名问卷不足 {FEWEST} 份，不列出结果，以免认出是谁。")
    columns = [("全部", [answers for _, answers in sheets])]
    split = [(name, [answers for group, answers in sheets if group == wanted]) for wanted, name in _SPLIT]
    sizes = [len(listed) for _, listed in split]
    if all(sizes) and (not survey.anonymous or min(sizes) >= FEWEST):
        columns += split
    questions = tuple(_result(place, one, columns) for place, one in enumerate(questions_of(survey.questions)))
    return SurveyResult(tuple((name, len(listed)) for name, listed in columns), questions)


def _result(place: int, question: Question, columns: Sequence[tuple[str, list[list[Answer]]]]) -> QuestionResult:
    given = [[sheet[place] for sheet in sheets if sheet[place] not in (None, "", [])] for _, sheets in columns]
    number, everybody = place + 1, given[0]
    if question.kind == WORDS:
        # In the order of their letters: the order of entry could be that of the roll.
        return QuestionResult(
            number, question, len(everybody), (), written=tuple(sorted(str(one) for one in everybody))
        )
    counted = [_counts(question, answers) for answers in given]
    marks: Sequence[int] = SCORES if question.kind == SCORE else range(len(question.options))
    rows = tuple(
        Row(
            f"{mark}分" if question.kind == SCORE else f"{letter}. {words}",
            tuple(Share(count[mark], len(answers)) for count, answers in zip(counted, given, strict=True)),
        )
        for mark, (letter, words) in zip(marks, question.lettered, strict=True)
    )
    mean = ""
    if question.kind == SCORE and everybody:
        mean = f"{sum(int(one) for one in everybody) / len(everybody):.1f}"  # type: ignore[arg-type]
    return QuestionResult(number, question, len(everybody), rows, mean)


def _counts(question: Question, answers: Sequence[Answer]) -> Counter[int]:
    if question.kind == SEVERAL:
        return Counter(place for several in answers for place in several)  # type: ignore[union-attr]
    return Counter(int(answer) for answer in answers)  # type: ignore[arg-type]
