"""A programme stopped or an item dropped by mistake goes on as if nothing had been; terms that are told stay told."""

from datetime import date

import pytest
from django.urls import reverse

from activities.models import Programme, ProgrammeItem
from activities.programme_acts import remove_item, stop_programme
from activities.programmes import adopt
from caretrack.access.policy import Role
from tests.support.factories import TERM_START, TODAY, make_school, make_staff, make_term

pytestmark = pytest.mark.django_db
LIST = reverse("activities:programme_list")


@pytest.fixture
def school():
    made = make_school()
    make_term(made)
    return made


@pytest.fixture
def lead(client, school):
    staff = make_staff(Role.CARE_LEAD, school)
    client.force_login(staff)
    return staff


@pytest.fixture
def programme(school):
    return adopt("ten_ones", school, TERM_START, None)


@pytest.mark.parametrize("on, kept", [("2019-09-01", False), (TERM_START.isoformat(), True)])
def test_a_programme_begins_in_no_term_that_is_over(client, lead, school, on, kept):
    answer = client.post(reverse("activities:programme_adopt", args=[school.pk, "four_packs"]), {"on": on})
    assert Programme.objects.exists() is kept
    if not kept:
        assert answer.status_code == 422
        assert f"最早从{TERM_START.year}年{TERM_START.month}月{TERM_START.day}日起启用" in answer.content.decode()


def test_a_stop_is_taken_back(client, lead, programme):
    client.post(reverse("activities:programme_stop", args=[programme.pk]), {"on": TODAY.isoformat()})
    resume = reverse("activities:programme_resume", args=[programme.pk])
    assert resume in client.get(LIST).content.decode()
    assert "继续要求" in client.post(resume, follow=True).content.decode()
    programme.refresh_from_db()
    assert programme.ends_on is None
    assert resume not in client.get(LIST).content.decode()


def test_a_stop_of_a_month_that_is_told_stays(client, lead, programme):
    Programme.objects.filter(pk=programme.pk).update(ends_on=date(2026, 10, 10))
    resume = reverse("activities:programme_resume", args=[programme.pk])
    assert resume not in client.get(LIST).content.decode()
    assert "不能再撤销" in client.post(resume, follow=True).content.decode()
    programme.refresh_from_db()
    assert programme.ends_on == date(2026, 10, 10)


def test_a_programme_that_was_adopted_anew_is_not_there_twice(client, lead, school, programme):
    stop_programme(programme=programme, on=TODAY, today=TODAY)
    adopt("ten_ones", school, date(2026, 12, 26), None)
    answer = client.post(reverse("activities:programme_resume", args=[programme.pk]), follow=True)
    assert "已经重新启用" in answer.content.decode()
    assert Programme.objects.filter(ends_on__isnull=True).count() == 1


def test_an_item_to_be_dropped_is_kept(client, lead, programme):
    item = programme.items.get(order=1)
    remove_item(item=item, on=date(2026, 12, 26), today=TODAY)
    keep = reverse("activities:item_keep", args=[item.pk])
    edit = reverse("activities:item_edit", args=[item.pk])
    shown = client.get(LIST).content.decode()
    assert keep in shown
    assert edit not in shown
    client.post(keep)
    item.refresh_from_db()
    assert item.ends_on is None
    assert edit in client.get(LIST).content.decode()


def test_an_item_with_a_successor_is_not_kept_beside_it(client, lead, programme):
    item = programme.items.get(order=1)
    ProgrammeItem.objects.filter(pk=item.pk).update(ends_on=date(2026, 12, 25))
    ProgrammeItem.objects.create(
        programme=programme,
        order=1,
        name="新的一项",
        period=item.period,
        evidence=item.evidence,
        starts_on=date(2026, 12, 26),
    )
    assert reverse("activities:item_keep", args=[item.pk]) not in client.get(LIST).content.decode()
    client.post(reverse("activities:item_keep", args=[item.pk]))
    item.refresh_from_db()
    assert item.ends_on == date(2026, 12, 25)


@pytest.mark.parametrize("kept", [{"code": "own1"}, {"name": "关爱行动"}])
def test_a_stop_is_not_taken_back_beside_one_that_is_to_end_later(client, lead, school, kept):
    own = {"school": school, "code": "own1", "name": "关爱行动"}
    stopped = Programme.objects.create(**own, starts_on=TERM_START, ends_on=TODAY)
    again = {"school": school, "code": "own2", "name": "关爱行动二"} | kept
    Programme.objects.create(**again, starts_on=date(2026, 12, 26), ends_on=date(2027, 1, 20))
    answer = client.post(reverse("activities:programme_resume", args=[stopped.pk]), follow=True)
    assert "已经重新启用" in answer.content.decode()
    stopped.refresh_from_db()
    assert stopped.ends_on == TODAY
