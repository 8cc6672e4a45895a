"""`one_of` says what `in` says, also in the checks of the tables that an import fills."""

import pytest
from django.db import IntegrityError, connection, transaction

from caretrack.lookups import one_of
from children.models import CareArrangement, Child, FamilyMember, StatusChange, codes

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_it_finds_what_in_finds(child) -> None:
    parents = FamilyMember.objects.filter(one_of("relation", [codes.Relation.FATHER, codes.Relation.MOTHER]))
    assert set(parents) == set(FamilyMember.objects.filter(relation__in=codes.PARENTS)) != set()
    assert not FamilyMember.objects.filter(one_of("relation", ["no"])).exists()
    assert FamilyMember.objects.filter(one_of("child__name", ["石", child.name])).count() == child.family.count()


KNOWN = [
    (Child, "sex", codes.Sex),
    (Child, "support_level", codes.SupportLevel),
    (FamilyMember, "relation", codes.Relation),
    (FamilyMember, "status", codes.ParentStatus),
    (StatusChange, "kind", codes.ChangeKind),
    (CareArrangement, "care_type", codes.CareType),
    (CareArrangement, "rating", codes.CareRating),
]


@pytest.mark.parametrize("model, field, known", KNOWN)
def test_a_table_takes_every_known_word_and_no_other(child, model, field, known) -> None:
    child.family.filter(relation=codes.Relation.MOTHER).delete()  # there is one
    row = child.family.get(relation=codes.Relation.FATHER) if model is FamilyMember else model.objects.first()
    for word in known.values:
        model.objects.filter(pk=row.pk).update(**{field: word})
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**{field: "?"})


@pytest.mark.parametrize("model", dict.fromkeys(model for model, _, _ in KNOWN))
def test_no_check_has_sqlite_lay_out_a_list_for_every_row(model) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL checks the words of a list one by one by itself")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [model._meta.db_table])
        (made,) = cursor.fetchone()
    assert " OR " in made
    assert " IN (" not in made
