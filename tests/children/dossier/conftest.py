"""A left-behind child of a class, its teacher, and the dossier as somebody sees it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child
from tests.support.factories import TODAY, make_left_behind, make_staff, make_term


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY)
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def child() -> Child:
    made = make_left_behind()
    make_term(made.school)
    return made


@pytest.fixture
def homeroom(child: Child) -> Staff:
    return make_staff(Role.HOMEROOM, child.school_class, name="罗春燕")


def dossier(client: Client, staff: Staff, child: Child) -> str:
    """The page of the dossier as `staff` gets it."""
    client.force_login(staff)
    return client.get(f"/students/{child.pk}/").content.decode()
