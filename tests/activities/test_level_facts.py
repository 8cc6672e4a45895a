"""What the suggested levels read of plans and of the parents (domain §11.3), and how little they tell of it."""

from datetime import timedelta

import pytest

from activities.alerts.levels import suggestions
from children.models import Child
from children.services import set_parent_status
from mentoring.models import SupportPlan
from tests.support.factories import TERM_START, TODAY, make_left_behind

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def suggested(child) -> list[tuple[str, str]]:
    return [(s.level, s.words) for s in suggestions(Child.objects.filter(pk=child.pk), TODAY)]


def individual(child, by, criteria) -> SupportPlan:
    return SupportPlan.objects.create(
        child=child, kind="individual", term=child.school.terms.get(), made_by=by, criteria=criteria,
        situation="在镇上偷了手机", starts_on=TODAY,
    )  # fmt: skip


def test_a_plan_for_misconduct_makes_a_key_child_and_is_not_told_of(child, homeroom) -> None:
    plan = individual(child, homeroom, "不良行为矫治")
    assert suggested(child) == [("key", "有执行中的个别教育管理方案（内容限知情人）。")]
    plan.state = SupportPlan.State.DONE
    plan.save()
    assert [level for level, _ in suggested(child)] == ["watch"]


def test_a_plan_for_other_reasons_raises_no_level(child, homeroom) -> None:
    individual(child, homeroom, "学习严重滑坡")
    assert [level for level, _ in suggested(child)] == ["watch"], "as the carer's rating gives it"


@pytest.mark.parametrize("days, told", [(0, True), (-1, False)])
def test_a_divorce_of_this_term_is_looked_after_and_an_old_one_is_known(school_class, days, told) -> None:
    child = make_left_behind("王小明", school_class)
    mother = child.family.get(relation="52")
    since = TERM_START + timedelta(days=days)
    set_parent_status(member=mother, status="divorced_no_contact", since=since, by=None, on=TODAY)
    assert any("本学期离异" in words for _, words in suggested(child)) == told
