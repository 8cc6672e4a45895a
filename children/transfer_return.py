"""
A child comes back with a file: the old dossier is opened again and brought up to date by what the file knows.

What stands here stays: the file adds rows that are missing, fills what is empty, and tells the family's present
situation, which the school in between knew better (domain §5.3, P-37).
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F

from caretrack.schools.models import SchoolClass, Staff
from children.models import (
    AidGrant,
    Award,
    CareArrangement,
    Child,
    FamilyMember,
    HealthCheck,
    Phone,
    Result,
    codes,
)
from children.services import AWAY, enrol, set_care, set_parent_status
from children.transfer_file import (
    Package,
    arrival,
    as_child,
    carer_of,
    child_fields,
    fitting_terms,
    new_member,
    read_row,
    save_row,
    term_of,
)

ONE_OF_A_KIND = (codes.Relation.FATHER, codes.Relation.MOTHER)
#: Told together by `set_parent_status`; one of them alone could contradict the other that stands here.
OF_STATUS = ("status", "away_since", "returned_on")


@transaction.atomic
def take_back(package: Package, *, child: Child, school_class: SchoolClass, on: date, by: Staff) -> Child:
    """
    Take a child that was here before into a class from `on`, with what the file of the school in between adds.

    Raises ValidationError as `enrol`, `set_parent_status` and `set_care` do, BadFile for contents that cannot be.
    """
    fresh = as_child(package)
    for field in child_fields():
        if field.value_from_object(child) in ("", None, []):
            setattr(child, field.name, getattr(fresh, field.name))
    child.save()
    enrol(child=child, school_class=school_class, evidence=f"档案移交函{package.letter_no}", **arrival(package, on, by))
    members = _family(child, package, on, by)
    _care(child, package, members, on, by)
    _rows(child, package, by)
    return child


def _family(child: Child, package: Package, on: date, by: Staff) -> list[FamilyMember]:
    """The members of the package, in its order, as they stand here now."""
    known = {_who(member): member for member in FamilyMember.objects.filter(child=child)}
    found = []
    for data in package.family:
        told = read_row(FamilyMember(), data)
        member = known.get(_who(told))
        if member is None:
            member = new_member(child, data)
        else:
            _bring_up_to_date(member, told, on, by)
            _phones(member, data)
        found.append(member)
    return found


def _who(member: FamilyMember) -> tuple[str, str]:
    return (member.relation, "" if member.relation in ONE_OF_A_KIND else member.name)


def _bring_up_to_date(member: FamilyMember, told: FamilyMember, on: date, by: Staff) -> None:
    for field in FamilyMember._meta.concrete_fields:
        if field.is_relation or field.name in OF_STATUS:
            continue
        if field.value_from_object(member) in ("", None):
            setattr(member, field.name, getattr(told, field.name))
    if member.relation not in codes.PARENTS or told.status == codes.ParentStatus.UNKNOWN:
        member.save()
        return
    since = told.away_since if told.status in AWAY else told.returned_on
    if since is not None and (since > on or (member.away_since and since < member.away_since)):
        since = None
    member.save()
    set_parent_status(
        member=member,
        status=told.status,
        since=since,
        by=by,
        on=on,
        work_place=told.work_place,
        evidence="档案移交文件",
    )


def _phones(member: FamilyMember, data: Any) -> None:
    """Numbers that are not here yet come first in calling order: they are the later ones."""
    kept = set(member.phones.values_list("number", flat=True))
    new = [row for row in data.get("phones", []) if isinstance(row, dict) and row.get("number") not in kept]
    if new:
        Phone.objects.filter(child=member.child_id).update(order=F("order") + len(new))
    for row in new:
        save_row(Phone(member=member, child=member.child), row)


def _care(child: Child, package: Package, members: list[FamilyMember], on: date, by: Staff) -> None:
    for data in package.care:
        told = read_row(CareArrangement(), data)
        if told.ends_on is not None:
            continue
        current = CareArrangement.objects.open().filter(child=child).first()
        start = max(filter(None, (told.starts_on, current.starts_on if current else None)), default=on)
        set_care(
            child=child,
            carer=carer_of(data, members),
            care_type=told.care_type,
            on=min(start, on),
            by=by,
            rating=told.rating,
            reason="档案移交文件",
        )


def _rows(child: Child, package: Package, by: Staff) -> None:
    """Checks, awards, aid and results that are not here yet."""
    terms = fitting_terms(package, child.school_id)
    _add(package.checks, lambda data: HealthCheck(child=child), ("on",))
    _add(package.awards, lambda data: Award(child=child), ("title", "on"))
    _add(
        package.aid,
        lambda data: AidGrant(child=child, term=term_of(data, terms)),
        ("programme", "on", "amount", "goods"),
    )
    dated = [data for data in package.results if term_of(data, terms) is not None]
    _add(
        dated,
        lambda data: Result(child=child, term=term_of(data, terms), entered_by=by),
        ("term_id", "subject", "occasion"),
    )


def _add(rows: Iterable[Any], begin: Callable[[Any], Any], names: tuple[str, ...]) -> None:
    kept: set[tuple[Any, ...]] | None = None
    for data in rows:
        row = read_row(begin(data), data)
        if kept is None:
            kept = set(type(row).objects.filter(child=row.child).values_list(*names))
        key = tuple(getattr(row, name) for name in names)
        if key not in kept:
            kept.add(key)
            save_row(row, data)
