"""The lines of a plan that cannot be published: told on the paper that is signed, and not forgotten afterwards."""

from datetime import date

import pytest
from django.urls import reverse

from caretrack.access.policy import Role
from children.models import Child
from mentoring.models import PairingPlan
from mentoring.planning import make_plan, publish_plan
from tests.support.factories import TODAY, make_left_behind, make_mentor, make_outsider, make_pairing, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def principal(school_class, client):
    made = make_staff(Role.PRINCIPAL, school_class.school, "覃校长")
    client.force_login(made)
    return made


@pytest.fixture
def mentors(school_class):
    return [make_mentor(make_staff(Role.TEACHER, school_class, name)) for name in ("石老师", "韦老师")]


@pytest.fixture
def plan(school_class, lead, mentors) -> PairingPlan:
    for name in ("李小兰", "龙小川", "韦小梅"):
        make_left_behind(name, school_class)
    return make_plan(school=school_class.school, children=Child.objects.all(), title="秋季结对", starts_on=DAY, by=lead)


def with_outsider(plan: PairingPlan, name: str) -> Child:
    """Gives the child an outsider to whom nobody has agreed, so that its line cannot be published."""
    line = plan.lines.select_related("child").get(child__name=name)
    line.mentor = make_outsider(plan.school, "莫大姐")
    line.save(update_fields=["mentor"])
    return line.child


def shown(client, plan: PairingPlan, **query: str) -> str:
    return client.get(reverse("mentoring:plan_show", args=[plan.pk]), query).content.decode()


def test_the_paper_to_be_signed_names_who_cannot_be_published_and_why(client, principal, plan) -> None:
    with_outsider(plan, "韦小梅")
    paper = "".join(text_of(client.get(reverse("mentoring:plan_print", args=[plan.pk])).content).split())
    assert "韦小梅※" in paper
    assert "照现在还不能公布1人" in paper
    assert "监护人还没有同意" in paper
    assert "李小兰※" not in paper


def test_a_paper_without_such_lines_has_no_mark(client, principal, plan) -> None:
    assert "※" not in text_of(client.get(reverse("mentoring:plan_print", args=[plan.pk])).content)


def test_who_was_left_out_in_publishing_is_counted_found_and_can_be_paired_at_once(
    client, principal, plan, mentors
) -> None:
    left_out = with_outsider(plan, "韦小梅")
    publish_plan(plan=plan, by=principal, on=DAY, skip_faulty=True)
    text = shown(client, plan)
    assert "没有公布" in text
    assert "?state=skipped" in text
    assert "还没有选代理家长</" not in text.replace("</option>", ""), "a draft's figure"
    only = client.get(reverse("mentoring:plan_show", args=[plan.pk]), {"state": "skipped"})
    assert [row["line"].child for row in only.context["rows"]] == [left_out]
    link = f"{reverse('mentoring:pairing_add')}?child={left_out.pk}"
    assert link in text
    make_pairing(left_out, mentors[0], TODAY)
    assert link not in shown(client, plan)


def test_a_plan_published_whole_counts_nobody_as_left_out(client, principal, plan) -> None:
    publish_plan(plan=plan, by=principal, on=DAY)
    assert "state=skipped" not in shown(client, plan)


def test_the_reason_of_a_suggestion_warns_of_nothing(plan) -> None:
    told = "；".join(reason for line in plan.lines.all() for reason in line.reasons)
    assert "安排后带 1 人，还可以再带" in told
    assert "建议不超过" not in told
