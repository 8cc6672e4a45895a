from pathlib import Path
from re import findall
from selectors import EVENT_READ, DefaultSelector
from socket import socketpair
from time import monotonic

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from caretrack.jobs.management.commands.serve import NOT_SERVED
from caretrack.jobs.web import BehindProxy, FairWorker

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


def test_a_silent_connection_is_let_go_of_though_one_that_may_stay_came_first() -> None:
    worker = FairWorker(0, 0, [], None, 30, Config(), None)
    worker.poller = DefaultSelector()
    pairs = [socketpair() for _ in range(2)]
    for (ours, _), wait in zip(pairs, (60, -1), strict=True):
        connection = TConn(worker.cfg, ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
        connection.timeout = monotonic() + wait
        worker.pending_conns.append(connection)
        worker.poller.register(ours, EVENT_READ)
    worker.nr_conns = 2
    worker.murder_pending()
    assert [connection.sock for connection in worker.pending_conns] == [pairs[0][0]]
    assert worker.nr_conns == 1
    worker.tmp.close()
    for one in (worker.poller, *pairs[0], *pairs[1]):
        one.close()
