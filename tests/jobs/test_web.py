from pathlib import Path
from re import findall

import pytest

from caretrack.jobs.management.commands.serve import NOT_SERVED
from caretrack.jobs.web import BehindProxy

ROOT = Path(__file__).resolve().parent.parent.parent


def seen(environ: dict[str, str], proxies: list[str]) -> str:
    return BehindProxy(lambda environ, start: environ["REMOTE_ADDR"], proxies)(environ, None)


@pytest.mark.parametrize(
    "header,address",
    [
        ("192.168.1.23", "192.168.1.23"),
        ("10.9.9.9, 192.168.1.23", "192.168.1.23"),
        ("fe80::1", "fe80::1"),
        ("", "127.0.0.1"),
        ("not an address", "127.0.0.1"),
    ],
)
def test_the_visitors_address_is_what_the_proxy_added(header, address) -> None:
    assert seen({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": header}, ["127.0.0.1"]) == address


def test_a_visitor_cannot_choose_an_address() -> None:
    assert seen({"REMOTE_ADDR": "192.168.1.66", "HTTP_X_FORWARDED_FOR": "192.168.1.1"}, ["127.0.0.1"]) == "192.168.1.66"
    assert seen({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.168.1.1"}, []) == "127.0.0.1"


def test_no_page_asks_for_a_static_file_that_is_left_out() -> None:
    from django.contrib.staticfiles.utils import matches_patterns

    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    asked = set(findall(r"{% static [\"']([^\"']+)[\"'] %}", sources))
    assert asked
    assert [name for name in asked if matches_patterns(name, NOT_SERVED) or left_out(name)] == []


def left_out(name: str) -> bool:
    from django.contrib.staticfiles.utils import matches_patterns

    return matches_patterns(name.rsplit("/", 1)[-1], NOT_SERVED)
