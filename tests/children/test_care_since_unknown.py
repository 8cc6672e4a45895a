"""An arrangement whose beginning nobody knows was there before those with a day, on both databases."""

import pytest

from children.census.snapshot import _care
from children.models import CareArrangement
from children.views.dossier import _care_of
from tests.support.factories import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_the_arrangement_that_began_on_the_day_takes_the_place_of_an_older_one(child):
    CareArrangement.objects.filter(child=child).delete()
    older = CareArrangement.objects.create(child=child, care_type="grandparent", starts_on=None, ends_on=TODAY)
    newer = CareArrangement.objects.create(child=child, care_type="kin_friend", starts_on=TODAY)
    assert _care([child.pk], TODAY)[child.pk]["care_type"] == "kin_friend"
    assert list(_care_of(child.pk)) == [newer, older]
