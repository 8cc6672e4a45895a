"""Measure P1, P2 and P6 at one or more sizes, side by side with the stock project; print a Markdown table."""

import argparse
import shutil
import tempfile
from datetime import date
from pathlib import Path

from bench import measure
from bench.report import head, say, table
from bench.sites import Plan, Site, make_caretrack, make_stock


def main() -> None:
    """Everything lies in a temporary folder and is removed; servers listen on this machine only and are ended."""
    given = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="caretrack-bench-"))
    sites: list[Site] = []
    try:
        for size in given.children:
            say(f"filling {size} children, {given.records} records each")
            ours = make_caretrack(Plan(size, given.records), folder, given.postgres)
            sites.append(ours)
            if not given.alone:
                sites.append(make_stock(ours, folder, date.today().isoformat()))  # noqa: DTZ011
        for site in sites:
            site.server.start(patience=120)
            site.sign_in()
        say(f"{given.rounds} rounds of pages")
        cells = measure.pages(sites, measure.PAGES, rounds=given.rounds, requests=given.requests)
        say("saving, one person")
        saved = measure.saving(sites, rounds=given.rounds, saves=given.saves)
        crowds = {}
        for site in sites:
            say(f"{given.people} people saving: {site.label}")
            crowds[site.label] = measure.crowd(site, people=given.people, saves=given.saves)
        started = {}
        for site in sites:
            say(f"starting again: {site.label}")
            started[site.label] = measure.starts(site, times=3)
        report(given, sites, cells, saved, crowds, started)
    finally:
        for site in sites:
            site.server.stop()
        if given.keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument(
        "--children", type=int, nargs="+", default=[500, 5000], metavar="N", help="sizes, default 500 5000"
    )
    parser.add_argument("--records", type=int, default=10, metavar="M", help="records a child, default 10")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds, default 7")
    parser.add_argument("--requests", type=int, default=15, help="requests of a page in a round, default 15")
    parser.add_argument("--saves", type=int, default=8, help="saves of a person in a round, default 8")
    parser.add_argument("--people", type=int, default=20, help="people saving at once, default 20")
    parser.add_argument("--alone", action="store_true", help="without the stock project")
    parser.add_argument(
        "--postgres", default="", metavar="URL", help="a PostgreSQL database for measuring, emptied first; one size"
    )
    parser.add_argument("--keep", action="store_true", help="keep the data afterwards")
    given = parser.parse_args()
    if given.postgres and len(given.children) > 1:
        parser.error("--postgres measures one size at a time")
    return given


def shown(cell: measure.Cell | None) -> str:
    """A page's figures; the stock project has no start page of a class teacher."""
    return "–" if cell is None else f"{cell.median:.1f} ({cell.kilobytes:.0f} kB)"


def report(given, sites, cells, saved, crowds, started) -> None:
    """The tables, to standard output."""
    labels = [site.label for site in sites]
    print(
        head(
            given.postgres,
            f"{given.records} records a child, medians of {given.rounds} rounds of {given.requests} requests",
        )
    )
    table("P1 CPU ms a request (kB of the page)", labels, [
        (page, [shown(cells.get((page, label))) for label in labels])
        for page in measure.PAGES
    ])  # fmt: skip
    table("P2 saving a talk", labels, [
        ("one person: CPU ms, with the page it leads to", [f"{saved[label].median:.1f}" for label in labels]),
        (f"{given.people} people: saves a second", [f"{crowds[label].a_second:.0f}" for label in labels]),
        (f"{given.people} people: CPU ms a save", [f"{crowds[label].cpu_ms:.1f}" for label in labels]),
        ("asked / answered / stored", [f"{c.wanted} / {c.answered} / {c.stored}" for c in (crowds[label] for label in labels)]),
    ])  # fmt: skip
    table("P6 start and memory", labels, [
        ("second start to the first page, s", [f"{started[label][0]:.1f}" for label in labels]),
        ("memory of the idle set-up, MB (PSS)", [f"{started[label][1]:.0f}" for label in labels]),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
