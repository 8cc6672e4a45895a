"""
Nothing typed is lost: keeping, finding and closing what was typed into a form (security requirements §5.3).

Three ways lead here: the browser saves a changed form every few seconds; a form that was refused with an error is
kept; a form that arrives after its session ended, or with a stale security token, is rescued by the middleware.
"""

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from caretrack.fixed import fixed
from caretrack.web.models import KEPT_FOR, Draft

SHEET_FIELD = "care_sheet"
DRAWING_FIELD = "client_key"
SHEET_SALT = "caretrack.web.sheet"
SHEET_AGE = timedelta(hours=24)
MAX_BYTES = 200_000
NEVER_KEPT = ("csrfmiddlewaretoken", SHEET_FIELD)
SECRET_WORDS = ("password", "passwd", "passphrase", "secret", "otp", "one_time")


@dataclass(frozen=True)
class Sheet:
    """One rendering of one form for one person. It travels in the form, signed, and says whose text this is."""

    staff_id: int
    key: str
    page: str
    title: str = ""
    number: str = field(default_factory=lambda: secrets.token_hex(8))
    goes_on: str = ""
    """The draft that filled the form, by number and stamp: this sheet's text takes its place."""

    def token(self) -> str:
        """The signed text for the hidden field."""
        parts = [self.staff_id, self.key, self.page, self.title, self.number, self.goes_on]
        return signing.dumps(parts, salt=SHEET_SALT, compress=True)


