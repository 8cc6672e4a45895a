"""Conditions over thousands of keys."""

from collections.abc import Iterable

import pytest

from children.importing.statements import Among
from children.models import Child
from tests.support.factories import make_child, make_class

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.mark.parametrize(
    "wanted",
    [range(5), [0, 1, 3], [4, 2, 0], [3, 2, 1], [2], [2, 2, 4], []],
    ids=["a run", "a gap", "gaps, mixed up", "a run backwards", "one", "one twice", "none"],
)
def test_rows_are_found_by_their_keys_and_no_others(wanted: Iterable[int]) -> None:
    at = make_class()
    keys = [make_child(at=at).pk for _ in range(5)]
    asked = [keys[place] for place in wanted]
    assert set(Child.objects.filter(Among("pk", asked)).values_list("pk", flat=True)) == set(asked)
    assert set(Child.objects.exclude(Among("pk", asked)).values_list("pk", flat=True)) == set(keys) - set(asked)


def test_words_are_found_whatever_stands_in_them() -> None:
    at = make_class()
    for name in ("韦{小},禾", '石"头', "田小满"):
        make_child(name, at=at)
    found = Child.objects.filter(Among("name", ["韦{小},禾", '石"头', "别人"], words=True))
    assert set(found.values_list("name", flat=True)) == {"韦{小},禾", '石"头'}
