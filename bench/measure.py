"""The measurements: P1 pages, P2 saving, P6 start and memory (goals in docs/benchmarks.md)."""

import random
import statistics
import threading
import time
from dataclasses import dataclass, field

from bench.client import Client, Form
from bench.sites import ALL, HOMEROOM, Site

PAGES = ("工作台", HOMEROOM, "名单", f"名单，{ALL}", "查找姓名", "档案和时间线", "时间线", "记录表单")


@dataclass
class Cell:
    """What one page of one site cost in each round, and how much came back."""

    rounds: list[float] = field(default_factory=list)
    kilobytes: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)


@dataclass(frozen=True)
class Crowd:
    """Twenty people saving at once."""

    wanted: int
    answered: int
    stored: int
    seconds: float
    cpu_ms: float

    @property
    def a_second(self) -> float:
        return self.answered / self.seconds


def pages(sites: list[Site], names: tuple[str, ...], *, rounds: int, requests: int) -> dict[tuple[str, str], Cell]:
    """
    CPU ms of one request, (page, site label) → Cell. Sites and pages take turns in a new order each round.

    A site that has no such page is left out of its row.
    """
    cells: dict[tuple[str, str], Cell] = {}
    turns = [(site, page) for site in sites for page in names if page in site.pages()]
    for site, page in turns:
        _ask(site, site.reader(page), page, 6)  # warm: templates compiled, connections open
    mixed = random.Random(1)
    for _ in range(rounds):
        mixed.shuffle(turns)
        for site, page in turns:
            pids = site.server.pids()
            before = site.server.cpu_ms(pids)
            size = _ask(site, site.reader(page), page, requests)
            cell = cells.setdefault((page, site.label), Cell())
            cell.rounds.append((site.server.cpu_ms(pids) - before) / requests)
            cell.kilobytes = max(cell.kilobytes, size / 1024)
    return cells


def after_a_save(sites: list[Site], page: str, *, rounds: int, requests: int) -> dict[str, Cell]:
    """CPU ms of a page that is opened right after a talk was saved, site label → Cell. The save is not counted."""
    cells: dict[str, Cell] = {site.label: Cell() for site in sites}
    for number in range(rounds * requests):
        for site in sites:
            child = site.child()
            form = Form(site.client.get(site.form_path(child)).body, site.marker)
            _save(site, site.client, child, site.talk(form, child, number))
            pids = site.server.pids()
            before = site.server.cpu_ms(pids)
            size = _ask(site, site.reader(page), page, 1)
            cells[site.label].rounds.append(site.server.cpu_ms(pids) - before)
            cells[site.label].kilobytes = max(cells[site.label].kilobytes, size / 1024)
    return cells


def _ask(site: Site, client: Client, page: str, times: int) -> int:
    size = 0
    for _ in range(times):
        path = site.pages()[page].replace("{child}", str(site.child()))
        answer = client.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{site.label} answered {answer.status} for {path}")
        size = max(size, len(answer.body))
    return size


def saving(sites: list[Site], *, rounds: int, saves: int) -> dict[str, Cell]:
    """P2, one person: CPU ms of the POST and of the page it leads to."""
    cells: dict[str, Cell] = {site.label: Cell() for site in sites}
    number = 0
    for _ in range(rounds):
        for site in sites:
            pids = site.server.pids()
            spent = 0.0
            for _ in range(saves):
                number += 1
                child = site.child()
                form = Form(site.client.get(site.form_path(child)).body, site.marker)
                body = site.talk(form, child, number)
                before = site.server.cpu_ms(pids)
                _save(site, site.client, child, body)
                spent += site.server.cpu_ms(pids) - before
            cells[site.label].rounds.append(spent / saves)
    return cells


def _save(site: Site, client: Client, child: int, body: str) -> None:
    answer = client.post(site.form_path(child), body)
    if answer.status != 302:
        raise RuntimeError(f"{site.label}: saving answered {answer.status}\n{answer.body.decode()[:2000]}")
    if client.get(answer.location).status != 200:
        raise RuntimeError(f"{site.label}: the page after saving failed")


def crowd(site: Site, *, people: int, saves: int) -> Crowd:
    """P2, many people: each saves `saves` talks as fast as the answers come, then the rows are counted."""
    clerks = site.clerks(people)
    before = site.records()
    answered = [0] * people
    # A worker whose form does not come would leave all others waiting.
    ready = threading.Barrier(people + 1, timeout=60)

    def work(place: int, client: Client, child: int) -> None:
        form = Form(client.get(site.form_path(child)).body, site.marker)
        ready.wait()
        for number in range(saves):
            try:
                _save(site, client, child, site.talk(form, child, place * 1000 + number))
                answered[place] += 1
            except (OSError, RuntimeError):
                continue  # counted by what is missing

    threads = [
        threading.Thread(target=work, args=(place, client, child)) for place, (client, child) in enumerate(clerks)
    ]
    for thread in threads:
        thread.start()
    pids = site.server.pids()
    ready.wait()
    begun, cpu = time.monotonic(), site.server.cpu_ms(pids)
    for thread in threads:
        thread.join()
    seconds, spent = time.monotonic() - begun, site.server.cpu_ms(pids) - cpu
    done = sum(answered)
    return Crowd(people * saves, done, site.records() - before, seconds, spent / max(1, done))


def starts(site: Site, *, times: int) -> tuple[float, float]:
    """P6: seconds from the command to the first page of a second start, and megabytes of the idle set-up."""
    taken = []
    for _ in range(times):
        site.server.stop()
        taken.append(site.server.start())
    time.sleep(3)
    return statistics.median(taken), site.server.memory_mb()
