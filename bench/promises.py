"""
Measure P3 side by side with the stock project: the month tables of a school, the matrix of duties, a township.

For each size one school of that many children; for the township many schools in one database, nine of ten of which have
handed in their month. The stock project counts where CareTrack judges: it has no duties, no excuses, no register of a day.
"""

import argparse
import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench import measure
from bench.report import head, say, table
from bench.sites import (
    BY_CLASS,
    MATRIX,
    MATRIX_MONTH,
    MATRIX_TEN,
    MONTH,
    TOWNSHIP,
    Plan,
    Site,
    make_caretrack,
    make_stock,
)

AFTER = "月报四张表，刚保存一次谈话以后"
SCHOOL_PAGES = (MONTH, MATRIX, MATRIX_TEN, MATRIX_MONTH, BY_CLASS)


def main() -> None:
    """Everything lies in a temporary folder and is removed; servers listen on this machine only and are ended."""
    given = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="caretrack-promises-"))
    schools = [Plan(size, given.records, school_size=size) for size in given.children]
    township = Plan(given.schools * given.of, given.township_records, school_size=given.of, hands_in=True)
    sites: list[Site] = []
    try:
        filled = {}
        for plan in [*schools, *([township] if given.schools else [])]:
            say(f"filling {plan.size} children in schools of {plan.school_size}, {plan.records} records each")
            filled[plan] = _fill(plan, folder, given)
            sites += filled[plan]
        for site in sites:
            site.server.start(patience=120)
            site.sign_in()
        for site in sites:
            site.settle(patience=300)
        print(
            head(
                given.postgres,
                f"{given.records} records a child, medians of {given.rounds} rounds of {given.requests} requests",
            )
        )
        _measure(
            [site for plan in schools for site in filled[plan]],
            SCHOOL_PAGES,
            f"P3, one school, {given.records} records",
            given,
        )
        if given.schools:
            _measure(
                filled[township],
                (TOWNSHIP,),
                f"P3, {given.schools} schools of {given.of}, {given.township_records} records",
                given,
            )
    finally:
        for site in sites:
            site.server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run promises", description=__doc__)
    parser.add_argument(
        "--children", type=int, nargs="*", default=[500, 2000, 5000], metavar="N", help="children of the one school"
    )
    parser.add_argument(
        "--records", type=int, default=20, metavar="M", help="records a child over two terms, default 20"
    )
    parser.add_argument("--schools", type=int, default=50, help="schools of the township, default 50; 0 leaves it out")
    parser.add_argument("--of", type=int, default=1000, metavar="N", help="children of each of them, default 1000")
    parser.add_argument("--township-records", type=int, default=4, metavar="M", help="records a child there, default 4")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds, default 7")
    parser.add_argument("--requests", type=int, default=3, help="requests of a page in a round, default 3")
    parser.add_argument("--alone", action="store_true", help="without the stock project")
    parser.add_argument(
        "--postgres", default="", metavar="URL", help="a PostgreSQL database for measuring, emptied first; one size"
    )
    given = parser.parse_args()
    if given.postgres and len(given.children) + bool(given.schools) > 1:
        parser.error(
            "--postgres measures one database at a time: one size with --schools 0, or --children with nothing after it"
        )
    return given


def _fill(plan: Plan, folder: Path, given: argparse.Namespace) -> list[Site]:
    ours = make_caretrack(plan, folder, given.postgres)
    return [ours] if given.alone else [ours, make_stock(ours, folder, date.today().isoformat())]  # noqa: DTZ011


def _measure(sites: list[Site], pages: tuple[str, ...], title: str, given: argparse.Namespace) -> None:
    if not sites:
        return
    say(f"{given.rounds} rounds of {title}")
    cells = measure.pages(sites, pages, rounds=given.rounds, requests=given.requests)
    labels = [site.label for site in sites]
    rows = list(pages)
    if MONTH in pages:
        saved = measure.after_a_save(sites, MONTH, rounds=given.rounds, requests=given.requests)
        cells |= {(AFTER, label): cell for label, cell in saved.items()}
        rows.insert(1, AFTER)
    shown = {key: f"{cell.median:.1f} ({cell.kilobytes:.0f} kB)" for key, cell in cells.items()}
    table(
        f"{title}: CPU ms a page (kB)",
        labels,
        [(page, [shown.get((page, label), "–") for label in labels]) for page in rows],
    )
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    print(f"load afterwards {load}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
