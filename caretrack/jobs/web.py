"""gunicorn inside the supervisor's fork: 2 processes x 4 threads (the shape SQLite was measured with)."""

import gc
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from operator import attrgetter
from pathlib import Path
from selectors import EVENT_READ
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import TConn, ThreadWorker

from caretrack.env import env_int

#: A page makes tens of thousands of objects and nearly all go by themselves: looking for cycles every 700 of them took
#: a tenth of its time.
COLLECT_AFTER = (25_000, 10, 10)
#: Seconds that a thread computes on while others of its process wait. At Python's 0.005 a thread that saves, and lets go with
#: each statement, came back after so long each time, and held SQLite's one write lock about twice as long.
SWITCH_AFTER = 0.0005
#: Seconds that a connection may be open without a word.
SILENT_FOR = 5.0


class BehindProxy:
    """
    Puts the visitor's own address in the place of the proxy's, for the access log and the brake on wrong passwords.

    Only what the last trusted proxy added is believed: everything before it in the header may be invented.
    """

    def __init__(self, application: Callable[..., Any], proxies: Collection[str]) -> None:
        self.application, self.proxies = application, proxies

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Called for each request."""
        if environ.get("REMOTE_ADDR") in self.proxies:
            added = environ.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
            with suppress(ValueError):  # no header, or nonsense: the proxy's address stays
                environ["REMOTE_ADDR"] = str(ip_address(added))
        return self.application(environ, start_response)


class FairWorker(ThreadWorker):
    """
    A web process that takes in visitors only while it has a thread free, where gunicorn's takes in whoever comes.

    A kept connection stays with the process that took it in. Those of twenty people who saved at the same time lay so
    unevenly that one process had three quarters of the work and the other waited.
    """

    in_hand = 0
    pending_conns: deque[TConn]

    def accept(self, listener: socket.socket) -> None:
        """A browser opens connections in advance: a thread is given to one only when it says something."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # the other process was quicker, or the visitor has gone
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, client, address, listener.getsockname())
        conn.timeout = time.monotonic() + SILENT_FOR
        self.pending_conns.append(conn)
        self.poller.register(client, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def murder_pending(self) -> None:
        """gunicorn looks only as far as the first that may stay; its own wait for another time than those of `accept`."""
        self.pending_conns = deque(sorted(self.pending_conns, key=attrgetter("timeout")))
        super().murder_pending()

    def enqueue_req(self, conn: TConn) -> None:
        """Called in the main thread with a connection that has a request."""
        self.in_hand += 1
        super().enqueue_req(conn)
        self.set_accept_enabled(self._accepting)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Called in the main thread after the answer."""
        self.in_hand -= 1
        super().finish_request(conn, fs)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Called again by every turn of the main loop until it is as the loop wants it."""
        super().set_accept_enabled(enabled and self.in_hand < self.cfg.threads)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """While requests wait here, whoever gets an answer is asked to come anew, to the process that has a thread free."""
        if self.in_hand > self.cfg.threads:
            req.force_close()
        return super().handle_request(req, conn)


class WebServer(BaseApplication):
    """Serves an application that is loaded already on a socket that is open already."""

    def __init__(self, application: Callable[..., Any], *, listener: socket.socket, ready: Callable[[], None]) -> None:
        self.application = application
        self.options: dict[str, Any] = {
            "bind": f"fd://{listener.fileno()}",
            "workers": env_int("CARETRACK_WEB_PROCESSES", 2),
            "threads": env_int("CARETRACK_WEB_THREADS", 4),
            "worker_class": FairWorker,
            "preload_app": True,
            "timeout": 120,  # a bulk print of a whole school is made in a job; one long PDF may take a minute
            "graceful_timeout": 20,
            "max_requests": 5000,  # a process that rendered many PDFs gives its memory back
            "max_requests_jitter": 500,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda server: ready(),
            "post_fork": lambda server, worker: self.tune(),
        }
        if Path("/dev/shm").is_dir():  # noqa: S108  heartbeat files must not wait for a busy disk
            self.options["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
        super().__init__()

    @staticmethod
    def tune() -> None:
        """Set up the interpreter of a web process."""
        gc.set_threshold(*COLLECT_AFTER)
        sys.setswitchinterval(SWITCH_AFTER)

    def load_config(self) -> None:
        """Called by gunicorn."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Called by gunicorn."""
        return self.application
