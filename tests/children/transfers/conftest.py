"""Every transfer is written on the same day."""

import pytest

from tests.support.factories import TODAY


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY if not a else a[0].date())
