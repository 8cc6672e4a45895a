"""已建档: what is missing, of one child and of a school; both ways of counting agree."""

from datetime import date

import pytest

from children.completeness import completeness, gaps_by_class, incomplete, lacking, lacks
from children.contacts import check_phone
from children.models import Child, FamilyMember, Phone, codes
from children.services import set_care
from tests.support.factories import TERM_START, TODAY, id_number, make_child, make_class, make_left_behind, make_parent

pytestmark = [pytest.mark.django_db, pytest.mark.data]
NUMBER = id_number(date(2016, 5, 4), male=False)


def complete(name: str = "李小兰", **kw) -> Child:
    """A dossier with everything."""
    given = {
        "ethnic": "01", "student_no": f"L{NUMBER}", "address": "青榕村三组", "boarding": "1", "commute": "walk",
        "body_state": "healthy", "family_confirmed_on": TODAY,
    } | kw  # fmt: skip
    child = make_left_behind(name, **given)
    check_phone(phone=Phone.objects.get(child=child), outcome="ok", on=TODAY)
    return child


def keys(child: Child) -> set[str]:
    child.refresh_from_db()
    return {gap.field for gap in completeness([child], since=TERM_START)[child.pk].gaps}


def test_a_dossier_with_everything_is_done() -> None:
    child = complete()
    assert keys(child) == set()
    assert not incomplete(Child.objects.all(), since=TERM_START).exists()


@pytest.mark.parametrize(
    "field,empty",
    [
        ("ethnic", ""),
        ("address", ""),
        ("boarding", ""),
        ("commute", ""),
        ("body_state", ""),
        ("student_no", ""),
        ("sex", "0"),
        ("birth_date", None),
        ("family_confirmed_on", None),
    ],
)
def test_each_required_field_counts(field: str, empty) -> None:
    child = complete()
    setattr(child, field, empty)
    child.save()
    assert keys(child) == {field}
    assert list(lacking(Child.objects.all(), field, since=TERM_START)) == [child]


def test_parents_care_and_contact_count() -> None:
    child = complete()
    FamilyMember.objects.filter(child=child, relation="51").update(status=codes.ParentStatus.UNKNOWN)
    FamilyMember.objects.filter(child=child, relation="52").delete()
    care = child.care.get()
    care.carer, care.rating = None, ""
    care.save()
    Phone.objects.filter(child=child).update(verified_on=date(2026, 6, 1))
    assert keys(child) == {"father", "mother", "carer", "rating", "verified"}
    for key in keys(child):
        assert list(lacking(Child.objects.all(), key, since=TERM_START)) == [child], key


def test_nobody_cares_is_an_answer() -> None:
    child = complete()
    set_care(child=child, carer=None, care_type="self", rating="poor", on=TODAY, by=None)
    assert keys(child) == set()


def test_a_number_verified_last_term_or_dead_does_not_count() -> None:
    child = complete()
    phone = Phone.objects.get(child=child)
    check_phone(phone=phone, outcome="no_answer", on=TODAY)
    assert keys(child) == set(), "one call in vain does not undo the proof"
    check_phone(phone=phone, outcome="dead", on=TODAY)
    assert keys(child) == {"verified"}


def test_both_ways_of_counting_agree() -> None:
    at, other = make_class(number=1), make_class(number=2)
    done = complete(at=at)
    bare, half = make_child("安小禾", at), make_child("王小明", other, ethnic="01", address="村里")
    make_parent(half)
    answers = completeness(Child.objects.all(), since=TERM_START)
    rows = {row.class_id: row for row in gaps_by_class(Child.objects.all(), since=TERM_START)}
    assert (rows[at.pk].total, rows[at.pk].done, rows[other.pk].total, rows[other.pk].done) == (2, 1, 1, 0)
    for row, children in ((rows[at.pk], (done, bare)), (rows[other.pk], (half,))):
        for lack in lacks(TERM_START):
            said = sum(lack.key in {g.field for g in answers[c.pk].gaps} for c in children)
            assert row.missing[lack.key] == said, lack.key
    assert set(incomplete(Child.objects.all(), since=TERM_START)) == {bare, half}


def test_one_statement_for_all_classes(django_assert_num_queries) -> None:
    for number in (1, 2, 3):
        make_child(at=make_class(number=number))
    with django_assert_num_queries(1):
        assert len(gaps_by_class(Child.objects.all(), since=TERM_START)) == 3


def test_an_unknown_key_finds_nobody() -> None:
    make_child()
    assert not lacking(Child.objects.all(), "nonsense", since=TERM_START).exists()
