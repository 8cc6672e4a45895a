"""A server under measurement: its processes, their CPU time and memory, an orderly end."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """One process tree in a session of its own, so that it can be told from everything else on the machine."""

    name: str
    command: list[str]
    env: dict[str, str]
    port: int
    first_page: str
    log: Path
    process: subprocess.Popen | None = field(default=None, repr=False)
    #: Address of a PostgreSQL database whose work for this server is counted as well.
    database: str = ""

    def start(self, patience: float = 60) -> float:
        """Start it; returns the seconds until the first page answered. Raises RuntimeError when it does not."""
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=os.environ | self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )  # fmt: skip
        while time.monotonic() - begun < patience:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self.first_page}", timeout=10) as answer:
                    if answer.status == 200:
                        return time.monotonic() - begun
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.name} did not start, see {self.log}:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """End it and wait; kills the session if it does not go by itself."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)
        for pid in self.pids():  # whoever outlived the parent
            os.kill(pid, signal.SIGKILL)
        self.process = None

    def pids(self) -> list[int]:
        """Every process of the session."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or self.process is None:
                continue
            try:
                session = int((entry / "stat").read_text().rpartition(")")[2].split()[3])
            except (OSError, IndexError, ValueError):
                continue
            if session == self.process.pid:
                found.append(int(entry.name))
        return found

    def cpu_ms(self, pids: list[int]) -> float:
        """CPU time of all threads of `pids` and of the database's so far, in milliseconds (counted in nanoseconds)."""
        total = 0
        for pid in [*pids, *self._database_pids()]:
            for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                total += int(task.read_text().split()[0])
        return total / 1e6

    def _database_pids(self) -> list[int]:
        """The processes that PostgreSQL keeps for the connections of this server."""
        if not self.database:
            return []
        import psycopg

        with psycopg.connect(self.database) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return [pid for (pid,) in rows]

    def memory_mb(self) -> float:
        """Memory of the whole tree; pages that processes share count once (PSS)."""
        kilobytes = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
        return kilobytes / 1024
