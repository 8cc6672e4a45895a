"""A real Chromium at two sizes, signed in by a session cookie; any error in a page fails the test."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright

from caretrack.schools.models import Staff

# Playwright runs an event loop in this thread; Django then refuses its ORM unless told that it is meant.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PICTURES = os.environ.get("CARETRACK_PICTURES")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        assert path, "Chromium is not installed; script/bootstrap --test installs it"
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """stop_at(day): for the server, today is that day; terms and months then lie where the story needs them."""

    def stop(day: date) -> None:
        monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: day)

    return stop


def _picture_file(request: pytest.FixtureRequest, words: str) -> Path:
    return Path(str(PICTURES)) / f"{re.sub(r'[^a-z0-9_]+', '-', request.node.name)}-{words}.png"


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """picture(page, "words"): keeps how the page looks in the middle of a story, if pictures are wanted."""

    def keep(page: Page, words: str) -> None:
        if PICTURES:
            page.screenshot(path=_picture_file(request, words), full_page=True)

    return keep


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, live_server, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """open_page(staff or None, phone=False, js=True) → a page at the server's address, signed in."""
    contexts, errors = [], []

    def open_it(staff: Staff | None = None, *, phone: bool = False, js: bool = True) -> Page:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP,
            base_url=live_server.url,
            locale="zh-CN",
            java_script_enabled=js,
            is_mobile=phone,
            has_touch=phone,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if staff is not None:
            client = Client()
            client.force_login(staff)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None,
        )
        page.on(
            "request",
            lambda sent: (
                errors.append(f"asked outside: {sent.url}")
                if not sent.url.startswith((live_server.url, "data:", "blob:", "about:"))
                else None
            ),
        )
        return page

    yield open_it
    if PICTURES:
        for number, context in enumerate(contexts):
            for page in context.pages:
                page.screenshot(path=_picture_file(request, str(number)), full_page=True)
    for context in contexts:
        context.close()
    assert errors == []
