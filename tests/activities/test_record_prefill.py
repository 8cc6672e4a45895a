"""What the school knows already stands in the form, and numbers stay masked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import CareRecord, FollowUp
from caretrack.access.policy import Role
from children.models import Child, FamilyMember, Phone
from tests.activities.test_record_add import add_url, page, talk, teacher  # noqa: F401
from tests.support.factories import make_class, make_mentor, make_pairing, make_record, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(child):  # noqa: F811
    carer = FamilyMember.objects.get(child=child, name="王桂英")
    Phone.objects.create(child=child, member=carer, number="13500002222")
    Child.objects.filter(pk=child.pk).update(address="栗坪村三组")
    return child


def test_a_home_visit_opens_with_carer_relation_number_and_address(page, known) -> None:  # noqa: F811
    form = page.get(add_url(child=known.pk, kind="home_visit")).context["form"]
    told = {name: form[f"detail_{name}"].value() for name in ("carer_met", "carer_relation", "carer_phone", "address")}
    assert told == {
        "carer_met": "王桂英", "carer_relation": "祖母", "carer_phone": "135****2222", "address": "栗坪村三组",
    }  # fmt: skip


def test_where_more_than_one_is_at_home_nobody_is_taken_for_met(page, known) -> None:  # noqa: F811
    FamilyMember.objects.create(child=known, name="李老汉", relation="61", status="at_home")
    FamilyMember.objects.create(child=known, name="李小弟", relation="73", status="at_home")
    shown = page.get(add_url(child=known.pk, kind="home_visit"))
    form = shown.context["form"]
    assert [form[f"detail_{name}"].value() for name in ("carer_met", "carer_relation", "carer_phone")] == [None] * 3
    assert "家里有祖母王桂英、祖父李老汉；" in shown.content.decode()
    assert '<option value="李老汉">' in shown.content.decode()
    page.post(add_url(child=known.pk, kind="home_visit"), talk(known, detail_carer_met="李老汉"))
    record = CareRecord.objects.get()
    assert (record.detail["carer_met"], record.detail["carer_relation"]) == ("李老汉", "祖父")


def test_no_number_of_the_family_stands_whole_on_the_page(page, known) -> None:  # noqa: F811
    for kind in ("home_visit", "call", "video", "parent_contact"):
        shown = page.get(add_url(child=known.pk, kind=kind)).content.decode()
        assert "138****1111" in shown
        assert "13800001111" not in shown


def test_the_chosen_number_says_who_was_called(page, known) -> None:  # noqa: F811
    told = talk(known, detail_number="138****1111", at="16:10", detail_until="16:28")
    page.post(add_url(child=known.pk, kind="call"), told)
    record = CareRecord.objects.get()
    assert (record.with_whom, record.minutes) == ("李大山", 18)
    assert record.detail["number"] == "138****1111"
    assert (record.detail["relation"], record.detail["until"]) == ("父亲", "16:28")


def test_a_call_cannot_end_before_it_begins(page, known) -> None:  # noqa: F811
    answer = page.post(add_url(child=known.pk, kind="call"), talk(known, at="16:10", detail_until="16:05"))
    assert answer.status_code == 422
    assert "结束时间要晚于开始时间" in answer.content.decode()


def test_a_subject_teacher_is_offered_nothing_of_the_family(client, known) -> None:
    client.force_login(make_staff(Role.TEACHER, known.school_class))
    shown = client.get(add_url(child=known.pk, kind="home_visit")).content.decode()
    assert "栗坪村三组" not in shown
    assert "135****2222" not in shown


def test_an_open_follow_up_is_closed_by_ticking_it(page, teacher, child) -> None:  # noqa: F811
    from django.utils import timezone

    today = timezone.localdate()
    done, left = (
        FollowUp.objects.create(child=child, what=w, due_on=today, owner=teacher) for w in ("问视频", "看作业")
    )
    assert "问视频" in page.get(add_url(child=child.pk)).content.decode()
    page.post(add_url(child=child.pk), talk(child, closes=[done.pk]))
    done.refresh_from_db()
    left.refresh_from_db()
    assert done.closed_by == CareRecord.objects.get()
    assert left.done_on is None


def test_a_follow_up_is_given_to_a_colleague_who_sees_the_child(page, teacher, child) -> None:  # noqa: F811
    mentor = make_mentor(school=child.school)
    make_pairing(child, mentor)
    page.post(add_url(child=child.pk), talk(child, follow_in="7", follow_up_owner=mentor.staff.pk))
    given = FollowUp.objects.get()
    assert (given.owner, given.given_by) == (mentor.staff, teacher)


def test_a_follow_up_cannot_be_given_to_who_does_not_see_the_child(page, child) -> None:  # noqa: F811
    stranger = make_staff(Role.TEACHER, make_class(child.school, 5))
    answer = page.post(add_url(child=child.pk), talk(child, follow_in="7", follow_up_owner=stranger.pk))
    assert answer.status_code == 422
    assert not CareRecord.objects.exists()


def test_a_call_in_vain_keeps_who_was_called_and_the_next_try_begins_with_it(page, known) -> None:  # noqa: F811
    address = add_url(child=known.pk, kind="call")
    page.post(address, talk(known, content="", reached="no", detail_number="138****1111"))
    failed = CareRecord.objects.get()
    assert (failed.with_whom, failed.detail["number"]) == ("李大山", "138****1111")
    retry = FollowUp.objects.get()
    assert retry.what == "再试一次：亲情电话（李大山）"
    form = page.get(add_url(child=known.pk, kind="call", follow_up=retry.pk)).context["form"]
    assert form["detail_number"].value() == "138****1111"
    assert page.get(address).context["form"]["detail_number"].value() is None


def test_a_colleague_who_does_not_see_the_family_is_not_shown_the_number(client, known, teacher) -> None:  # noqa: F811
    subject = make_staff(Role.TEACHER, known.school_class)
    make_record(known, teacher, kind="call", content="", reached=False, detail={"number": "138****1111"})
    FollowUp.objects.update(owner=subject)
    client.force_login(subject)
    address = add_url(child=known.pk, kind="call", follow_up=FollowUp.objects.get().pk)
    shown = client.get(address)
    assert shown.status_code == 200
    assert "138****1111" not in shown.content.decode()


def test_the_form_says_when_the_same_was_done_last(page, known, teacher) -> None:  # noqa: F811
    today = timezone.localdate()
    make_record(known, teacher, today, kind="talk")
    make_record(known, teacher, today - timedelta(days=12), kind="home_visit")
    make_record(known, teacher, today - timedelta(days=3), kind="call", content="", reached=False)
    said = {
        kind: page.get(add_url(child=known.pk, kind=kind)).context["last"] for kind in ("talk", "home_visit", "call")
    }
    assert said == {"talk": "今天谈过心", "home_visit": "上次家访 12 天前", "call": "还没有亲情电话记录"}


@pytest.mark.parametrize(
    "kind, reached, ways",
    [
        ("talk", True, ["谈心", "家访", "与家长联系"]),
        ("home_visit", True, ["家访", "谈心", "与家长联系"]),
        ("call", False, ["亲情电话", "亲情视频"]),
        ("counselling", True, ["谈心", "家访", "与家长联系"]),
    ],
)
def test_a_promise_offers_the_records_that_keep_it(page, known, teacher, kind, reached, ways) -> None:  # noqa: F811
    counsellor = make_staff(Role.COUNSELLOR, known.school)
    by = counsellor if kind == "counselling" else teacher
    record = make_record(known, by, kind=kind, content="聊了聊。" if reached else "", reached=reached)
    FollowUp.objects.get_or_create(
        record=record, child=known, owner=teacher, defaults={"what": "再问", "due_on": timezone.localdate()}
    )
    (row,) = page.get(reverse("activities:follow_up_list")).context["rows"]
    assert [label for label, _ in (row["first_way"], *row["other_ways"])] == ways
    form = page.get(row["other_ways"][0][1])
    assert form.context["follow_up"] == row["follow_up"]
