"""Sessions in the database, as Django keeps them, read by a question whose SQL is ready: every page asks it."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from caretrack.fixed import fixed


class SessionStore(DatabaseStore):
    """The engine that settings name."""

    def _get_session_from_db(self) -> Any:
        found = _living(self.session_key, timezone.now()) if self.session_key else []
        return found[0] if found else super()._get_session_from_db()


@fixed
def _living(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
