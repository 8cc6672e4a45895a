"""A record of the wrong child, of the wrong kind or entered twice is taken back, and what it had settled waits again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import CareRecord, FollowUp, RecordAddendum
from activities.services import Contact, record_contact
from activities.withdrawals import withdraw_records
from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, ChangeSet, RowHistory
from caretrack.access.policy import Role
from caretrack.periods import chinese_date
from caretrack.web.models import Draft
from tests.support.factories import make_left_behind, make_record, make_staff

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
REASON = {"reason": "登错了学生"}


def address(record):
    return reverse("activities:record_withdraw", args=[record.pk])


def call(child, by, *, reached, days_ago):
    contact = Contact(
        kind="call", on=TODAY - timedelta(days=days_ago), reached=reached, way="phone", content="说了学习。"
    )
    (record,), _ = record_contact(children=[child], contact=contact, by=by, today=TODAY)
    return record


def test_the_author_takes_a_record_back_and_the_history_keeps_it(client, homeroom, child):
    record = make_record(child, homeroom, TODAY, content="说给别的孩子的话")
    client.force_login(homeroom)
    shown = client.get(reverse("activities:record_show", args=[record.pk])).content.decode()
    assert address(record) in shown
    asked = client.get(address(record)).content.decode()
    assert "撤回李小兰" in asked
    answer = client.post(address(record), REASON, follow=True)
    assert "记录已撤回" in answer.content.decode()
    assert not CareRecord.objects.exists()
    assert "说给别的孩子的话" not in client.get(reverse("children:child_show", args=[child.pk])).content.decode()
    kept = RowHistory.objects.get(table=CareRecord._meta.db_table, row_id=str(record.pk), op="D")
    change = ChangeSet.objects.get(pk=kept.new_change)
    assert (change.staff_id, change.reason) == (homeroom.pk, "撤回关爱记录：登错了学生")
    told = client.get(reverse("children:child_history", args=[child.pk])).content.decode()
    assert "谈心" in told
    assert "登错了学生" in told
    assert AccessEntry.objects.filter(child_id=child.pk, detail=f"record {record.pk} withdrawn").exists()


def test_without_a_reason_nothing_goes(client, homeroom, child):
    record = make_record(child, homeroom, TODAY)
    client.force_login(homeroom)
    assert client.post(address(record), {"reason": " "}).status_code == 422
    assert CareRecord.objects.filter(pk=record.pk).exists()


def test_after_the_window_a_lead_takes_it_back_and_the_author_no_more(client, homeroom, lead, child):
    record = make_record(child, homeroom, TODAY)
    long_ago = timezone.now() - timedelta(days=record.school.edit_days + 1)
    with change_by(None, "earlier"):
        CareRecord.objects.filter(pk=record.pk).update(created_at=long_ago)
    client.force_login(homeroom)
    assert client.get(address(record)).status_code == 403
    assert "记错了，撤回" not in client.get(reverse("activities:record_show", args=[record.pk])).content.decode()
    assert client.post(address(record), REASON).status_code == 403
    client.force_login(lead)
    assert client.post(address(record), REASON).status_code == 302
    assert not CareRecord.objects.exists()


def test_a_counselling_is_taken_back_by_its_counsellor_alone(client, school_class, lead, child):
    counsellor = make_staff(Role.COUNSELLOR, school_class.school)
    contact = Contact(kind="counselling", on=TODAY)
    (record,), _ = record_contact(
        children=[child], contact=contact, by=counsellor, today=TODAY, counselling={"process": "谈了半小时"}
    )
    client.force_login(lead)
    assert client.get(address(record)).status_code == 403
    client.force_login(counsellor)
    assert client.post(address(record), REASON).status_code == 302
    assert not CareRecord.objects.exists()


def test_what_it_had_closed_waits_again_and_what_it_promised_goes(homeroom, child):
    failed = call(child, homeroom, reached=False, days_ago=3)
    retry = FollowUp.objects.get(record=failed)
    made_good = call(child, homeroom, reached=True, days_ago=1)
    promised = FollowUp.objects.create(child=child, record=made_good, what="下周再打一次", due_on=TODAY, owner=homeroom)
    kept = FollowUp.objects.create(
        child=child, record=made_good, what="告诉科任老师", due_on=TODAY, owner=homeroom, done_on=TODAY, outcome="说了"
    )
    RecordAddendum.objects.create(record=made_good, text="还说了回家的事", reason="漏记", author=homeroom)
    retry.refresh_from_db()
    assert retry.done_on == TODAY
    withdraw_records(records=[made_good], reason="打给了另一个孩子的妈妈", by=homeroom, today=TODAY)
    retry.refresh_from_db()
    assert (retry.done_on, retry.closed_by_id) == (None, None)
    assert not FollowUp.objects.filter(pk=promised.pk).exists()
    kept.refresh_from_db()
    assert (kept.record_id, kept.outcome) == (None, "说了")
    assert not RecordAddendum.objects.exists()


def test_of_a_group_talk_one_goes_or_all(client, homeroom, school_class, child):
    friends = [make_left_behind(name, school_class) for name in ("王小明", "张小红")]
    contact = Contact(kind="talk", on=TODAY, content="一起聊了安全。")
    records, _ = record_contact(children=[child, *friends], contact=contact, by=homeroom, today=TODAY)
    client.force_login(homeroom)
    assert "其他 2 条" in client.get(address(records[0])).content.decode()
    client.post(address(records[0]), REASON)
    assert set(CareRecord.objects.values_list("pk", flat=True)) == {record.pk for record in records[1:]}
    client.post(address(records[1]), REASON | {"whole": "on"})
    assert not CareRecord.objects.exists()


def test_words_written_for_the_wrong_child_are_moved_to_another(client, homeroom, school_class, child):
    right = make_left_behind("王小明", school_class)
    day, detail = TODAY - timedelta(days=1), {"carer_met": "李小兰的奶奶", "environment": "灶台旁堆着柴火"}
    said = {"minutes": 20, "advice": "下周再看作业", "content": "外婆说他爱放牛"}
    record = make_record(child, homeroom, day, kind="home_visit", detail=detail, **said)
    client.force_login(homeroom)
    answer = client.post(address(record), REASON | {"move": "on"})
    assert "放牛" not in answer.url
    page = client.get(answer.url)
    form = page.context["form"]
    assert "请选对学生再保存" in page.content.decode()
    assert "外婆说他爱放牛" in page.content.decode()
    assert form.initial["children"] == []
    assert not form["detail_carer_met"].value()
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [])}
    sent |= {"children": [right.pk], "care_sheet": form.sheet.token()}
    saved = client.post(answer.url, sent)
    assert saved.status_code == 302, saved.context["form"].errors
    moved = CareRecord.objects.get()
    assert (moved.child, moved.on, moved.kind) == (right, day, "home_visit")
    assert (moved.content, moved.advice, moved.minutes) == ("外婆说他爱放牛", "下周再看作业", 20)
    assert moved.detail == {"environment": "灶台旁堆着柴火"}
    assert not Draft.objects.visible_to(homeroom).open().exists()


@pytest.mark.parametrize("kind, relation", [("video", "母亲"), ("call", "母亲"), ("parent_contact", "母亲")])
def test_whom_of_the_family_one_spoke_to_is_not_told_of_the_other_child(client, homeroom, child, kind, relation):
    said = {"with_whom": "妈妈蒋爱华", "detail": {"relation": relation}, "content": "说了回家的事"}
    record = make_record(child, homeroom, TODAY, kind=kind, **said)
    client.force_login(homeroom)
    page = client.get(client.post(address(record), REASON | {"move": "on"}).url)
    form = page.context["form"]
    assert not form["with_whom"].value()
    assert form["detail_relation"].value() == relation
    assert "蒋爱华" not in page.content.decode()
    assert "说了回家的事" in page.content.decode()
    told = " ".join(str(message) for message in page.context["messages"])
    assert "写过的内容已填好，和哪位家里人联系的要重新填，请选对学生再保存。" in told


def test_what_a_withdrawn_talk_promised_goes_with_its_words(client, homeroom, school_class, child):
    right, due = make_left_behind("王小明", school_class), TODAY + timedelta(days=5)
    contact = Contact(kind="talk", on=TODAY, content="想妈妈", follow_up="问问爷爷的药", follow_up_on=due)
    (record,), _ = record_contact(children=[child], contact=contact, by=homeroom, today=TODAY)
    client.force_login(homeroom)
    answer = client.post(address(record), REASON | {"move": "on"})
    assert not FollowUp.objects.exists()
    page = client.get(answer.url)
    told = " ".join(str(message) for message in page.context["messages"])
    assert told.startswith(f"李小兰{chinese_date(TODAY)}的谈心记录已撤回。写过的内容已填好")
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [])}
    client.post(answer.url, sent | {"children": [right.pk], "care_sheet": form.sheet.token()})
    again = FollowUp.objects.get()
    assert (again.child, again.due_on, again.what, again.owner) == (right, due, "问问爷爷的药", homeroom)


def test_a_record_entered_twice_leaves_no_draft_and_leads_back_to_the_child(client, homeroom, child):
    record = make_record(child, homeroom, TODAY)
    client.force_login(homeroom)
    here = reverse("children:child_show", args=[child.pk])
    assert client.post(address(record), REASON).url == here
    assert not Draft.objects.exists()
    gone = client.get(reverse("activities:record_show", args=[record.pk]))
    assert gone.status_code == 404
    assert "已经撤回" in gone.content.decode()


def test_a_lead_moves_nobody_elses_words(client, homeroom, lead, child):
    record = make_record(child, homeroom, TODAY)
    client.force_login(lead)
    assert "改记给别的学生" not in client.get(address(record)).content.decode()
    client.post(address(record), REASON | {"move": "on"})
    assert not Draft.objects.exists()
