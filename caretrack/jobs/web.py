"""gunicorn inside the supervisor's fork: 2 processes x 4 threads (the shape SQLite was measured with)."""

import gc
import socket
from collections.abc import Callable, Collection
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from caretrack.env import env_int

#: A page makes tens of thousands of objects and nearly all go by themselves: looking for cycles every 700 of them took
#: a tenth of its time.
COLLECT_AFTER = (25_000, 10, 10)


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


class WebServer(BaseApplication):
    """Serves an application that is loaded already on a socket that is open already."""

    def __init__(self, application: Callable[..., Any], *, listener: socket.socket, ready: Callable[[], None]) -> None:
        self.application = application
        self.options: dict[str, Any] = {
            "bind": f"fd://{listener.fileno()}",
            "workers": env_int("CARETRACK_WEB_PROCESSES", 2),
            "threads": env_int("CARETRACK_WEB_THREADS", 4),
            "worker_class": "gthread",
            "preload_app": True,
            "timeout": 120,  # a bulk print of a whole school is made in a job; one long PDF may take a minute
            "graceful_timeout": 20,
            "max_requests": 5000,  # a process that rendered many PDFs gives its memory back
            "max_requests_jitter": 500,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda server: ready(),
            "post_fork": lambda server, worker: gc.set_threshold(*COLLECT_AFTER),
        }
        if Path("/dev/shm").is_dir():  # noqa: S108  heartbeat files must not wait for a busy disk
            self.options["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Called by gunicorn."""
        return self.application
