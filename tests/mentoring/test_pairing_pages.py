"""Pairings on the screen: who sees them, who arranges them, what is refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.models import FollowUp
from caretrack.access.policy import Role
from children.models import Child
from mentoring.assigning import pair_several
from mentoring.models import Mentor, Pairing, PairingPlan
from mentoring.queries import unpaired, with_load
from mentoring.services import add_mentor, end_pairing, pair
from tests.support.factories import (
    appoint,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_school,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor(school_class):
    return make_mentor(make_staff(Role.TEACHER, school_class, "石老师"))


def pairing_form(mentor, *children, **changed) -> dict:
    told = {"children": [c.pk for c in children], "mentor": mentor.pk, "on": timezone.localdate().isoformat()}
    return told | changed


class TestServices:
    pytestmark = pytest.mark.data

    def test_one_open_acting_parent_a_child(self, school_class, mentor) -> None:
        child = make_child(at=school_class)
        make_pairing(child, mentor)
        with pytest.raises(ValidationError, match="已有代理家长"):
            make_pairing(child, make_mentor(make_staff(Role.TEACHER, school_class)))

    def test_several_children_or_none(self, school_class, mentor, lead) -> None:
        free, taken = make_child("李小兰", school_class), make_child("龙小川", school_class)
        make_pairing(taken, make_mentor(make_staff(Role.TEACHER, school_class)))
        with pytest.raises(ValidationError, match="龙小川"):
            pair_several(children=[free, taken], mentor=mentor, on=date(2026, 11, 20), by=lead)
        assert not Pairing.objects.filter(child=free).exists()

    def test_no_check_for_offences_no_pairing(self, school_class, mentor, lead) -> None:
        mentor.background_checked_on = date(2025, 10, 1)
        mentor.save()
        with pytest.raises(ValidationError, match="从业查询"):
            pair(child=make_child(at=school_class), mentor=mentor, on=date(2026, 11, 20), by=lead)

    def test_an_end_needs_a_reason_and_a_later_day(self, school_class, mentor, lead) -> None:
        pairing = make_pairing(make_child(at=school_class), mentor)
        with pytest.raises(ValidationError):
            end_pairing(pairing=pairing, on=date(2026, 8, 1), reason="replaced", by=lead)
        with pytest.raises(ValidationError):
            end_pairing(pairing=pairing, on=date(2026, 11, 1), reason="", by=lead)
        end_pairing(pairing=pairing, on=date(2026, 11, 1), reason="replaced", by=lead)
        with pytest.raises(ValidationError, match="已于"):
            end_pairing(pairing=pairing, on=date(2026, 11, 2), reason="replaced", by=lead)

    def test_the_mentor_sees_the_child_until_the_last_day(self, school_class) -> None:
        other = make_class(school_class.school, grade=6)
        staff = make_staff(Role.TEACHER, other, "石老师")
        child = make_child(at=school_class)
        pairing = make_pairing(child, make_mentor(staff))
        assert set(Child.objects.visible_to(staff)) == {child}
        end_pairing(pairing=pairing, on=timezone.localdate() - timedelta(days=1), reason="expired", by=None)
        assert set(Child.objects.visible_to(staff)) == set()

    def test_load_counts_open_acting_pairings(self, school_class, mentor) -> None:
        for name in ("李小兰", "龙小川"):
            make_pairing(make_child(name, school_class), mentor)
        assert with_load(Mentor.objects.all(), date(2026, 11, 20)).get(pk=mentor.pk).load == 2
        assert with_load(Mentor.objects.all(), date(2026, 8, 1)).get(pk=mentor.pk).load == 0

    def test_unpaired(self, school_class, mentor) -> None:
        free, taken = make_child("李小兰", school_class), make_child("龙小川", school_class)
        make_pairing(taken, mentor)
        assert set(unpaired(Child.objects.all(), date(2026, 11, 20))) == {free}

    def test_staff_bring_their_particulars(self, school_class, lead) -> None:
        staff = make_staff(Role.TEACHER, school_class, "石老师", phone="13800002222")
        made = add_mentor(school=school_class.school, kind=Mentor.Kind.STAFF, staff=staff, by=lead, title="帮扶教师")
        assert (made.name, made.phone, made.background_checked_on) == ("石老师", "13800002222", date(2026, 8, 20))
        with pytest.raises(ValidationError, match="已经在代理家长名单"):
            add_mentor(school=school_class.school, kind=Mentor.Kind.STAFF, staff=staff, by=lead)


def test_the_list_puts_those_without_first(client, lead, school_class, mentor) -> None:
    make_pairing(make_left_behind("安小平", school_class), mentor)
    make_left_behind("张浩然", school_class)
    client.force_login(lead)
    shown = client.get(reverse("mentoring:pairing_list")).content.decode()
    assert shown.index("张浩然") < shown.index("安小平")


def test_homeroom_sees_only_the_own_class_and_arranges_nothing(client, school_class) -> None:
    other = make_left_behind("外班孩子", make_class(school_class.school, grade=5))
    own = make_left_behind("李小兰", school_class)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    shown = client.get(reverse("mentoring:pairing_list")).content.decode()
    assert own.name in shown
    assert other.name not in shown
    assert client.get(reverse("mentoring:pairing_add")).status_code == 403


def test_two_children_get_one_mentor(client, lead, school_class, mentor) -> None:
    children = [make_left_behind(name, school_class) for name in ("李小兰", "龙小川")]
    client.force_login(lead)
    answer = client.post(reverse("mentoring:pairing_add"), pairing_form(mentor, *children))
    assert answer.status_code == 302
    assert {p.child for p in Pairing.objects.filter(mentor=mentor, paired_by=lead)} == set(children)
    assert "李小兰、龙小川" in client.get(reverse("mentoring:pairing_list")).content.decode()


def test_a_refused_pairing_keeps_what_was_typed(client, lead, school_class, mentor) -> None:
    mentor.background_checked_on = None
    mentor.save()
    child = make_left_behind("李小兰", school_class)
    client.force_login(lead)
    answer = client.post(reverse("mentoring:pairing_add"), pairing_form(mentor, child, child_view="愿意跟石老师"))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "从业查询" in shown
    assert "愿意跟石老师" in shown


def test_ending_a_pairing(client, lead, school_class, mentor) -> None:
    pairing = make_pairing(make_left_behind("李小兰", school_class), mentor)
    client.force_login(lead)
    address = reverse("mentoring:pairing_end", args=[pairing.pk])
    assert "李小兰" in client.get(address).content.decode()
    assert client.post(address, {"on": timezone.localdate().isoformat()}).status_code == 422
    told = {"on": timezone.localdate().isoformat(), "reason": "mentor_left", "note": "调往县城"}
    assert client.post(address, told).status_code == 302
    pairing.refresh_from_db()
    assert (pairing.ends_on, pairing.end_reason) == (timezone.localdate(), "mentor_left")


def test_what_is_open_goes_to_somebody_when_a_pairing_ends(client, lead, school_class, mentor) -> None:
    pairing = make_pairing(make_left_behind("李小兰", school_class), mentor)
    address = reverse("mentoring:pairing_end", args=[pairing.pk])
    told = {"on": timezone.localdate().isoformat(), "reason": "other", "note": "家长接到身边"}
    client.force_login(lead)
    assert "跟进事项交给" not in client.get(address).content.decode()
    item = FollowUp.objects.create(
        child=pairing.child, what="给奶奶打电话", due_on=timezone.localdate(), owner=mentor.staff
    )
    assert "给奶奶打电话" in client.get(address).content.decode()
    refused = client.post(address, told)
    assert refused.status_code == 422
    assert "家长接到身边" in refused.content.decode()
    assert Pairing.objects.open().exists()
    assert client.post(address, told | {"keeper": lead.pk}).status_code == 302
    item.refresh_from_db()
    assert item.owner == lead
    assert not Pairing.objects.open().exists()


def test_a_pairing_of_another_school_is_404(client, lead) -> None:
    elsewhere = make_class(make_school("别处小学"))
    pairing = make_pairing(make_child("别校孩子", elsewhere), make_mentor(school=elsewhere.school))
    client.force_login(lead)
    assert client.get(reverse("mentoring:pairing_end", args=[pairing.pk])).status_code == 404


def test_a_mentor_from_outside_is_added_and_the_check_corrected(client, lead, school_class) -> None:
    client.force_login(lead)
    told = {"kind": "five_elders", "name": "韦爷爷", "title": "代理家长", "background_checked_on": "2025-01-10"}
    told |= {"consented_on": "2025-01-10"}
    assert client.post(reverse("mentoring:mentor_add"), told | {"name": ""}).status_code == 422
    assert client.post(reverse("mentoring:mentor_add"), told).status_code == 302
    made = Mentor.objects.get(name="韦爷爷")
    assert made.school == school_class.school
    assert "已过期" in client.get(reverse("mentoring:mentor_list")).content.decode()
    address = reverse("mentoring:mentor_edit", args=[made.pk])
    assert (
        client.post(address, told | {"background_checked_on": "2026-11-01", "version": made.version}).status_code == 302
    )
    made.refresh_from_db()
    assert made.background_checked_on == date(2026, 11, 1)


def test_teacher_has_no_pairing_pages(client, school_class) -> None:
    client.force_login(make_staff(Role.TEACHER, school_class))
    for name in ("pairing_list", "pairing_add", "mentor_list", "mentor_add"):
        assert client.get(reverse(f"mentoring:{name}")).status_code == 403


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("name,most", [("pairing_list", 16), ("mentor_list", 9), ("pairing_add", 14)])
def test_pages_stay_flat(client, lead, school_class, rows, name, most, django_assert_max_num_queries) -> None:
    for number in range(rows):
        staff = make_staff(Role.TEACHER, school_class, f"老师{number}")
        make_pairing(make_left_behind(f"学生{number}", school_class), make_mentor(staff))
        make_left_behind(f"候补{number}", school_class)
    client.force_login(lead)
    with django_assert_max_num_queries(most):
        client.get(reverse(f"mentoring:{name}"))


def test_what_the_child_says_is_added_later_and_who_was_not_asked_is_listed(client, lead, school_class, mentor) -> None:
    pairing = make_pairing(make_left_behind("李小兰", school_class), mentor)
    listed, address = reverse("mentoring:pairing_list"), reverse("mentoring:pairing_child_view", args=[pairing.pk])
    client.force_login(lead)
    assert "李小兰" in client.get(listed, {"unheard": "on"}).content.decode()
    assert client.post(address, {"child_view": "喜欢石老师", "version": pairing.version}).status_code == 302
    assert client.post(address, {"child_view": "不知道", "version": pairing.version}).status_code == 409
    client.get(reverse("mentoring:board"))  # takes the message along
    assert "喜欢石老师" in client.get(listed).content.decode()
    assert "李小兰" not in client.get(listed, {"unheard": "on"}).content.decode()


def test_in_a_change_the_child_is_asked(client, lead, school_class, mentor) -> None:
    pairing = make_pairing(make_left_behind("李小兰", school_class), mentor)
    new = make_mentor(make_staff(Role.TEACHER, school_class, "韦老师"))
    told = {"mentor": new.pk, "on": timezone.localdate().isoformat(), "reason": "replaced", "child_view": "愿意"}
    client.force_login(lead)
    assert client.post(reverse("mentoring:pairing_change", args=[pairing.pk]), told).status_code == 302
    assert Pairing.objects.open().get().child_view == "愿意"


class TestTwoSchools:
    """A lead of two schools arranges at both."""

    @pytest.fixture
    def other(self, lead):
        other = make_class(make_school("上坪小学"))
        appoint(lead, Role.CARE_LEAD, other.school)
        return other

    def test_a_mentor_of_the_second(self, client, lead, other) -> None:
        client.force_login(lead)
        address = reverse("mentoring:mentor_add")
        assert "上坪小学" in client.get(address).content.decode()
        told = {"kind": "five_elders", "name": "韦爷爷", "title": "代理家长", "consented_on": "2026-09-01"}
        assert client.post(f"{address}?school={other.school.pk}", told).status_code == 302
        assert Mentor.objects.get(name="韦爷爷").school == other.school
        assert client.get(f"{address}?school={make_school('别处小学').pk}").status_code == 404

    def test_a_plan_of_the_second(self, client, lead, other, school_class) -> None:
        make_left_behind("李小兰", school_class)
        make_left_behind("龙小川", other)
        client.force_login(lead)
        told = {"title": "秋季结对", "starts_on": timezone.localdate().isoformat(), "who": ""}
        address = f"{reverse('mentoring:plan_add')}?school={other.school.pk}"
        assert client.post(address, told).status_code == 302
        plan = PairingPlan.objects.get()
        assert plan.school == other.school
        assert [line.child.name for line in plan.lines.all()] == ["龙小川"]
