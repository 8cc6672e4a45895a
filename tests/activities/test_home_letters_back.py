"""A letter noted as sent to the wrong families: what one noted today is taken back, and can be noted anew."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.family import letters
from activities.models import HomeLetter, LetterText
from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, ChangeSet
from tests.support.factories import make_child, make_class

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def text(school_class, lead):
    row = LetterText(
        school=school_class.school, kind="other", title="家长会邀请", text="{{学生}}盼您来。", question="您能来吗",
        options=["能", "不能"],
    )  # fmt: skip
    return letters.save_text(row, replaces=None, by=lead, on=TODAY)


@pytest.fixture
def two(school_class, text, lead):
    """A child of each of two classes, the letter noted as sent to both."""
    children = [make_child("李小兰", school_class), make_child("王小明", make_class(school_class.school, number=2))]
    letters.send(text, children, on=TODAY, return_by=None, by=lead)
    return children


def take_back(client, text, query=""):
    return client.post(f"{reverse('activities:letter_take_back', args=[text.pk])}{query}", follow=True).content.decode()


def show(client, text):
    return client.get(reverse("activities:letter_text_show", args=[text.pk])).content.decode()


def test_what_was_sent_by_mistake_today_is_taken_back_and_sent_anew(client, lead, text, two):
    client.force_login(lead)
    assert "其中 2 户是您今天登记的" in show(client, text)
    assert "已撤销 2 户的发出登记" in take_back(client, text)
    assert not HomeLetter.objects.exists()
    assert AccessEntry.objects.filter(child_id=two[0].pk, detail=f"letter {text.pk} taken back").exists()
    assert "撤销今天的发出登记" not in show(client, text)
    assert letters.send(text, two, on=TODAY, return_by=None, by=lead) == 2


def test_of_one_class_alone(client, lead, text, two):
    client.force_login(lead)
    assert "已撤销 1 户" in take_back(client, text, f"?school_class={two[1].school_class_id}")
    assert HomeLetter.objects.get().child == two[0]


def test_a_slip_that_came_back_keeps_its_letter(client, lead, text, two):
    letters.take_slips(HomeLetter.objects.filter(child=two[0]).select_related("child", "text"), on=TODAY, choice="能")
    client.force_login(lead)
    take_back(client, text)
    assert HomeLetter.objects.get().child == two[0]


def test_what_a_colleague_or_one_yesterday_noted_stays(client, lead, homeroom, text, two):
    client.force_login(homeroom)
    assert "撤销今天的发出登记" not in show(client, text)
    assert "没有您今天登记" in take_back(client, text)
    change = HomeLetter.objects.first().change_id
    with change_by(None, "yesterday"):
        ChangeSet.objects.filter(pk=change).update(made_at=timezone.now() - timedelta(days=1))
    client.force_login(lead)
    take_back(client, text)
    assert HomeLetter.objects.filter(change=change).exists()
