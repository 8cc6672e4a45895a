"""Draft → review → publish: nothing holds before the principal publishes, then everything or nothing."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from children.models import Child, codes
from mentoring.models import Mentor, Pairing, PairingPlan, PlanState
from mentoring.plan_paper import plan_paper
from mentoring.planning import (
    add_lines,
    change_lines,
    drop_plan,
    faults,
    make_plan,
    publish_plan,
    return_plan,
    submit_plan,
)
from mentoring.queries import unpaired
from tests.support.factories import make_class, make_left_behind, make_mentor, make_outsider, make_pairing, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


@pytest.fixture
def principal(school_class):
    return make_staff(Role.PRINCIPAL, school_class.school, "覃校长")


@pytest.fixture
def mentors(school_class):
    return [make_mentor(make_staff(Role.TEACHER, school_class, name)) for name in ("石老师", "韦老师")]


@pytest.fixture
def children(school_class):
    return [make_left_behind(name, school_class) for name in ("李小兰", "龙小川", "韦小梅")]


@pytest.fixture
def plan(school_class, lead, mentors, children) -> PairingPlan:
    return make_plan(school=school_class.school, children=Child.objects.all(), title="秋季结对", starts_on=DAY, by=lead)


class TestServices:
    pytestmark = pytest.mark.data

    def test_a_draft_pairs_nobody(self, plan) -> None:
        assert plan.lines.filter(mentor__isnull=False).count() == 3
        assert all(line.reasons for line in plan.lines.all())
        assert not Pairing.objects.exists()

    def test_a_second_open_plan_is_refused(self, plan, lead) -> None:
        with pytest.raises(ValidationError, match="还没有公布|没有公布"):
            make_plan(school=plan.school, children=Child.objects.all(), title="再来", starts_on=DAY, by=lead)
        drop_plan(plan=plan, by=lead)
        assert make_plan(school=plan.school, children=Child.objects.all(), title="再来", starts_on=DAY, by=lead)

    def test_published_everybody_has_the_mentor_of_the_plan(self, plan, lead, principal, mentors) -> None:
        line = plan.lines.select_related("child").first()
        other = next(m for m in mentors if m.pk != line.mentor_id)
        assert change_lines(plan=plan, chosen={line.pk: other.pk}, by=lead) == 1
        submit_plan(plan=plan, by=lead)
        made = publish_plan(plan=plan, by=principal, on=DAY)
        assert len(made) == 3
        assert Pairing.objects.get(child=line.child).mentor == other
        assert {(p.starts_on, p.paired_by) for p in Pairing.objects.all()} == {(DAY, principal)}
        plan.refresh_from_db()
        assert (plan.state, plan.published_by, plan.published_on) == (PlanState.PUBLISHED, principal, DAY)
        with pytest.raises(ValidationError, match="已公布"):
            publish_plan(plan=plan, by=principal, on=DAY)
        with pytest.raises(ValidationError, match="已公布"):
            change_lines(plan=plan, chosen={line.pk: None}, by=lead)

    def test_one_faulty_line_stops_all_and_is_named(self, plan, principal, children, mentors) -> None:
        make_pairing(children[0], mentors[0])
        with pytest.raises(ValidationError, match="李小兰：已有代理家长石老师"):
            publish_plan(plan=plan, by=principal, on=DAY)
        assert Pairing.objects.count() == 1

    def test_faulty_lines_are_left_out_only_when_said(self, plan, principal, children, mentors) -> None:
        make_pairing(children[0], mentors[0])
        made = publish_plan(plan=plan, by=principal, on=DAY, skip_faulty=True)
        assert {p.child for p in made} == set(children[1:])
        assert plan.lines.get(child=children[0]).skipped == "已有代理家长石老师"

    def test_the_pairing_with_a_mentor_who_is_gone_gives_way(self, school_class, lead, principal, mentors) -> None:
        gone = make_mentor(make_staff(Role.TEACHER, school_class, "覃老师"))
        left, other = (make_left_behind(name, school_class) for name in ("李小兰", "龙小川"))
        former = make_pairing(left, gone)
        gone.staff.appointments.update(ends_on=DAY - timedelta(days=1))
        free = unpaired(Child.objects.all(), DAY)
        plan = make_plan(school=school_class.school, children=free, title="秋", starts_on=DAY, by=lead)
        made = publish_plan(plan=plan, by=principal, on=DAY)
        assert {p.child for p in made} == {left, other}
        former.refresh_from_db()
        assert (former.ends_on, former.end_reason) == (DAY - timedelta(days=1), "mentor_left")
        assert plan.lines.get(child=left).pairing == Pairing.objects.open().get(child=left)

    def test_what_makes_a_line_faulty(self, plan, mentors, children, lead) -> None:
        lines = {line.child: line for line in plan.lines.select_related("child")}
        chosen = {
            lines[children[0]].pk: None,
            lines[children[1]].pk: mentors[0].pk,
            lines[children[2]].pk: mentors[1].pk,
        }
        change_lines(plan=plan, chosen=chosen, by=lead)
        mentors[0].background_checked_on = DAY - timedelta(days=366)
        mentors[0].save()
        mentors[1].ended_on = DAY
        mentors[1].save()
        told = {f.line.child.name: f.why for f in faults(plan, plan.lines.select_related("child", "mentor__staff"))}
        assert told["李小兰"] == "还没有选代理家长"
        assert "从业查询" in told["龙小川"]
        assert "退出" in told["韦小梅"]

    def test_back_and_forth(self, plan, lead) -> None:
        with pytest.raises(ValidationError):
            return_plan(plan=plan, note="再看看", by=lead)
        submit_plan(plan=plan, by=lead)
        return_plan(plan=plan, note="李小兰换女老师", by=lead)
        plan.refresh_from_db()
        assert (plan.state, plan.return_note) == (PlanState.DRAFT, "李小兰换女老师")

    def test_children_who_come_later_are_added_once(self, plan, school_class) -> None:
        make_left_behind("新来的", school_class)
        assert add_lines(plan=plan, children=Child.objects.all()) == 1
        assert add_lines(plan=plan, children=Child.objects.all()) == 0

    def test_who_comes_later_is_proposed_nobody_whom_the_plan_has_filled(self, school_class, lead, mentors) -> None:
        Mentor.objects.update(soft_limit=1)
        for name in ("李小兰", "龙小川"):
            make_left_behind(name, school_class)
        plan = make_plan(school=school_class.school, children=Child.objects.all(), title="秋", starts_on=DAY, by=lead)
        assert set(plan.lines.values_list("mentor", flat=True)) == {mentor.pk for mentor in mentors}
        late = make_left_behind("新来的", school_class)
        add_lines(plan=plan, children=Child.objects.all())
        line = plan.lines.get(child=late)
        assert line.mentor is None
        assert line.cautions

    def test_nor_are_key_children_beyond_the_number_of_the_school(self, school_class, lead, mentors) -> None:
        school_class.school.mentor_key_limit = 1
        school_class.school.save()
        key = codes.SupportLevel.KEY
        for name in ("李小兰", "龙小川"):
            make_left_behind(name, school_class, support_level=key)
        plan = make_plan(school=school_class.school, children=Child.objects.all(), title="秋", starts_on=DAY, by=lead)
        late = make_left_behind("新来的", school_class, support_level=key)
        add_lines(plan=plan, children=Child.objects.all())
        assert plan.lines.get(child=late).mentor is None

    def test_a_mentor_of_another_school_is_refused(self, plan, lead) -> None:
        stranger = make_mentor(school=make_class().school)
        with pytest.raises(ValidationError, match="不在这所学校"):
            change_lines(plan=plan, chosen={plan.lines.first().pk: stranger.pk}, by=lead)


def test_from_draft_to_published_on_the_pages(client, lead, principal, mentors, children) -> None:
    today = timezone.localdate().isoformat()
    client.force_login(lead)
    answer = client.post(
        reverse("mentoring:plan_add"), {"title": "秋季结对", "starts_on": today, "who": ""}, follow=True
    )
    plan = PairingPlan.objects.get()
    shown = answer.content.decode()
    assert all(child.name in shown for child in children)
    line = plan.lines.first()
    other = next(m for m in mentors if m.pk != line.mentor_id)
    saved = client.post(reverse("mentoring:plan_save", args=[plan.pk]), {f"line-{line.pk}": other.pk}, follow=True)
    assert "改了 1 条" in saved.content.decode()
    assert "人工调整" in saved.content.decode()
    assert client.post(reverse("mentoring:plan_submit", args=[plan.pk])).status_code == 302
    assert client.get(reverse("mentoring:plan_publish", args=[plan.pk])).status_code == 403
    assert "要修改请校长退回" in client.get(reverse("mentoring:plan_show", args=[plan.pk])).content.decode()
    late = client.post(reverse("mentoring:plan_save", args=[plan.pk]), {f"line-{line.pk}": ""})
    assert "已交校长公布" in late.content.decode()
    line.refresh_from_db()
    assert line.mentor == other
    client.force_login(principal)
    make_pairing(children[0], mentors[0])
    address = reverse("mentoring:plan_publish", args=[plan.pk])
    assert "已有代理家长石老师" in client.get(address).content.decode()
    refused = client.post(address)
    assert refused.status_code == 422
    assert Pairing.objects.count() == 1
    assert client.post(address, {"skip_faulty": "on"}).status_code == 302
    assert Pairing.objects.count() == 3


def test_only_mentors_who_get_a_child_are_counted_and_leaving_out_is_ticked(
    client, principal, plan, mentors, children
) -> None:
    first, *others = plan.lines.select_related("child").order_by("pk")
    chosen = {first.pk: mentors[0].pk} | {line.pk: mentors[1].pk for line in others}
    change_lines(plan=plan, chosen=chosen, by=principal)
    mentors[0].background_checked_on = None
    mentors[0].save()
    client.force_login(principal)
    address = reverse("mentoring:plan_publish", args=[plan.pk])
    shown = client.get(address)
    assert "共 2 名学生、1 位代理家长" in shown.content.decode()
    assert shown.context["form"]["skip_faulty"].value() is True
    done = client.post(address, {"skip_faulty": "on"}, follow=True).content.decode()
    assert "2 名学生有了代理家长" in done
    assert "1 名没有公布" in done


def test_handing_in_names_who_cannot_be_published(client, lead, plan, mentors) -> None:
    client.force_login(lead)
    address = reverse("mentoring:plan_submit", args=[plan.pk])
    assert "还不能公布" not in client.get(address).content.decode()
    line = plan.lines.select_related("child").first()
    outside = make_outsider(plan.school)
    change_lines(plan=plan, chosen={line.pk: outside.pk}, by=lead)
    shown = client.get(address).content.decode()
    assert f"{outside}是校外人员，监护人还没有同意（1 名）：{line.child.name}" in shown
    assert "只能跳过" in shown


def test_a_line_moved_by_hand_says_that_the_mentor_is_full(client, lead, school_class, mentors) -> None:
    school_class.school.mentor_soft_limit = 1
    school_class.school.save()
    for name in ("李小兰", "龙小川"):
        make_left_behind(name, school_class)
    plan = make_plan(school=school_class.school, children=Child.objects.all(), title="秋", starts_on=DAY, by=lead)
    client.force_login(lead)
    address = reverse("mentoring:plan_show", args=[plan.pk])
    assert "已满：" not in client.get(address).content.decode()
    first, second = plan.lines.select_related("mentor").order_by("pk")[:2]
    change_lines(plan=plan, chosen={second.pk: first.mentor_id}, by=lead)
    text = client.get(address).content.decode()
    assert text.count(f"{first.mentor}已满：公布后带 2 人，建议不超过 1 人") == 1, "in the line that was moved"


def test_too_many_key_children_in_a_plan_are_told_before_it_is_published(
    client, principal, lead, school_class, mentors
) -> None:
    school_class.school.mentor_key_limit = 1
    school_class.school.save()
    for name in ("李小兰", "龙小川"):
        make_left_behind(name, school_class, support_level=codes.SupportLevel.KEY)
    plan = make_plan(school=school_class.school, children=Child.objects.all(), title="秋", starts_on=DAY, by=lead)
    show, publish = (reverse(f"mentoring:{name}", args=[plan.pk]) for name in ("plan_show", "plan_publish"))
    client.force_login(principal)
    assert "超过学校定的" not in client.get(show).content.decode() + client.get(publish).content.decode()
    change_lines(plan=plan, chosen={line.pk: mentors[0].pk for line in plan.lines.all()}, by=lead)
    assert client.get(show).content.decode().count("重点学生共 2 名，超过学校定的 1 名") == 2
    assert "公布后石老师带重点学生 2 人，超过学校定的 1 人" in client.get(publish).content.decode()


def test_nonsense_in_a_select_changes_nothing(client, lead, plan) -> None:
    client.force_login(lead)
    line = plan.lines.first()
    answer = client.post(reverse("mentoring:plan_save", args=[plan.pk]), {f"line-{line.pk}": "x"})
    assert answer.status_code == 422
    line.refresh_from_db()
    assert line.mentor is not None


def test_the_printed_list_is_marked_as_a_draft_until_published(client, principal, plan) -> None:
    client.force_login(principal)
    address = reverse("mentoring:plan_print", args=[plan.pk])
    draft = text_of(client.get(address).content)
    assert "尚未公布" in draft
    assert "草稿" in draft
    assert all(line.child.name in draft for line in plan.lines.select_related("child"))
    publish_plan(plan=plan, by=principal, on=DAY)
    published = text_of(client.get(address).content)
    assert "尚未公布" not in published
    assert "草稿" not in published


def test_the_printed_list_says_how_many_a_mentor_has_with_those_paired_beside_the_plan(
    principal, plan, school_class
) -> None:
    mentor = plan.lines.filter(mentor__isnull=False).first().mentor
    mine = plan.lines.filter(mentor=mentor).count()
    for name in ("韦小一", "韦小二", "韦小三"):
        make_pairing(make_left_behind(name, school_class), mentor, on=DAY)

    def share():
        (found,) = [one for one in plan_paper(plan, DAY).shares if one.mentor == mentor.name]
        return len(found.children), found.total

    assert share() == (mine, mine + 3)
    publish_plan(plan=plan, by=principal, on=DAY)
    assert share() == (mine, mine + 3), "published they count once"


@pytest.mark.parametrize("rows", [1, 12])
def test_the_plan_stays_flat(client, lead, school_class, rows, django_assert_max_num_queries) -> None:
    for number in range(rows):
        make_mentor(make_staff(Role.TEACHER, school_class, f"老师{number}"))
        make_left_behind(f"学生{number}", school_class)
    plan = make_plan(school=school_class.school, children=Child.objects.all(), title="秋", starts_on=DAY, by=lead)
    client.force_login(lead)
    client.get(reverse("mentoring:plan_show", args=[plan.pk]))
    with django_assert_max_num_queries(28):
        client.get(reverse("mentoring:plan_show", args=[plan.pk]))
