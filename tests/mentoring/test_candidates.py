"""Where the facts of a suggestion come from: the register, the posts, earlier pairings, what persons said."""

from datetime import date

import pytest

from caretrack.access.policy import Role
from children.models import Child, Consent, codes
from children.siblings import say_sibling
from mentoring.candidates import propose, pupils_of, takers_of
from mentoring.models import MentorAbsence
from mentoring.services import end_pairing
from tests.support.factories import TODAY, make_child, make_mentor, make_pairing, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_earlier_mentors_sisters_village_and_consent_are_found(school_class) -> None:
    old, now = (make_mentor(make_staff(Role.TEACHER, school_class, name)) for name in ("石老师", "韦老师"))
    child = make_child("李小兰", school_class, address="云禾县青榕镇上坪村三组5号")
    sister = make_child("李小梅", school_class)
    end_pairing(pairing=make_pairing(child, old), on=date(2026, 10, 1), reason="expired", by=None)
    make_pairing(sister, now)
    say_sibling(child=child, other=sister, confirmed=True, by=None, on=TODAY)
    Consent.objects.create(
        child=child, purpose="outside_mentor", given_by="王桂英", relation=codes.Relation.GRANDMOTHER, given_on=TODAY
    )
    (found,) = pupils_of(Child.objects.filter(pk=child.pk), TODAY)
    assert (found.former, found.sibling_mentors) == ((old.pk,), ((now.pk, "李小梅"),))
    assert (found.village, found.family_agrees, found.grade, found.age) == ("上坪村", True, 4, 10)
    assert found.is_older_girl
    (proposal,) = propose(Child.objects.filter(pk=child.pk), school_class.school, TODAY)
    assert proposal.taker is not None
    assert proposal.taker.id == now.pk


def test_mentors_bring_load_key_children_and_classes(school_class) -> None:
    mentor = make_mentor(make_staff(Role.HOMEROOM, school_class, "石老师", sex="2"))
    make_pairing(make_child("李小兰", school_class, support_level=codes.SupportLevel.KEY), mentor)
    make_pairing(make_child("龙小川", school_class), mentor)
    (found,) = takers_of(school_class.school, TODAY)
    assert (found.load, found.key_load, found.limit, found.checked, found.sex) == (2, 1, 5, True, "2")
    assert found.teaches == found.leads == {school_class.pk}
    assert not takers_of(school_class.school, date(2028, 1, 1))[0].checked


def test_who_is_away_on_the_day_is_not_proposed(school_class) -> None:
    away, there = (make_mentor(make_staff(Role.TEACHER, school_class, name)) for name in ("石老师", "韦老师"))
    MentorAbsence.objects.create(
        mentor=away, deputy=there, starts_on=date(2026, 11, 1), ends_on=date(2026, 12, 1), reason="产假"
    )
    assert [t.id for t in takers_of(school_class.school, TODAY)] == [there.pk]
    assert len(takers_of(school_class.school, date(2026, 12, 2))) == 2


@pytest.mark.parametrize("rows", [1, 12])
def test_the_facts_cost_the_same_for_many(school_class, rows, django_assert_max_num_queries) -> None:
    for number in range(rows):
        make_mentor(make_staff(Role.TEACHER, school_class, f"老师{number}"))
        make_child(f"学生{number}", school_class)
    with django_assert_max_num_queries(10):
        assert len(propose(Child.objects.all(), school_class.school, TODAY)) == rows


def test_who_holds_no_post_any_more_is_not_proposed(school_class) -> None:
    mentor = make_mentor(make_staff(Role.TEACHER, school_class, "石老师"))
    mentor.staff.appointments.update(ends_on=date(2026, 11, 1))
    assert takers_of(school_class.school, TODAY) == []
    assert len(takers_of(school_class.school, date(2026, 10, 31))) == 1
