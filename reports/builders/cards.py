"""Contact cards (联系卡), domain §4: who answers for a child, on one A6 side. No ID number, health or economy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from django.db.models import F
from django.utils.crypto import salted_hmac

from caretrack.access.policy import Role
from caretrack.periods import age_on
from caretrack.schools.models import Appointment, School
from children.models import CareArrangement, Child, ContactCard, FamilyMember, Phone, PhoneState, codes
from children.queries import term_start
from mentoring.models import Pairing

Face = TypeVar("Face")
PER_SHEET = 4
PHONES_SHOWN = 2
UNCHECKED = "本学期还没有人拨通核对过这些号码，请先核对再使用。"


@dataclass(frozen=True)
class CardPerson:
    """Somebody on the card; `place` is the work place of a parent or the address of a carer; `dead`: no number works."""

    name: str = ""
    relation: str = ""
    phones: tuple[str, ...] = ()
    place: str = ""
    age: int | None = None
    dead: bool = False


@dataclass(frozen=True)
class CardFace:
    """
    One child's card. `stale` is the reason why it must not be relied on before a check, or empty; `copy` says whose
    copy it is; `content` is everything that it says with the numbers of the school, `fingerprint` the keyed hash of that.
    """

    child: str
    sex: str
    class_name: str
    homeroom: CardPerson
    father: CardPerson
    mother: CardPerson
    carer: CardPerson
    neighbour: CardPerson
    mentor: CardPerson
    version: int
    updated_on: date | None
    checked_by: str = ""
    stale: str = ""
    child_id: int = 0
    copy: str = ""
    content: str = ""
    fingerprint: str = ""

    @property
    def unreachable(self) -> str:
        """Whose numbers are all dead, in words; empty when everybody who is named can be tried."""
        named = (("父亲", self.father), ("母亲", self.mother), ("实际监护人", self.carer))
        return "、".join(f"{who}{one.name}" for who, one in named if one.dead)

    def printed_with(self, lines: SchoolLines) -> CardFace:
        """
        The card with everything that it tells its reader; another text means that prints of before are void.

        Left out is what changes by itself without misleading anybody: the version, the day of the check, an age.
        """
        people = (self.homeroom, self.father, self.mother, self.carer, self.neighbour, self.mentor)
        facts = [self.child, self.sex, self.class_name]
        facts += [[one.name, one.relation, *one.phones, one.place] for one in people]
        facts += [lines.family_phone, lines.family_phone_hours, lines.duty_phone, lines.hotline]
        text = json.dumps(facts, ensure_ascii=False)
        hashed = salted_hmac("reports.contact_card", text, algorithm="sha256").hexdigest()
        return replace(self, content=text, fingerprint=hashed)


@dataclass(frozen=True)
class SchoolLines:
    """The numbers every card of a school carries."""

    school: str
    family_phone: str = ""
    family_phone_hours: str = ""
    duty_phone: str = ""
    hotline_name: str = "未成年人保护热线"
    hotline: str = "12345"


@dataclass(frozen=True)
class CardSheets:
    """The cards of a print run, four a sheet."""

    lines: SchoolLines
    cards: tuple[CardFace, ...]

    @property
    def sheets(self) -> tuple[tuple[CardFace, ...], ...]:
        return in_fours(self.cards)


def in_fours(cards: Sequence[Face]) -> tuple[tuple[Face, ...], ...]:
    """Cards grouped as they lie on the sheets."""
    return tuple(tuple(cards[at : at + PER_SHEET]) for at in range(0, len(cards), PER_SHEET))


def school_lines(school: School) -> SchoolLines:
    """The numbers that the cards of a school carry."""
    return SchoolLines(
        school.name,
        school.family_phone,
        school.family_phone_hours,
        school.duty_phone,
        hotline=school.protection_hotline or "12345",
    )


def build_cards(children: Iterable[Child], *, on: date) -> tuple[CardFace, ...]:
    """
    The cards of `children` as they would be printed on the day, in the given order.

    The children's school and class must be loaded. A number that is known to be dead is not printed. The version is the
    one in use, raised by one when the facts have changed since. Six statements whatever the number of children.

    Who is suspected in an incident stands on the card as before: a number missing from the next print would be told by
    its fingerprint to everybody who holds a copy, the family among them (children.not_called).
    """
    listed = list(children)
    ids = [child.pk for child in listed]
    family: dict[int, list[FamilyMember]] = {}
    for member in FamilyMember.objects.filter(child__in=ids):
        family.setdefault(member.child_id, []).append(member)
    phones: dict[int | None, list[Phone]] = {}
    checked: dict[int, date] = {}
    dead: set[int | None] = set()
    for phone in Phone.objects.filter(child__in=ids):
        if phone.state == PhoneState.DEAD:
            dead.add(phone.member_id)
            continue
        phones.setdefault(phone.member_id, []).append(phone)
        if phone.verified_on:
            checked[phone.child_id] = max(checked.get(phone.child_id, phone.verified_on), phone.verified_on)
    care = {row.child_id: row for row in CareArrangement.objects.on(on).filter(child__in=ids).order_by("pk")}
    pairings = Pairing.objects.on(on).acting_parents().kept(on).filter(child__in=ids).select_related("mentor")
    mentors = {row.child_id: row.mentor for row in pairings}
    classes = {child.school_class_id for child in listed}
    posts = Appointment.objects.current(on).filter(role=Role.HOMEROOM, school_class__in=classes).select_related("staff")
    teachers = {post.school_class_id: post.staff for post in posts.order_by("starts_on")}
    printed = {
        row.child_id: row
        for row in ContactCard.objects.filter(child__in=ids).defer("content").order_by(F("number").asc())
    }

    def numbers(member: FamilyMember) -> tuple[str, ...]:
        return tuple(phone.number for phone in phones.get(member.pk, ()))[:PHONES_SHOWN]

    def unreachable(member: FamilyMember) -> bool:
        return member.pk in dead and not numbers(member)

    def parent(child: Child, relations: Sequence[str]) -> CardPerson:
        found = [member for member in family.get(child.pk, ()) if member.relation in relations]
        if not found:
            return CardPerson()
        member = found[0]
        if member.status in codes.GONE:
            return CardPerson(member.name or "—", member.get_relation_display(), (), member.get_status_display())
        place = member.work_place if member.status != codes.ParentStatus.AT_HOME else "在家"
        return CardPerson(member.name, member.get_relation_display(), numbers(member), place, dead=unreachable(member))

    def carer(child: Child) -> CardPerson:
        arrangement = care.get(child.pk)
        if arrangement is None:
            return CardPerson()
        member = next((one for one in family.get(child.pk, ()) if one.pk == arrangement.carer_id), None)
        if member is None:
            return CardPerson(arrangement.get_care_type_display())
        age = age_on(member.birth_date, on) if member.birth_date else member.age_stated
        place = member.address or child.address
        return CardPerson(member.name, member.get_relation_display(), numbers(member), place, age, unreachable(member))

    def face(child: Child) -> CardFace:
        teacher, mentor, last = teachers.get(child.school_class_id), mentors.get(child.pk), printed.get(child.pk)
        verified = checked.get(child.pk)
        stale = UNCHECKED if verified is None or verified < term_starts[child.school_id] else ""
        card = CardFace(
            child=child.name,
            sex=child.get_sex_display(),
            class_name=child.class_name(on),
            homeroom=CardPerson(teacher.name, phones=_given(teacher.phone)) if teacher else CardPerson(),
            father=parent(child, codes.FATHERS),
            mother=parent(child, codes.MOTHERS),
            carer=carer(child),
            neighbour=_neighbour(child.neighbour_contact),
            mentor=CardPerson(mentor.name, phones=_given(mentor.phone)) if mentor else CardPerson(),
            version=last.number if last else 1,
            updated_on=verified,
            stale=stale,
            child_id=child.pk,
        )
        card = card.printed_with(lines[child.school_id])
        changed = last is not None and last.fingerprint != card.fingerprint
        return replace(card, version=card.version + 1) if changed else card

    schools = {child.school for child in listed}
    term_starts = {school.pk: term_start(school, on) for school in schools}
    lines = {school.pk: school_lines(school) for school in schools}
    return tuple(face(child) for child in listed)


def _given(phone: str) -> tuple[str, ...]:
    return (phone,) if phone else ()


_NUMBER = re.compile(r"[\d-]{7,}")


def _neighbour(text: str) -> CardPerson:
    """“邻居或村干部及电话” is one field: what looks like a number is the phone, the rest the person."""
    found = _NUMBER.findall(text)
    name = _NUMBER.sub("", text).strip(" ，,、；;:：")
    return CardPerson(name, "", tuple(found[:PHONES_SHOWN]))
