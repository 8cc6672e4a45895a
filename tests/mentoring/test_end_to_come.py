"""An end named for a day to come can be moved, cancelled or become a change while the pairing runs."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.web.templatetags.care import cn_day
from mentoring.handover import change_mentor
from mentoring.models import Pairing
from mentoring.services import keep_on
from tests.support.factories import make_left_behind, make_mentor, make_pairing, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()
LAST = TODAY + timedelta(days=20)


@pytest.fixture
def lead(school_class, client):
    lead = make_staff(Role.CARE_LEAD, school_class.school, "杨主任")
    client.force_login(lead)
    return lead


@pytest.fixture
def two(school_class):
    return [make_mentor(make_staff(Role.TEACHER, school_class, name)) for name in ("石老师", "韦老师")]


@pytest.fixture
def pairing(school_class, two) -> Pairing:
    return make_pairing(make_left_behind("李小兰", school_class), two[0], TODAY - timedelta(days=30))


@pytest.fixture
def end(client, lead, pairing):
    def end(on) -> str:
        told = {"on": on.isoformat(), "reason": "other", "note": "转班"}
        answer = client.post(reverse("mentoring:pairing_end", args=[pairing.pk]), told, follow=True)
        pairing.refresh_from_db()
        return answer.content.decode()

    return end


def test_it_is_told_as_one_to_come_and_the_buttons_stay(client, pairing, end) -> None:
    assert f"将于{cn_day(LAST)}结束" in end(LAST)
    assert pairing.ends_on == LAST
    addresses = (reverse("mentoring:mentor_show", args=[pairing.mentor_id]), reverse("mentoring:pairing_list"))
    for shown in [client.get(address).content.decode() for address in addresses]:
        for name in ("pairing_end", "pairing_end_drop", "pairing_change"):
            assert reverse(f"mentoring:{name}", args=[pairing.pk]) in shown


def test_the_day_is_brought_forward_and_into_the_past(client, pairing, end) -> None:
    end(LAST)
    form = client.get(reverse("mentoring:pairing_end", args=[pairing.pk])).context["form"]
    assert [form[name].value() for name in ("on", "reason", "note")] == [LAST, "other", "转班"]
    end(LAST - timedelta(days=9))
    assert pairing.ends_on == LAST - timedelta(days=9)
    assert "的结对已结束" in end(TODAY - timedelta(days=1))
    assert client.get(reverse("mentoring:pairing_end", args=[pairing.pk])).status_code == 404


def test_it_is_cancelled(client, pairing, end) -> None:
    end(TODAY)
    page = client.post(reverse("mentoring:pairing_end_drop", args=[pairing.pk]), follow=True).content.decode()
    assert "已取消结束，李小兰仍由石老师带" in page
    pairing.refresh_from_db()
    assert (pairing.ends_on, pairing.end_reason, pairing.end_note) == (None, "", "")


def test_it_becomes_a_change(client, pairing, end, two) -> None:
    end(LAST)
    told = {"mentor": two[1].pk, "on": TODAY.isoformat(), "reason": "replaced"}
    client.post(reverse("mentoring:pairing_change", args=[pairing.pk]), told)
    pairing.refresh_from_db()
    assert (pairing.ends_on, pairing.end_reason) == (TODAY - timedelta(days=1), "replaced")
    assert Pairing.objects.open().get().replaces == pairing


def test_not_when_it_is_over_or_another_is_to_come(pairing, end, two, lead) -> None:
    end(TODAY)
    with pytest.raises(ValidationError, match="已于"):
        keep_on(pairing=pairing, today=TODAY + timedelta(days=1))
    other = make_pairing(pairing.child, two[1], TODAY + timedelta(days=1))
    with pytest.raises(ValidationError, match="已有代理家长"):
        keep_on(pairing=pairing, today=TODAY)
    other.delete()
    change_mentor(pairing=pairing, mentor=two[1], on=LAST, today=TODAY, by=lead)
    with pytest.raises(ValidationError, match="先撤销那次更换"):
        keep_on(pairing=pairing, today=TODAY)
