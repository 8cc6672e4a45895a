"""Background work about care: the warnings are kept worked out, a class's open things go to its new teacher."""

from datetime import date

from django.utils import timezone

from activities.alerts import keeping
from activities.family import jobs as family_jobs  # noqa: F401  registers its own
from activities.left_open import may_have_passed
from caretrack.access.history import change_by
from caretrack.access.lately import Looked
from caretrack.jobs.registry import chore
from caretrack.schools.succession import pass_on

_all_checked_on: date | None = None
_passed_on: tuple[date, Looked] | None = None


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


@chore
def pass_on_classes() -> None:
    """
    A post begins or ends on its day, however it was entered: all is looked at when the worker starts and after midnight,
    then only when something was written that decides who sees a child.
    """
    global _passed_on
    today, last = timezone.localdate(), _passed_on
    looked = Looked.now(timezone.now())
    if last is None or last[0] != today or may_have_passed(last[1]):
        with change_by(None, "换班主任，移交没有办结的事"):
            pass_on(today)
    _passed_on = today, looked
