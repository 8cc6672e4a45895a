"""领导包干: exactly one leader a child, shared out evenly, the backlog of a leader's children on one page."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.models import FollowUp
from activities.programmes import adopt
from caretrack.access.policy import Role
from children.leaving import end_what_is_open
from children.models import Child
from mentoring.charging import charge, share_out
from mentoring.models import LeaderCharge
from tests.support.factories import (
    TERM_START,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_staff,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 5), max_size=40), st.integers(1, 5))
def test_shares_are_even_whatever_the_classes(classes, leaders) -> None:
    shares = share_out(list(enumerate(classes)), list(range(leaders)))
    assert set(shares) == set(range(len(classes)))
    heads = Counter(shares.values())
    assert max(heads.values(), default=0) <= -(-len(classes) // leaders)


def test_a_class_stays_together_where_it_can() -> None:
    shares = share_out([(1, 10), (2, 10), (3, 20), (4, 20)], [7, 8])
    assert shares[1] == shares[2] != shares[3] == shares[4]


@pytest.mark.django_db
class TestCharge:
    @pytest.fixture
    def leaders(self, school_class):
        school = school_class.school
        return [make_staff(Role.PRINCIPAL, school, "覃校长"), make_staff(Role.CARE_LEAD, school, "杨主任")]

    @pytest.mark.data
    def test_a_child_has_one_leader_and_the_former_one_ends_the_day_before(self, school_class, leaders) -> None:
        today = timezone.localdate()
        child = make_left_behind("李小兰", school_class)
        charge(chosen={child: leaders[0]}, on=TERM_START, today=today, by=None)
        assert charge(chosen={child: leaders[1]}, on=today, today=today, by=None) == 1
        assert charge(chosen={child: leaders[1]}, on=today, today=today, by=None) == 0
        former, now = LeaderCharge.objects.order_by("starts_on")
        assert (former.leader, former.ends_on) == (leaders[0], today - timedelta(days=1))
        assert (now.leader, now.starts_on, now.ends_on) == (leaders[1], today, None)
        charge(chosen={child: leaders[0]}, on=today, today=today, by=None)
        assert LeaderCharge.objects.count() == 2
        assert LeaderCharge.objects.open().get().leader == leaders[0]

    def test_who_does_not_lead_the_school_is_refused(self, school_class) -> None:
        today = timezone.localdate()
        with pytest.raises(ValidationError, match="不能包干"):
            charge(
                chosen={make_left_behind("李小兰", school_class): make_staff(Role.TEACHER, school_class)},
                on=today, today=today, by=None,
            )  # fmt: skip

    def test_a_child_that_leaves_is_nobodys_charge(self, school_class, leaders) -> None:
        today = timezone.localdate()
        child = make_left_behind("李小兰", school_class)
        charge(chosen={child: leaders[0]}, on=TERM_START, today=today, by=None)
        end_what_is_open(child=child, on=today, by=None)
        assert not LeaderCharge.objects.open().exists()

    def test_on_the_page_by_hand_and_evenly(self, client, school_class, leaders) -> None:
        children = [make_left_behind(f"学生{n}", school_class) for n in range(5)]
        client.force_login(leaders[1])
        today = timezone.localdate().isoformat()
        address = reverse("mentoring:charge_save")
        refused = client.post(address, {"use": "chosen", "on": today})
        assert refused.status_code == 422
        assert "请先勾选学生" in refused.content.decode()
        client.post(address, {"use": "chosen", "on": today, "children": [children[0].pk], "leader": leaders[0].pk})
        assert LeaderCharge.objects.get().child == children[0]
        client.post(address, {"use": "evenly", "on": today})
        assert Counter(LeaderCharge.objects.open().values_list("child", flat=True)) == {c.pk: 1 for c in children}
        shown = client.get(reverse("mentoring:charge_list")).content.decode()
        assert 'value="none">还没有' in shown

    def test_another_member_of_the_leading_group_reads_of_the_children_in_charge_only(
        self, client, school_class, leaders
    ) -> None:
        today = timezone.localdate()
        deputy = make_staff(Role.LEADER, school_class.school, "韦副校长")
        mine, others = make_left_behind("李小兰", school_class), make_left_behind("龙小川", school_class)
        record = make_record(mine, leaders[1], today, content="想妈妈了")
        charge(chosen={mine: deputy, others: leaders[0]}, on=today, today=today, by=None)
        assert list(Child.objects.visible_to(deputy)) == [mine]
        client.force_login(deputy)
        shown = client.get(reverse("workbench")).content.decode()
        page = reverse("mentoring:charge_show", args=[deputy.pk])
        assert page in shown
        listed = client.get(page).content.decode()
        assert "李小兰" in listed
        assert "龙小川" not in listed
        assert "想妈妈了" in client.get(reverse("activities:record_show", args=[record.pk])).content.decode()
        assert client.get(reverse("mentoring:charge_show", args=[leaders[0].pk])).status_code == 404
        assert client.get(reverse("mentoring:charge_list")).status_code == 403
        assert client.get(reverse("activities:record_add")).status_code == 403
        for dead_end, where in (
            (reverse("activities:record_add"), reverse("activities:silence_list")),
            (reverse("activities:call_tree", args=[mine.pk]), reverse("children:child_show", args=[mine.pk])),
        ):
            answer = client.get(where)
            assert answer.status_code == 200
            assert dead_end not in answer.content.decode()
        charge(chosen={mine: leaders[1]}, on=today, today=today, by=None)
        assert not Child.objects.visible_to(deputy).exists()

    def test_the_children_of_a_leader_who_left_the_group_wait_for_another(self, client, school_class, leaders) -> None:
        today = timezone.localdate()
        deputy = make_staff(Role.LEADER, school_class.school, "韦副校长")
        child = make_left_behind("李小兰", school_class)
        charge(chosen={child: deputy}, on=TERM_START, today=today, by=None)
        client.force_login(leaders[1])
        address = f"{reverse('mentoring:charge_list')}?leader=none"
        assert "李小兰" not in client.get(address).content.decode()
        deputy.appointments.update(ends_on=today - timedelta(days=1))
        assert "李小兰" in client.get(address).content.decode()

    def test_what_the_programmes_still_ask_for_stands_on_the_page(self, client, school_class, leaders) -> None:
        today = timezone.localdate()
        adopt("six_ones", school_class.school, TERM_START, None)
        child = make_left_behind("李小兰", school_class)
        make_pairing(child, make_mentor(school=school_class.school))
        charge(chosen={child: leaders[0]}, on=TERM_START, today=today, by=None)
        client.force_login(leaders[0])
        address = reverse("mentoring:charge_show", args=[leaders[0].pk])
        (row,) = client.get(address).context["rows"]
        assert row.owed > 0
        assert "谈" in row.duties
        assert row.duties in client.get(address).content.decode()

    def test_the_backlog_of_a_leader(self, client, school_class, leaders) -> None:
        today = timezone.localdate()
        calm, late = make_left_behind("安小平", school_class), make_left_behind("张浩然", school_class)
        charge(chosen={calm: leaders[0], late: leaders[0]}, on=today, today=today, by=None)
        FollowUp.objects.create(child=late, what="家访", due_on=today - timedelta(days=3), owner=leaders[1])
        client.force_login(leaders[0])
        shown = client.get(reverse("mentoring:charge_show", args=[leaders[0].pk])).content.decode()
        assert shown.index("张浩然") < shown.index("安小平")
        assert "本月未谈" in shown
        assert "从没有" in shown

    @pytest.mark.parametrize("rows", [1, 12])
    def test_these_pages_stay_flat(self, client, school_class, leaders, rows, django_assert_max_num_queries) -> None:
        today = timezone.localdate()
        children = [make_left_behind(f"学生{n}", school_class) for n in range(rows)]
        charge(chosen=dict.fromkeys(children, leaders[0]), on=today, today=today, by=None)
        client.force_login(leaders[1])
        for address in (reverse("mentoring:charge_list"), reverse("mentoring:charge_show", args=[leaders[0].pk])):
            client.get(address)
            with django_assert_max_num_queries(20):
                client.get(address)
