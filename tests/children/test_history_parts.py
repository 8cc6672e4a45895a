"""The change history covers everything that hangs on a child, for those who may know of it."""

from datetime import date

import pytest

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.history_text import sentences
from children.models import AidGrant, Child, ChildFile, SpecialStanding
from children.siblings import say_sibling
from children.sight import sight_of
from mentoring.models import Pairing, SupportPlan
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_staff,
    make_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def child() -> Child:
    return make_left_behind()


def told(child: Child, staff: Staff) -> str:
    return "\n".join(s.what for s in sentences(Child.objects.get(pk=child.pk), sight_of(staff, child), staff))


def test_what_is_registered_and_deleted_is_told_by_name(child: Child) -> None:
    homeroom = make_staff(Role.HOMEROOM, child.school_class)
    with change_by(homeroom, "test"):
        grant = AidGrant.objects.create(child=child, programme="春蕾计划", amount=300, on=date(2026, 10, 1))
        grant.delete()
    text = told(child, homeroom)
    assert "登记了资助（春蕾计划，2026年10月1日）" in text
    assert "删除了资助（春蕾计划，2026年10月1日）" in text


def test_a_paper_taken_out_says_why(child: Child) -> None:
    homeroom = make_staff(Role.HOMEROOM, child.school_class)
    file = ChildFile.objects.create(child=child, kind="work", title="作文", on=TODAY, file="files/x.jpg")
    file.file, file.removed_on, file.removed_reason = "", TODAY, "放错了档案"
    file.save()
    text = told(child, homeroom)
    assert "档案附件（作业作品，作文，" in text
    assert "“移除原因”填为“放错了档案”" in text
    assert "“文件”已移除" in text


def test_restricted_rows_are_for_those_who_may_know(child: Child) -> None:
    lead, homeroom = make_staff(Role.CARE_LEAD, child.school), make_staff(Role.HOMEROOM, child.school_class)
    term = make_term(child.school)
    ChildFile.objects.create(child=child, kind="notice", title="保密告知", on=TODAY, restricted=True, uploaded_by=lead)
    make_record(child, lead, content="保密谈话", visibility="restricted")
    SupportPlan.objects.create(child=child, kind="individual", term=term, made_by=lead, starts_on=TODAY)
    assert "保密告知" in told(child, lead)
    assert "个别教育管理方案" in told(child, lead)
    text = told(child, homeroom)
    assert "保密告知" not in text
    assert "个别教育管理方案" not in text
    assert "关爱记录" not in text


def test_a_registrar_is_told_no_care(child: Child) -> None:
    make_record(child, make_staff(Role.HOMEROOM, child.school_class))
    SpecialStanding.objects.create(child=child, kind="poor", note="低保户", starts_on=TODAY)
    text = told(child, make_staff(Role.REGISTRAR, child.school))
    assert "三特生（特困生）" in text
    assert "关爱记录" not in text


def test_the_counsellor_s_group_of_special_pupils_is_kept_apart(child: Child) -> None:
    SpecialStanding.objects.create(child=child, kind="poor", note="低保户", starts_on=TODAY)
    assert "特困生" not in told(child, make_staff(Role.COUNSELLOR, child.school))


def test_pairing_is_told_with_the_mentor(child: Child) -> None:
    make_pairing(child, make_mentor(make_staff(name="杨帆"), child.school))
    principal = make_staff(Role.PRINCIPAL, child.school)
    assert "登记了结对（代理家长，杨帆）" in told(child, principal)
    with change_by(principal, "test"):
        row = Pairing.objects.get(child=child)
        row.ends_on, row.end_reason = TODAY, "replaced"
        row.save()
    assert "“结束原因”填为“更换”" in told(child, principal)


def test_a_sibling_out_of_sight_has_no_name(child: Child) -> None:
    other = make_child("李小强", make_class(child.school, number=2))
    say_sibling(child=child, other=other, confirmed=True, by=None, on=TODAY)
    homeroom = make_staff(Role.HOMEROOM, child.school_class)
    assert "李小强" not in told(child, homeroom)
    assert "兄弟姐妹" in told(child, homeroom)
