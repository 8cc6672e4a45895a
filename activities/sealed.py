"""
The acts around 悄悄话: an envelope is received, a child writes, the addressee opens (domain §12 P-14).

Nobody types the words of a paper envelope but its addressee; nobody reads an envelope but its addressee.
"""

import uuid
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from activities.models import SealedNote
from caretrack.access.policy import Role
from caretrack.schools.models import Appointment, School, Staff
from children.models import Child

LONGEST = 2000
ADDRESSEES = frozenset({Role.HOMEROOM, Role.TEACHER, Role.COUNSELLOR, Role.CARE_LEAD, Role.PRINCIPAL, Role.REGISTRAR})


def addressees(school: School, on: date) -> "QuerySet[Staff]":
    """The teachers of the school to whom a child may write."""
    posts = Appointment.objects.current(on).filter(school=school, role__in=ADDRESSEES)
    return Staff.objects.filter(pk__in=posts.values("staff"), is_active=True).order_by("pinyin", "pk")


@transaction.atomic
def receive(
    *,
    school: School,
    child: Child | None,
    addressee: Staff,
    via: str,
    received_on: date,
    by: Staff,
    today: date,
    client_key: uuid.UUID,
    text: str = "",
) -> tuple[SealedNote, bool]:
    """
    An envelope has come, or a child has written on the screen (`text`, only then). Pressing twice makes one.

    Raises ValidationError for a day to come, nothing written, or somebody who is no teacher of the school.
    """
    if made := SealedNote.objects.filter(client_key=client_key, entered_by=by).first():
        return made, False
    on_screen = via == SealedNote.Via.SCREEN
    if received_on > today:
        raise ValidationError({"received_on": "日期不能在今天以后。"})
    if on_screen and not text.strip():
        raise ValidationError({"secret_words": "还没有写字。"})
    if not addressees(school, today).filter(pk=addressee.pk).exists():
        raise ValidationError({"addressee": "请选择本校的老师。"})
    note = SealedNote.objects.create(
        school=school,
        child=child,
        addressee=addressee,
        via=via,
        received_on=received_on,
        text=text.strip()[:LONGEST] if on_screen else "",
        entered_by=by,
        client_key=client_key,
    )
    return note, True


@transaction.atomic
def open_note(*, note: SealedNote, by: Staff, now: datetime) -> SealedNote:
    """The addressee breaks the seal; once. Raises ValidationError for anybody else."""
    current = SealedNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    _own(current, by)
    if current.opened_at is None:
        current.opened_at = now
        current.save(update_fields=["opened_at"])
    return current


@transaction.atomic
def keep_words(*, note: SealedNote, text: str, by: Staff) -> SealedNote:
    """The addressee writes down, for nobody else, what stands in a paper envelope that was opened."""
    current = SealedNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    _own(current, by)
    if current.via == SealedNote.Via.SCREEN or current.opened_at is None:
        raise ValidationError("只有拆开的纸质信可以由收信教师自己摘记。")
    current.text = text.strip()[:LONGEST]
    current.save(update_fields=["text"])
    return current


@transaction.atomic
def mark_answered(*, note: SealedNote, by: Staff, on: date) -> SealedNote:
    """The addressee has answered the child. Raises ValidationError for anybody else or before it was opened."""
    current = SealedNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    _own(current, by)
    if current.opened_at is None:
        raise ValidationError("请先拆开再办结。")
    current.done_on = on
    current.save(update_fields=["done_on"])
    return current


def _own(note: SealedNote, by: Staff) -> None:
    if note.addressee_id != by.pk:
        raise ValidationError("悄悄话只有收信的老师本人可以拆看。")
