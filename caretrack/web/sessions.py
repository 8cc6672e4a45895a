"""
How long somebody stays signed in on a shared office PC (security requirements §3.4).

Two ends: so many minutes without doing anything (typing counts, it saves drafts), and so many hours after signing in.
The session is written at most once a minute, because writing it with every page costs a quarter of the throughput.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SEEN = "care_seen"
SINCE = "care_since"
TOUCH_EVERY = 60
LAST_COOKIE = "care_last"
LAST_SALT = "caretrack.web.last_signed_in"
LAST_AGE = timedelta(hours=12)
_JUST_IN = "care_just_signed_in"


@dataclass(frozen=True)
class LastSignedIn:
    """Who signed in last in this browser, and who else did within the hours before, if anybody."""

    staff_id: int
    other_id: int | None = None

    @property
    def only_one(self) -> int | None:
        """The person whose text a form without a sheet must be; None when it may be one of two."""
        return self.staff_id if self.other_id is None else None


def begin(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """On signing in: start both clocks and remember the person for this browser."""
    if request is None:
        return
    now = int(time.time())
    request.session[SEEN] = request.session[SINCE] = now
    setattr(request, _JUST_IN, user.pk)


def seconds_left(request: HttpRequest, now: float | None = None) -> int:
    """How long the session still lasts if nothing is done; zero or less when it is over."""
    now = now or time.time()
    idle_end = request.session.get(SEEN, now) + settings.IDLE_MINUTES * 60
    last_end = request.session.get(SINCE, now) + settings.SESSION_COOKIE_AGE
    return int(min(idle_end, last_end) - now)


def touch(request: HttpRequest, now: float | None = None) -> None:
    """Something was done: the idle clock starts anew."""
    now = int(now or time.time())
    request.session.setdefault(SINCE, now)
    if now - request.session.get(SEEN, 0) >= TOUCH_EVERY:
        request.session[SEEN] = now


def last_signed_in(request: HttpRequest) -> LastSignedIn | None:
    """Who signed in last in this browser, from a signed cookie of twelve hours."""
    try:
        staff_id, other_id = signing.loads(
            request.COOKIES.get(LAST_COOKIE, ""), salt=LAST_SALT, max_age=LAST_AGE.total_seconds()
        )
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return LastSignedIn(staff_id, other_id)


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """After a sign-in: set the cookie that says who it was."""
    staff_id = getattr(request, _JUST_IN, None)
    if staff_id is None:
        return
    other_id = None
    if before := last_signed_in(request):
        other_id = before.other_id if before.staff_id == staff_id else before.staff_id
    response.set_cookie(
        LAST_COOKIE,
        signing.dumps([staff_id, other_id], salt=LAST_SALT),
        max_age=LAST_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
