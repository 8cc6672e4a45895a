"""Parents, phones and the carer of one row laid over the dossier, with the dated events they cause."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from children.importing import values
from children.importing.edits import fresh, label_of
from children.importing.normalise.dates import DAY
from children.importing.normalise.phones import Phone as StatedPhone
from children.importing.normalise.relations import GENERAL
from children.importing.records import Person
from children.models import CareArrangement, FamilyMember, Phone, PhoneState, codes
from children.services import OF_ONE_CARER

if TYPE_CHECKING:
    from children.importing.merge import Merge

ONE_DAY = dt.timedelta(days=1)
AWAY = (codes.ParentStatus.AWAY_WORK, codes.ParentStatus.AWAY_OTHER)
NO_SPAN = (codes.ParentStatus.AT_HOME, codes.ParentStatus.UNKNOWN)
_PARENT_WORDS = {relation: str(relation.label) for relation in codes.PARENTS}
_NOBODY = (codes.CareType.SELF, codes.CareType.NONE)
_AWAY_WORDS = {0: "无人外出", 1: "一方外出", 2: "双方外出"}
_RELATION_OF_CARE = {
    codes.CareType.GRANDPARENT: codes.Relation.GRANDPARENT,
    codes.CareType.ONE_PARENT: codes.Relation.PARENT,
    codes.CareType.KIN_FRIEND: codes.Relation.OTHER_KIN,
}


def merge_family(merge: Merge) -> None:
    """Father, mother, other members, the carer and phones without an owner."""
    away_before = 0 if merge.is_new else _away_count(merge)
    father = _merge_parent(merge, codes.Relation.FATHER, merge.row.father)
    mother = _merge_parent(merge, codes.Relation.MOTHER, merge.row.mother)
    for person in merge.row.family:
        _merge_other(merge, person)
    if not merge.is_new and (away_after := _away_count(merge)) != away_before:
        _register_away(merge, away_before, away_after)
    _merge_care(merge, father, mother)
    _merge_phones(merge, None, "", merge.row.contact_phones)


def _away_count(merge: Merge) -> int:
    parents = (member for member in merge.dossier.members if member.relation in codes.PARENTS)
    return sum(member.status == codes.ParentStatus.AWAY_WORK for member in parents)


def _register_away(merge: Merge, before: int, after: int) -> None:
    kinds = codes.ChangeKind
    kind = kinds.NEW_AWAY if before == 0 else kinds.PARENT_BACK if after == 0 else kinds.TYPE_CHANGE
    merge.register(kind, merge.terms.on, before=_AWAY_WORDS[min(before, 2)], after=_AWAY_WORDS[min(after, 2)])


def _merge_parent(merge: Merge, relation: codes.Relation, stated: Person) -> FamilyMember | None:
    member = next((known for known in merge.dossier.members if known.relation == relation), None)
    whose = _PARENT_WORDS[relation]
    if member is None:
        if not stated:
            return None
        member = _find(merge, stated.name, None) if stated.name else None
        if member is not None and member.relation == codes.Relation.PARENT:
            merge.put(member, "relation", relation, whose=member.name)
        else:
            member = _add_member(merge, relation)
    _put_person(merge, member, stated, whose)
    _merge_status(merge, member, stated, whose)
    return member


def _add_member(merge: Merge, relation: str, note: str = "") -> FamilyMember:
    member = merge.edits.add(fresh(FamilyMember, child=merge.dossier.child, relation=relation, relation_note=note))
    merge.dossier.members.append(member)
    return member


def _put_person(merge: Merge, member: FamilyMember, stated: Person, whose: str) -> None:
    for name, value in values.person_values(stated).items():
        merge.put(member, name, value, whose=whose)
    _merge_phones(merge, member, whose, stated.phones)


def _merge_status(merge: Merge, member: FamilyMember, stated: Person, whose: str) -> None:
    """Where a parent is and since when; the open absence follows, so that any past day can be rebuilt."""
    place = stated.work_place or ""
    span = merge.dossier.spans.get(member.pk) if member.pk else None
    since = stated.away_since
    first = since.first_day if since else None
    if place and merge.put(member, "work_place", place, whose=whose) and span is not None:
        merge.edits.put(span, "work_place", place)
    if stated.work_region and (region := values.REGION.get(stated.work_region)):
        merge.put(member, "work_region", region, whose=whose)
    if first is not None and since is not None and first <= merge.terms.on:
        _put_since(merge, member, first, since.precision, whose)
        if span is not None and span.status == (stated.status or member.status):
            merge.edits.put(span, "starts_on", first)
    if stated.status is None or stated.status == member.status:
        return
    was_away = member.status in AWAY
    merge.put(member, "status", stated.status, whose=whose)
    if span is not None:
        last = (first or merge.terms.on) - ONE_DAY
        merge.edits.put(span, "ends_on", max(last, span.starts_on or last))
    if stated.status not in NO_SPAN:
        merge.open_span(member, stated.status, first, place)
    if stated.status in AWAY:
        merge.edits.put(member, "returned_on", None)
    elif was_away:
        returned = max(merge.terms.on, member.away_since or merge.terms.on)
        merge.edits.put(member, "returned_on", returned)


def _put_since(merge: Merge, member: FamilyMember, first: dt.date, precision: str, whose: str) -> None:
    if precision != DAY and member.away_since and member.away_precision == DAY:
        shown_part = member.away_since.isoformat()[: 7 if precision == "month" else 4]
        if first.isoformat().startswith(shown_part):
            return
    told = merge.put(member, "away_since", first, whose=whose)
    if merge.edits.put(member, "away_precision", precision) and not told and not merge.is_new:
        merge.tell(f"{whose}外出时间精度", "", label_of(member, "away_precision"))


def _merge_other(merge: Merge, stated: Person) -> FamilyMember:
    """A relative who is neither father nor mother: found by name, or by relation while the name is unknown."""
    relation = stated.relation_code or codes.Relation.OTHER_KIN
    member = _find(merge, stated.name, stated.relation_code)
    of_mother = stated.maternal and relation == codes.Relation.GRANDPARENT
    if member is None:
        member = _add_member(merge, relation, codes.MOTHERS_PARENTS if of_mother else stated.relation_text[:30])
    elif of_mother and member.relation == relation and not member.relation_note:
        merge.put(member, "relation_note", codes.MOTHERS_PARENTS, whose=member.name)
    elif stated.relation_code and member.relation != stated.relation_code and member.relation in GENERAL:
        merge.put(member, "relation", stated.relation_code, whose=member.name)
        merge.edits.put(member, "relation_note", stated.relation_text[:30])
    _put_person(merge, member, stated, member.relation_words)
    return member


def _find(merge: Merge, name: str | None, relation: str | None) -> FamilyMember | None:
    members = merge.dossier.members
    if name:
        same_name = [member for member in members if member.name == name]
        exact = [member for member in same_name if member.relation == relation]
        vague = relation is None or relation in GENERAL
        open_ones = [member for member in same_name if vague or member.relation in GENERAL]
        if exact or open_ones:
            return (exact or open_ones)[0]
        return next((member for member in members if member.relation == relation and not member.name), None)
    return next((member for member in members if relation and member.relation == relation), None)


def _merge_care(merge: Merge, father: FamilyMember | None, mother: FamilyMember | None) -> None:
    stated = merge.row.carer
    care_type, rating = merge.row.care_type or "", values.RATING.get(merge.row.care_rating or "", "")
    carer = _carer(merge, stated, father, mother) if stated else None
    if carer is None and not care_type and not rating:
        if merge.row.entrusted is not None and merge.dossier.care is not None:
            merge.put(merge.dossier.care, "entrusted", merge.row.entrusted)
        return
    care = merge.dossier.care
    if care is None:
        merge.dossier.care = merge.edits.add(
            fresh(
                CareArrangement,
                child=merge.dossier.child,
                carer=carer,
                care_type=care_type,
                maternal=stated.maternal or None,
                rating=rating,
                entrusted=merge.row.entrusted,
                starts_on=merge.terms.entry_on if merge.is_new else merge.terms.on,
            )
        )
        merge.tell("照护", "", _care_words(merge.dossier.care))
        return
    alone = carer is None and care_type in _NOBODY and care_type != care.care_type
    if care.carer_id is not None and (alone or (carer is not None and care.carer_id != carer.pk)):
        _change_carer(merge, care, carer, care_type, rating)
        return
    if carer is not None and care.carer_id is None and care.carer is not carer:
        merge.edits.put(care, "carer", carer)
        merge.tell("实际监护人", "", str(carer))
    for name, value in (("care_type", care_type), ("rating", rating)):
        if value:
            merge.put(care, name, value)
    if merge.row.entrusted is not None:
        merge.put(care, "entrusted", merge.row.entrusted)


def _care_words(care: CareArrangement) -> str:
    """A new arrangement in a line: 祖母 王桂英，祖辈，评估较好."""
    rating = f"评估{label_of(care, 'rating')}" if care.rating else ""
    return "，".join(part for part in (str(care.carer or ""), label_of(care, "care_type"), rating) if part)


def _carer(
    merge: Merge, stated: Person, father: FamilyMember | None, mother: FamilyMember | None
) -> FamilyMember | None:
    """The family member who cares: a parent by relation or name, else another relative."""
    for parent, code in ((father, codes.Relation.FATHER), (mother, codes.Relation.MOTHER)):
        by_name = parent is not None and bool(stated.name) and parent.name == stated.name
        if stated.relation_code == code or (stated.relation_code in (None, codes.Relation.PARENT) and by_name):
            if parent is None:
                parent = _add_member(merge, code)
            if parent.name and stated.name and parent.name != stated.name:
                _keep_phones_of_another(merge, parent, stated, str(code.label))
                return parent
            _put_person(merge, parent, stated, str(code.label))
            return parent
    if not stated.name and not stated.relation_code:
        _merge_phones(merge, None, "监护人", stated.phones)
        return None
    if stated.relation_code is None:
        known = _find(merge, stated.name, None)
        if known is None:
            guessed = _RELATION_OF_CARE.get(codes.CareType(merge.row.care_type)) if merge.row.care_type else None
            known = _add_member(merge, guessed or codes.Relation.NOT_KIN, codes.RELATION_NOT_STATED)
        _put_person(merge, known, stated, "监护人")
        return known
    return _merge_other(merge, stated)


def _keep_phones_of_another(merge: Merge, parent: FamilyMember, stated: Person, whose: str) -> None:
    """A carer called father or mother under another name: nobody knows whose the numbers are, so they are the family's."""
    own = {values.digits(phone.number) for phone in merge.dossier.phones if phone.member is parent}
    left = tuple(phone for phone in stated.phones if values.digits(phone.number) not in own)
    _merge_phones(merge, None, "监护人", left)
    kept = "监护人电话已记作家庭联系电话，没有记在她或他名下。" if left else ""
    merge.notes.append(f"监护人写的是{whose}“{stated.name}”，与{whose}姓名“{parent.name}”不同，请核对。{kept}")


