"""Whether what somebody is about to record has been recorded before: by the same press, or in the same words."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from activities.models import CareRecord
from activities.services import Contact, text_for, without_private_text
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from children.models import Child


def says_the_same(
    records: Sequence[CareRecord],
    children: Sequence[Child],
    contact: Contact,
    lines: Mapping[int, str],
    states: Mapping[int, str],
) -> bool:
    """Whether what was saved under a form's key is what is sent now: a second press, not a second record."""
    contact, first = without_private_text(contact), records[0]
    return (
        {r.child_id for r in records} == {c.pk for c in children}
        and (first.kind, first.on) == (contact.kind, contact.on)
        and all(r.content == text_for(contact, lines.get(r.child_id, "")) for r in records)
        and all(r.state == states.get(r.child_id, contact.state) for r in records)
    )


def told_already(
    children: Sequence[Child], contact: Contact, lines: Mapping[int, str], *, by: Staff, key: UUID
) -> list[CareRecord]:
    """
    What `by` has recorded about these children on that day, of that kind and in the same words.

    Records without words are the same when time, length, partner and the answers of their kind are. A second press
    of the form with `key` is no repetition: the service answers it with what the first one made.
    """
    contact, about = without_private_text(contact), {child.pk: child for child in children}
    records = [
        record
        for record in _of_day(by.pk, tuple(about), str(contact.kind), contact.on)
        if record.reached == contact.reached
        and _as_told(record, contact, text_for(contact, lines.get(record.child_id, "")))
    ]
    if any(record.client_key == key for record in records):
        return []
    for record in records:
        record.child = about[record.child_id]
    return sorted(records, key=lambda record: (record.child.pinyin, record.pk))


@fixed
def _of_day(author: int, children: tuple[int, ...], kind: str, on: date) -> QuerySet[CareRecord]:
    """Only what is compared and told: it is asked with each save while nobody else can save."""
    found = CareRecord.objects.filter(author=author, child__in=children, kind=kind, on=on).order_by()
    return found.only("child", "kind", "on", "reached", "content", "at", "minutes", "with_whom", "detail", "client_key")


def _as_told(record: CareRecord, contact: Contact, text: str) -> bool:
    """Texts are sealed in the store, so they are compared here."""
    if text or record.content:
        return record.content == text
    return all(getattr(record, name) == getattr(contact, name) for name in ("at", "minutes", "with_whom", "detail"))
