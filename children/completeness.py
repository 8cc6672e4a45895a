"""
Is the dossier complete (已建档)? All required fields there, one adult reachable and verified this term, confirmed by
the family (domain §3.3). What is required is read from the field catalogue, so that it is said in one place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache, reduce
from operator import and_, or_
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Sum, When

from caretrack.access.catalogue import Need, entries
from caretrack.fixed import fixed
from children.models import CareArrangement, Child, FamilyMember, Phone, codes
from children.models.family import PhoneState
from children.sections import PARTS

# Housekeeping of the field beside it, or always filled by a default.
_ALWAYS = frozenset({"birth_precision", "id_type", "support_level"})
_EMPTY = ("", None)
#: Both parents, carer, type and rating of care, a verified contact, the family's confirmation.
OTHERS_ASKED = 7


@dataclass(frozen=True)
class Gap:
    """Something missing: the section of the dossier that holds it, the field, and its Chinese name."""

    section: str
    field: str
    label: str


@dataclass(frozen=True)
class Completeness:
    """How complete one dossier is."""

    gaps: tuple[Gap, ...]
    asked: int

    @property
    def done(self) -> bool:
        """已建档."""
        return not self.gaps

    @property
    def percent(self) -> int:
        """Share of what is asked that is there, rounded down so that 100 means done."""
        return 100 if not self.gaps else (self.asked - len(self.gaps)) * 100 // self.asked


@cache
def required_fields() -> tuple[tuple[str, str], ...]:
    """(field, label) of Child that count for 已建档, from the catalogue; looked up once, not for every child."""
    asked = (e for e in entries("children.Child") if e.need is Need.REQUIRED and e.field not in _ALWAYS)
    return tuple((e.field, e.label) for e in asked)


_SECTIONS = {name: part.key for part in PARTS.values() for name in part.fields}


def completeness(children: Iterable[Child], *, since: date) -> dict[int, Completeness]:
    """
    Child id → Completeness, in three statements whatever the number of children.

    `since` is the first day of the term: a contact counts as verified if somebody got through on or after it.
    """
    listed = list(children)
    ids = [child.pk for child in listed]
    parents: dict[int, set[str]] = {pk: set() for pk in ids}
    for pk, relation, status in _parents_of(tuple(ids)):
        if status != codes.ParentStatus.UNKNOWN:
            parents[pk].add("father" if relation in codes.FATHERS else "mother")
    care = {pk: (carer, care_type, rating) for pk, carer, care_type, rating in _care_of(tuple(ids))}
    verified = set(_verified_among(tuple(ids), since))
    return {
        child.pk: _measure(child, parents[child.pk], care.get(child.pk, (None, "", "")), child.pk in verified)
        for child in listed
    }


@fixed
def _parents_of(children: tuple[int, ...]) -> "QuerySet[FamilyMember, Any]":
    parents = FamilyMember.objects.filter(child__in=children, relation__in=codes.PARENTS)
    return parents.values_list("child_id", "relation", "status")


@fixed
def _care_of(children: tuple[int, ...]) -> "QuerySet[CareArrangement, Any]":
    care = CareArrangement.objects.open().filter(child__in=children)
    return care.values_list("child_id", "carer_id", "care_type", "rating")


@fixed
def _verified_among(children: tuple[int, ...], since: date) -> "QuerySet[Phone, Any]":
    answered = Phone.objects.filter(child__in=children, verified_on__gte=since).exclude(state=PhoneState.DEAD)
    return answered.values_list("child_id", flat=True)


def completeness_of(
    child: Child, family: Iterable[FamilyMember], care: CareArrangement | None, *, since: date
) -> Completeness:
    """As `completeness`, of one child whose family (with phones) and open care arrangement are at hand: no statement."""
    members = list(family)
    parents = {
        "father" if member.relation in codes.FATHERS else "mother"
        for member in members
        if member.relation in codes.PARENTS and member.status != codes.ParentStatus.UNKNOWN
    }
    phones = [phone for member in members for phone in member.phones.all()]
    verified = any(
        phone.verified_on is not None and phone.verified_on >= since and phone.state != PhoneState.DEAD
        for phone in phones
    )
    told = (care.carer_id, care.care_type, care.rating) if care else (None, "", "")
    return _measure(child, parents, told, verified)


def _measure(child: Child, parents: set[str], care: tuple[int | None, str, str], verified: bool) -> Completeness:
    required = required_fields()
    gaps = [
        Gap(_SECTIONS.get(name, "identity"), name, label)
        for name, label in required
        if getattr(child, name) in _EMPTY or (name == "sex" and child.sex == codes.Sex.UNKNOWN)
    ]
    gaps += [
        Gap("family", side, f"{label}状况")
        for side, label in (("father", "父亲"), ("mother", "母亲"))
        if side not in parents
    ]
    carer, care_type, rating = care
    for value, name, label in (
        (carer or care_type in codes.UNCARED, "carer", "实际监护人"),
        (care_type, "care_type", "监护类型"),
        (rating, "rating", "监护情况评估"),
    ):
        if not value:
            gaps.append(Gap("care", name, label))
    if not verified:
        gaps.append(Gap("family", "verified", "本学期核实过的联系电话"))
    if child.family_confirmed_on is None:
        gaps.append(Gap("admin", "family_confirmed_on", "家长或监护人确认"))
    return Completeness(tuple(gaps), len(required) + OTHERS_ASKED)


@dataclass(frozen=True, eq=False)
class Lack:
    """One thing that a dossier may lack, as `completeness` counts it, and the condition that finds the children."""

    key: str
    section: str
    label: str
    condition: Any  # Q, or an Exists that may stand in its place


@lru_cache(maxsize=4)
def lacks(since: date) -> tuple[Lack, ...]:
    """Everything that may be missing, in the order of the dossier; `since` is the first day of the term."""
    found = []
    for name, label in required_fields():
        nothing = Q(**{f"{name}__isnull": True}) if Child._meta.get_field(name).null else Q(**{name: ""})  # type: ignore[union-attr]
        if name == "sex":
            nothing |= Q(sex=codes.Sex.UNKNOWN)
        found.append(Lack(name, _SECTIONS.get(name, "identity"), label, nothing))
    parents = FamilyMember.objects.filter(child=OuterRef("pk")).exclude(status=codes.ParentStatus.UNKNOWN)
    care = CareArrangement.objects.open().filter(child=OuterRef("pk"))
    verified = Phone.objects.filter(child=OuterRef("pk"), verified_on__gte=since).exclude(state=PhoneState.DEAD)
    cared = care.filter(Q(carer__isnull=False) | Q(care_type__in=codes.UNCARED))
    return (
        *found,
        Lack("father", "family", "父亲状况", ~Exists(parents.filter(relation__in=codes.FATHERS))),
        Lack("mother", "family", "母亲状况", ~Exists(parents.filter(relation__in=codes.MOTHERS))),
        Lack("carer", "care", "实际监护人", ~Exists(cared)),
        Lack("care_type", "care", "监护类型", ~Exists(care.exclude(care_type=""))),
        Lack("rating", "care", "监护情况评估", ~Exists(care.exclude(rating=""))),
        Lack("verified", "family", "本学期核实过的联系电话", ~Exists(verified)),
        Lack("family_confirmed_on", "admin", "家长或监护人确认", Q(family_confirmed_on__isnull=True)),
    )


def incomplete(children: "QuerySet[Child]", *, since: date) -> "QuerySet[Child]":
    """Those of `children` whose dossier is not complete, as `completeness` counts, asked of the database at once."""
    return children.filter(reduce(or_, (Q(lack.condition) for lack in lacks(since))))


def lacking(children: "QuerySet[Child]", key: str, *, since: date) -> "QuerySet[Child]":
    """Those of `children` who lack one thing of `lacks`; an unknown key finds nobody."""
    condition = next((lack.condition for lack in lacks(since) if lack.key == key), None)
    return children.none() if condition is None else children.filter(condition)


@dataclass(frozen=True)
class ClassGaps:
    """One class: how many children, how many dossiers are complete, how many lack what (by key)."""

    class_id: int
    total: int
    done: int
    missing: dict[str, int]


def gaps_by_class(children: "QuerySet[Child]", *, since: date) -> list[ClassGaps]:
    """The classes of `children` who are on the roll, counted in one statement."""
    listed = lacks(since)
    marks = {
        f"no_{lack.key}": Case(When(lack.condition, then=1), default=0, output_field=IntegerField()) for lack in listed
    }
    whole = reduce(and_, (Q(**{name: 0}) for name in marks))
    rows: Any = (
        children.filter(school_class__isnull=False)
        .order_by()
        .annotate(**marks)
        .values("school_class")
        .annotate(
            total=Count("pk"),
            done=Count("pk", filter=whole),
            **{f"n_{lack.key}": Sum(f"no_{lack.key}") for lack in listed},
        )
        .order_by("school_class__school", "-school_class__entry_year", "school_class__number")
    )
    return [
        ClassGaps(row["school_class"], row["total"], row["done"], {lack.key: row[f"n_{lack.key}"] for lack in listed})
        for row in rows
    ]
