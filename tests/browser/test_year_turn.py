"""July in the registrar's office: graduates, new classes, teachers and terms in one go; a pupil moves to another school."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass, Staff
from children.models import Child, StatusChange
from tests.support.factories import make_class, make_left_behind, make_staff, make_term

JULY = date(2027, 7, 15)
LAST_AUTUMN = date(2026, 11, 20)


@pytest.fixture
def school(stop_at, transactional_db: None) -> School:
    stop_at(JULY)
    six = make_class(None, 6, on=LAST_AUTUMN)
    make_term(six.school)
    make_term(six.school, season=2, starts_on=date(2027, 2, 20), ends_on=date(2027, 7, 10))
    three = make_class(six.school, 3, on=LAST_AUTUMN)
    make_staff(Role.HOMEROOM, six, "韦老师")
    make_staff(Role.HOMEROOM, three, "罗老师")
    make_staff(Role.TEACHER, three, "何老师")
    for name, at in (("安小禾", six), ("石小禾", six), ("李小兰", three)):
        make_left_behind(name, at)
    return six.school


@pytest.fixture
def registrar(school: School) -> Staff:
    return make_staff(Role.REGISTRAR, school, "岑老师")


def on_roll() -> set[str]:
    return set(Child.objects.on_roll().values_list("name", flat=True))


def choose(page: Page, label: str, name: str) -> None:
    """A teacher is offered with the posts held now behind the name."""
    field = page.get_by_label(label)
    field.select_option(field.locator("option", has_text=name).first.get_attribute("value"))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_school_year_turns(open_page, picture, school: School, registrar: Staff, phone: bool) -> None:
    page = open_page(registrar, phone=phone)
    page.goto("/")
    page.get_by_role("link", name="毕业待确认").first.click()
    expect(page.get_by_role("heading", name="2027—2028学年更替")).to_be_visible()
    page.get_by_label("六（1）班毕业生升入的学校").fill("青榕镇初级中学")
    page.get_by_label("石小禾的去向").select_option("转学")
    page.get_by_label("石小禾去的学校").fill("东莞市第三中学")
    choose(page, "四（1）班班主任", "何老师")
    page.get_by_label("新生一共几个班").fill("1")
    choose(page, "新生1班班主任", "韦老师")
    picture(page, "form")
    page.get_by_role("button", name="下一步").click()
    for words in (
        "安小禾：毕业，2027年7月10日离校，去向青榕镇初级中学",
        "石小禾：转出",
        "新建一（1）班，班主任韦老师",
        "四（1）班：班主任何老师",
    ):
        expect(page.get_by_text(words)).to_be_visible()
    picture(page, "preview")
    assert on_roll() == {"安小禾", "石小禾", "李小兰"}, "nothing is written before the confirm"

    page.get_by_role("button", name="返回修改").click()
    expect(page.get_by_label("石小禾去的学校")).to_have_value("东莞市第三中学")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="确认办理").click()
    expect(page.get_by_text("件事已办好")).to_be_visible()
    expect(page.get_by_text("没有待确认的毕业生")).to_be_visible()
    picture(page, "done")
    assert on_roll() == {"李小兰"}
    assert SchoolClass.objects.filter(school=school, entry_year=2027).count() == 1
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("没有要办的事")).to_be_visible()

    page.goto("/reports/changes/?first=2027-07-01&last=2027-07-15")
    expect(page.get_by_text("期初＋增加－减少＝期末，相符")).to_be_visible()
    rows = page.get_by_role("row").filter(has_text="毕业")
    expect(rows.filter(has_text="安小禾")).to_contain_text("六（1）班")
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0


def test_a_change_is_registered_from_the_list_in_three_steps(open_page, picture, registrar: Staff) -> None:
    page = open_page(registrar)
    page.goto("/reports/changes/")
    page.get_by_role("link", name="登记变动").first.click()
    page.get_by_label("姓名、拼音").fill("lxl")
    page.get_by_role("button", name="查找", exact=True).last.click()
    page.get_by_role("main").get_by_role("link", name="李小兰").click()
    picture(page, "kinds")
    page.get_by_role("link", name="休学").click()
    page.get_by_label("在校最后一天").fill("2027-07-09")
    page.get_by_role("button", name="确认登记").click()
    expect(page.get_by_role("alert").first).to_contain_text("休学原因")
    page.get_by_label("休学原因").fill("住院治疗")
    picture(page, "form")
    page.get_by_role("button", name="确认登记").click()
    expect(page.get_by_text("李小兰的“休学”已登记")).to_be_visible()
    line = StatusChange.objects.get(kind="suspended")
    assert (line.reason, line.on) == ("住院治疗", date(2027, 7, 9))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_only_as_many_new_classes_are_asked_about_as_there_will_be(
    open_page, picture, school: School, registrar: Staff, phone: bool
) -> None:
    make_class(school, 1, on=date(2027, 9, 1))
    page = open_page(registrar, phone=phone)
    page.goto("/reports/year-turn/")
    number, second, third = (page.get_by_label(words) for words in ("新生一共几个班", "新生2班班主任", "新生3班班主任"))
    expect(number).to_have_value("1")
    expect(second).to_be_hidden()
    expect(page.get_by_text("超出班数的行不起作用")).to_be_hidden()
    number.fill("3")
    choose(page, "新生3班班主任", "韦老师")
    number.fill("2")
    expect(second).to_be_visible()
    expect(third).to_be_hidden()
    picture(page, "second")
    choose(page, "新生2班班主任", "韦老师")
    page.get_by_label("六（1）班毕业生升入的学校").fill("青榕镇初级中学")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("新建一（2）班，班主任韦老师")).to_be_visible()
    expect(page.get_by_text("同时任")).to_have_count(0)
