"""The class teacher's papers: cards, dossier and monthly forms, fetched from the print centre and read back."""

import pytest
from playwright.sync_api import APIResponse, Locator, Page, expect

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child
from tests.support.factories import (
    TODAY,
    id_number,
    make_class,
    make_left_behind,
    make_record,
    make_staff,
    make_term,
)
from tests.support.paper import pages_of, text_of

NAMES = ("李小兰", "龙小川", "石小禾", "杨阿木", "陈欣怡")
SAID = "说想妈妈，晚上睡不好。"


@pytest.fixture
def four(stop_at, transactional_db: None) -> SchoolClass:
    stop_at(TODAY)
    school_class = make_class()
    make_term(school_class.school)
    for number, name in enumerate(NAMES):
        child = make_left_behind(name, school_class)
        child.id_no, child.illness, child.hardship = (
            id_number(child.birth_date, number, male=False),
            "哮喘",
            ["minimum"],
        )
        child.save()
    make_left_behind("吴玥", make_class(school_class.school, 5))
    return school_class


@pytest.fixture
def teacher(four: SchoolClass) -> Staff:
    teacher = make_staff(Role.HOMEROOM, four, "罗老师")
    make_record(Child.objects.get(name="李小兰"), teacher, content=SAID)
    return teacher


def open_class(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="打印").click()
    assert page.get_by_role("main").get_by_role("link", name="五（1）班").count() == 0
    page.get_by_role("list").get_by_role("link", name="四（1）班").first.click()
    expect(page.get_by_role("heading", name="四（1）班 打印")).to_be_visible()


def posted(page: Page, button: Locator) -> APIResponse:
    """What the form of this button answers: the browser would open it in a tab of its own."""
    form = button.locator("xpath=ancestor::form")
    data = dict(form.evaluate("form => [...new FormData(form).entries()]"))
    return page.request.post(form.get_attribute("action"), form=data, headers={"Referer": page.url})


def fetched(page: Page, link: Locator) -> APIResponse:
    return page.request.get(link.get_attribute("href"))


def text_in(answer: APIResponse) -> str:
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return text_of(answer.body())


def test_cards_dossier_and_forms(open_page, picture, four: SchoolClass, teacher: Staff) -> None:
    page = open_page(teacher)
    open_class(page)
    assert page.get_by_role("row").filter(has_text="未打印").count() == len(NAMES)
    answer = posted(page, page.get_by_role("button", name="打印全班"))
    cards = text_in(answer)
    for name in NAMES:
        assert name in cards
    for secret in ("999999", "哮喘", "低保", "吴玥", SAID):
        assert secret not in cards
    assert "13800001111" in cards
    assert len(pages_of(answer.body())) == 2, "four on a sheet"
    page.reload()
    assert page.get_by_role("row").filter(has_text="未打印").count() == 0
    picture(page, "printed")

    dossier = text_in(fetched(page, page.get_by_role("link", name="打印李小兰的档案")))
    assert "留守儿童档案" in dossier
    assert SAID in dossier
    assert "999***********" in dossier
    assert id_number(Child.objects.get(name="李小兰").birth_date, 0, male=False) not in dossier

    form = text_in(fetched(page, page.get_by_role("link", name="打印李小兰的月记录表")))
    assert "关爱留守儿童记录表" in form
    assert SAID.rstrip("。") in form
    forms = fetched(page, page.get_by_role("link", name="2026年11月"))
    assert all(name in text_in(forms) for name in NAMES)
    assert len(pages_of(forms.body())) == len(NAMES)

    printed = AccessEntry.objects.filter(event=Event.PRINT, staff_id=teacher.pk)
    assert set(printed.values_list("child_id", flat=True)) >= set(
        Child.objects.filter(school_class=four).values_list("pk", flat=True)
    )


def test_a_card_opens_in_a_tab_of_its_own(open_page, four: SchoolClass, teacher: Staff) -> None:
    page = open_page(teacher)
    open_class(page)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="打印李小兰的联系卡").click()
    expect(page.get_by_role("heading", name="四（1）班 打印")).to_be_visible()
    opened.value.close()


def test_the_phone_shows_the_same_papers(open_page, four: SchoolClass, teacher: Staff) -> None:
    page = open_page(teacher, phone=True)
    page.goto(f"/reports/prints/classes/{four.pk}/")
    for name in NAMES:
        expect(page.get_by_role("link", name=f"打印{name}的档案")).to_be_visible()
    assert "李小兰" in text_in(posted(page, page.get_by_role("button", name="打印李小兰的联系卡")))
