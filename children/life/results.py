"""
Results of an examination: how the levels spread, and who got better since the term before.

Figures of classes and subjects, never a list of pupils by mark (教育部令第50号《未成年人学校保护规定》art. 10).
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models import When as W
from django.db.models.functions import Cast

from caretrack.schools.models import SchoolClass, Term
from children.life.words import SUBJECTS
from children.models import Result
from children.models.life import LEVELS

UP, SAME, DOWN = "up", "same", "down"


@dataclass(frozen=True)
class Spread:
    """One subject in one class: pupils, how many reached each level, and how they moved since the last term."""

    school_class: SchoolClass | None
    subject: str
    pupils: int
    levels: tuple[int, ...]
    others: int
    up: int
    same: int
    down: int

    @property
    def graded(self) -> int:
        """Pupils with one of the four levels."""
        return sum(self.levels)

    @property
    def good(self) -> int:
        """优 and 良."""
        return self.levels[0] + self.levels[1]

    @property
    def passed(self) -> int:
        """优, 良 and 合格."""
        return self.good + self.levels[2]


def term_before(term: Term | None) -> Term | None:
    """The term of the same school before `term`."""
    if term is None:
        return None
    return Term.objects.filter(school=term.school_id, starts_on__lt=term.starts_on).order_by("-starts_on").first()


def in_order(subjects: set[str]) -> list[str]:
    """Subjects as a timetable names them, others after them."""
    known = {subject: place for place, subject in enumerate(SUBJECTS)}
    return sorted(subjects, key=lambda subject: (known.get(subject, len(known)), subject))


def _rank(step: str) -> Case:
    ranks = [W(**{step: name}, then=Value(len(LEVELS) - place)) for place, name in enumerate(LEVELS)]
    return Case(*ranks, default=Value(None), output_field=IntegerField(null=True))


def with_move(results: "QuerySet[Any]", before: Term | None) -> "QuerySet[Any]":
    """
    Adds `step` (the level) and `move`: up, same or down against the same examination of `before`, else empty.

    Marks are compared as shares of the full mark where both have one, levels otherwise.
    """
    results = results.with_step()  # type: ignore[attr-defined]
    if before is None:
        return results.annotate(move=Value("", output_field=CharField()))
    earlier = Result.objects.filter(
        term=before, child=OuterRef("child"), subject=OuterRef("subject"), occasion=OuterRef("occasion")
    )
    share = Cast("mark", FloatField()) / Cast("full_mark", FloatField())
    told = results.annotate(
        share=share,
        share_before=Subquery(earlier.annotate(share=share).values("share")[:1]),
        rank=_rank("step"),
        rank_before=Subquery(earlier.with_step().annotate(rank=_rank("step")).values("rank")[:1]),
    )
    both = Q(share__isnull=False, share_before__isnull=False)
    return told.annotate(
        move=Case(
            W(both & Q(share__gt=F("share_before")), then=Value(UP)),
            W(both & Q(share__lt=F("share_before")), then=Value(DOWN)),
            W(both, then=Value(SAME)),
            W(rank__gt=F("rank_before"), then=Value(UP)),
            W(rank__lt=F("rank_before"), then=Value(DOWN)),
            W(rank=F("rank_before"), then=Value(SAME)),
            default=Value(""),
            output_field=CharField(),
        )
    )


def spreads(results: "QuerySet[Any]", before: Term | None) -> list[Spread]:
    """A line for each class and subject, lowest class first, in two statements."""
    counts = {f"level_{place}": Count("pk", filter=Q(step=name)) for place, name in enumerate(LEVELS)}
    moves = {f"moved_{move}": Count("pk", filter=Q(move=move)) for move in (UP, SAME, DOWN)}
    found = list(
        with_move(results, before)
        .order_by()
        .values("child__school_class", "subject")
        .annotate(pupils=Count("child", distinct=True), **counts, **moves)
    )
    classes = SchoolClass.objects.select_related("school").in_bulk(
        {line["child__school_class"] for line in found if line["child__school_class"]}
    )
    places = {subject: place for place, subject in enumerate(in_order({line["subject"] for line in found}))}
    lines = []
    for line in found:
        levels = tuple(line[f"level_{place}"] for place in range(len(LEVELS)))
        lines.append(
            Spread(
                classes.get(line["child__school_class"]),
                line["subject"],
                line["pupils"],
                levels,
                line["pupils"] - sum(levels),
                *(line[f"moved_{move}"] for move in (UP, SAME, DOWN)),
            )
        )

    def place(spread: Spread) -> tuple[Any, ...]:
        of = spread.school_class
        return (of is None, of and (of.school_id, -of.entry_year, of.number), places[spread.subject])

    return sorted(lines, key=place)
