"""Another mentor, a mentor who leaves, a deputy for a while: dated, with what is open, nobody forgotten."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.models import FollowUp
from caretrack.access.policy import Role
from children.models import Child
from mentoring.absences import end_absence, plan_absence
from mentoring.access import cared_for_by
from mentoring.handover import change_mentor, hand_over_due_items, mentor_leaves, open_items, take_back_pairing
from mentoring.models import Mentor, MentorAbsence, Pairing
from mentoring.services import add_mentor, end_pairings_of
from tests.support.factories import (
    agree_to_outsiders,
    make_class,
    make_left_behind,
    make_outsider,
    make_pairing,
    make_term,
)
from tests.support.paper import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def school_class():
    """A class of a school without a term."""
    return make_class()


def promise(child, owner, what="给奶奶打电话") -> FollowUp:
    return FollowUp.objects.create(child=child, what=what, due_on=date(2026, 12, 1), owner=owner)


class TestChange:
    def test_the_day_the_reason_and_what_is_open_move(self, child, two, lead, today) -> None:
        old, new = two
        pairing = make_pairing(child, old)
        mine, others = promise(child, old.staff), promise(child, lead, "德育处走访")
        made = change_mentor(pairing=pairing, mentor=new, on=today, today=today, by=lead, note="课务调整")
        pairing.refresh_from_db()
        assert (pairing.ends_on, pairing.end_reason, pairing.end_note) == (
            today - timedelta(days=1), "replaced", "课务调整",
        )  # fmt: skip
        assert (made.mentor, made.starts_on, made.role) == (new, today, pairing.role)
        mine.refresh_from_db()
        others.refresh_from_db()
        assert (mine.owner, mine.given_by, others.owner) == (new.staff, lead, lead)
        assert [item.what for item in open_items([child.pk], new.staff)] == ["给奶奶打电话"]
        assert set(Child.objects.visible_to(new.staff)) == {child}

    def test_the_former_mentor_sees_the_child_no_more(self, child, two, lead, today) -> None:
        old, new = two
        change_mentor(pairing=make_pairing(child, old), mentor=new, on=today, today=today, by=lead)
        old.staff.forget_posts()
        assert set(Child.objects.visible_to(old.staff)) == set()

    @pytest.mark.parametrize("days,words", [(1, "最晚到今天"), (-400, "晚于这一天")])
    def test_days_that_cannot_be(self, child, two, lead, today, days, words) -> None:
        pairing = make_pairing(child, two[0])
        with pytest.raises(ValidationError, match=words):
            change_mentor(pairing=pairing, mentor=two[1], on=today + timedelta(days=days), today=today, by=lead)

    def test_refused_nothing_has_changed(self, child, two, lead, today) -> None:
        old, new = two
        new.background_checked_on = None
        new.save()
        pairing = make_pairing(child, old)
        with pytest.raises(ValidationError, match="从业查询"):
            change_mentor(pairing=pairing, mentor=new, on=today, today=today, by=lead)
        pairing.refresh_from_db()
        assert pairing.ends_on is None

    def test_somebody_without_account_needs_a_keeper_for_what_is_open(self, child, two, lead, today) -> None:
        elder = make_outsider(child.school, background_checked_on=today)
        agree_to_outsiders(child)
        pairing = make_pairing(child, two[0])
        kept = promise(child, two[0].staff)
        with pytest.raises(ValidationError, match="没有账号"):
            change_mentor(pairing=pairing, mentor=elder, on=today, today=today, by=lead)
        change_mentor(pairing=pairing, mentor=elder, on=today, today=today, by=lead, keeper=lead)
        kept.refresh_from_db()
        assert kept.owner == lead


class TestLeaving:
    def test_who_gets_nobody_is_named(self, child, school_class, two, lead, today) -> None:
        old, new = two
        other = make_left_behind("龙小川", school_class)
        for each in (child, other):
            make_pairing(each, old)
        left = mentor_leaves(
            mentor=old, on=today, today=today, by=lead, heirs={child.pk: new, other.pk: None}, note="调往县城"
        )
        assert [p.child for p in left.moved] == [child]
        assert left.orphaned == (other,)
        old.refresh_from_db()
        assert (old.ended_on, old.end_note) == (today, "调往县城")
        assert not Pairing.objects.open().filter(mentor=old).exists()
        assert set(Pairing.objects.filter(mentor=old).values_list("end_reason", flat=True)) == {"mentor_left"}

    def test_a_child_nobody_spoke_of_stops_it(self, child, two, lead, today) -> None:
        make_pairing(child, two[0])
        with pytest.raises(ValidationError, match="李小兰"):
            mentor_leaves(mentor=two[0], on=today, today=today, by=lead, heirs={})
        two[0].refresh_from_db()
        assert two[0].ended_on is None

    def test_what_is_open_about_an_orphan_needs_a_keeper(self, child, two, lead, today) -> None:
        make_pairing(child, two[0])
        kept = promise(child, two[0].staff)
        with pytest.raises(ValidationError, match="李小兰：.*跟进事项"):
            mentor_leaves(mentor=two[0], on=today, today=today, by=lead, heirs={child.pk: None})
        mentor_leaves(mentor=two[0], on=today, today=today, by=lead, heirs={child.pk: None}, keeper=lead)
        kept.refresh_from_db()
        assert kept.owner == lead

    def test_one_heir_refused_nothing_happens(self, child, school_class, two, lead, today) -> None:
        other = make_left_behind("龙小川", school_class)
        unchecked = add_mentor(school=child.school, kind=Mentor.Kind.VOLUNTEER, name="志愿者", by=lead)
        for each in (child, other):
            make_pairing(each, two[0])
        with pytest.raises(ValidationError, match="龙小川：.*从业查询"):
            mentor_leaves(mentor=two[0], on=today, today=today, by=lead, heirs={child.pk: two[1], other.pk: unchecked})
        assert Pairing.objects.open().filter(mentor=two[0]).count() == 2


class TestDeputy:
    def test_the_deputy_sees_the_children_for_that_time_only(self, child, two, lead, today) -> None:
        away, deputy = two
        make_pairing(child, away)
        plan_absence(
            mentor=away, deputy=deputy, starts_on=today, ends_on=today + timedelta(days=30), reason="产假", by=lead
        )
        person = deputy.staff
        person.forget_posts()
        assert set(Child.objects.visible_to(person)) == {child}
        assert Role.MENTOR in person.roles()
        MentorAbsence.objects.update(starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
        person.forget_posts()
        assert set(Child.objects.visible_to(person)) == set()
        assert Role.MENTOR not in person.roles()

    def test_back_early(self, child, two, lead, today) -> None:
        away, deputy = two
        later = today + timedelta(days=30)
        begun = MentorAbsence.objects.create(
            mentor=away, deputy=deputy, starts_on=today - timedelta(days=5), ends_on=later, reason="培训"
        )
        end_absence(absence=begun, on=today, by=lead)
        begun.refresh_from_db()
        assert begun.ends_on == today - timedelta(days=1)
        coming = plan_absence(mentor=away, deputy=deputy, starts_on=later, ends_on=later, reason="培训", by=lead)
        end_absence(absence=coming, on=today, by=lead)
        assert not MentorAbsence.objects.filter(pk=coming.pk).exists()

    def test_refused_deputies(self, two, lead, today) -> None:
        away, deputy = two
        plan_absence(mentor=away, deputy=deputy, starts_on=today, ends_on=today, reason="外出学习", by=lead)
        with pytest.raises(ValidationError, match="已登记"):
            plan_absence(mentor=away, deputy=deputy, starts_on=today, ends_on=today, reason="外出", by=lead)
        with pytest.raises(ValidationError, match="也暂离"):
            plan_absence(mentor=deputy, deputy=away, starts_on=today, ends_on=today, reason="外出", by=lead)
        with pytest.raises(ValidationError, match="不能由本人代管"):
            plan_absence(mentor=deputy, deputy=deputy, starts_on=today, ends_on=today, reason="外出", by=lead)
        deputy.background_checked_on = None
        deputy.save()
        with pytest.raises(ValidationError, match="从业查询"):
            plan_absence(
                mentor=away, deputy=deputy, starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 5), reason="病假", by=lead
            )


class TestPages:
    def test_changed_on_the_page_and_printed_for_signature(self, client, child, two, lead, today) -> None:
        old, new = two
        pairing = make_pairing(child, old)
        promise(child, old.staff)
        client.force_login(lead)
        address = reverse("mentoring:pairing_change", args=[pairing.pk])
        told = {"mentor": new.pk, "on": today.isoformat(), "reason": "replaced", "note": "课务调整"}
        assert client.post(address, told | {"mentor": ""}).status_code == 422
        shown = client.post(address, told, follow=True).content.decode()
        assert "由韦老师带" in shown
        book = text_of(client.get(reverse("mentoring:pairing_handover_print", args=[pairing.pk])).content)
        for words in ("移交书", "李小兰", "韦老师", "给奶奶打电话", "138****1111", "移交人（签名）", "接收人（签名）"):
            assert words in book
        assert "13800001111" not in book

    def test_leaving_proposes_heirs_and_names_who_has_none(self, client, child, school_class, two, lead, today) -> None:
        old, new = two
        other = make_left_behind("龙小川", school_class)
        for each in (child, other):
            make_pairing(each, old)
        client.force_login(lead)
        address = reverse("mentoring:mentor_leave", args=[old.pk])
        assert re.search(f'<option value="{new.pk}" selected[ >]', client.get(address).content.decode())
        told = {"on": today.isoformat(), "note": "退休", f"heir_{child.pk}": new.pk, f"heir_{other.pk}": ""}
        shown = client.post(address, told, follow=True).content.decode()
        assert "请尽快安排：龙小川" in shown
        assert "龙小川" in client.get(reverse("mentoring:board")).content.decode()

    def test_the_deputy_is_entered_and_ended_on_the_pages(self, client, child, two, lead, today) -> None:
        away, deputy = two
        make_pairing(child, away)
        client.force_login(lead)
        told = {
            "starts_on": today.isoformat(),
            "ends_on": (today + timedelta(days=20)).isoformat(),
            "deputy": deputy.pk,
            "reason": "外出培训",
        }
        address = reverse("mentoring:absence_add", args=[away.pk])
        assert client.post(address, told | {"ends_on": (today - timedelta(days=2)).isoformat()}).status_code == 422
        shown = client.post(address, told, follow=True).content.decode()
        assert "由韦老师代管" in shown
        client.post(reverse("mentoring:absence_end", args=[MentorAbsence.objects.get().pk]))
        assert not MentorAbsence.objects.exists()

    @pytest.mark.parametrize("rows", [1, 12])
    def test_the_page_of_a_mentor_stays_flat(
        self, client, school_class, two, lead, rows, django_assert_max_num_queries
    ):
        for number in range(rows):
            make_pairing(make_left_behind(f"学生{number}", school_class), two[0])
        client.force_login(lead)
        client.get(reverse("mentoring:mentor_show", args=[two[0].pk]))
        with django_assert_max_num_queries(26):
            client.get(reverse("mentoring:mentor_show", args=[two[0].pk]))


class TestPlannedChange:
    """A change from a day to come: until then nothing is different, from then on everything is."""

    @pytest.fixture
    def monday(self, school_class, today) -> date:
        make_term(school_class.school, ends_on=today + timedelta(days=30))
        return today + timedelta(days=3)

    @pytest.fixture
    def planned(self, child, two, lead, today, monday) -> tuple[Pairing, Pairing]:
        former = make_pairing(child, two[0])
        return former, change_mentor(pairing=former, mentor=two[1], on=monday, today=today, by=lead)

    def seen_by(self, mentor: Mentor, day: date) -> bool:
        return cared_for_by(mentor.staff_id, day).exists()

    def test_each_day_has_its_mentor(self, planned, two, today, monday) -> None:
        for day in (today, monday - timedelta(days=1)):
            assert (self.seen_by(two[0], day), self.seen_by(two[1], day)) == (True, False)
        assert (self.seen_by(two[0], monday), self.seen_by(two[1], monday)) == (False, True)

    def test_follow_ups_stay_until_the_day_and_move_once(self, child, planned, two, lead, today, monday) -> None:
        mine = promise(child, two[0].staff)
        hand_over_due_items(today)
        mine.refresh_from_db()
        assert mine.owner == two[0].staff
        assert hand_over_due_items(monday) == 1
        mine.refresh_from_db()
        assert (mine.owner, mine.given_by) == (two[1].staff, lead)
        later = promise(child, two[0].staff, "家访")
        assert hand_over_due_items(monday + timedelta(days=1)) == 0
        later.refresh_from_db()
        assert later.owner == two[0].staff

    @pytest.mark.parametrize("days, fits", [(30, True), (31, False)])
    def test_not_beyond_the_term(self, child, two, lead, today, monday, days, fits) -> None:
        change = {"mentor": two[1], "on": today + timedelta(days=days), "today": today, "by": lead}
        pairing = make_pairing(child, two[0])
        if fits:
            assert change_mentor(pairing=pairing, **change).mentor == two[1]
            return
        with pytest.raises(ValidationError, match="本学期末"):
            change_mentor(pairing=pairing, **change)

    def test_shown_and_called_off_on_the_page(self, client, child, planned, two, lead, monday) -> None:
        former, coming = planned
        client.force_login(lead)
        page = client.get(reverse("mentoring:mentor_show", args=[two[0].pk])).content.decode()
        assert "以后由韦老师带" in page
        assert "还没开始" in client.get(reverse("mentoring:mentor_show", args=[two[1].pk])).content.decode()
        listed = client.get(reverse("mentoring:pairing_list")).content.decode()
        assert f"{monday.month}月{monday.day}日起由韦老师带" in listed
        assert client.get(reverse("mentoring:pairing_change", args=[coming.pk])).status_code == 404
        client.post(reverse("mentoring:pairing_change_drop", args=[coming.pk]))
        former.refresh_from_db()
        assert (former.ends_on, former.end_reason) == (None, "")
        assert not Pairing.objects.filter(pk=coming.pk).exists()

    def test_in_effect_it_cannot_be_called_off(self, planned, monday, lead) -> None:
        with pytest.raises(ValidationError, match="今天以前就生效"):
            take_back_pairing(pairing=planned[1], today=monday + timedelta(days=1), by=lead)

    def test_neither_of_the_two_leaves_before_it_is_settled(self, child, planned, two, lead, today) -> None:
        for mentor in two:
            with pytest.raises(ValidationError, match=r"李小兰.*先撤销"):
                mentor_leaves(mentor=mentor, on=today, today=today, by=lead, heirs={child.pk: None})

    def test_a_child_that_leaves_before_leaves_nothing_behind(self, child, planned, two, today) -> None:
        end_pairings_of(child=child, on=today, by=None)
        former = Pairing.objects.get(child=child)
        assert (former.mentor, former.ends_on, former.end_reason) == (two[0], today, "child_changed")
