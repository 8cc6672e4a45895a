"""What is typed survives in a real browser: a closed tab, an ended session, the back button, no JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from caretrack.web.models import Draft
from tests.support.factories import PASSWORD, make_class, make_staff
from tests.web import pages

TALK = "/talk/12/"


@pytest.fixture(autouse=True)
def _test_pages(settings: object) -> None:
    settings.ROOT_URLCONF = "tests.web.pages"  # type: ignore[attr-defined]
    pages.SAVED.clear()


@pytest.fixture
def teacher(transactional_db: None) -> Staff:
    return make_staff(Role.HOMEROOM, make_class(), name="田老师", username="tian")


def sign_in(page: Page) -> None:
    page.get_by_label("登录名").fill("tian")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def forget_session(page: Page) -> None:
    kept = [cookie for cookie in page.context.cookies() if cookie["name"] != "sessionid"]
    page.context.clear_cookies()
    page.context.add_cookies(kept)


def test_a_closed_tab_costs_nothing(open_page, teacher: Staff) -> None:
    page = open_page(teacher, phone=True)
    page.goto(TALK)
    page.get_by_label("谈话记录").fill("想念妈妈")
    page.get_by_label("情绪").check()
    page.goto("/schools/")  # leaves before the first autosave
    page.wait_for_timeout(500)
    page.goto(TALK)
    expect(page.get_by_label("谈话记录")).to_have_value("想念妈妈")
    expect(page.get_by_label("情绪")).to_be_checked()
    expect(page.get_by_text("已恢复")).to_be_visible()


def test_autosave_says_when_and_keeps_nothing_in_the_browser(open_page, teacher: Staff) -> None:
    page = open_page(teacher)
    page.goto(TALK)
    page.get_by_label("谈话记录").fill("想念妈妈")
    expect(page.get_by_text("文字已暂存")).to_be_visible(timeout=10_000)
    assert Draft.objects.get().fields["said"] == ["想念妈妈"]
    assert page.evaluate("JSON.stringify(localStorage)") == "{}"
    # htmx notes the address of the page for this tab; no text, no page.
    assert page.evaluate("Object.keys(sessionStorage).join()") in {"", "htmx-current-path-for-history"}


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_an_ended_session_gives_the_form_back_filled_in(open_page, teacher: Staff, js: bool) -> None:
    page = open_page(None, phone=True, js=js)
    page.goto("/login/")
    sign_in(page)
    page.goto(TALK)
    page.get_by_label("谈话记录").fill("写了很久的话")
    forget_session(page)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已经存好")).to_be_visible()
    sign_in(page)
    page.wait_for_url(f"**{TALK}?draft=*")
    expect(page.get_by_label("谈话记录")).to_have_value("写了很久的话")


def test_back_after_saving_opens_an_empty_form(open_page, teacher: Staff) -> None:
    page = open_page(teacher)
    page.goto(TALK)
    page.get_by_label("谈话记录").fill("想念妈妈")
    page.get_by_label("日期").fill("2026-11-20")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/")
    assert len(pages.SAVED) == 1
    page.go_back()
    assert page.url.endswith(TALK)
    assert not Draft.objects.open().exists()
