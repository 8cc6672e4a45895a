"""A meeting for carers proves what carers owe, by their own coming."""

from datetime import date

import pytest

from activities.models import ActivityParticipant, Meeting, ProgrammeItem
from activities.programmes import adopt
from tests.activities.compliance.test_board import child, four, month, school, stand  # noqa: F401
from tests.support.factories import TERM_START

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_a_carer_has_met_the_duty_by_coming_and_not_by_the_childs_coming(school, child):  # noqa: F811
    adopt("five_ones_parents", school, TERM_START, None)
    name = "与班主任联系一次"
    ProgrammeItem.objects.filter(name=name).update(evidence=["meeting:parent_school"])
    meeting = Meeting.objects.create(school=school, kind="parent_school", on=date(2026, 11, 3))
    row = ActivityParticipant.objects.create(meeting=meeting, child=child, came=True)
    assert stand(school, month(school), child, name) == ("due", 0)
    row.carer_came = True
    row.save()
    assert stand(school, month(school), child, name) == ("done", 1)
