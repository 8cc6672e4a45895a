"""What the sheets of a questionnaire say together: counts and shares, by left-behind and other pupils (system 22)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from caretrack.fixed import fixed
from caretrack.schools.models import SchoolClass
from children.models import Child, Survey, SurveySheet
from children.models.survey import SurveySheetQuerySet
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
    """
    The table of results: `columns` are (name, sheets); empty `questions` with `withheld` saying why.

    `left_out`: sheets of small classes that do not count in it, as they could be worked out from the others.
    """

    columns: tuple[tuple[str, int], ...]
    questions: tuple[QuestionResult, ...]
    withheld: str = ""
    left_out: int = 0

    @property
    def remark(self) -> str:
        """Why the table has fewer sheets than came in; empty if it has all."""
        return f"另有 {self.left_out} 份没有计入：所在班级不足 {FEWEST} 份，计入会推算出来。" if self.left_out else ""

    @property
    def sheets(self) -> int:
        """How many sheets the table rests on."""
        return self.columns[0][1]


@dataclass(frozen=True)
class ClassReturns:
    """How many sheets of a class came back; `left`: of so many of its pupils none is in."""

    school_class: SchoolClass
    name: str
    pupils: int
    sheets: int
    left: int


def returns(survey: Survey, on: date, classes: Iterable[int] | None = None) -> list[ClassReturns]:
    """The classes of the school, `classes` only if given: pupils and sheets. Three statements."""
    sheets = {place: numbers for place, *numbers in _by_class(survey.sheets.all())}
    on_roll = Child.objects.filter(school_class__school=survey.school_id).order_by()
    pupils = Counter(dict(on_roll.values_list("school_class").annotate(n=Count("pk"))))
    wanted = (set(pupils) | set(sheets)) & (set(classes) if classes is not None else set(pupils) | set(sheets))
    found = SchoolClass.objects.filter(pk__in=wanted).select_related("school").order_by("-entry_year", "number")
    return [_returns_of(one, on, pupils[one.pk], *sheets.get(one.pk, ())) for one in found]


def running_in(classes: Sequence[SchoolClass], on: date) -> list[tuple[Survey, ClassReturns]]:
    """The running questionnaires of these classes and how many sheets came back; at most three statements in all."""
    running = _running(tuple({one.school_id for one in classes}))
    if not running:
        return []
    places = tuple(one.pk for one in classes)
    sheets = {(survey, place): numbers for survey, place, *numbers in _sheets_in(tuple(r.pk for r in running), places)}
    pupils = dict(_pupils_in(places))
    return [
        (survey, _returns_of(one, on, pupils.get(one.pk, 0), *sheets.get((survey.pk, one.pk), ())))
        for survey in running
        for one in sorted(classes, key=lambda one: (-one.entry_year, one.number))
        if one.school_id == survey.school_id
    ]


def _by_class(sheets: SurveySheetQuerySet, *names: str) -> QuerySet[SurveySheet, Any]:
    """`names`, the class, how many sheets count for it, how many of them for one who is still among its pupils."""
    there = Q(child__isnull=True) | Q(child__school_class=F("place"))
    rows = sheets.placed().order_by().values_list(*names, "place")
    return rows.annotate(sheets=Count("pk"), there=Count("pk", filter=there))


def _returns_of(school_class: SchoolClass, on: date, pupils: int, sheets: int = 0, there: int = 0) -> ClassReturns:
    return ClassReturns(school_class, school_class.name_on(on), pupils, sheets, max(pupils - there, 0))


@fixed
def _running(schools: tuple[int, ...]) -> QuerySet[Survey]:
    return Survey.objects.open().filter(school__in=schools)


@fixed
def _sheets_in(surveys: tuple[int, ...], classes: tuple[int, ...]) -> QuerySet[SurveySheet, Any]:
    return _by_class(SurveySheet.objects.filter(survey__in=surveys), "survey").filter(place__in=classes)


@fixed
def _pupils_in(classes: tuple[int, ...]) -> QuerySet[Child, Any]:
    return Child.objects.filter(school_class__in=classes).order_by().values_list("school_class").annotate(n=Count("pk"))


def results(survey: Survey, classes: Iterable[int] | None = None) -> SurveyResult:
    """
    The results over the school, or over `classes`.

    Sheets without a name are not told below `FEWEST`: neither a class, nor a group of pupils. What is told must not give
    it away either: where the hidden classes together have fewer, their sheets are left out, and the table is split into
    left-behind and others only if the classes for which it is not split have enough of both.
    """
    found = survey.sheets.placed().order_by("pk")
    if classes is not None:
        found = found.filter(place__in=classes)
    sheets = [(sheet.place, sheet.group, answers_of(sheet)) for sheet in found]  # type: ignore[attr-defined]
    sizes: dict[int, Counter[str]] = defaultdict(Counter)
    for place, group, _ in sheets:
        sizes[place][group] += 1
    left_out = _given_away(sizes) if survey.anonymous else set()
    counted = [(group, answers) for place, group, answers in sheets if place not in left_out]
    if survey.anonymous and sheets and len(counted) < FEWEST:
        return SurveyResult((("全部", len(sheets)),), (), f"不记名问卷不足 {FEWEST} 份，不列出结果，以免认出是谁。")
    columns = [("全部", [answers for _, answers in counted])]
    split = [(name, [answers for group, answers in counted if group == wanted]) for wanted, name in _SPLIT]
    told = [size for place, size in sizes.items() if place not in left_out]
    if all(listed for _, listed in split) and (not survey.anonymous or _may_split(told)):
        columns += split
    questions = tuple(_result(place, one, columns) for place, one in enumerate(questions_of(survey.questions)))
    return SurveyResult(
        tuple((name, len(listed)) for name, listed in columns), questions, left_out=len(sheets) - len(counted)
    )


def _given_away(sizes: Mapping[int, Counter[str]]) -> set[int]:
    """The classes too small to be told whose answers would be the difference of the whole and all the others."""
    small = {place: size.total() for place, size in sizes.items() if size.total() < FEWEST}
    return set(small) if len(sizes) > 1 and sum(small.values()) < FEWEST else set()


def _may_split(sizes: Iterable[Counter[str]]) -> bool:
    """Whether no group is small, on the whole or in the classes whose own table does not tell the groups apart."""
    whole: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    for size in sizes:
        whole += size
        told = size.total() >= FEWEST and (len(size) == 1 or _large(size))
        hidden += Counter() if told else size
    return _large(whole) and _large(hidden)


def _large(size: Counter[str]) -> bool:
    return all(count >= FEWEST for count in size.values())


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
