"""Monthly feedback to parents away: who is to be told, what was told, and that it was sent (domain §13 no. 59)."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from activities.models import CareRecord, FamilyFeedback, Kind
from activities.models.feedback import feedback_sent, parents_contacted
from activities.models.record import Way
from activities.services import Contact, record_contact
from caretrack.access.policy import DataClass, Level
from caretrack.fixed import fixed, tally
from caretrack.periods import Month
from caretrack.schools.models import Staff
from children.models import Child, FamilyMember, codes
from children.models.child import ChildQuerySet
from children.models.family import FamilyMemberQuerySet
from children.not_called import who_is_not_called

#: How a feedback reaches the parents: the words and the way of the record.
SENT_AS = {
    "短信": Way.WRITING,
    "微信": Way.WRITING,
    "打印件": Way.WRITING,
    "电话": Way.PHONE,
    "视频": Way.VIDEO,
    "当面": Way.FACE,
}
FAMILY = uuid.UUID("6f1c3a52-9d0e-4a53-8a3f-0c5f5b2d7e11")


def _told() -> FamilyMemberQuerySet:
    """Parents who work away, but for those who are not called."""
    away = FamilyMember.objects.parents().filter(status=codes.ParentStatus.AWAY_WORK)
    return away.exclude(who_is_not_called())


def families(staff: Staff) -> ChildQuerySet:
    """
    Children in a class with a parent away who may be written to, of whom `staff` reads family and care.

    Nothing is sent to somebody who is not called (children.not_called): where no other parent is away, to nobody.
    """
    care = Child.objects.visible_to(staff, DataClass.CARE, Level.READ).order_by().values("pk")
    seen = Child.objects.visible_to(staff, DataClass.CONTACT)
    return seen.filter(Exists(_told().filter(child=OuterRef("pk"))), pk__in=care).on_roll()


def with_state(children: ChildQuerySet, month: Month) -> ChildQuerySet:
    """Adds `told` (the feedback of the month was sent) and `contacted` (somebody spoke with the family)."""
    return children.annotate(told=feedback_sent(month.key), contacted=parents_contacted(month.first, month.last))


def waiting(staff: Staff, month: Month) -> int:
    """How many families that `staff` answers nobody was in touch with in the month: `Progress.waiting` by itself."""
    return sum(number for (number,) in _waiting(staff, month.key, month.first, month.last))


@fixed
def _waiting(staff: Staff, month: str, first: date, last: date) -> QuerySet[Child, Any]:
    left = families(staff).filter(~feedback_sent(month), ~parents_contacted(first, last))
    return tally(left, number=Count("pk"))


@dataclass(frozen=True)
class Progress:
    """How far a month has come."""

    total: int
    told: int
    contacted: int

    @property
    def waiting(self) -> int:
        """Families with whom nobody was in touch."""
        return self.total - self.told - self.contacted


def progress(children: ChildQuerySet, month: Month) -> Progress:
    """Of these children: how many, of how many the feedback was sent, with how many more somebody spoke."""
    found = with_state(children, month).aggregate(
        every=Count("pk"),
        sent=Count("pk", filter=Q(told=True)),
        spoken=Count("pk", filter=Q(told=False, contacted=True)),
    )
    return Progress(found["every"], found["sent"], found["spoken"])


@dataclass(frozen=True)
class Parent:
    """Whom a feedback is for: 父亲 李大山, where."""

    relation: str
    name: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.relation}{self.name}"


def parents_away(ids: Iterable[int]) -> dict[int, list[Parent]]:
    """Child id → the parents who work away and may be told, those with a number first; one statement."""
    rows = _told().filter(child__in=list(ids))
    found: dict[int, list[Parent]] = {}
    for member in sorted(
        rows.annotate(numbers=Count("phones")), key=lambda m: (m.child_id, not m.numbers, m.relation, m.pk)
    ):
        found.setdefault(member.child_id, []).append(Parent(member.relation_words, member.name, member.work_place))
    return found


def written(ids: Iterable[int], month: Month) -> dict[int, FamilyFeedback]:
    """Child id → the feedback of the month with its record; one statement."""
    rows = FamilyFeedback.objects.of_month(month).filter(child__in=list(ids)).select_related("record")
    return {row.child_id: row for row in rows}


def of(child: Child, month: Month) -> FamilyFeedback:
    """The feedback of a child for a month; one in memory, at version 0, when nobody has written it."""
    return written([child.pk], month).get(child.pk) or FamilyFeedback(child=child, month=month.key, version=0)


@transaction.atomic
def mark_sent(
    *,
    children: Sequence[Child],
    month: Month,
    texts: Mapping[int, str],
    on: date,
    sent_as: str,
    to: str,
    by: Staff,
    today: date,
) -> list[CareRecord]:
    """
    The feedback of a month went to these families: one 与家长联系 record each, with the text that was sent.

    `to` names whom ("" stands for the parent away whom the dossier names first). Families told already are left out;
    pressing twice makes no second record. Raises ValidationError for an impossible day.
    """
    listed = {child.pk: child for child in Child.objects.select_for_update().filter(pk__in=[c.pk for c in children])}
    earlier = written(listed, month)
    away = parents_away(listed)
    made = []
    for child in children:
        row = earlier.get(child.pk) or FamilyFeedback(child=child, month=month.key)
        if row.record is not None and row.record.reached:
            continue
        named = away.get(child.pk, [])
        detail = {"sent_as": sent_as}
        if not to and named:
            detail["relation"] = named[0].relation
        contact = Contact(
            kind=Kind.PARENT_CONTACT,
            on=on,
            content=texts[child.pk],
            way=SENT_AS[sent_as],
            with_whom=to or (str(named[0]) if named else "家长"),
            detail=detail,
        )
        # A feedback whose record says that nobody was reached is sent again under a key of its own.
        again = f":{row.record_id}" if row.record_id else ""
        key = uuid.uuid5(FAMILY, f"{child.pk}:{month.key}{again}")
        records, _ = record_contact(children=[child], contact=contact, by=by, today=today, client_key=key)
        row.record = records[0]
        row.save()
        made += records
    return made


def month_asked(text: str, today: date, closing_day: int) -> Month:
    """The month named in an address; the running one without. Raises ValidationError for nonsense or the future."""
    now = Month.of(today, closing_day)
    if not text:
        return now
    try:
        month = Month.parse(text, closing_day)
    except ValueError as error:
        raise ValidationError("没有这个月份。") from error
    if month > now:
        raise ValidationError("这个月还没有到。")
    return month
