"""The bulk generator: the numbers asked for, rows that agree with each other, never among real data."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from activities.models import CareRecord, FollowUp, Programme
from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from children.left_behind import Definition, statuses
from children.models import Child, Enrollment
from tests.support.factories import make_child

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def generate(children: int = 60, records: int = 4, **options) -> str:
    said = io.StringIO()
    call_command("generate_scale", children=children, records_per_child=records, today=TODAY, stdout=said, **options)
    return said.getvalue()


@pytest.mark.data
def test_as_many_children_and_records_as_asked_for():
    said = generate()
    assert "60/60" in said
    assert Child.objects.count() == Enrollment.objects.count() == 60
    assert set(Child.objects.annotate(n=Count("records")).values_list("n", flat=True)) == {4}
    assert CareRecord.objects.filter(on__lte=TODAY).count() == 240
    assert FollowUp.objects.exists()


def test_a_school_every_500_children_and_one_programme_each(monkeypatch):
    monkeypatch.setattr("reports.scale.SCHOOL_SIZE", 20)
    generate(50)
    assert list(School.objects.annotate(n=Count("children")).values_list("n", flat=True)) == [20, 20, 10]
    assert School.objects.filter(parent=None).count() == 1
    assert Programme.objects.count() == 3


def test_families_have_facts_from_which_the_definitions_are_computed():
    generate(120)
    answers = statuses(Child.objects.all(), TODAY).values()
    seed, mca = (sum(a.under(d) for a in answers) for d in (Definition.SEED, Definition.MCA))
    assert 15 < mca < seed < 75


def test_rows_are_valid_and_numbers_belong_to_nobody():
    generate(30)
    for child in Child.objects.all():
        child.full_clean()
        assert child.id_no.startswith("999999")


def test_no_password_opens_the_accounts():
    generate(30)
    assert not any(staff.has_usable_password() for staff in Staff.objects.all())
    # Whoever is on duty at night has that role for the evening only.
    assert {r for s in Staff.objects.all() for r in s.roles()} >= set(Role) - {Role.NIGHT_DUTY}


def test_the_same_seed_gives_the_same_children(monkeypatch):
    generate(30, seed=7)
    names = list(Child.objects.order_by("pk").values_list("name", "birth_date"))
    generate(30, seed=7, append=True)
    assert list(Child.objects.order_by("pk").values_list("name", "birth_date"))[30:] == names


def test_real_data_is_not_touched_unless_asked():
    make_child()
    with pytest.raises(CommandError, match="--append"):
        generate()
    generate(10, append=True)
    assert Child.objects.count() == 11


@pytest.mark.parametrize("numbers", [(0, 1), (5, -1)])
def test_impossible_numbers_are_refused(numbers):
    with pytest.raises(CommandError, match="至少"):
        generate(*numbers)
