"""What parents away promised: read from the records, a reminder for who is behind, the day they agreed."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.family import promises
from activities.family.feedback import families
from activities.family.month import LIMIT
from activities.models import ParentPromise, Suggestion
from activities.programmes import adopt
from caretrack.periods import Month
from tests.support.factories import TERM_START, make_class, make_left_behind, make_record

pytestmark = pytest.mark.django_db
# Pages compare with the day on which they are opened.
TODAY = timezone.localdate()
LIST = reverse("activities:promise_list")


def family_of(child, homeroom):
    told = promises.kept(
        child.school, families(homeroom).select_related("school"), Month.of(TODAY).key, teacher="韦老师", today=TODAY
    )
    return told, told.families[0]


def test_without_the_programme_nothing_is_claimed(client, child, homeroom):
    told, family = family_of(child, homeroom)
    assert told.columns == ()
    assert not family.behind
    client.force_login(homeroom)
    assert "还没有启用" in client.get(LIST).content.decode()


def test_a_letter_in_the_month_keeps_that_promise(client, child, homeroom):
    adopt("five_ones_parents", child.school, TERM_START, homeroom)
    _, before = family_of(child, homeroom)
    assert "写一封信" in dict(before.open)
    make_record(child, homeroom, TODAY, "letter", content="")
    _, after = family_of(child, homeroom)
    assert "写一封信" not in dict(after.open)
    client.force_login(homeroom)
    page = client.get(LIST, {"behind": 1}).content.decode()
    assert "李小兰家长您好！" in page
    assert "留守" not in after.reminder


def test_a_reminder_fits_into_a_phone_message():
    many = [("与班主任联系一次", 4)] * 12
    text = promises.reminder("李小兰", many, school="青榕小学", teacher="韦老师")
    assert len(text) <= LIMIT
    assert text.endswith("青榕小学韦老师")
    assert promises.reminder("李小兰", [], school="青榕小学", teacher="韦老师") == ""


def test_families_agree_on_a_day_that_has_come(client, child, homeroom):
    foreign = make_left_behind("外校学生", make_class())
    client.force_login(homeroom)
    url = reverse("activities:promise_agree")
    client.post(url, {"child": child.pk, "on": TODAY + timedelta(days=1)})
    client.post(url, {"child": child.pk, "on": "2026-02-31"})
    assert not ParentPromise.objects.exists()
    client.post(url, {"child": [child.pk, foreign.pk], "on": TODAY})
    assert [(row.child, row.agreed_on) for row in ParentPromise.objects.all()] == [(child, TODAY)]


def test_a_day_to_come_is_refused_and_the_ticks_stay(client, child, homeroom):
    client.force_login(homeroom)
    late = TODAY + timedelta(days=1)
    here = f"{LIST}?school_class={child.school_class_id}&behind=0"
    sent = {"child": child.pk, "on": late, "school_class": child.school_class_id}
    back = client.post(f"{reverse('activities:promise_agree')}?{urlencode({'next': here})}", sent, follow=True)
    page = back.content.decode()
    assert re.search(rf'name="child" value="{child.pk}"[^>]* checked', page)
    assert f'name="on" value="{late}"' in page
    assert back.context["here"] == here
    assert f'name="on" value="{TODAY}"' in client.get(LIST).content.decode()


def test_the_workbench_tells_of_suggestions_past_their_day(client, child, homeroom):
    Suggestion.objects.create(
        child=child, given_by="父亲", on=TODAY, about="care", text="多辅导", answer_by=TODAY - timedelta(days=1),
        noted_by=homeroom,
    )  # fmt: skip
    client.force_login(homeroom)
    assert "1 条家长建议过了答复期限" in client.get("/").content.decode()
