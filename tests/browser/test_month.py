"""The care lead's month: figures that agree, lists behind them, paper; handed in, sent back, approved, frozen."""

from datetime import date
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass, Staff
from children.models import Child
from reports.models import MonthlyReport
from tests.support.factories import make_class, make_left_behind, make_record, make_school, make_staff, make_term
from tests.support.paper import text_of

NOVEMBER = "2026年11月"
IN_NOVEMBER = date(2026, 11, 18)
AFTERWARDS = date(2026, 11, 28)
REASON = "家访次数偏少，请核对四年级的记录。"
NAMES = ("李小兰", "龙小川", "石小禾", "杨阿木", "陈欣怡")


@pytest.fixture
def school(stop_at, transactional_db: None) -> School:
    stop_at(AFTERWARDS)
    school = make_school()
    make_term(school)
    four, five = make_class(school, 4), make_class(school, 5)
    children = [
        make_left_behind(name, (four, five)[n % 2], both=n < 3, boarding="12"[n % 2]) for n, name in enumerate(NAMES)
    ]
    teacher = make_staff(Role.HOMEROOM, four, "罗老师")
    for child in children[::2]:
        make_record(child, teacher, IN_NOVEMBER)
    make_record(children[0], teacher, IN_NOVEMBER, kind="home_visit")
    return school


@pytest.fixture
def care_lead(school: School) -> Staff:
    return make_staff(Role.CARE_LEAD, school, "赵主任")


@pytest.fixture
def principal(school: School) -> Staff:
    return make_staff(Role.PRINCIPAL, school, "韦校长")


def open_november(page: Page, unit: str) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="月报").click()
    page.get_by_role("link", name=f"{unit}{NOVEMBER}").click()
    expect(page.get_by_role("heading", name=f"{unit} {NOVEMBER}月报")).to_be_visible()


def act(page: Page, button: str) -> None:
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=button).click()


@pytest.mark.parametrize("of_class", [False, True], ids=["the school", "a class"])
def test_every_figure_opens_as_many_rows(open_page, picture, care_lead: Staff, school: School, of_class: bool) -> None:
    unit = SchoolClass.objects.order_by("-entry_year").first().name_on(AFTERWARDS) if of_class else str(school)
    page = open_page(care_lead)
    open_november(page, unit)
    expect(page.get_by_text("全部相符")).to_be_visible()
    assert page.locator(".care-figures-table").count() == 4
    picture(page, "month")
    month = page.url
    cells = page.locator(".care-figures-table td a")
    found = [(cells.nth(n).inner_text(), cells.nth(n).get_attribute("href")) for n in range(cells.count())]
    assert len(found) > (5 if of_class else 10)
    # A talk with five children is one occasion; the other figures count what is listed.
    of_lists = [(int(number), href) for number, href in found if "/t3." not in href and number.isdigit()]
    for number, href in of_lists[:: max(1, len(of_lists) // 4)]:
        page.goto(urljoin(month, href))
        assert page.locator("tbody tr").count() == number, href
        assert page.locator(".care-count strong").inner_text() == str(number)
    page.goto(month)
    answer = page.request.get(page.get_by_role("link", name="打印 PDF").get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    assert NOVEMBER in text_of(answer.body())


def test_handed_in_sent_back_approved_and_frozen(
    open_page, picture, care_lead: Staff, principal: Staff, school: School
) -> None:
    lead, head = open_page(care_lead), open_page(principal)
    open_november(lead, str(school))
    lead.get_by_role("button", name="建立月报").click()
    lead.get_by_role("link", name="写文字部分").click()
    lead.get_by_label("本月工作").fill("本月逐一谈心，走访了四年级的家庭。")
    lead.get_by_role("button", name="保存文字").click()
    expect(lead.get_by_text("走访了四年级")).to_be_visible()
    act(lead, "提交审定")
    expect(lead.get_by_text("数字已固定，等待校长审定")).to_be_visible()
    assert lead.get_by_role("button", name="提交审定").count() == 0

    open_november(head, str(school))
    head.get_by_role("link", name="退回修改").click()
    head.get_by_role("button", name="退回").click()
    expect(head.get_by_role("alert")).to_contain_text("原因")
    head.get_by_label("原因").fill(REASON)
    head.get_by_role("button", name="退回").click()
    expect(head.get_by_text("月报已退回，编报人可以修改")).to_be_visible()

    lead.reload()
    expect(lead.get_by_text(REASON).first).to_be_visible()
    picture(lead, "returned")
    act(lead, "提交审定")
    expect(lead.get_by_text("数字已固定，等待校长审定")).to_be_visible()
    head.reload()
    act(head, "审定通过")
    expect(head.get_by_text("月报已审定。")).to_be_visible()

    frozen = MonthlyReport.objects.get().figures
    late = Child.objects.get(name="龙小川")
    make_record(late, Staff.objects.get(name="罗老师"), IN_NOVEMBER)
    table = head.get_by_role("table", name="表3")
    before = table.inner_text()
    assert "谈心" in before
    head.reload()
    expect(head.get_by_text("月报仍是提交时的数字")).to_be_visible()
    assert table.inner_text() == before
    assert MonthlyReport.objects.get().figures == frozen
    frozen_number, _, now = head.locator(".care-changed-cell").first.inner_text().split()[-3:]
    assert int(now) > int(frozen_number)
    picture(head, "differs")


def test_a_month_under_way_cannot_be_handed_in(open_page, care_lead: Staff, school: School, stop_at) -> None:
    stop_at(IN_NOVEMBER)
    page = open_page(care_lead)
    open_november(page, str(school))
    page.get_by_role("button", name="建立月报").click()
    expect(page.get_by_text("到期后可以提交审定")).to_be_visible()
    assert page.get_by_role("button", name="提交审定").count() == 0


def test_a_break_names_the_child(open_page, picture, care_lead: Staff, school: School) -> None:
    child = Child.objects.get(name="杨阿木")
    child.care.update(rating="")
    page = open_page(care_lead)
    open_november(page, str(school))
    expect(page.get_by_text("勾稽关系不平")).to_be_visible()
    picture(page, "break")
    page.get_by_role("link", name="杨阿木").first.click()
    expect(page.get_by_role("heading", name="杨阿木")).to_be_visible()
