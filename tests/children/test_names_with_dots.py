"""阿依努尔·买买提 is found however the dot was typed, or left out."""

import pytest

from children.models import Child
from tests.support.factories import make_child, make_class

pytestmark = pytest.mark.django_db


@pytest.mark.data
@pytest.mark.parametrize("asked", ["阿依努尔·买买提", "阿依努尔买买提", "阿依努尔•买买提", "阿依努尔．买买提", "尔买"])
def test_a_name_with_a_dot_is_found(asked):
    four = make_class()
    child = make_child("阿依努尔·买买提", four)
    make_child("买买提", four)
    assert list(Child.objects.named(asked)) == [child]
