"""A mentor from outside takes no child whose family has not agreed to it (system 28, P-03), on whichever way."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from children.models import Child
from mentoring.absences import plan_absence
from mentoring.assigning import pair_several
from mentoring.handover import change_mentor
from mentoring.models import Pairing
from mentoring.planning import change_lines, faults, make_plan, publish_plan
from mentoring.services import pair
from tests.support.factories import (
    agree_to_outsiders,
    make_left_behind,
    make_mentor,
    make_outsider,
    make_pairing,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]
WORDS = "要先取得监护人同意"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def elder(school_class, today):
    return make_outsider(school_class.school, background_checked_on=today)


def test_by_hand(child, elder, lead, today) -> None:
    with pytest.raises(ValidationError, match=WORDS):
        pair(child=child, mentor=elder, on=today, by=lead)
    agree_to_outsiders(child)
    assert pair(child=child, mentor=elder, on=today, by=lead).pk


@pytest.mark.parametrize("later", [{"refused": True}, {"withdrawn_on": "given"}])
def test_the_last_word_of_the_family_counts(child, elder, lead, today, later) -> None:
    agree_to_outsiders(child, given_on=today - timedelta(days=30))
    said = {name: today if value == "given" else value for name, value in later.items()}
    agree_to_outsiders(child, given_on=today, **said)
    with pytest.raises(ValidationError, match=WORDS):
        pair(child=child, mentor=elder, on=today, by=lead)


def test_of_several_those_whose_families_did_not_agree_are_all_named(child, school_class, elder, lead, today) -> None:
    others = [make_left_behind(name, school_class) for name in ("龙小川", "韦小梅")]
    agree_to_outsiders(child)
    with pytest.raises(ValidationError) as refused:
        pair_several(children=[child, *others], mentor=elder, on=today, by=lead)
    assert [text[:3] for text in refused.value.messages] == ["龙小川", "韦小梅"]
    assert not Pairing.objects.exists()


def test_a_change_of_mentor(child, elder, lead, today) -> None:
    pairing = make_pairing(child, make_mentor(school=child.school))
    with pytest.raises(ValidationError, match=WORDS):
        change_mentor(pairing=pairing, mentor=elder, on=today, today=today, by=lead)


def test_a_deputy(child, school_class, elder, lead, today) -> None:
    mentor = make_mentor(school=child.school)
    make_pairing(child, mentor)
    days = {"starts_on": today, "ends_on": today + timedelta(days=9)}
    with pytest.raises(ValidationError, match=WORDS):
        plan_absence(mentor=mentor, deputy=elder, **days, reason="产假", by=lead)
    agree_to_outsiders(child)
    assert plan_absence(mentor=mentor, deputy=elder, **days, reason="产假", by=lead).pk


def test_a_plan_is_not_published(child, elder, lead, today) -> None:
    mentor = make_mentor(school=child.school)
    plan = make_plan(school=child.school, children=Child.objects.all(), title="秋", starts_on=today, by=lead)
    assert plan.lines.get().mentor == mentor
    change_lines(plan=plan, chosen={plan.lines.get().pk: elder.pk}, by=lead)
    (fault,) = faults(plan, plan.lines.select_related("child", "mentor__staff"))
    assert str(fault) == "李小兰：韦爷爷是校外人员，监护人还没有同意"
    with pytest.raises(ValidationError, match="监护人还没有同意"):
        publish_plan(plan=plan, by=lead, on=today)
    agree_to_outsiders(child)
    publish_plan(plan=plan, by=lead, on=today)
    assert Pairing.objects.get().mentor == elder


def test_on_the_board_the_reason_is_told_and_the_tick_stays(client, child, elder, lead, today) -> None:
    client.force_login(lead)
    told = {"children": [child.pk], "mentor": elder.pk, "on": today.isoformat(), "use": "chosen"}
    answer = client.post(reverse("mentoring:board_pair"), told)
    assert answer.status_code == 422
    assert f"李小兰：韦爷爷是校外人员，{WORDS}" in answer.content.decode()
    assert f'value="{child.pk}" data-care-take checked' in answer.content.decode()
    assert not Pairing.objects.exists()
