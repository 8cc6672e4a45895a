"""Pages that show records: what each shows, to whom, and what it refuses."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import CareRecord, CounsellingNote, FollowUp, RecordAddendum
from activities.services import Contact, record_contact
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from tests.support.factories import TERM_START, make_class, make_left_behind, make_record, make_school, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def teacher(school_class):
    return make_staff(Role.HOMEROOM, school_class, "罗老师")


@pytest.fixture
def record(child, teacher):
    return make_record(
        child, teacher, TERM_START, content="说想妈妈。", topics=("mood",), state="low", advice="每周视频"
    )


@pytest.fixture
def page(client, teacher):
    client.force_login(teacher)
    return client


def show(record) -> str:
    return reverse("activities:record_show", args=[record.pk])


def edit(record) -> str:
    return reverse("activities:record_edit", args=[record.pk])


def filled(record, **changed) -> dict:
    told = {"on": record.on.isoformat(), "content": record.content, "reached": "yes", "way": "face", "place": "",
            "visibility": "normal", "version": record.version}  # fmt: skip
    return told | changed


class TestOneRecord:
    def test_it_shows_what_was_written_and_notes_the_look(self, page, record, teacher) -> None:
        shown = page.get(show(record)).content.decode()
        for words in ("李小兰", "说想妈妈。", "情绪", "低落", "每周视频", "补登"):
            assert words in shown
        assert AccessEntry.objects.filter(staff_id=teacher.pk, child_id=record.child_id, event=Event.VIEW).count() == 1

    def test_another_class_and_another_school_get_404(self, client, record, school_class) -> None:
        for staff in (
            make_staff(Role.HOMEROOM, make_class(school_class.school, grade=5)),
            make_staff(Role.PRINCIPAL, make_school("别处小学")),
            make_staff(Role.TEACHER, school_class),
        ):
            client.force_login(staff)
            assert client.get(show(record)).status_code == 404
            assert client.get(edit(record)).status_code == 404

    def test_registrar_and_superior_get_403(self, client, record, school_class) -> None:
        for role in (Role.REGISTRAR, Role.SUPERIOR, Role.SYSADMIN):
            client.force_login(make_staff(role, school_class.school))
            assert client.get(show(record)).status_code == 403

    def test_reading_pages_take_no_post(self, page, record) -> None:
        assert page.post(show(record)).status_code == 405
        assert page.get(reverse("activities:follow_up_close", args=[1])).status_code == 405

    def test_others_see_that_a_counselling_took_place_and_no_more(self, page, client, child, school_class) -> None:
        counsellor = make_staff(Role.COUNSELLOR, school_class.school, "沈老师")
        record = make_record(child, counsellor, kind="counselling")
        CounsellingNote.objects.create(record=record, complaint="夜里做噩梦", risk="high")
        RecordAddendum.objects.create(record=record, text="后来好些", reason="回访", author=counsellor)
        shown = page.get(show(record)).content.decode()
        assert "内容只由心理教师查看" in shown
        for secret in ("噩梦", "后来好些", "回访"):
            assert secret not in shown
        client.force_login(counsellor)
        shown = client.get(show(record)).content.decode()
        assert "夜里做噩梦" in shown
        assert "后来好些" in shown

    def test_a_group_names_the_others(self, page, child, school_class, teacher, today) -> None:
        other = make_left_behind("龙小川", school_class)
        made, _ = record_contact(
            children=[child, other], contact=Contact("talk", today, "一起聊"), by=teacher, today=today
        )
        shown = page.get(show(made[0])).content.decode()
        assert "共 2 人" in shown
        assert "龙小川" in shown


class TestCorrecting:
    def test_the_author_corrects(self, page, record) -> None:
        assert "说想妈妈。" in page.get(edit(record)).content.decode()
        assert page.post(edit(record), filled(record, content="说想妈妈和爸爸。")).status_code == 302
        record.refresh_from_db()
        assert (record.content, record.version) == ("说想妈妈和爸爸。", 2)

    def test_nobody_else_does(self, client, record, school_class) -> None:
        client.force_login(make_staff(Role.PRINCIPAL, school_class.school))
        answer = client.get(edit(record))
        assert answer.status_code == 403
        assert "只有记录人本人" in answer.content.decode()
        assert client.post(edit(record), filled(record, content="改")).status_code == 403
        record.refresh_from_db()
        assert record.content == "说想妈妈。"

    def test_after_the_window_only_an_addendum(self, page, record) -> None:
        entered = record.created_at - timedelta(days=9)
        CareRecord.objects.filter(pk=record.pk).update(created_at=entered)
        answer = page.get(edit(record))
        assert answer.status_code == 403
        assert "补充说明" in answer.content.decode()
        address = reverse("activities:record_addendum_add", args=[record.pk])
        assert page.post(address, {"text": "", "reason": "漏记"}).status_code == 422
        assert page.post(address, {"text": "妈妈来了电话。", "reason": "漏记"}).status_code == 302
        shown = page.get(show(record)).content.decode()
        assert "妈妈来了电话。" in shown
        assert "说想妈妈。" in shown

    def test_two_windows_show_both_texts(self, page, record) -> None:
        first, second = filled(record, content="第一个窗口"), filled(record, content="第二个窗口")
        assert page.post(edit(record), first).status_code == 302
        answer = page.post(edit(record), second)
        assert answer.status_code == 409
        shown = answer.content.decode()
        for words in ("第一个窗口", "第二个窗口", "说想妈妈。", "罗老师"):
            assert words in shown
        record.refresh_from_db()
        assert record.content == "第一个窗口"
        again = second | {"version": answer.context["form"]["version"].value(), "content": "两边合起来"}
        assert page.post(edit(record), again).status_code == 302
        record.refresh_from_db()
        assert record.content == "两边合起来"

    def test_a_wrong_date_keeps_the_text(self, page, record, today) -> None:
        tomorrow = (today + timedelta(days=1)).isoformat()
        answer = page.post(edit(record), filled(record, on=tomorrow, content="改了很多字"))
        assert answer.status_code == 422
        assert "改了很多字" in answer.content.decode()

    def test_the_counsellor_corrects_the_note(self, client, child, school_class) -> None:
        counsellor = make_staff(Role.COUNSELLOR, school_class.school, "沈老师")
        record = make_record(child, counsellor, TERM_START, kind="counselling")
        CounsellingNote.objects.create(record=record, complaint="夜里做噩梦")
        client.force_login(counsellor)
        assert "夜里做噩梦" in client.get(edit(record)).content.decode()
        told = filled(record, note_complaint="噩梦少了", note_process="谈话")
        assert client.post(edit(record), told).status_code == 302
        assert CounsellingNote.objects.get().complaint == "噩梦少了"


class TestLists:
    def test_records_are_narrowed(self, page, record, child, teacher, today) -> None:
        make_record(child, teacher, today, kind="home_visit", content="奶奶在家。")
        address = reverse("activities:record_list")
        both = page.get(address).content.decode()
        assert "说想妈妈。" in both
        assert "奶奶在家。" in both
        visits = page.get(address, {"kind": "home_visit"}).content.decode()
        assert "说想妈妈。" not in visits
        assert "奶奶在家。" in visits
        assert "说想妈妈。" in page.get(address, {"month": "2026-09"}).content.decode()
        assert "奶奶在家。" not in page.get(address, {"month": "2026-09"}).content.decode()
        assert page.get(address, {"child": child.pk}).status_code == 200
        for nonsense in ({"month": "x"}, {"kind": "x"}, {"child": "x"}, {"school_class": "999"}):
            assert "说想妈妈。" not in page.get(address, nonsense).content.decode()

    def test_a_group_is_one_line(self, page, child, school_class, teacher, today) -> None:
        other = make_left_behind("龙小川", school_class)
        record_contact(children=[child, other], contact=Contact("talk", today, "一起聊"), by=teacher, today=today)
        shown = page.get(reverse("activities:record_list")).content.decode()
        assert shown.count("一起聊") == 1
        assert "等 2 人" in shown

    def test_silence_of_own_and_missing(self, page, child, school_class, teacher, today) -> None:
        talked = make_left_behind("龙小川", school_class)
        make_record(talked, teacher, today)
        address = reverse("activities:silence_list")
        shown = page.get(address).content.decode()
        assert shown.index("李小兰") < shown.index("龙小川")
        missing = page.get(address, {"missing": "on", "mine": "on"}).content.decode()
        assert "李小兰" in missing
        assert "龙小川" not in missing

    def test_follow_ups_are_closed_with_a_word(self, page, child, teacher, today) -> None:
        follow_up = FollowUp.objects.create(child=child, what="问视频", due_on=today, owner=teacher)
        address = reverse("activities:follow_up_list")
        assert "问视频" in page.get(address).content.decode()
        close = reverse("activities:follow_up_close", args=[follow_up.pk])
        page.post(close, {"outcome": "  "})
        follow_up.refresh_from_db()
        assert follow_up.done_on is None
        answer = page.post(f"{close}?next=/", {"outcome": "已经视频"})
        assert answer["Location"] == "/"
        follow_up.refresh_from_db()
        assert (follow_up.done_on, follow_up.outcome) == (today, "已经视频")
        assert "已办结" in page.get("/").content.decode()
        assert "问视频" not in page.get(address).content.decode()
        assert "已经视频" in page.get(address, {"state": "done"}).content.decode()

    def test_who_does_what_a_restricted_record_promised_is_led_to_no_record_of_it(
        self, client, child, teacher, lead, today
    ) -> None:
        make_record(
            child,
            lead,
            today,
            visibility="restricted",
            follow_up="陪着说说话",
            follow_up_on=today,
            follow_up_owner=teacher,
        )
        link = reverse("activities:record_show", args=[CareRecord.objects.get().pk])
        for staff, is_led in ((teacher, False), (lead, True)):
            client.force_login(staff)
            shown = client.get(reverse("activities:follow_up_list")).content.decode()
            assert "陪着说说话" in shown
            assert (link in shown) == is_led

    def test_a_strangers_follow_up_is_404(self, client, child, teacher, school_class, today) -> None:
        follow_up = FollowUp.objects.create(child=child, what="问视频", due_on=today, owner=teacher)
        client.force_login(make_staff(Role.HOMEROOM, make_class(school_class.school, grade=5)))
        answer = client.post(reverse("activities:follow_up_close", args=[follow_up.pk]), {"outcome": "不该"})
        assert answer.status_code == 404
        follow_up.refresh_from_db()
        assert follow_up.done_on is None


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("name,most", [("record_list", 16), ("silence_list", 13), ("follow_up_list", 10)])
def test_lists_stay_flat(page, teacher, school_class, today, rows, name, most, django_assert_max_num_queries) -> None:
    for number in range(rows):
        child = make_left_behind(f"学生{number}", school_class)
        make_record(child, teacher, today, follow_up="再问", follow_up_on=today)
    with django_assert_max_num_queries(most):
        page.get(reverse(f"activities:{name}"))
