"""Every transfer is written on the same day."""

import pytest


@pytest.fixture(autouse=True)
def _day(fixed_today: None) -> None:
    pass
