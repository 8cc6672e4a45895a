"""Every step of the wizard is taken on one day."""

import pytest


@pytest.fixture(autouse=True)
def _day(import_day: None) -> None:
    pass
