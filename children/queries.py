"""Questions about children for the list and the search box; what they tell depends on who asks."""

import re
import unicodedata
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from caretrack.access.crypto import blind_index
from caretrack.access.policy import DataClass, Level
from caretrack.access.scopes import children_reached_by, children_seen_by
from caretrack.periods import school_year
from caretrack.schools.models import School, SchoolClass, Staff, Term
from children.left_behind import Definition, statuses
from children.models import CareArrangement, Child, FamilyMember, FormerStudentNumber, Phone, codes
from children.sight import NUMBER_ROLES

_NUMBER = re.compile(r"[GJL]?\d{17}[\dX]|\d{15}")
PHONE_TAIL = 4
SHORT_WORD = 2


def looks_like_number(text: str) -> bool:
    """Whether somebody searches by an ID number or 学籍号; such a search is logged."""
    return bool(_NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip().upper()))


def search(children: "QuerySet[Child]", staff: Staff, text: str) -> "QuerySet[Child]":
    """
    Narrow to children whose name, pinyin or initials match `text`.

    Where `staff` gets family data of the child, the last four or more digits of a phone, the carer's name and the
    village find it. ID numbers are for `by_number`. An empty text finds everybody; wild cards are literal.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return children
    low = text.lower().replace(" ", "").replace("'", "")
    found = Q(name__contains=text) | Q(pinyin__startswith=low) | Q(initials__startswith=low)
    family = _family_words(text)
    if family is not None:
        found |= family & children_seen_by(staff, DataClass.CONTACT, Level.READ)
    return children.filter(found)


def by_number(children: "QuerySet[Child]", staff: Staff, text: str) -> "QuerySet[Child]":
    """
    Narrow to the child whose ID number or 学籍号 (former ones too) is exactly `text`, where `staff` gets the numbers.

    Asked by POST only: an ID number in an address stays in the browser's history (domain P-28).
    """
    index = blind_index(text)
    former = FormerStudentNumber.objects.filter(student_no_index=index).order_by().values("child")
    numbers = Q(id_no_index=index) | Q(student_no_index=index) | Q(pk__in=former)
    return children.filter(numbers & children_reached_by(staff, NUMBER_ROLES))


def _family_words(text: str) -> Q | None:
    digits = re.sub(r"[\s-]", "", text)
    if digits.isdigit():
        if not PHONE_TAIL <= len(digits) <= 12:
            return None
        return Q(pk__in=Phone.objects.filter(number__endswith=digits).order_by().values("child"))
    if len(text) < SHORT_WORD:
        return None
    carers = CareArrangement.objects.open().filter(carer__name__contains=text).order_by().values("child")
    return Q(pk__in=carers) | Q(village_group__contains=text) | Q(address__contains=text)


def with_carer(children: "QuerySet[Child]") -> "QuerySet[Child]":
    """Adds `carer_name` and `carer_relation` of who really cares for the child now (None without)."""
    care = CareArrangement.objects.open().filter(child=OuterRef("pk"))
    return children.annotate(
        carer_name=Subquery(care.values("carer__name")[:1]), carer_relation=Subquery(care.values("carer__relation")[:1])
    )


def left_behind_ids(children: "QuerySet[Child]", definition: str, on: date, *, parents_away: int = 0) -> list[int]:
    """
    Ids of those of `children` who count under `definition` on the day; `parents_away` 1 or 2 asks for one or both.

    Only children with a parent who ever worked away are looked at.
    """
    ever_away = FamilyMember.objects.filter(
        child=OuterRef("pk"), relation__in=codes.PARENTS, absences__status=codes.ParentStatus.AWAY_WORK
    )
    answers = statuses(children.filter(Exists(ever_away)), on)
    return [
        pk
        for pk, answer in answers.items()
        if answer.under(definition) and parents_away in (0, answer.away_parents(definition))
    ]


def classes_of(staff: Staff) -> list[SchoolClass]:
    """The classes of the children whom `staff` sees, lowest grade first, with their schools."""
    seen = Child.objects.visible_to(staff).on_roll().order_by().values("school_class")
    return list(
        SchoolClass.objects.filter(pk__in=seen).select_related("school").order_by("school_id", "-entry_year", "number")
    )


def term_start(school: School | None, on: date) -> date:
    """The first day of the running term; of the school year where no term was entered. Contacts verified since count."""
    term = Term.objects.current(school, on) if school else None
    return term.starts_on if term else date(school_year(on), 8, 1)


def same_person(*, name: str, birth_date: date | None, staff: Staff) -> list[Child]:
    """Children whom `staff` sees with the same name, and the same birth date where both are known."""
    found = Child.objects.visible_to(staff).filter(name=name)
    if birth_date is not None:
        found = found.filter(Q(birth_date=birth_date) | Q(birth_date__isnull=True))
    return list(found.select_related("school_class__school").order_by("pk")[:10])


def number_taken(field: str, number: str, *, but: int | None = None) -> Child | None:
    """The child who has this ID number ("id_no") or 学籍号 ("student_no") already; whoever asks must check sight."""
    if not number:
        return None
    return Child.objects.filter(**{f"{field}_index": blind_index(number)}).exclude(pk=but).first()


__all__ = [
    "Definition",
    "classes_of",
    "left_behind_ids",
    "looks_like_number",
    "number_taken",
    "same_person",
    "search",
    "term_start",
    "with_carer",
]