def read_sheet(token: str) -> Sheet | None:
    """The sheet behind a token; None when it is missing, forged or older than a day."""
    if not token:
        return None
    try:
        staff_id, key, page, title, number, *goes_on = signing.loads(token, salt=SHEET_SALT, max_age=SHEET_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Sheet(staff_id, key, page, title, number, *goes_on)


def sheet_of(request: HttpRequest) -> Sheet | None:
    """The sheet that a POST carries."""
    return read_sheet(request.POST.get(SHEET_FIELD, ""))


def sheet_of_draft(draft: Draft) -> Sheet:
    """The sheet on which a draft was typed, for a button that throws it away."""
    return Sheet(draft.staff_id, draft.key, draft.page, draft.title, draft.sheet)


def page_key(path: str) -> str:
    """The key of a form that was given none: its page, without the query."""
    return f"page:{urlsplit(path).path}"[:200]


def typed_fields(data: QueryDict) -> dict[str, list[str]]:
    """What of a POST is kept: everything but secrets and tokens; nothing at all when it is too much."""
    kept = {
        name: values
        for name, values in data.lists()
        if name not in NEVER_KEPT and not any(word in name.lower() for word in SECRET_WORDS)
    }
    return kept if _size(kept) <= MAX_BYTES else {}


def keep(sheet: Sheet, fields: Mapping[str, list[str]], *, now: datetime | None = None) -> Draft | None:
    """
    Keep what was typed on a sheet, in place of what it held before and of the draft that it goes on with.

    A text of the same form from another window stays beside it, unless it says the same.

    Returns the draft, or None when there is nothing to keep: no text, too much of it, the writer's account is closed,
    or the sheet was already saved or thrown away (an autosave that comes late).
    """
    now = now or timezone.now()
    if not any(value.strip() for values in fields.values() for value in values) or _size(fields) > MAX_BYTES:
        return None
    if not get_user_model().objects.filter(pk=sheet.staff_id, is_active=True).exists():
        return None
    values = {
        "page": sheet.page[:500],
        "sheet": sheet.number,
        "payload": json.dumps({"title": sheet.title, "fields": dict(fields)}, ensure_ascii=False),
        "closed": False,
        "saved_at": now,
    }
    try:
        with transaction.atomic():
            rows = Draft.objects.filter(staff_id=sheet.staff_id, key=sheet.key)
            draft = rows.select_for_update().filter(sheet=sheet.number).first()
            if draft is None or not draft.closed:
                beside = rows.filter(closed=False).exclude(sheet=sheet.number)
                rows.filter(pk__in=[row.pk for row in beside if _is_replaced(row, sheet, fields)]).delete()
            if draft is None:
                draft = Draft.objects.create(staff_id=sheet.staff_id, key=sheet.key, **values)
            elif draft.closed:
                return None
            else:
                for name, value in values.items():
                    setattr(draft, name, value)
                draft.save(update_fields=[*values])
    except IntegrityError:  # the same window made the row at the same moment; its text is as new as ours
        return Draft.objects.filter(staff_id=sheet.staff_id, key=sheet.key, sheet=sheet.number).first()
    Draft.objects.filter(staff_id=sheet.staff_id).expired(now).delete()
    return draft


def _is_replaced(row: Draft, sheet: Sheet, fields: Mapping[str, list[str]]) -> bool:
    """Whether an open text of the same form needs no place of its own any more; one typed on elsewhere keeps it."""
    same = row.title == sheet.title and _words(row.fields) == _words(fields)
    return same or _mark(row) == sheet.goes_on


def _words(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What somebody typed: without the number that names one drawing of the form."""
    return {name: values for name, values in fields.items() if name != DRAWING_FIELD}


def _mark(draft: Draft) -> str:
    """Names a text as it is now: one that was typed on since has another mark."""
    return f"{draft.sheet}@{draft.saved_at.isoformat()}"


def find(staff: Any, key: str, number: str = "") -> Draft | None:
    """
    The open draft of this person for this form: that of the sheet `number`, else the latest. It knows of the `others`.
    """
    found = of_form(staff, key)
    draft = next((row for row in found if row.sheet == number), found[0] if found else None)
    if draft is not None:
        draft.others = len(found) - 1
    return draft


def of_form(staff: Any, key: str) -> list[Draft]:
    """The open drafts of this person for this form, the latest first."""
    return list(_drafts_of_form(staff.pk, key[:200], timezone.now() - KEPT_FOR))


@fixed
def _drafts_of_form(staff: int, key: str, since: datetime) -> QuerySet[Draft]:
    found = Draft.objects.visible_to(staff).filter(closed=False, saved_at__gte=since, key=key)
    return found.order_by("-saved_at", "-pk")


def begun(staff: Any, keys: Collection[str]) -> set[str]:
    """Those of `keys` under which this person has text that is not saved."""
    return set(Draft.objects.visible_to(staff).open().filter(key__in=keys).values_list("key", flat=True))


def close(staff: Any, key: str, sheet: Sheet | None = None) -> None:
    """
    The form was saved or thrown away: forget its text.

    With the sheet of the form given, a row stays that remembers its number, to turn a late autosave away; what was typed
    into the same form in another window stays.
    """
    rows = Draft.objects.visible_to(staff).filter(key=key)
    if sheet is None:
        rows.delete()
        return
    if sheet.goes_on:
        before = sheet.goes_on.partition("@")[0]
        rows.filter(pk__in=[row.pk for row in rows.filter(sheet=before) if _mark(row) == sheet.goes_on]).delete()
    closed = {"page": sheet.page[:500], "sheet": sheet.number, "payload": "", "closed": True}
    Draft.objects.bulk_create(
        [Draft(staff_id=staff.pk, key=key, saved_at=timezone.now(), **closed)],
        update_conflicts=True,
        unique_fields=["staff", "key", "sheet"],
        update_fields=["page", "payload", "closed", "saved_at"],
    )


def open_drafts(staff: Any) -> list[Draft]:
    """What this person has begun and not finished, newest first; for the workbench."""
    return _open_drafts_of(staff.pk, timezone.now() - KEPT_FOR)


@fixed
def _open_drafts_of(staff: int, since: datetime) -> QuerySet[Draft]:
    return Draft.objects.visible_to(staff).filter(closed=False, saved_at__gte=since).order_by("-saved_at")[:20]


Namer = Callable[[Any, Sequence[Draft]], Mapping[int, str]]
_NAMERS: list[Namer] = []


def named_by(namer: Namer) -> Namer:
    """Register who tells of whom drafts are: (staff, drafts) → draft id → words, of those that it knows, for the staff's eyes."""
    _NAMERS.append(namer)
    return namer


def with_names(staff: Any, found: Iterable[Draft]) -> list[Draft]:
    """The drafts, each with what it is `about` as far as an app can tell; as many statements for one as for twenty."""
    listed = list(found)
    told = {pk: words for namer in _NAMERS for pk, words in namer(staff, listed).items()}
    for draft in listed:
        draft.about = told.get(draft.pk, "")
    return listed


def purge(now: datetime | None = None) -> int:
    """Delete everybody's drafts that are too old; returns how many."""
    return Draft.objects.expired(now).delete()[0]


def going_on(sheet: Sheet, draft: Draft) -> Sheet:
    """The sheet of a form that a draft has filled."""
    return replace(sheet, goes_on=_mark(draft))


def restore(form: forms.BaseForm, draft: Draft) -> None:
    """Fill an unbound form with what was typed. A file cannot be kept; a field that has gone since is left out."""
    data = QueryDict(mutable=True)
    for name, values in draft.fields.items():
        data.setlist(name, values)
    for name, form_field in form.fields.items():
        if isinstance(form_field, forms.FileField):
            continue
        prefixed = form.add_prefix(name)
        widget = form_field.widget
        # A box that is not ticked sends nothing, so for boxes silence is an answer.
        silent = isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple)
        if silent or not widget.value_omitted_from_data(data, {}, prefixed):
            form.initial[name] = widget.value_from_datadict(data, {}, prefixed)


def _size(fields: Mapping[str, list[str]]) -> int:
    return sum(len(name) + sum(len(value.encode()) for value in values) for name, values in fields.items())
