"""A teacher's own sentences."""

import pytest
from django.urls import reverse

from activities.models import Phrase
from activities.phrases import MOST, phrases_for
from tests.activities.test_record_add import add_url, page, teacher  # noqa: F401
from tests.support.factories import make_staff

pytestmark = pytest.mark.django_db
KEEP = "activities:phrase_keep"


def test_a_sentence_kept_from_the_form_stands_under_the_text_next_time(page, child) -> None:  # noqa: F811
    kept = page.post(reverse(KEEP), {"text": "约好周末和妈妈视频。", "kind": "talk"})
    assert kept.json() == {"text": "约好周末和妈妈视频。", "fresh": True}
    assert "约好周末和妈妈视频。" in page.get(add_url(child=child.pk)).content.decode()
    assert "约好周末和妈妈视频。" not in page.get(add_url(child=child.pk, kind="home_visit")).content.decode()


def test_the_same_sentence_is_kept_once(page, teacher) -> None:  # noqa: F811
    for _ in range(2):
        page.post(reverse(KEEP), {"text": "作业 按时完成。", "kind": "talk"})
    assert Phrase.objects.filter(owner=teacher).count() == 1


@pytest.mark.parametrize("text", ["", "   ", "长" * 201])
def test_nothing_and_too_much_are_refused_with_a_reason(page, text) -> None:  # noqa: F811
    answer = page.post(reverse(KEEP), {"text": text})
    assert answer.status_code == 422
    assert answer.json()["refused"]


def test_a_full_page_says_so(page, teacher) -> None:  # noqa: F811
    for number in range(MOST):
        Phrase.objects.create(owner=teacher, text=f"第{number}句")
    assert "先删去" in page.post(reverse(KEEP), {"text": "再来一句"}).json()["refused"]


def test_nobody_sees_or_changes_the_sentences_of_another(page, teacher) -> None:  # noqa: F811
    theirs = Phrase.objects.create(owner=make_staff(name="韦老师"), text="别人的话")
    assert phrases_for(teacher, "talk") == []
    assert page.get(reverse("activities:phrase_edit", args=[theirs.pk])).status_code == 404
    assert page.post(reverse("activities:phrase_delete", args=[theirs.pk])).status_code == 404


def test_an_empty_page_offers_a_beginning_that_can_be_changed(page, teacher) -> None:  # noqa: F811
    assert "先用几句常写的" in page.get(reverse("activities:phrase_list")).content.decode()
    page.post(reverse("activities:phrase_begin"))
    first = Phrase.objects.filter(owner=teacher).first()
    page.post(reverse("activities:phrase_edit", args=[first.pk]), {"text": "换成我的话", "kind": ""})
    shown = page.get(reverse("activities:phrase_list")).content.decode()
    assert "换成我的话" in shown
    page.post(reverse("activities:phrase_delete", args=[first.pk]))
    assert not Phrase.objects.filter(pk=first.pk).exists()
