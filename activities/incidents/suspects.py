"""Naming the person of the family who is suspected, and taking it back. Both are lines of the file's course."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from activities.incidents.services import locked, said, tell
from activities.models import Incident, IncidentChild, IncidentSuspect
from caretrack.schools.models import Staff
from children.contacts import digits_in
from children.models import Child, FamilyMember, Phone


def suspected(known_to: Any) -> Q:
    """
    The condition on members of families that they are suspected, of all or of files that somebody may open.

    The same person in the dossier of a brother or sister is suspected as well: by the ID number, or where that is not
    known by the name with a number, however that is written. Registered with children.not_called.
    """
    every = IncidentSuspect.objects.real()
    rows = every if known_to is None else every.known_to(known_to)
    numbers = Phone.objects.filter(member__in=rows.values("member")).values_list(digits_in("number"))
    same_id = ~Q(id_no_index="") & Q(id_no_index__in=rows.values("member__id_no_index"))
    same_name = ~Q(name="") & Q(name__in=rows.values("member__name"))
    of_member = Phone.objects.alias(digits=digits_in("number")).filter(member=OuterRef("pk"), digits__in=numbers)
    return Q(pk__in=rows.values("member")) | same_id | (same_name & Q(Exists(of_member)))


@transaction.atomic
def suspect(*, incident: Incident, member: FamilyMember, by: Staff, now: datetime) -> IncidentSuspect:
    """Name somebody who is not to be called. Raises ValidationError if they are named already."""
    current = locked(incident)
    if IncidentSuspect.objects.filter(incident=current, member=member).exists():
        raise ValidationError({"member": "这位家人已经写明有嫌疑。"})
    row = IncidentSuspect.objects.create(incident=current, member=member)
    tell(current, f"写明有嫌疑的家人：{row}。紧急联系、亲情电话和家校反馈里都不再列出这个人。", by=by, now=now)
    return row


@transaction.atomic
def clear(*, incident: Incident, row: IncidentSuspect, reason: str, by: Staff, now: datetime) -> IncidentSuspect:
    """It was found that there is nothing against them. Raises ValidationError without a reason."""
    why = said(reason, "请写明怎样查明没有嫌疑。")
    current = locked(incident)
    row.delete()
    tell(current, f"{row}不再列为有嫌疑的家人。", by=by, now=now, reason=why)
    return row


def unnamed(involved: Iterable[IncidentChild], suspects: Iterable[IncidentSuspect]) -> list[str]:
    """The pupils whose guardian is suspected without a word on who it is: everybody of their family is still called."""
    named = {row.member.child_id for row in suspects}
    return [one.child.name for one in involved if one.guardian_suspected and one.child_id not in named]


def warning(child: Child, staff: Staff) -> str:
    """
    What somebody who is about to call this pupil's family has to know; nothing for who may not open the file.

    A suspected guardian is never told before it is clear who it is (domain §11.4).
    """
    named = IncidentSuspect.objects.of_child(child).known_to(staff).select_related("member")
    if people := list(dict.fromkeys(row.who for row in named)):
        return f"不要打给{'、'.join(people)}：事件档案里写明有侵害嫌疑。其他人接了电话，也先问清楚身边有谁。"
    files = Incident.objects.visible_to(staff).real().open()
    if IncidentChild.objects.filter(child=child, guardian_suspected=True, incident__in=files).exists():
        return "这名学生有监护人涉嫌侵害的事件在处理：不要打给有嫌疑的监护人，先问清楚再打。"
    return ""
