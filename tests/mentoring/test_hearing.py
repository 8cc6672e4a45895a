"""尚未听取儿童意见: the class teacher asks and answers in one press; nothing that was said is overwritten."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from children.models import Child
from mentoring.hearing import unheard
from mentoring.models import Pairing
from mentoring.planning import make_plan, publish_plan
from tests.support.factories import make_class, make_left_behind, make_mentor, make_pairing, make_staff

pytestmark = pytest.mark.django_db
LIST = "mentoring:unheard_list"


@pytest.fixture
def pairing(school_class, mentor):
    return make_pairing(make_left_behind("李小兰", school_class), mentor)


def page(client, **asked) -> str:
    return client.get(reverse(LIST), asked).content.decode()


def say(client, pairing, said, **more):
    return client.post(reverse("mentoring:pairing_hear", args=[pairing.pk]), {"said": said} | more)


def test_the_class_teacher_answers_for_a_child_in_one_press(client, homeroom, pairing):
    client.force_login(homeroom)
    assert "李小兰" in page(client)
    assert say(client, pairing, "愿意").url == reverse(LIST)
    pairing.refresh_from_db()
    assert pairing.child_view == "愿意"
    shown = page(client)
    assert "已登记李小兰的意见：愿意" in shown
    assert "每一名结了对的学生都听取过意见" in shown


def test_who_would_rather_not_is_not_passed_over(client, homeroom, pairing):
    client.force_login(homeroom)
    say(client, pairing, "想换一位")
    assert "李小兰想换一位，请再和孩子谈一谈" in page(client)


def test_what_was_said_is_not_overwritten_by_a_second_press(client, homeroom, pairing):
    client.force_login(homeroom)
    Pairing.objects.update(child_view="老师很好")
    say(client, pairing, "没有意见")
    pairing.refresh_from_db()
    assert pairing.child_view == "老师很好"
    assert "已经由别人登记：老师很好" in page(client)


def test_other_words_go_to_the_form_for_them(client, homeroom, pairing):
    client.force_login(homeroom)
    say(client, pairing, "随便写的")
    pairing.refresh_from_db()
    assert pairing.child_view == ""
    own = reverse("mentoring:pairing_child_view", args=[pairing.pk])
    assert own in page(client)
    version = pairing.version
    assert client.post(own, {"child_view": "他会听我说话", "version": version}).status_code == 302
    pairing.refresh_from_db()
    assert pairing.child_view == "他会听我说话"


def test_one_goes_back_to_the_filtered_list_and_nowhere_else(client, homeroom, pairing):
    client.force_login(homeroom)
    here = reverse(LIST) + "?school_class=1"
    assert say(client, pairing, "愿意", next=here).url == here
    assert say(client, pairing, "愿意", next="https://elsewhere.example/").url == "/"


def test_another_class_is_out_of_sight(client, school_class, pairing):
    client.force_login(make_staff(Role.HOMEROOM, make_class(school_class.school, grade=2), "覃老师"))
    assert "李小兰" not in page(client)
    assert say(client, pairing, "愿意").status_code == 404


def test_ended_pairings_and_helpers_are_not_asked_about(school_class, mentor, pairing):
    today = timezone.localdate()
    helper = make_mentor(make_staff(Role.TEACHER, make_class(school_class.school, grade=5), "莫老师"))
    Pairing.objects.create(child=pairing.child, mentor=helper, role="helper", starts_on=today)
    gone = make_pairing(make_left_behind("龙小川", school_class), mentor)
    Pairing.objects.filter(pk=gone.pk).update(ends_on=today - timedelta(days=1), end_reason="expired")
    assert list(unheard(Child.objects.all(), today)) == [pairing]


def test_the_board_and_a_published_plan_lead_there(client, school_class, mentor, pairing):
    today = timezone.localdate()
    lead = make_staff(Role.PRINCIPAL, school_class.school, "韦校长")
    waiting = make_left_behind("龙小川", school_class)
    plan = make_plan(
        school=school_class.school,
        children=Child.objects.filter(pk=waiting.pk),
        title="秋季方案",
        starts_on=today,
        by=lead,
    )
    client.force_login(lead)
    assert reverse(LIST) in client.get(reverse("mentoring:board")).content.decode()
    show = reverse("mentoring:plan_show", args=[plan.pk])
    assert reverse(LIST) not in client.get(show).content.decode()
    publish_plan(plan=plan, by=lead, on=today)
    assert reverse(LIST) in client.get(show).content.decode()
    Pairing.objects.update(child_view="愿意")
    assert reverse(LIST) not in client.get(show).content.decode()
    assert reverse(LIST) not in client.get(reverse("mentoring:board")).content.decode()


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_stays_flat(client, homeroom, school_class, mentor, rows, django_assert_max_num_queries):
    for number in range(rows):
        make_pairing(make_left_behind(f"李小{number}", school_class), mentor)
    client.force_login(homeroom)
    with django_assert_max_num_queries(14):
        client.get(reverse(LIST))


def test_what_was_said_is_read_and_corrected_from_the_roll_and_the_dossier(client, homeroom, pairing):
    client.force_login(homeroom)
    roll = reverse("mentoring:pairing_list")
    dossier = reverse("children:child_show", args=[pairing.child_id])
    own = reverse("mentoring:pairing_child_view", args=[pairing.pk])
    assert "尚未听取儿童意见" in client.get(own).content.decode()
    saved = client.post(f"{own}?next={dossier}", {"child_view": "他会听我说话", "version": pairing.version})
    assert saved.url == dossier
    assert "的意见已保存：他会听我说话" in client.get(roll).content.decode()
    for address in (roll, dossier):
        page = client.get(address).content.decode()
        assert "他会听我说话" in page
        assert own in page
    again = client.get(own).content.decode()
    assert "结对名册" in again
    assert "尚未听取儿童意见" not in again


def test_the_mentor_does_not_read_what_the_child_said_of_the_mentor(client, homeroom, mentor, pairing):
    Pairing.objects.update(child_view="想换一位")
    timeline = reverse("children:child_timeline", args=[pairing.child_id])
    client.force_login(homeroom)
    assert "想换一位" in client.get(timeline).content.decode()
    client.force_login(mentor.staff)
    shown = client.get(timeline).content.decode()
    assert "结对" in shown
    assert "想换一位" not in shown
