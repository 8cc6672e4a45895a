"""A browser on the test pages, two colleagues, and helpers to read forms as a browser would."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from tests.support.factories import PASSWORD, make_class, make_staff
from tests.web import pages

SAME = {"HTTP_ORIGIN": "http://testserver"}


@pytest.fixture(autouse=True)
def _test_pages(settings: object) -> None:
    settings.ROOT_URLCONF = "tests.web.pages"  # type: ignore[attr-defined]
    pages.SAVED.clear()


@pytest.fixture
def teacher(db: None) -> Staff:
    return make_staff(Role.HOMEROOM, make_class(), name="田老师", username="tian")


@pytest.fixture
def colleague(teacher: Staff) -> Staff:
    return make_staff(Role.HOMEROOM, make_class(), name="罗老师", username="luo")


class Browser(Client):
    """A client that checks CSRF and says where it comes from, as a browser does."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True, headers={"origin": "http://testserver"})

    def hidden(self, url: str) -> dict[str, str]:
        """The hidden fields of the page's last form."""
        html = self.get(url).content.decode()
        form = re.findall(r"<form.*?</form>", html, flags=re.DOTALL)[-1]
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        return {name: unescape(value) for name, value in found}

    def sign_in(self, staff: Staff) -> None:
        page = self.get("/login/").content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        data = {"username": staff.username, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        assert self.post("/login/", data).status_code == 302


@pytest.fixture
def browser(teacher: Staff) -> Browser:
    """The teacher's browser, signed in."""
    browser = Browser()
    browser.sign_in(teacher)
    return browser


@pytest.fixture
def end_session(browser: Browser) -> Callable[[], None]:
    """What time does to the session of the teacher's browser."""

    def end() -> None:
        browser.session.flush()
        del browser.cookies["sessionid"]

    return end
