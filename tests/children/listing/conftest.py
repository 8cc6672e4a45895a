"""The list is read on one day."""

import pytest


@pytest.fixture(autouse=True)
def _day(fixed_today: None) -> None:
    pass
