"""The principal's summary of a term: figures fixed once, words that survive, gaps that nobody fills by machine."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child
from reports.builders.semester import SECTIONS
from reports.models import SemesterSummary
from tests.support.factories import make_class, make_left_behind, make_record, make_school, make_staff, make_term
from tests.support.paper import text_of

JANUARY = date(2027, 1, 18)
PLANS = "下学期继续每周谈心，寒假前逐户走访。"


@pytest.fixture
def principal(stop_at, transactional_db: None) -> Staff:
    stop_at(JANUARY)
    school = make_school()
    make_term(school)
    four, five = make_class(school, 4, on=JANUARY), make_class(school, 5, on=JANUARY)
    children = [make_left_behind(name, at) for name, at in (("李小兰", four), ("龙小川", four), ("石小禾", five))]
    teacher = make_staff(Role.HOMEROOM, four, "罗老师")
    for child in children:
        make_record(child, teacher, date(2026, 11, 18))
    return make_staff(Role.PRINCIPAL, school, "韦校长")


def take_snapshot(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="学期总结").click()
    page.get_by_role("link", name="2026—2027学年第一学期").click()
    page.get_by_role("link", name="固定学期数据").click()
    page.get_by_role("button", name="固定学期数据").click()
    expect(page.get_by_text("学期数据已固定。")).to_be_visible()


def test_figures_words_and_paper(open_page, picture, principal: Staff) -> None:
    page = open_page(principal)
    take_snapshot(page)
    assert page.locator(".care-chart svg").count() == 3
    expect(page.get_by_role("table", name="主要工作指标")).to_contain_text("分母")
    expect(page.get_by_text(f"还有 {len(SECTIONS)} 处文字没有填写")).to_be_visible()
    assert page.get_by_text("待填写：").count() == len(SECTIONS)
    picture(page, "snapshot")

    page.get_by_role("link", name="写文字部分").click()
    area = page.get_by_label("下步打算")
    area.fill(PLANS)
    expect(page.get_by_text("文字已暂存")).to_be_visible(timeout=10_000)
    page.reload()
    expect(area).to_have_value(PLANS)
    picture(page, "restored")
    page.get_by_role("button", name="保存文字").click()
    expect(page.get_by_text(PLANS)).to_be_visible()
    expect(page.get_by_text(f"还有 {len(SECTIONS) - 1} 处文字没有填写")).to_be_visible()

    answer = page.request.get(page.get_by_role("link", name="打印 PDF").get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    text = text_of(answer.body())
    assert PLANS in text
    assert text.count("（此处由学校填写：") == len(SECTIONS) - 1
    assert "李小兰" not in text


def test_the_snapshot_stays_when_the_dossiers_move_on(open_page, principal: Staff) -> None:
    page = open_page(principal)
    take_snapshot(page)
    figures = page.get_by_role("table", name="主要数据与上学期比较")
    before, stored = figures.inner_text(), SemesterSummary.objects.get().figures
    make_record(Child.objects.first(), Staff.objects.get(name="罗老师"), date(2026, 12, 1), kind="home_visit")
    page.reload()
    assert figures.inner_text() == before
    assert SemesterSummary.objects.get().figures == stored
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="提交审定").click()
    expect(page.get_by_text("学期总结已提交，等待校长审定")).to_be_visible()
    assert page.get_by_role("link", name="重新固定数据").count() == 0
    assert page.get_by_role("link", name="写文字部分").count() == 0


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_two_writers_see_both_texts(open_page, picture, principal: Staff, js: bool) -> None:
    first = open_page(principal, js=js)
    take_snapshot(first)
    second = open_page(make_staff(Role.CARE_LEAD, principal.home_school(), "赵主任"), js=js)
    for page in (first, second):
        page.goto("/reports/semesters/")
        page.get_by_role("link", name="2026—2027学年第一学期").click()
        page.get_by_role("link", name="写文字部分").click()
    second.get_by_label("下步打算").fill("赵主任的打算。")
    second.get_by_role("button", name="保存文字").click()
    first.get_by_label("下步打算").fill("韦校长的打算。")
    first.get_by_role("button", name="保存文字").click()
    expect(first.locator("main")).to_contain_text("赵主任的打算。")
    expect(first.get_by_label("下步打算")).to_have_value("韦校长的打算。")
    picture(first, "both")
    assert SemesterSummary.objects.get().texts["plans"] == "赵主任的打算。"
    first.get_by_role("button", name="保存文字").click()
    expect(first.get_by_text("文字部分已保存。")).to_be_visible()
    assert SemesterSummary.objects.get().texts["plans"] == "韦校长的打算。"
