"""Measure an import beside a stock resource and the bare floor, in interleaved rounds; print a Markdown table."""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.imports import rosters

ROOT = Path(__file__).resolve().parents[2]
WAYS = {
    "ours": ("clean", "CareTrack: read, recognise, validate, preview, confirm"),
    "messy": ("messy", "the same, messy file"),
    "again": ("clean", "the same file again"),
    "undo": ("clean", "undo"),
    "meanwhile": ("clean", "CareTrack, while 20 teachers save"),
    "floor": ("clean", "bare floor: calamine + bulk_create"),
    "stock": ("stock", "django-import-export: dry run and commit"),
}


def main() -> None:
    """Everything lies in a temporary folder and is removed at the end."""
    given = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="caretrack-bench-"))
    try:
        for size in given.rows:
            _files(folder, size)
            found: dict[str, list[dict]] = {way: [] for way in WAYS}
            for round_ in range(given.rounds):
                for way in WAYS:
                    wanted = way == "ours" or round_ == 0 or not given.once
                    if wanted and (way != "stock" or size <= given.stock):
                        found[way].append(_case(folder, way, size, given.postgres))
            _table(size, found, given)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/imports/run", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 5000], metavar="N", help="default 1000 5000")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds, default 3")
    parser.add_argument("--stock", type=int, default=5000, metavar="N", help="largest size for the stock resource")
    parser.add_argument("--once", action="store_true", help="only CareTrack's pass in every round, the others in one")
    parser.add_argument(
        "--postgres",
        default="",
        metavar="URL",
        help="a PostgreSQL database for measuring, which is emptied; another one beside it, NAME_case, is made anew",
    )
    return parser.parse_args()


def _files(folder: Path, size: int) -> None:
    rosters.write_clean(folder / f"clean{size}.xlsx", rosters.pupils(size))
    rosters.write_messy(folder / f"messy{size}.xlsx", rosters.pupils(size))
    rosters.write_stock(folder / f"stock{size}.xlsx", rosters.pupils(size))


def _case(folder: Path, way: str, size: int, postgres: str) -> dict:
    """One case over a fresh database, in a process of its own."""
    data = Path(tempfile.mkdtemp(dir=folder))
    env = _environment(data, _copy_of(postgres))
    shutil.copytree(_prepared(folder, size, postgres), data, dirs_exist_ok=True)
    if postgres:
        _run(env, "-c", _COPY, postgres, env["DATABASE_URL"])
    file = folder / f"{WAYS[way][0]}{size}.xlsx"
    output = _run(env, "-m", "bench.imports.case", "ours" if way == "messy" else way, str(file))
    shutil.rmtree(data)
    return json.loads(output.splitlines()[-1])


def _prepared(folder: Path, size: int, postgres: str) -> Path:
    """A folder with a database ready for the import, made once for each size: migrating takes longer than most cases."""
    data = folder / f"prepared{size}"
    if not data.exists():
        data.mkdir()
        env = _environment(data, postgres)
        if postgres:
            _run(env, "-c", _EMPTY)
        _run(env, "-m", "bench.imports.prepare", str(size))
    return data


def _copy_of(postgres: str) -> str:
    """The database in which the cases run, copied from the prepared one each time."""
    return f"{postgres}_case" if postgres else ""


def _environment(data: Path, postgres: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "caretrack.settings",
        "CARETRACK_DATA": str(data),
        "CARETRACK_KEYS": str(data / "keys"),
        "CARETRACK_SECRET_KEY": "bench" * 12,
        "DATABASE_URL": postgres,
    }


_EMPTY = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
"""

_COPY = """
import sys
import psycopg
prepared, copy = (address.rpartition("/")[2] for address in sys.argv[1:])
with psycopg.connect(sys.argv[1].rpartition("/")[0] + "/postgres", autocommit=True) as connection:
    connection.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
    connection.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{prepared}"')
"""


def _run(env: dict[str, str], *command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _table(size: int, found: dict[str, list[dict]], given: argparse.Namespace) -> None:
    database = "PostgreSQL" if given.postgres else "SQLite"
    load = os.getloadavg()[0]
    print(
        f"\n{size} rows, {database}, Python {platform.python_version()}, medians of {given.rounds}, load {load:.1f}\n"
    )
    print("| way | CPU s | of these the database server | peak MB | statements | CPU, ours = 1 |")
    print("| --- | --- | --- | --- | --- | --- |")
    ours = _cpu(found["ours"])
    for way, (_, label) in WAYS.items():
        if way == "meanwhile":
            continue  # its CPU is also that of the teachers
        if runs := found[way]:
            server = statistics.median(run["server"] for run in runs)
            statements = sum(runs[0]["statements"].values())
            print(
                f"| {label} | {_cpu(runs):.2f} | {server:.2f} | {max(run['memory'] for run in runs)} | {statements} |"
                f" {_cpu(runs) / ours:.2f} |"
            )
    print("\n| 20 teachers saving, seconds | saves | refused | median | p95 | longest |")
    print("| --- | --- | --- | --- | --- | --- |")
    for run in found["meanwhile"]:
        for name, told in run["teachers"].items():
            print(f"| {name} | " + " | ".join(str(value) for value in told.values()) + " |")


def _cpu(runs: list[dict]) -> float:
    return statistics.median(run["cpu"] + run["server"] for run in runs)


if __name__ == "__main__":
    main()
