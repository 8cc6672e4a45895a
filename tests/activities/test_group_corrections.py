"""A slip in a group talk is corrected once for all of them; what was said of one child alone stays its own."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.group_corrections import correct_for_all, text_of_other
from activities.models import CareRecord
from activities.services import Contact, record_contact
from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry
from tests.support.factories import make_left_behind

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
SHARED = "一起聊了其中考试。"


@pytest.fixture
def three(school_class, homeroom):
    """Three children of one talk: one with a line and a state of its own, one with nothing more."""
    children = [make_left_behind(name, school_class) for name in ("李小兰", "王小明", "张小红")]
    contact = Contact(kind="talk", on=TODAY, content=SHARED, state="good", topics=("study",))
    lines, states = {children[1].pk: "爷爷住院了。"}, {children[1].pk: "low"}
    records, _ = record_contact(
        children=children, contact=contact, by=homeroom, today=TODAY, private_lines=lines, own_states=states
    )
    return records


def sent(record, **changed):
    filled = {
        "on": record.on.isoformat(), "content": record.content, "state": record.state, "topics": record.topics,
        "reached": "yes", "way": record.way, "visibility": record.visibility, "version": record.version,
    }  # fmt: skip
    return filled | changed


def correct(client, record, **changed):
    address = reverse("activities:record_edit", args=[record.pk])
    return client.post(address, sent(record, **changed), follow=True)


def texts():
    return {record.child.name: record.content for record in CareRecord.objects.select_related("child")}


def test_one_press_corrects_what_was_said_to_all(client, homeroom, three):
    client.force_login(homeroom)
    page = client.get(reverse("activities:record_edit", args=[three[0].pk])).content.decode()
    assert "同时改这次集体记录的其他 2 条" in page
    answer = correct(client, three[0], content="一起聊了期中考试。", place="yard", state="steady", whole="on")
    assert texts() == {
        "李小兰": "一起聊了期中考试。", "王小明": "一起聊了期中考试。\n爷爷住院了。", "张小红": "一起聊了期中考试。",
    }  # fmt: skip
    told = answer.content.decode()
    assert "同次的另外 2 人也改了：王小明、张小红。" in told
    assert "王小明的学生状态原来就与这一条不同，没有改。" in told
    assert dict(CareRecord.objects.values_list("child__name", "state")) == {
        "李小兰": "steady", "王小明": "low", "张小红": "steady",
    }  # fmt: skip
    assert set(CareRecord.objects.values_list("place", flat=True)) == {"yard"}
    assert AccessEntry.objects.filter(child_id=three[1].child_id, detail=f"record {three[1].pk}").exists()


def test_without_the_tick_only_this_child_changes(client, homeroom, three):
    client.force_login(homeroom)
    answer = correct(client, three[0], content="只改她的。")
    assert texts()["张小红"] == SHARED
    assert "同次的另外 2 条没有改。" in answer.content.decode()


def test_a_line_of_ones_own_reaches_nobody_else(client, homeroom, three):
    client.force_login(homeroom)
    answer = correct(client, three[1], content=f"{SHARED}\n奶奶住院了。", whole="on")
    assert texts() == {"李小兰": SHARED, "王小明": f"{SHARED}\n奶奶住院了。", "张小红": SHARED}
    assert "其他人的记录照旧" in answer.content.decode()


def test_who_was_with_a_child_on_another_day_keeps_its_text(client, homeroom, three):
    with change_by(homeroom, "own words"):
        three[2].content = "他没有来，另外谈了。"
        three[2].save()
    client.force_login(homeroom)
    told = correct(client, three[0], content="改过。", whole="on").content.decode()
    assert texts()["张小红"] == "他没有来，另外谈了。"
    assert "张小红的内容原来就与这一条不同，没有改。" in told


def test_what_may_not_be_corrected_any_more_is_counted(client, homeroom, three):
    long_ago = timezone.now() - timedelta(days=three[0].school.edit_days + 1)
    with change_by(None, "earlier"):
        CareRecord.objects.filter(pk=three[2].pk).update(created_at=long_ago)
        three[0].refresh_from_db()
    client.force_login(homeroom)
    told = correct(client, three[0], content="改过。", whole="on").content.decode()
    assert "另有 1 人的记录您现在不能修改" in told
    assert texts()["张小红"] == SHARED


def test_a_day_that_is_none_for_one_of_them_changes_nothing(client, homeroom, three):
    late = three[2].child.enrollments.get()
    with change_by(None, "came today"):
        late.starts_on = TODAY
        late.save()
    client.force_login(homeroom)
    answer = correct(client, three[0], on=(TODAY - timedelta(days=1)).isoformat(), content="改过。", whole="on")
    assert answer.status_code == 422
    told = answer.content.decode()
    assert "张小红是" in told
    assert "改过。" in told
    assert set(CareRecord.objects.values_list("on", flat=True)) == {TODAY}
    assert texts()["李小兰"] == SHARED


def test_two_windows_show_both_texts_and_the_tick_stays(client, homeroom, three):
    with change_by(homeroom, "the other window"):
        three[0].content = "另一个窗口写的。"
        three[0].save()
    client.force_login(homeroom)
    answer = correct(client, three[0], content="这个窗口写的。", whole="on", version=1)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert all(words in told for words in ("另一个窗口写的。", "这个窗口写的。"))
    assert answer.context["form"]["whole"].value()
    assert texts()["张小红"] == SHARED


def test_what_was_answered_about_one_family_reaches_no_other(school_class, homeroom):
    children = [make_left_behind(name, school_class) for name in ("李小兰", "王小明")]
    visit = Contact(kind="home_visit", on=TODAY, content="一起走访。", detail={"carer_met": "同村婶婶"})
    (mine, theirs), _ = record_contact(children=children, contact=visit, by=homeroom, today=TODAY)
    told = replace(
        visit, content="一起走访了两家。", with_whom="奶奶", detail={"carer_met": "王桂英", "address": "坡上"}
    )
    correct_for_all(record=mine, contact=told, version=1, by=homeroom, today=TODAY)
    theirs.refresh_from_db()
    assert (theirs.content, theirs.with_whom) == ("一起走访了两家。", "")
    assert theirs.detail == {"carer_met": "同村婶婶"}


@pytest.mark.parametrize(
    "before, after, other, then",
    [
        ("共同", "共同改", "共同\n乙的", "共同改\n乙的"),
        ("共同\n甲的", "共同改\n甲的", "共同\n乙的", "共同改\n乙的"),
        ("共同\n甲的", "共同\n又一句\n甲的", "共同\n乙的", "共同\n又一句\n乙的"),
        ("共同\n甲的", "共同\n甲改", "共同\n乙的", "共同\n乙的"),
        ("共同\n甲的", "共同改\n甲改", "共同", "共同改"),
        ("共同\r\n甲的", "共同改\r\n甲的", "共同\n乙的", "共同改\n乙的"),
        ("甲的", "甲改", "乙的", None),
        ("共同\n甲的", "全部另写", "共同\n乙的", None),
    ],
)
def test_which_lines_are_common(before, after, other, then):
    assert text_of_other(before, after, other) == then
