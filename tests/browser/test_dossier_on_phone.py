"""The dossier on a phone: who to call comes first, the other parts are folded and open where one wants to go."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child
from tests.support.factories import TODAY, make_class, make_left_behind, make_record, make_staff, make_term

pytestmark = pytest.mark.browser


@pytest.fixture
def child(stop_at, transactional_db: None) -> Child:
    stop_at(TODAY)
    four = make_class()
    make_term(four.school)
    child = make_left_behind("李小兰", four)
    child.address = "枫香坳村3组"
    child.save()
    return child


@pytest.fixture
def teacher(child: Child) -> Staff:
    staff = make_staff(Role.HOMEROOM, child.school_class, "罗老师")
    make_record(child, staff, content="想妈妈")
    make_record(child, staff, kind="home_visit", content="奶奶在家")
    return staff


@pytest.fixture
def phone(open_page, child: Child, teacher: Staff) -> Page:
    page = open_page(teacher, phone=True)
    page.goto(address(child))
    return page


def address(child: Child) -> str:
    return reverse("children:child_show", args=[child.pk])


def height(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollHeight")


def test_who_to_call_is_first_and_the_rest_is_folded(phone: Page) -> None:
    expect(phone.get_by_role("heading", name="先打给谁")).to_be_visible()
    expect(phone.get_by_text("枫香坳村3组")).to_be_hidden()
    folded = height(phone)
    assert folded < 4_000
    phone.get_by_role("button", name="全部展开").click()
    expect(phone.get_by_text("枫香坳村3组")).to_be_visible()
    assert height(phone) > 1.5 * folded
    phone.get_by_role("button", name="全部收起").click()
    assert height(phone) == folded


def test_a_part_opens_by_its_heading_and_from_the_list_of_parts(phone: Page) -> None:
    heading = phone.get_by_role("button", name="户口和住址", exact=True)
    expect(heading).to_have_attribute("aria-expanded", "false")
    heading.click()
    expect(phone.get_by_text("枫香坳村3组")).to_be_visible()
    heading.click()
    expect(phone.get_by_text("枫香坳村3组")).to_be_hidden()
    jump = phone.get_by_role("navigation", name="档案各部分").get_by_role("link", name="户口和住址")
    for _ in range(2):
        jump.click()
        expect(phone.get_by_text("枫香坳村3组")).to_be_visible()
        heading.click()


def test_an_address_that_names_a_part_opens_it(phone: Page, child: Child) -> None:
    phone.goto("about:blank")
    phone.goto(f"{address(child)}#records")
    expect(phone.get_by_text("想妈妈")).to_be_visible()
    phone.get_by_role("link", name="家访", exact=True).click()
    expect(phone.get_by_text("想妈妈")).to_have_count(0)
    expect(phone.get_by_text("奶奶在家")).to_be_visible()


def test_what_warns_is_seen_in_a_folded_part(phone: Page) -> None:
    expect(phone.locator("#care .care-notice").first).to_be_visible()
    expect(phone.locator("#care").get_by_text("还没有登记谁在照顾这名学生")).to_be_hidden()


def test_without_scripts_and_on_a_wide_screen_all_is_open(open_page, child: Child, teacher: Staff) -> None:
    for given in ({"phone": True, "js": False}, {"phone": False}):
        page = open_page(teacher, **given)
        page.goto(address(child))
        expect(page.get_by_text("枫香坳村3组")).to_be_visible()
        expect(page.get_by_role("button", name="全部展开")).to_be_hidden()
        expect(page.get_by_role("button", name="户口和住址", exact=True)).to_have_count(0)
