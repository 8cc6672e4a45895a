"""A class's check-up entered from the keyboard and out of a workbook's column; one grant for many on the phone."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import AidGrant, BoardingTerm, BusRide, BusRoute, HealthCheck, Result
from tests.support.factories import TODAY, make_child, make_class, make_left_behind, make_staff, make_term

NAMES = ("安小禾", "李小兰", "龙小山", "石小禾", "张小川")


@pytest.fixture
def four(stop_at, transactional_db: None) -> SchoolClass:
    stop_at(TODAY)
    school_class = make_class()
    make_term(school_class.school)
    for name in NAMES:
        make_left_behind(name, school_class)
    return school_class


PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def test_check_up_of_a_class_by_keyboard_and_paste(open_page, four: SchoolClass, picture: Callable) -> None:
    page = open_page(make_staff(Role.HOMEROOM, four))
    page.goto("/students/health/")
    page.get_by_role("link", name="全班体检登记").first.click()
    page.get_by_label("检查单位").fill("青榕镇卫生院")
    page.get_by_label("安小禾：身高（厘米）").focus()
    page.evaluate(PASTE, "131.5\t27\n132.5\t28.4\n1280\t30")
    expect(page.get_by_label("李小兰：体重（千克）")).to_have_value("28.4")
    page.get_by_label("安小禾：结论").fill("龋齿")
    page.get_by_label("安小禾：结论").press("Enter")
    expect(page.get_by_label("李小兰：结论")).to_be_focused()
    page.get_by_label("安小禾：需要复查").check()
    page.get_by_role("button", name="全部保存").click()
    expect(page.get_by_text("请核对：应在60到220厘米之间。").first).to_be_visible()
    expect(page.get_by_label("安小禾：结论")).to_have_value("龋齿")
    picture(page, "refused")
    page.get_by_label("龙小山：身高（厘米）").fill("128")
    page.get_by_role("button", name="全部保存").click()
    expect(page.get_by_text("新登记 3 人")).to_be_visible()
    picture(page, "saved")
    assert HealthCheck.objects.filter(place="青榕镇卫生院").count() == 3
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销这 3 条").click()
    expect(page.get_by_text("已撤销刚才登记的 3 条健康检查")).to_be_visible()
    assert not HealthCheck.objects.exists()


def test_one_grant_for_many_on_the_phone(open_page, four: SchoolClass, picture: Callable) -> None:
    page = open_page(make_staff(Role.HOMEROOM, four), phone=True)
    page.goto(f"/students/aid/many/?group={four.pk}")
    page.get_by_label("资助项目").fill("春蕾计划")
    page.get_by_label("每人金额（元）").fill("300")
    page.get_by_role("button", name="全部勾选").click()
    expect(page.get_by_text("已勾选 5/5 人")).to_be_visible()
    page.get_by_label("张小川：发放").uncheck()
    page.get_by_label("李小兰：签收人").fill("王桂英")
    picture(page, "filled")
    page.get_by_role("button", name="全部保存").click()
    expect(page.get_by_text("新登记 4 人")).to_be_visible()
    expect(page.get_by_text("1,200").first).to_be_visible()
    assert AidGrant.objects.filter(amount=300).count() == 4
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_grid_saves_without_javascript(open_page, four: SchoolClass) -> None:
    page = open_page(make_staff(Role.HOMEROOM, four), js=False)
    page.goto(f"/students/awards/many/?group={four.pk}")
    page.get_by_label("称号").fill("阳光少年")
    page.get_by_label("学校", exact=True).check()
    page.get_by_label("李小兰：获奖").check()
    page.get_by_role("button", name="全部保存").click()
    expect(page.get_by_text("新登记 1 人")).to_be_visible()


def test_every_list_on_both_screens(open_page, four: SchoolClass, picture: Callable) -> None:
    lead = make_staff(Role.CARE_LEAD, four.school, name="石主任")
    term = four.school.terms.get()
    earlier = make_term(four.school, year=2025, season=2, starts_on=date(2026, 2, 20), ends_on=date(2026, 7, 5))
    route = BusRoute.objects.create(
        school=four.school, direction="栗坪村方向（上学）", vehicle="licensed", plate="云A90001", capacity=2,
        driver_name="韦师傅", driver_phone="13800002222",
    )  # fmt: skip
    BusRoute.objects.create(school=four.school, direction="茶山村方向", vehicle="unlicensed", plate="云A90002")
    for number in range(4):
        child = make_child(
            f"住校生{'甲乙丙丁'[number]}", four, boarding="2", dorm_bed="" if number == 3 else "女生楼201-1"
        )
        BoardingTerm.objects.create(child=child, term=term, bed=child.dorm_bed, keeper=lead, rating="good")
        BusRide.objects.create(child=child, route=route, starts_on=date(2026, 9, 1), stop="村口")
        HealthCheck.objects.create(child=child, on=TODAY, height_cm="131.5", needs_follow_up=not number, finding="正常")
        AidGrant.objects.create(child=child, programme=f"项目{number % 2}", amount=12500, on=TODAY)
        for subject in ("语文", "数学", "英语"):
            Result.objects.create(child=child, term=earlier, subject=subject, occasion="期中", mark=60 + 10 * number)
            Result.objects.create(child=child, term=term, subject=subject, occasion="期中", mark=95 - 12 * number)
    for phone in (False, True):
        page = open_page(lead, phone=phone)
        for path in (
            "life/", "health/", "results/", "results/spread/", "aid/", "awards/", "bus/", f"bus/routes/{route.pk}/",
            "boarding/", f"boarding/many/?group={four.pk}", f"bus/many/?route={route.pk}&group={four.pk}",
            f"results/many/?group={four.pk}&term={term.pk}&subject=语文&occasion=期中", "results/many/",
        ):  # fmt: skip
            page.goto(f"/students/{path}")
            expect(page.locator("h1")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            picture(page, f"{path.split('?')[0].strip('/').replace('/', '-')}-{'phone' if phone else 'desk'}")
