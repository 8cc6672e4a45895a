"""
The search box: who is meant by a few typed words, and why each was found.

What a person may not see neither shows nor counts: every condition is joined with the right to the data it reads.
Whatever may be part of an ID number is asked by POST only, so that it never stands in an address (domain P-28).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from caretrack.access.crypto import blind_index
from caretrack.access.policy import DataClass, Level, Role
from caretrack.access.scopes import children_reached_by, children_seen_by
from caretrack.masking import mask_phone
from caretrack.schools.models import Staff
from children.models import Child, FamilyMember, FormerStudentNumber, Phone
from children.models.child import ID_TAIL
from children.name_search import is_other_reading, name_matches, typed
from children.sight import NUMBER_ROLES

_NUMBER = re.compile(r"[GJL]?\d{17}[\dX]|\d{15}")
_TAIL = re.compile(r"\d{3,16}[\dX]")
_DIGITS = re.compile(r"\d[\d\s-]*\d")
_PHONE = re.compile(r"1\d{10}|0\d{9,11}")
PHONE_PART = 4
SHORT_WORD = 2
SHOWN = 10


def looks_like_number(text: str) -> bool:
    """Whether somebody searches by a whole ID number or 学籍号; such a search is logged."""
    return bool(_NUMBER.fullmatch(_clean(text)))


def may_be_number(text: str) -> bool:
    """Whether the text may be part of an ID number (which may end in X) or phone number: it must not stand in an address."""
    return bool(_TAIL.fullmatch(_clean(text))) or len(re.sub(r"\D", "", _clean(text))) >= PHONE_PART


def looks_like_phone(text: str) -> bool:
    """Whether somebody searches by a whole phone number: a mobile one, or one with its area code."""
    return bool(_PHONE.fullmatch(re.sub(r"[\s-]", "", _clean(text)).removeprefix("+86")))


def _clean(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper()


def search(children: "QuerySet[Child]", staff: Staff, text: str) -> "QuerySet[Child]":
    """
    Narrow to children whose name, pinyin or initials fit `text`, in any mixture (see name_search).

    Where `staff` gets family data of the child, four or more digits of a phone, a family member's name and the village
    find it. ID numbers are for `by_number` and `by_tail`. An empty text finds everybody.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return children
    found = name_matches(text)
    family = _family_words(text)
    if family is not None:
        found |= family & children_seen_by(staff, DataClass.CONTACT, Level.READ)
    return children.filter(found)


def by_number(children: "QuerySet[Child]", staff: Staff, text: str) -> "QuerySet[Child]":
    """Narrow to the child whose ID number or 学籍号 (former ones too) is `text`, where `staff` gets the numbers."""
    index = blind_index(text)
    former = FormerStudentNumber.objects.filter(student_no_index=index).order_by().values("child")
    numbers = Q(id_no_index=index) | Q(student_no_index=index) | Q(pk__in=former)
    return children.filter(numbers & children_reached_by(staff, NUMBER_ROLES))


def by_tail(children: "QuerySet[Child]", staff: Staff, text: str) -> "QuerySet[Child]":
    """Narrow to children whose ID number ends with `text` (four characters and more), where `staff` gets the numbers."""
    tail = _clean(text)
    if not _TAIL.fullmatch(tail):
        return children.none()
    likely = children.filter(Q(id_tail_index=blind_index(tail[-ID_TAIL:])) & children_reached_by(staff, NUMBER_ROLES))
    if len(tail) == ID_TAIL:
        return likely
    exact = [pk for pk, number in likely.order_by().values_list("pk", "id_no") if number.endswith(tail)]
    return children.filter(pk__in=exact)


def _phone_digits(text: str) -> str:
    """The digits of a phone or of a part of one, with the hyphens people type; empty for anything else."""
    digits = re.sub(r"[\s-]", "", text)
    return digits if _DIGITS.fullmatch(text) and PHONE_PART <= len(digits) <= 12 else ""


