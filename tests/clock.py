"""
Every test runs on TODAY, whenever it is run: a term, an age or a deadline of its data never runs out.

Read by tests/settings.py, so that models and forms take this clock as their default when they are made; the hour is the
real one. Processes that a test starts with these settings have the same clock.
"""

import os
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

TODAY = date(2026, 11, 20)
_real_today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
_DAYS = int(os.environ.setdefault("CARETRACK_TEST_DAYS", str((TODAY - _real_today).days)))
_real_now = timezone.now


def _now() -> datetime:
    return _real_now() + timedelta(days=_DAYS)


timezone.now = _now
