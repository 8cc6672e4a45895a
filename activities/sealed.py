"""
The acts around 悄悄话: an envelope is received, a child writes, the addressee opens (domain §12 P-14).

Nobody types the words of a paper envelope but its addressee; nobody reads an envelope but its addressee.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BooleanField, Case, Count, DateField, Exists, F, Min, OuterRef, Q, QuerySet, When
from django.db.models.functions import TruncDate

from activities.models import SealedNote
from caretrack.access.policy import Role
from caretrack.fixed import fixed
from caretrack.schools.models import Appointment, School, Staff
from children.models import Child

LONGEST = 2000
#: A letter that nobody opened for so long is told to those who lead the school.
UNOPENED = timedelta(days=7)
LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)
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


@dataclass(frozen=True)
class Neglected:
    """How many envelopes lie unopened for one teacher, and since when. `gone`: that teacher is not at the school any more."""

    addressee: str
    number: int
    oldest: date
    gone: bool


def _neglected(today: date, since: date) -> "QuerySet[SealedNote]":
    """
    Envelopes that lie unopened from `since` or before, and those to somebody who is not at the school any more, with
    `gone` and with `lies`: the day from which its teacher has had it.
    """
    posts = Appointment.objects.current(today).filter(staff=OuterRef("addressee"), school=OuterRef("school"))
    here = When(Exists(posts), addressee__is_active=True, then=False)
    # Nothing but being given to another teacher is written on an envelope before it is opened.
    passed_on = When(version__gt=1, then=TruncDate("change__made_at"))
    rows = SealedNote.objects.unopened().annotate(
        gone=Case(here, default=True, output_field=BooleanField()),
        lies=Case(passed_on, default=F("received_on"), output_field=DateField()),
    )
    return rows.filter(Q(gone=True) | Q(lies__lte=since))


def neglected(staff: Staff, today: date) -> list[Neglected]:
    """
    What those who lead a school have to see to: for whom letters lie unopened, how many and how long.

    Not whose they are, nor what is in them: a number is enough to remind a teacher (P-14). One statement.
    """
    return [Neglected(*row) for row in _told(staff, today, today - UNOPENED)]


@fixed
def _told(staff: Staff, today: date, since: date) -> "QuerySet[SealedNote, Any]":
    rows = _neglected(today, since).filter(school__in=staff.schools_as(*LEADS)).exclude(addressee=staff)
    grouped = rows.order_by().values("addressee__name", "gone").annotate(number=Count("pk"), oldest=Min("lies"))
    return grouped.order_by("-gone", "oldest").values_list("addressee__name", "number", "oldest", "gone")


def to_be_asked_about(staff: Staff, today: date) -> "QuerySet[SealedNote]":
    """The letters of which this person may ask the child whether another teacher shall have it: unopened, signed."""
    rows = _neglected(today, today - UNOPENED).filter(school__in=staff.schools_as(*LEADS), child__isnull=False)
    return rows.exclude(addressee=staff)


@transaction.atomic
def readdress(*, note: SealedNote, addressee: Staff, asked: bool, by: Staff, today: date) -> SealedNote:
    """
    The child was asked and wants another teacher to have its unopened letter; the history keeps who asked and when.

    A letter belongs to the child (P-14): nobody chooses a reader for it, so without the child's own word it stays where
    it is, an unsigned one for good. Who asks cannot have it given to themselves, or a tick would open any letter.

    Raises ValidationError for a letter that somebody can still be reminded of, without the child's word, or for somebody
    who is no teacher of the school, had it before, or asks.
    """
    current = SealedNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if not to_be_asked_about(by, today).filter(pk=current.pk).exists():
        raise ValidationError("这封信已经拆开，或者收信的老师还可以提醒，不能换人。")
    if not asked:
        raise ValidationError({"asked": "信是孩子的，先问孩子本人愿意交给谁。"})
    if addressee.pk == by.pk:
        raise ValidationError({"addressee": "孩子想交给您的，请另一位负责人去问孩子并办理。"})
    if addressee.pk == current.addressee_id or not addressees(current.school, today).filter(pk=addressee.pk).exists():
        raise ValidationError({"addressee": "请选择本校另一位老师。"})
    current.addressee = addressee
    current.save(update_fields=["addressee"])
    return current


def _own(note: SealedNote, by: Staff) -> None:
    if note.addressee_id != by.pk:
        raise ValidationError("悄悄话只有收信的老师本人可以拆看。")
