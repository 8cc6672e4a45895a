"""Keeps a few processes running: starts them as forks of one loaded Django, restarts what died, stops all in order."""

import ctypes
import gc
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

logger = logging.getLogger("caretrack.serve")

PR_SET_PDEATHSIG = 1
STEADY_SECONDS = 10.0
LONGEST_PAUSE = 30.0


@dataclass
class Process:
    """One process to keep: its name for messages, what it runs, and how long it may take to stop."""

    name: str
    run: Callable[[], None]
    patience: float = 30.0
    pid: int = 0
    started: float = 0.0
    quick_deaths: int = 0
    start_at: float = field(default=0.0)


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent is killed, so that no half server stays. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Runs its processes until SIGTERM or SIGINT. Forking keeps one copy of the program's memory for all."""

    def __init__(self, processes: list[Process]) -> None:
        self.processes = processes
        self.stopping = False

    def run(self) -> None:
        """Start all, restart what dies, return after a signal when everything has stopped."""
        gc.collect()
        gc.freeze()  # what is loaded now is never collected, so its pages stay shared
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        while not self.stopping:
            for process in self.processes:
                if not process.pid and time.monotonic() >= process.start_at:
                    self._start(process)
            self._reap()
            time.sleep(0.2)
        self._stop_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, process: Process) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            process.pid, process.started = pid, time.monotonic()
            return
        code = 1
        try:
            # A group of its own: Ctrl+C in the terminal reaches the supervisor alone, which stops all in order.
            os.setpgid(0, 0)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            die_with_parent()
            if os.getppid() == parent:
                process.run()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _reap(self) -> None:
        for process in self.processes:
            if not process.pid:
                continue
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if not pid:
                continue
            lived = time.monotonic() - process.started
            process.quick_deaths = 0 if lived > STEADY_SECONDS else process.quick_deaths + 1
            pause = min(2.0**process.quick_deaths - 1, LONGEST_PAUSE)
            process.pid, process.start_at = 0, time.monotonic() + pause
            if not self.stopping:
                logger.error(
                    "%s 已退出（%s），%.0f 秒后重新启动", process.name, os.waitstatus_to_exitcode(status), pause
                )

    def _stop_all(self) -> None:
        for process in self.processes:
            if process.pid:
                os.kill(process.pid, signal.SIGTERM)
        begun = time.monotonic()
        while any(process.pid for process in self.processes):
            self._reap()
            for process in self.processes:
                if process.pid and time.monotonic() - begun > process.patience:
                    logger.warning("%s 没有及时停止，强制结束", process.name)
                    os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.05)
