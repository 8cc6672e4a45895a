"""What the school knows already stands in the form, and numbers stay masked."""

import pytest

from activities.models import CareRecord, FollowUp
from caretrack.access.policy import Role
from children.models import Child, FamilyMember, Phone
from tests.activities.test_record_add import add_url, page, talk, teacher  # noqa: F401
from tests.support.factories import make_class, make_mentor, make_pairing, make_staff

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
