"""Questions about children for the list and the forms; what they tell depends on who asks."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from caretrack.access.crypto import blind_index
from caretrack.fixed import fixed
from caretrack.periods import school_year
from caretrack.schools.class_names import class_labels
from caretrack.schools.models import School, SchoolClass, Staff, Term
from children.left_behind import Definition, facts_of, seed_case, statuses
from children.models import CareArrangement, Child, FamilyMember, codes


def roll_order(path: str = "") -> tuple[str, ...]:
    """
    The order of the roll for `order_by`: school, lowest grade first, class, name as spoken, then the row itself.

    `path` leads from the rows to the child, such as "child__".
    """
    named = ("school_id", "-school_class__entry_year", "school_class__number", "pinyin")
    fields = (f"-{path}{name[1:]}" if name.startswith("-") else path + name for name in named)
    return (*fields, "pk")


def carers_of(ids: Collection[int]) -> dict[int, str]:
    """Child id → who really cares for the child now: 祖母 王桂英. One statement; children without a carer are left out."""
    found = _carers_of(tuple(ids))
    return {child: f"{codes.Relation(relation).label} {name}".strip() for child, relation, name in found}


@fixed
def _carers_of(ids: tuple[int, ...]) -> "QuerySet[Any, Any]":
    open_ones = CareArrangement.objects.open().filter(child__in=ids, carer__isnull=False).order_by("starts_on", "pk")
    return open_ones.values_list("child", "carer__relation", "carer__name")


def ever_away() -> Exists:
    """The condition that a parent of the child ever worked away: nobody else counts under any definition."""
    gone = FamilyMember.objects.filter(
        child=OuterRef("pk"), relation__in=codes.PARENTS, absences__status=codes.ParentStatus.AWAY_WORK
    )
    return Exists(gone)


def left_behind_ids(children: "QuerySet[Child]", definition: str, on: date, *, parents_away: int = 0) -> list[int]:
    """
    Ids of those of `children` who count under `definition` on the day; `parents_away` 1 or 2 asks for one or both.

    Only children with a parent who ever worked away are looked at.
    """
    looked_at = children.filter(ever_away())
    if definition == Definition.SEED and not parents_away:
        return [
            pk for pk, (facts, tolerance) in facts_of(looked_at).items() if seed_case(facts, on, tolerance=tolerance)
        ]
    answers = statuses(looked_at, on)
    return [
        pk
        for pk, answer in answers.items()
        if answer.under(definition) and parents_away in (0, answer.away_parents(definition))
    ]


def classes_of(staff: Staff) -> list[SchoolClass]:
    """The classes of the children whom `staff` sees, lowest grade first, with their schools."""
    return _classes_seen_by(staff)


def classes_among(children: "QuerySet[Child]") -> list[SchoolClass]:
    """The classes that some of `children` are in now, lowest grade first, with their schools: what a filter offers."""
    classes = SchoolClass.objects.filter(pk__in=children.order_by().values("school_class")).select_related("school")
    return list(classes.order_by("school_id", "-entry_year", "number"))


def in_hardship(children: "QuerySet[Child]", kind: str) -> "QuerySet[Child]":
    """Those of `children` with this kind of hardship; "any" for those with some, "none" for those without (system 23)."""
    if kind in ("any", "none"):
        return children.exclude(hardship=[]) if kind == "any" else children.filter(hardship=[])
    # Not every database looks into a list; its text has each kind between quotation marks.
    return children.annotate(hardship_text=Cast("hardship", TextField())).filter(hardship_text__contains=f'"{kind}"')


def places_of(children: Iterable[Child], on: date) -> dict[int, str]:
    """
    Child id → its class as one list says it, the school before it where the children are of several; else 不在班.

    Needs `school_class__school` loaded.
    """
    listed = list(children)
    names = class_labels([child.school_class for child in listed if child.school_class], on)
    return {child.pk: names.get(child.school_class_id or 0, "不在班") for child in listed}


def _classes(staff: Staff) -> "QuerySet[SchoolClass]":
    seen = Child.objects.visible_to(staff).on_roll().order_by().values("school_class")
    classes = SchoolClass.objects.filter(pk__in=seen).select_related("school")
    return classes.order_by("school_id", "-entry_year", "number")


@fixed
def _classes_seen_by(staff: Staff) -> "QuerySet[SchoolClass]":
    return _classes(staff)


def classes_of_school(staff: Staff, school: int) -> list[SchoolClass]:
    """Those of `classes_of` that belong to one school; costs the same however many schools `staff` sees."""
    return _classes_seen_at(staff, school)


@fixed
def _classes_seen_at(staff: Staff, school: int) -> "QuerySet[SchoolClass]":
    here = Child.objects.visible_to(staff).filter(school_class=OuterRef("pk"))
    classes = SchoolClass.objects.filter(Exists(here), school=school).select_related("school")
    return classes.order_by("-entry_year", "number")


@fixed
def classes_by_id(staff: Staff, ids: tuple[int, ...]) -> "QuerySet[SchoolClass]":
    """Those of the classes in which `staff` sees a child."""
    return SchoolClass.objects.filter(
        Exists(Child.objects.visible_to(staff).filter(school_class=OuterRef("pk"))), pk__in=ids
    )


def term_start(school: School | None, on: date) -> date:
    """The first day of the running term; of the school year where no term was entered. Contacts verified since count."""
    term = Term.objects.current(school, on) if school else None
    return term.starts_on if term else date(school_year(on), 8, 1)


def number_taken(field: str, number: str, *, but: int | None = None) -> Child | None:
    """The child who has this ID number ("id_no") or 学籍号 ("student_no") already; whoever asks must check sight."""
    if not number:
        return None
    return Child.objects.filter(**{f"{field}_index": blind_index(number)}).exclude(pk=but).first()


__all__ = [
    "carers_of",
    "Definition",
    "classes_among",
    "classes_by_id",
    "classes_of",
    "classes_of_school",
    "ever_away",
    "left_behind_ids",
    "number_taken",
    "term_start",
]
