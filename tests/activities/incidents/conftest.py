"""The people around a child who may, and who may not, open its incident files."""

from types import SimpleNamespace

import pytest

from caretrack.access.policy import Role
from tests.support.factories import make_staff


@pytest.fixture
def people(child):
    school = child.school
    return SimpleNamespace(
        lead=make_staff(Role.CARE_LEAD, school, "覃主任"),
        principal=make_staff(Role.PRINCIPAL, school, "韦校长"),
        counsellor=make_staff(Role.COUNSELLOR, school, "黄老师"),
        homeroom=make_staff(Role.HOMEROOM, child.school_class, "石老师"),
        teacher=make_staff(Role.TEACHER, child.school_class, "罗老师"),
    )