def _change_carer(merge: Merge, care: CareArrangement, carer: FamilyMember | None, care_type: str, rating: str) -> None:
    """
    Another carer, or none any more, is a dated event: the old arrangement ends, a new one begins (domain §5.3
    care_change).
    """
    terms = merge.terms
    after = str(carer) if carer is not None else str(codes.CareType(care_type).label)
    before = next((str(member) for member in merge.dossier.members if member.pk == care.carer_id), "")
    if care.starts_on is None or terms.on > care.starts_on:
        merge.edits.put(care, "ends_on", terms.on - ONE_DAY)
        merge.dossier.care = merge.edits.add(
            fresh(
                CareArrangement,
                child=merge.dossier.child,
                carer=carer,
                care_type=care_type or care.care_type,
                rating=rating or (care.rating if carer is not None else ""),
                entrusted=merge.row.entrusted,
                maternal=merge.row.carer.maternal or None,
                starts_on=terms.on,
            )
        )
    else:
        merge.edits.put(care, "carer", carer)
        for name, nothing in OF_ONE_CARER.items():
            merge.edits.put(care, name, nothing)
        if merge.row.entrusted is not None:
            merge.edits.put(care, "entrusted", merge.row.entrusted)
        if care_type:
            merge.edits.put(care, "care_type", care_type)
        if rating:
            merge.edits.put(care, "rating", rating)
    merge.register(codes.ChangeKind.CARE_CHANGE, terms.on, before=before, after=after)
    merge.tell("实际监护人", before, after)


def _merge_phones(merge: Merge, member: FamilyMember | None, whose: str, stated: tuple[StatedPhone, ...]) -> None:
    """Numbers that are not stored yet come first in the calling order; stored ones stay (blank never clears)."""
    if not stated:
        return
    own = [phone for phone in merge.dossier.phones if phone.member is member]
    known = {values.digits(phone.number): phone for phone in own}
    new = [phone for phone in stated if values.digits(phone.number) not in known]
    for phone in stated:
        stored = known.get(values.digits(phone.number))
        if stored is not None and phone.dead:
            merge.put(stored, "state", PhoneState.DEAD, whose=whose)
    if not new:
        return
    for known_phone in own:
        merge.edits.put(known_phone, "order", known_phone.order + len(new))
    for order, phone in enumerate(new, start=1):
        added = fresh(
            Phone,
            child=merge.dossier.child,
            member=member,
            number=phone.number[:20],
            order=order,
            answered_by=values.answered_by(phone),
            state=PhoneState.DEAD if phone.dead else PhoneState.UNVERIFIED,
        )
        merge.dossier.phones.append(merge.edits.add(added))
        merge.tell(f"{whose}电话" if merge.is_new else f"{whose}电话（添加）", "", phone.number)
