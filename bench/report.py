"""What the measuring prints: what it was done with, and Markdown tables."""

import os
import platform
import sys
from collections.abc import Iterable
from datetime import date


def head(postgres: str, what: str) -> str:
    """The line above the tables: day, machine, database, load."""
    database = "PostgreSQL" if postgres else "SQLite"
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return f"\n{date.today()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, {database}, load {load}; {what}\n"  # noqa: DTZ011


def table(title: str, labels: list[str], rows: Iterable[tuple[str, list[str]]]) -> None:
    """A Markdown table to standard output."""
    print(f"| {title} | " + " | ".join(labels) + " |")
    print("| --- |" + " --- |" * len(labels))
    for name, values in rows:
        print(f"| {name} | " + " | ".join(values) + " |")
    print()


def say(text: str) -> None:
    """How far it is, to standard error."""
    print(text, file=sys.stderr, flush=True)
