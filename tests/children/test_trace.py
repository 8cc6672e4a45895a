"""What was changed and who looked: in sentences, for those who may know."""

from datetime import date

import pytest
from django.test import Client

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.access.states import row_at
from caretrack.schools.models import Staff
from children.history_text import sentences
from children.models import CareArrangement, Child, FamilyMember, Phone
from children.services import decide_support_level, set_parent_status
from children.sight import Sight
from tests.support.factories import TODAY, id_number, make_class, make_left_behind, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
ALL = Sight(frozenset({Role.HOMEROOM}))


@pytest.fixture
def child() -> Child:
    return make_left_behind()


def told(child: Child, sight: Sight = ALL) -> list[str]:
    return [f"{s.who}：{s.what}" for s in sentences(Child.objects.get(pk=child.pk), sight)]


def change(staff: Staff, row, **values) -> None:
    with change_by(staff, "test"):
        fresh = type(row).objects.get(pk=row.pk)
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.save()


@pytest.mark.parametrize(
    "values,sentence",
    [
        ({"address": "青榕村三组"}, "“家庭住址”填为“青榕村三组”"),
        ({"sex": "1"}, "“性别”由“女”改为“男”"),
        ({"birth_date": date(2016, 6, 4)}, "“出生日期”由“2016年5月4日”改为“2016年6月4日”"),
        ({"hardship": ["minimum", "illness"]}, "“困难类别”填为“低保、重病”"),
        ({"needs_bus": False}, "“是否需要乘坐校车”填为“否”"),
        ({"birth_date": None}, "“出生日期”原为“2016年5月4日”，已清空"),
    ],
)
def test_a_change_is_told_with_the_names_of_the_form(child: Child, values, sentence: str) -> None:
    change(make_staff(name="罗春燕"), child, **values)
    assert f"罗春燕：{sentence}" in told(child)


def test_sealed_fields_are_told_without_their_text(child: Child) -> None:
    number = id_number(date(2016, 5, 4), male=False)
    change(make_staff(name="罗春燕"), child, id_no=number)
    assert "罗春燕：“身份证号”已修改" in told(child)
    assert not any(number in line for line in told(child))


def test_pinyin_versions_and_indexes_are_not_told(child: Child) -> None:
    change(make_staff(name="罗春燕"), child, name="李小岚")
    assert [line for line in told(child) if line.startswith("罗春燕")] == ["罗春燕：“姓名”由“李小兰”改为“李小岚”"]


def test_bulk_changes_are_told_too(child: Child) -> None:
    with change_by(make_staff(name="覃丽"), "导入花名册"):
        Child.objects.filter(pk=child.pk).update(village_group="五组")
    assert "覃丽：“村民组”填为“五组”" in told(child)


def test_family_phones_and_care_are_told(child: Child) -> None:
    staff = make_staff(name="罗春燕")
    father = FamilyMember.objects.get(child=child, relation="51")
    with change_by(staff, "test"):
        set_parent_status(member=father, status="at_home", since=date(2026, 11, 1), by=staff, on=TODAY)
        Phone.objects.get().delete()
    change(staff, CareArrangement.objects.get(), rating="poor")
    lines = told(child)
    assert "罗春燕：家庭成员（父亲 李大山）：“目前状况”由“外出务工”改为“在家”" in lines
    assert "罗春燕：删除了电话（父亲 李大山）（test）" in lines
    assert "罗春燕：照护安排：“监护情况评估”由“一般”改为“差”" in lines


def test_what_one_may_not_read_is_not_told(child: Child) -> None:
    staff = make_staff(name="罗春燕")
    with change_by(staff, "test"):
        decide_support_level(child=child, level="key", reason="情绪低落", on=TODAY, by=staff)
    assert any("情绪低落" in line or "帮扶级别" in line for line in told(child))
    assert not any("帮扶级别" in line for line in told(child, Sight(frozenset({Role.REGISTRAR}))))


def test_newest_first_and_the_beginning_is_told(child: Child) -> None:
    change(make_staff(name="罗春燕"), child, address="青榕村三组")
    lines = told(child)
    assert lines[0] == "罗春燕：“家庭住址”填为“青榕村三组”"
    assert "系统：建立了档案" in lines


def test_a_row_as_it_was(child: Child) -> None:
    number = id_number(date(2016, 5, 4), male=False)
    change(make_staff(), child, id_no=number, hardship=["minimum"], needs_bus=True)
    version = Child.objects.get().version
    change(make_staff(), child, id_no="", hardship=[], needs_bus=None, birth_date=None)
    row = row_at(Child.objects.get(), version)
    assert row is not None
    assert (row["id_no"], row["hardship"], row["needs_bus"], row["birth_date"]) == (
        number,
        ["minimum"],
        True,
        date(2016, 5, 4),
    )
    assert row_at(Child.objects.get(), 99) is None


def test_the_page_is_for_those_who_may_edit(client: Client, child: Child) -> None:
    url = f"/students/{child.pk}/history/"
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    assert "建立了档案" in client.get(url).content.decode()
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    assert client.get(url).status_code == 403
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("rows", [1, 12])
def test_queries_stay_the_same(client: Client, child: Child, rows: int, django_assert_max_num_queries) -> None:
    for number in range(rows):
        change(make_staff(), child, address=f"青榕村{number}组")
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    with django_assert_max_num_queries(70):
        client.get(f"/students/{child.pk}/history/")


def test_who_looked_is_for_the_principal(client: Client, child: Child) -> None:
    homeroom = make_staff(Role.HOMEROOM, child.school_class, name="罗春燕")
    client.force_login(homeroom)
    client.get(f"/students/{child.pk}/")
    url = f"/students/{child.pk}/access/"
    assert client.get(url).status_code == 403
    client.force_login(make_staff(Role.PRINCIPAL, child.school))
    text = client.get(url).content.decode()
    assert "罗春燕" in text
    assert "查看" in text
    client.force_login(make_staff(Role.PRINCIPAL, make_class().school))
    assert client.get(url).status_code == 404
    assert client.post(url).status_code in (404, 405)
