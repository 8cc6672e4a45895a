"""Web processes share the work: looked at from outside, on a small application behind the real server."""

import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
#: Answers with the number of its process, after as many seconds as the address says.
SERVER = """
import os, socket, sys, time
from caretrack.jobs.web import WebServer

def application(environ, start_response):
    time.sleep(float(environ["PATH_INFO"][1:]))
    start_response("200 OK", [("Content-Length", "8")])
    return [b"%8d" % os.getpid()]

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(64)
port = listener.getsockname()[1]
WebServer(application, listener=listener, ready=lambda: print(port, flush=True)).run()
"""


@pytest.fixture
def serve() -> Iterator[Callable[..., int]]:
    """Start the server with so many processes and threads; returns its port."""
    started: list[subprocess.Popen[str]] = []

    def start(*, processes: int, threads: int) -> int:
        env = {"CARETRACK_WEB_PROCESSES": str(processes), "CARETRACK_WEB_THREADS": str(threads)}
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )  # fmt: skip
        started.append(server)
        assert server.stdout
        return int(server.stdout.readline())

    yield start
    for server in started:
        server.terminate()
        server.communicate(timeout=20)


def ask(connection: http.client.HTTPConnection, seconds: float) -> tuple[str, str]:
    """The process that answered, and what it says about the connection."""
    connection.request("GET", f"/{seconds}")
    answer = connection.getresponse()
    return answer.read().decode().strip(), answer.headers["Connection"]


def visit(port: int, seconds: float) -> str:
    """The process that answers a new visitor."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=3)) as connection:
        return ask(connection, seconds)[0]


def two_visits(port: int) -> set[str]:
    """The processes that answer two visitors, the second of whom comes while the first is waited upon."""
    answered: list[str] = []
    first = threading.Thread(target=lambda: answered.append(visit(port, 0.3)))
    first.start()
    time.sleep(0.1)
    answered.append(visit(port, 0))
    first.join()
    return set(answered)


def at_the_same_time(*work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_whoever_comes_while_a_process_has_its_hands_full_goes_to_the_other(serve) -> None:
    port = serve(processes=2, threads=1)
    until = time.monotonic() + 20
    while len(two_visits(port)) == 1:
        assert time.monotonic() < until  # the second process is still coming up
    assert [len(two_visits(port)) for _ in range(6)] == [2] * 6


def test_a_connection_that_says_nothing_keeps_no_thread_from_others(serve) -> None:
    port = serve(processes=1, threads=1)
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    assert visit(port, 0)
    for connection in silent:
        connection.close()


def test_a_connection_is_kept_until_requests_wait_for_a_thread(serve) -> None:
    port = serve(processes=1, threads=1)
    kept = [http.client.HTTPConnection("127.0.0.1", port, timeout=10) for _ in range(4)]
    assert [ask(connection, 0)[1] for connection in kept] == ["keep-alive"] * 4
    said: list[str] = []
    at_the_same_time(*[lambda one=connection: said.append(ask(one, 0.1)[1]) for connection in kept])
    assert len(said) == 4
    assert "close" in said
    for connection in kept:
        connection.close()
