"""A mentor with a phone: two children are hers, both are seen to, and the third of the class is nobody's business."""

import re

import pytest

from activities.models import CareRecord
from activities.programmes import adopt
from caretrack.access.policy import Role
from children.models import Child
from tests.support.factories import (
    PASSWORD,
    TERM_START,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_staff,
    make_term,
)

STRANGER = "石小禾"


@pytest.fixture
def stranger() -> Child:
    """The classmate of the two children whom 石老师 (login "shi") cares for."""
    school_class = make_class()
    make_term(school_class.school)
    adopt("six_ones", school_class.school, TERM_START, None)
    teacher = make_staff(Role.TEACHER, make_class(school_class.school, grade=6), "石老师", username="shi")
    mentor = make_mentor(teacher)
    for name in ("李小兰", "龙小川"):
        make_pairing(make_left_behind(name, school_class), mentor)
    return make_left_behind(STRANGER, school_class)


@pytest.mark.parametrize("js", [True, False])
def test_a_mentor_from_the_login_to_the_matrix(open_page, picture, stranger: Child, js: bool) -> None:
    page = open_page(phone=True, js=js)
    page.goto("/")
    page.get_by_label("登录名").fill("shi")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()

    page.get_by_role("heading", name="工作台").wait_for()
    picture(page, "workbench")
    assert STRANGER not in page.content()
    page.get_by_role("link", name=re.compile("记谈心.*李小兰")).click()
    page.get_by_label("说了什么").fill("数学卷子拿给我看，错的题讲了一遍。")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已记下李小兰").wait_for()

    owed = page.get_by_role("listitem").filter(has_text="龙小川").filter(has_text="检查一次家庭作业")
    owed.get_by_role("link", name="检查一次家庭作业").click()
    assert "龙小川" in page.locator("main").inner_text()
    picture(page, "homework")
    page.get_by_label("部分完成").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已记下龙小川").wait_for()
    assert set(CareRecord.objects.values_list("child__name", "kind")) == {("李小兰", "talk"), ("龙小川", "homework")}

    page.get_by_role("link", name="本月项目还差").click()
    matrix = page.locator("main").inner_text()
    assert "李小兰" in matrix
    assert "龙小川" in matrix
    assert STRANGER not in matrix
    picture(page, "matrix")

    for address in ("/students/", "/records/", f"/students/?q={STRANGER}", "/records/add/"):
        page.goto(address)
        assert STRANGER not in page.locator("main").inner_text(), address
    for address in (f"/students/{stranger.pk}/", f"/records/programmes/children/{stranger.pk}/"):
        assert page.goto(address).status == 404
    page.goto(f"/records/add/?child={stranger.pk}&kind=talk")
    assert STRANGER not in page.content()
