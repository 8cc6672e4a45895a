"""One entry for several children: shared words, a line for each, and each record stands for itself."""

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import CareRecord
from activities.services import Contact, correct_record
from tests.activities.test_record_add import add_url, page, talk, teacher  # noqa: F401
from tests.support.factories import make_left_behind

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(school_class):  # noqa: F811
    return make_left_behind("龙小川", school_class)


def texts() -> dict[str, str]:
    return {record.child.name: record.content for record in CareRecord.objects.select_related("child")}


def group(child, other, **lines):  # noqa: F811
    return talk(child, children=[child.pk, other.pk], content="一起聊了期中考试。") | lines


def test_each_child_gets_the_shared_words_and_its_own_line(page, child, other) -> None:  # noqa: F811
    sent = group(child, other, **{f"line_{child.pk}": "数学退步，愿意补课。"})
    assert page.post(add_url(), sent).status_code == 302
    assert texts() == {"李小兰": "一起聊了期中考试。\n数学退步，愿意补课。", "龙小川": "一起聊了期中考试。"}


def test_lines_alone_will_do_when_every_child_has_one(page, child, other) -> None:  # noqa: F811
    lines = {f"line_{child.pk}": "甲", f"line_{other.pk}": "乙"}
    page.post(add_url(), group(child, other, **lines) | {"content": ""})
    assert texts() == {"李小兰": "甲", "龙小川": "乙"}
    CareRecord.objects.all().delete()
    refused = page.post(add_url(), group(child, other, **{f"line_{child.pk}": "甲"}) | {"content": ""})
    assert refused.status_code == 422
    assert '">甲</textarea>' in refused.content.decode()


def test_a_line_for_somebody_who_is_not_chosen_goes_nowhere(page, child, other) -> None:  # noqa: F811
    page.post(add_url(), talk(child) | {f"line_{other.pk}": "只写给龙小川"})
    assert "只写给龙小川" not in "".join(texts().values())


def test_lines_come_back_with_the_draft(page, child, other) -> None:  # noqa: F811
    page.post(add_url(), group(child, other, on="2031-01-01", **{f"line_{other.pk}": "爷爷住院了"}))
    assert "爷爷住院了" in page.get(add_url()).content.decode()


def states() -> dict[str, str]:
    return {record.child.name: record.state for record in CareRecord.objects.select_related("child")}


def test_one_child_was_not_as_the_group(page, child, other) -> None:  # noqa: F811
    sent = group(child, other, state="good", **{f"state_{child.pk}": "worrying", f"state_{other.pk}": ""})
    for _ in range(2):
        assert page.post(add_url(), sent).status_code == 302
    assert states() == {"李小兰": "worrying", "龙小川": "good"}


def test_another_state_on_a_saved_page_is_not_taken_for_a_second_press(page, child, other) -> None:  # noqa: F811
    sent = group(child, other, state="good")
    page.post(add_url(), sent)
    refused = page.post(add_url(), sent | {f"state_{child.pk}": "low"})
    assert refused.status_code == 422
    assert states() == {"李小兰": "good", "龙小川": "good"}


def test_a_state_of_one_child_stays_on_the_page_when_something_is_refused(page, child, other) -> None:  # noqa: F811
    refused = page.post(add_url(), group(child, other, on="2031-01-01", **{f"state_{other.pk}": "low"}))
    assert '<option value="low" selected>' in refused.content.decode()
    assert '<option value="low" selected>' in page.get(add_url()).content.decode()
    wrong = page.post(add_url(), group(child, other, **{f"state_{other.pk}": "sunny"}))
    assert "有一名学生的状态不在选项里" in wrong.content.decode()
    assert not CareRecord.objects.exists()


def test_pressing_twice_with_lines_makes_one_group(page, child, other) -> None:  # noqa: F811
    sent = group(child, other, **{f"line_{child.pk}": "愿意补课"})
    for _ in range(2):
        assert page.post(add_url(), sent).status_code == 302
    assert CareRecord.objects.count() == 2


def test_correcting_one_leaves_the_others(page, teacher, child, other) -> None:  # noqa: F811
    page.post(add_url(), group(child, other))
    mine, theirs = CareRecord.objects.get(child=child), CareRecord.objects.get(child=other)
    today = timezone.localdate()
    correct_record(record=mine, contact=Contact("talk", today, "改过"), version=1, by=teacher, today=today)
    theirs.refresh_from_db()
    assert texts() == {"李小兰": "改过", "龙小川": "一起聊了期中考试。"}
    assert theirs.version == 1
    assert "集体，共 2 人" in page.get(reverse("activities:record_show", args=[theirs.pk])).content.decode()


def test_the_list_says_whose_state_a_group_row_shows(page, child, other) -> None:  # noqa: F811
    shown = reverse("activities:record_list")
    page.post(add_url(), group(child, other, state="good", **{f"state_{child.pk}": "low"}))
    assert "李小兰：低落" in page.get(shown).content.decode()
    CareRecord.objects.all().delete()
    page.post(add_url(), group(child, other, state="low"))
    text = page.get(shown).content.decode()
    assert "低落" in text
    assert "：低落" not in text
