"""Whether what somebody is about to record has been recorded before: by the same press, or in the same words."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from activities.models import CareRecord
from activities.services import Contact, text_for, without_private_text
from caretrack.schools.models import Staff
from children.models import Child


def says_the_same(
    records: Sequence[CareRecord], children: Sequence[Child], contact: Contact, lines: Mapping[int, str]
) -> bool:
    """Whether what was saved under a form's key is what is sent now: a second press, not a second record."""
    first = records[0]
    return (
        {r.child_id for r in records} == {c.pk for c in children}
        and (first.kind, first.on) == (contact.kind, contact.on)
        and all(r.content == text_for(contact, lines.get(r.child_id, "")) for r in records)
    )


def told_already(
    children: Sequence[Child], contact: Contact, lines: Mapping[int, str], *, by: Staff, key: UUID
) -> list[CareRecord]:
    """
    What `by` has recorded about these children on that day, of that kind and in the same words.

    Records without words are the same when time, length, partner and the answers of their kind are. A second press
    of the form with `key` is no repetition: the service answers it with what the first one made.
    """
    contact = without_private_text(contact)
    of_day = CareRecord.objects.filter(
        author=by,
        child__in=children,
        kind=contact.kind,
        on=contact.on,
        reached=contact.reached,
    )
    records = [
        record
        for record in of_day.select_related("child").order_by("child__pinyin", "pk")
        if _as_told(record, contact, text_for(contact, lines.get(record.child_id, "")))
    ]
    return [] if any(record.client_key == key for record in records) else records


def _as_told(record: CareRecord, contact: Contact, text: str) -> bool:
    """Texts are sealed in the store, so they are compared here."""
    if text or record.content:
        return record.content == text
    return all(getattr(record, name) == getattr(contact, name) for name in ("at", "minutes", "with_whom", "detail"))
