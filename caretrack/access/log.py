"""
The access log: entries noted during a request, written before the answer leaves. No entry, no page.

Entries hold ids and page names, never names, numbers or content. Repeated views of one child by one person within
ten minutes are one entry, so that browsing is not a write per page.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from caretrack.access.models import AccessEntry, Event
from caretrack.fixed import fixed

FOLD = timedelta(minutes=10)
_LOCK = 7_203_114  # an arbitrary number, the same in every process: PostgreSQL's advisory lock of the chain


@dataclass(frozen=True)
class Note:
    event: Event
    child_id: int | None
    detail: str
    staff: Any = None


def note(request: HttpRequest, event: Event, child: Any = None, detail: str = "", *, staff: Any = None) -> None:
    """
    Remember that this request looked at or did something; the middleware writes it before the page leaves.

    `staff` names the person where the request itself does not: at a failed log-in, at logging out.
    """
    child_id = child if isinstance(child, int) else getattr(child, "pk", None)
    notes = request.__dict__.setdefault("access_notes", [])
    notes.append(Note(event, child_id, detail[:200], staff))


def note_each(request: HttpRequest, event: Event, children: Iterable[int], detail: str = "") -> None:
    """A paper or file that names several children: an entry for each of these ids, or one without a child for none."""
    named: list[int | None] = [*children]
    for child in named or [None]:
        note(request, event, child, detail)


def write_notes(request: HttpRequest) -> None:
    """
    Write what was noted. Views of the same child within ten minutes are folded into the first.

    Called inside a transaction it writes with it: what is rolled back stays noted, and the middleware writes it.
    """
    notes: list[Note] = request.__dict__.get("access_notes", [])
    if not notes:
        return
    staff: Any = getattr(request, "user", None)
    staff_id = getattr(staff, "pk", None)
    page = request.resolver_match.view_name if request.resolver_match else ""
    fresh = list(dict.fromkeys(notes))
    views = {n.child_id for n in fresh if n.event == Event.VIEW and n.child_id}
    if views and staff_id:
        recent = set(_seen_since(timezone.now() - FOLD, staff_id, tuple(views)))
        fresh = [n for n in fresh if not (n.event == Event.VIEW and n.child_id in recent)]
    write(
        [
            AccessEntry(
                staff_id=getattr(n.staff or staff, "pk", None),
                staff_name=str(n.staff or staff) if n.staff or staff_id else "",
                roles=(n.staff or staff).role_names() if n.staff or staff_id else "",
                address=request.META.get("REMOTE_ADDR", "")[:45],
                event=n.event,
                page=(page or "")[:100],
                child_id=n.child_id,
                detail=n.detail,
            )
            for n in fresh
        ]
    )
    written = len(notes)
    transaction.on_commit(lambda: notes.__delitem__(slice(written)))


@fixed
def _seen_since(since: datetime, staff: int, children: tuple[int, ...]) -> QuerySet[AccessEntry, Any]:
    seen = AccessEntry.objects.filter(staff_id=staff, child_id__in=children, event=Event.VIEW, at__gte=since)
    return seen.values_list("child_id", flat=True)


@fixed
def _last_link() -> QuerySet[AccessEntry, Any]:
    return AccessEntry.objects.order_by("-pk").values_list("chain", flat=True)[:1]


def write(entries: list[AccessEntry]) -> None:
    """Append entries, each chained to the one before; one writer at a time."""
    if not entries:
        return
    with transaction.atomic(savepoint=False):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        last = next(iter(_last_link()), "")
        for entry in entries:
            last = entry.chain = link(last, entry)
        AccessEntry.objects.bulk_create(entries)


def link(before: str, entry: AccessEntry) -> str:
    """The keyed hash of an entry and of the one before it, over values as they come back from the database."""
    parts = (
        before,
        entry.at.astimezone(UTC).isoformat(),
        entry.staff_id,
        entry.staff_name,
        str(entry.event),
        entry.page,
        entry.child_id,
        entry.detail,
        entry.address,
        entry.roles,
    )
    return hmac.new(settings.SECRET_KEY.encode(), repr(parts).encode(), hashlib.sha256).hexdigest()


def first_broken() -> int | None:
    """The number of the first entry that was altered or whose predecessor is gone; None when the log is whole."""
    before = ""
    for entry in AccessEntry.objects.order_by("pk").iterator(chunk_size=2000):
        if entry.chain != link(before, entry):
            return entry.pk
        before = entry.chain
    return None