def _family_words(text: str) -> Q | None:
    if digits := _phone_digits(text):
        return Q(Exists(Phone.objects.filter(child=OuterRef("pk"), number__contains=digits)))
    if len(text) < SHORT_WORD or text.isascii():
        return None
    relatives = FamilyMember.objects.filter(child=OuterRef("pk"), name__contains=text)
    return Q(Exists(relatives)) | Q(village_group__contains=text) | Q(address__contains=text)


@dataclass(frozen=True, slots=True)
class Hit:
    """A child that was found, and by what if not by its name: 监护人 韦老根."""

    child: Child
    why: str = ""


@dataclass(slots=True)
class Found:
    """What the search box shows: at most ten hits; `numbers` are those found by their ID number, to be logged."""

    hits: list[Hit] = field(default_factory=list)
    more: bool = False
    numbers: list[Child] = field(default_factory=list)


def find(children: "QuerySet[Child]", staff: Staff, text: str) -> Found:
    """
    The best ten of `children` for what was typed: one's own classes first, then exact names, then in pinyin order.

    A fixed number of statements. The caller logs `numbers`.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return Found()
    if looks_like_number(text):
        numbers = list(_loaded(by_number(children, staff, text))[:SHOWN])
        return Found([Hit(child, "号码相符") for child in numbers], numbers=numbers)
    listed = list(_loaded(_ordered(search(children, staff, text), staff, text))[: SHOWN + 1])
    hits = _explained(listed[:SHOWN], text)
    numbers = [] if _phone_digits(text) == "" and not may_be_number(text) else list(_by_tail(children, staff, text))
    known = {child.pk for child in listed}
    hits = [Hit(child, f"身份证尾号 {_clean(text)}") for child in numbers if child.pk not in known] + hits
    return Found(hits[:SHOWN], more=len(listed) > SHOWN or len(hits) > SHOWN, numbers=numbers)


def _by_tail(children: "QuerySet[Child]", staff: Staff, text: str) -> Iterable[Child]:
    return _loaded(by_tail(children, staff, text)).by_name()[:SHOWN]  # type: ignore[attr-defined]


def _loaded(children: "QuerySet[Child]") -> "QuerySet[Child]":
    return children.defer("id_no", "student_no").select_related("school_class__school")


def _ordered(children: "QuerySet[Child]", staff: Staff, text: str) -> "QuerySet[Child]":
    low = typed(text)
    near = Case(
        When(Q(name=text) | Q(pinyin=low) | is_other_reading(low) | Q(initials=low), then=Value(0)),
        When(Q(name__startswith=text) | Q(pinyin__startswith=low), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    own = [post.school_class_id for post in staff.posts() if post.role == Role.HOMEROOM and post.school_class_id]
    ordering: list[Any] = [near, "pinyin", "pk"]
    if own:
        ordering.insert(0, Case(When(school_class__in=own, then=Value(0)), default=Value(1)))
    return children.order_by(*ordering)


def _explained(children: list[Child], text: str) -> list[Hit]:
    """Why each was found, where the name does not show it; two statements."""
    ids = [child.pk for child in children]
    digits = _phone_digits(text)
    phones: dict[int, Phone] = {}
    relatives: dict[int, FamilyMember] = {}
    if ids and digits:
        found = Phone.objects.filter(child__in=ids, number__contains=digits).select_related("member").order_by("-order")
        phones = {phone.child_id: phone for phone in found}
    elif ids and not text.isascii():
        relatives = {
            m.child_id: m for m in FamilyMember.objects.filter(child__in=ids, name__contains=text).order_by("-pk")
        }
    return [Hit(child, _why(child, text, phones.get(child.pk), relatives.get(child.pk))) for child in children]


def _why(child: Child, text: str, phone: Phone | None, relative: FamilyMember | None) -> str:
    if text in child.name:
        return ""
    if phone is not None:
        whose = f"{phone.member.get_relation_display()} " if phone.member else ""
        return f"{whose}{mask_phone(phone.number)}"
    if relative is not None:
        return f"{relative.get_relation_display()} {relative.name}"
    for place in (child.village_group, child.address):
        if text in place:
            return place
    return ""
