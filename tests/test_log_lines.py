"""The server's log: a refused page is one line, a failure keeps its traceback."""

import logging

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.log_lines import RefusalsInOneLine
from tests.support.factories import make_school, make_staff


class Kept(logging.Handler):
    """What the console would write."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(RefusalsInOneLine())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept():
    handler = Kept()
    logging.getLogger("django.request").addHandler(handler)
    yield handler.lines
    logging.getLogger("django.request").removeHandler(handler)


@pytest.mark.django_db
def test_a_refused_page_is_one_line_without_traceback(client: Client, kept: list[str]) -> None:
    client.force_login(make_staff(Role.SUPERIOR, make_school()))
    answer = client.get(reverse("activities:night_home"))
    assert answer.status_code == 403
    assert [line.count("\n") for line in kept] == [0]
    assert "/nights/" in kept[0]


def test_a_failure_keeps_its_traceback(kept: list[str]) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logging.getLogger("django.request").error(
            "Internal Server Error", exc_info=True, extra={"status_code": 500, "response": HttpResponse()}
        )
    assert "Traceback" in kept[0]


def test_the_console_of_the_server_filters_so() -> None:
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["refusals"]
