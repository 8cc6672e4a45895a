"""Background work about care: the warnings are kept worked out."""

from datetime import date

from django.utils import timezone

from activities.alerts import keeping
from activities.family import jobs as family_jobs  # noqa: F401  registers its own
from caretrack.jobs.registry import chore

_all_checked_on: date | None = None


@chore
def keep_warnings() -> None:
    """All warnings when the worker starts (an upgrade may bring other rules) and after midnight, then what changed."""
    global _all_checked_on
    today, now = timezone.localdate(), timezone.now()
    if _all_checked_on != today:
        keeping.check_all(today, now)
        _all_checked_on = today
    else:
        keeping.catch_up(today, now)
