"""The boarders of a term: bed, who answers for them, how it went; and what is missing (domain §13 no. 74)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from caretrack.fixed import fixed
from caretrack.schools.models import Term
from children.models import BoardingTerm, Child, codes
from children.models.child import ChildQuerySet

_BED = re.compile(r"^(?P<room>.*?[^\d\s])?[\s\-—_/]*(?P<bed>\d{1,2}(?:号床|床|号|号铺|铺|上|下|上铺|下铺)*)$")
_ROOM_DASH_BED = re.compile(r"^(?P<room>.*\d.*?)[\s\-—_/]+(?P<bed>[^\s\-—_/]+)$")


def tidy_bed(text: str) -> str:
    """A bed as it is compared: full-width signs and spaces do not make two beds of one."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def split_bed(text: str) -> tuple[str, str]:
    """Room and bed of 301室2床, 女生楼201-3, 3栋105 4号床; what cannot be parted is a room without a bed."""
    text = unicodedata.normalize("NFKC", text).strip()
    found = _ROOM_DASH_BED.match(text) or _BED.match(text)
    if found is None or not found["room"]:
        return text, ""
    return found["room"].strip(), found["bed"]


def is_present(term: Term | None, on: date) -> bool:
    """Whether `term` is the one whose beds are the beds of today."""
    if term is None:
        return True
    return Term.objects.current(term.school, on) == term  # type: ignore[attr-defined]


def boarders(children: "ChildQuerySet", term: Term | None, on: date) -> "QuerySet[Any]":
    """
    The boarders among `children` in a term, with `bed_shown`, `bed_clash` and their row of the term (`stay_id`).

    Now they are those whose dossier says 住校; of an earlier term those who were written up then.
    """
    stays = BoardingTerm.objects.filter(term=term, child=OuterRef("pk"))
    if is_present(term, on):
        found = children.on_roll().filter(boarding=codes.Boarding.BOARDER).annotate(bed_shown=F("dorm_bed"))
        # Boys and girls live apart: the same words for both are two houses, not one bed.
        others = Child.objects.on_roll().filter(
            boarding=codes.Boarding.BOARDER,
            school=OuterRef("school"),
            sex=OuterRef("sex"),
            dorm_bed=OuterRef("dorm_bed"),
        )
    else:
        found = children.filter(Exists(stays)).annotate(
            bed_shown=Coalesce(Subquery(stays.values("bed")[:1]), Value(""), output_field=CharField())
        )
        others = Child.objects.filter(
            sex=OuterRef("sex"), boarding_terms__term=term, boarding_terms__bed=OuterRef("bed_shown")
        )
    return found.annotate(
        bed_clash=~Q(bed_shown="") & Exists(others.exclude(pk=OuterRef("pk"))),
        stay_id=Subquery(stays.values("pk")[:1]),
    )


def beds_of(children: "ChildQuerySet") -> "QuerySet[Child, Any]":
    """(school, sex, bed) of each boarder among `children`; the bed is empty where none is written down."""
    boarding = children.on_roll().filter(boarding=codes.Boarding.BOARDER)
    return boarding.order_by().values_list("school", "sex", "dorm_bed")


def bed_gaps(boarders: Iterable[tuple[int, str, str]]) -> tuple[int, int]:
    """
    How many of `boarders` (rows of `beds_of`) have no bed now, and how many share one (see `boarders`), in a statement.

    Whoever sleeps in the same bed counts although out of sight: the bed is the school's.
    """
    own = list(boarders)
    given = [place for place in own if place[2]]
    slept_in = Counter(_beds_at(tuple({school for school, *_ in given})))
    return len(own) - len(given), sum(slept_in[place] > 1 for place in given)


@fixed
def _beds_at(schools: tuple[int, ...]) -> "QuerySet[Child, Any]":
    return beds_of(Child.objects.filter(school__in=schools))


@dataclass(frozen=True)
class BoardingFigures:
    """How many board, and what is missing."""

    pupils: int
    boys: int
    girls: int
    no_bed: int
    clashes: int
    no_keeper: int

    @property
    def sound(self) -> bool:
        return not (self.no_bed or self.clashes or self.no_keeper)


def boarding_figures(rows: "QuerySet[Any]", term: Term | None) -> BoardingFigures:
    """The totals of some `boarders`, in one statement."""
    kept = Exists(BoardingTerm.objects.filter(term=term, child=OuterRef("pk"), keeper__isnull=False))
    found = (
        rows.order_by()
        .annotate(kept=kept)
        .aggregate(
            pupils=Count("pk"),
            boys=Count("pk", filter=Q(sex=codes.Sex.MALE)),
            girls=Count("pk", filter=Q(sex=codes.Sex.FEMALE)),
            no_bed=Count("pk", filter=Q(bed_shown="")),
            clashes=Count("pk", filter=Q(bed_clash=True)),
            no_keeper=Count("pk", filter=Q(kept=False)),
        )
    )
    return BoardingFigures(**found)


@transaction.atomic
def write_stays(new: list[BoardingTerm], changed: list[BoardingTerm], fields: Iterable[str], *, present: bool) -> None:
    """
    Save what was stated of boarders in a term; with `present` their beds become the beds of today in the dossiers.

    The caller has checked the rows.
    """
    for row in (*new, *changed):
        row.bed = tidy_bed(row.bed or "")
    BoardingTerm.objects.bulk_create(new)
    BoardingTerm.objects.bulk_update(changed, sorted({*fields, "bed"}))
    if not present:
        return
    children = Child.objects.in_bulk([row.child_id for row in (*new, *changed)])
    moved = []
    for row in (*new, *changed):
        child = children[row.child_id]
        if child.dorm_bed != row.bed:
            child.dorm_bed = row.bed
            moved.append(child)
    Child.objects.bulk_update(moved, ["dorm_bed"])
