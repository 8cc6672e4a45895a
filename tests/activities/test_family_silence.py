"""How long parents away and child have not heard of each other."""

from datetime import date, timedelta

import pytest

from activities.alerts.facts import known_of
from activities.letters import reply_came
from children.models import Child
from tests.support.factories import make_left_behind, make_record

TODAY, DAY = date(2026, 11, 20), timedelta(days=1)


@pytest.mark.data
@pytest.mark.django_db
def test_only_a_word_from_the_parents_ends_the_silence_between_them_and_the_child(school_class, homeroom) -> None:
    child = make_left_behind("李小兰", school_class)

    def heard_on():
        return known_of(Child.objects.filter(pk=child.pk), TODAY)[0].family_on

    make_record(child, homeroom, TODAY - 30 * DAY, kind="call", content="", detail={"relation": "母亲"})
    make_record(child, homeroom, TODAY - 8 * DAY, kind="call", content="", detail={"relation": "祖辈"})
    letter = make_record(child, homeroom, TODAY - 6 * DAY, kind="letter", content="", detail={"direction": "寄出"})
    assert heard_on() == TODAY - 30 * DAY
    reply_came(record=letter, on=TODAY - 2 * DAY, today=TODAY)
    assert heard_on() == TODAY - 2 * DAY
    make_record(child, homeroom, TODAY - DAY, kind="letter", content="", detail={"direction": "收到"})
    assert heard_on() == TODAY - DAY
