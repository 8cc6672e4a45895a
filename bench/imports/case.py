"""
One case in a process of its own: python -m bench.imports.case WAY FILE

WAY is ours, again (ours, the same file a second time), undo, meanwhile (ours, with teachers saving), stock or floor. The database of the environment holds the
school and its classes. Prints JSON: CPU seconds by phase, of the process with its children and of the database server,
peak memory in MB, statements, and how many rows lie in each table afterwards.
"""

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TODAY = dt.date(2026, 11, 20)
TABLES = ("Child", "FamilyMember", "Phone", "AbsenceSpan", "CareArrangement", "Enrollment", "StatusChange")


class Meter:
    """CPU by phase; the database server's share is read from its process."""

    def __init__(self) -> None:
        from django.db import connection

        self.phases: dict[str, float] = {}
        self.statements: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        self.moments: dict[str, tuple[float, float]] = {}
        self.teachers: dict[str, Any] = {}
        self.server_pid = 0
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.server_pid = cursor.fetchone()[0]
        self.server_at_start = self.server()

    def server(self) -> float:
        """CPU seconds of the connection's server process so far."""
        if not self.server_pid:
            return 0.0
        values = Path(f"/proc/{self.server_pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Counts CPU, time and statements of what happens inside."""
        from django.db import connection

        def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            self.statements[name] = self.statements.get(name, 0) + 1
            return execute(sql, params, many, context)

        before, begun, moment = cpu(), time.monotonic(), time.time()
        with connection.execute_wrapper(counted):
            yield
        self.phases[name] = round(cpu() - before, 3)
        self.seconds[name] = round(time.monotonic() - begun, 3)
        self.moments[name] = moment, time.time()


def cpu() -> float:
    """CPU seconds of this process and of its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(found.ru_utime + found.ru_stime for found in used)


def ours(content: bytes, meter: Meter, *, then: str = "") -> None:
    """The functions behind the wizard: take, check (read, recognise, validate, plan), confirm."""
    from caretrack.access.history import change_by
    from caretrack.schools.models import School, Staff
    from children.importing import batches

    school, by = School.objects.get(code="99000001"), Staff.objects.first()
    first = _import(batches, change_by, school, by, content, meter, "" if not then else "first ")
    if then == "again":
        del first  # no worker keeps a batch that is done
        meter.server_at_start = meter.server()
        second = _import(batches, change_by, school, by, content, meter, "")
        if second.counts["new"] or second.counts["changed"]:
            raise SystemExit(f"the same file changes something: {second.counts}")
    elif then == "undo":
        meter.server_at_start = meter.server()
        with change_by(by, "bench"), meter.phase("undo"):
            batches.undo(first, by=by)


def _import(batches: Any, change_by: Any, school: Any, by: Any, content: bytes, meter: Meter, name: str) -> Any:
    with change_by(by, "bench"):
        with meter.phase(f"{name}take"):
            batch = batches.take_file(school=school, by=by, name="bench.xlsx", content=content, on=TODAY)
        with meter.phase(f"{name}check"):
            batches.check(batch, by)
        with meter.phase(f"{name}confirm"):
            batches.confirm(batch, by=by, token=batches.plan_token(batch))
    batch.refresh_from_db()
    return batch


def meanwhile(content: bytes, meter: Meter) -> None:
    """Ours, while teachers of another school save: how long they wait in the whole pass, and during the confirm."""
    from bench.imports.teachers import summary

    stop = Path(os.environ["CARETRACK_DATA"]) / "stop"
    command = [sys.executable, "-W", "ignore", "-m", "bench.imports.teachers", str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as teachers:
        assert teachers.stdout is not None
        teachers.stdout.readline()
        try:
            ours(content, meter)
        finally:
            stop.touch()
        saves = json.loads(teachers.stdout.readlines()[-1])
    begun, ended = meter.moments["take"][0], meter.moments["confirm"][1]
    meter.teachers = {
        "whole pass": summary(saves, begun, ended),
        "confirm": summary(saves, *meter.moments["confirm"]),
    }


def stock(content: bytes, meter: Meter) -> None:
    """A ModelResource with the documented hooks, dry run and commit as the package's admin does them."""
    from import_export.formats.base_formats import XLSX

    from bench.imports.stock import make_resource
    from caretrack.access.history import change_by

    with change_by(None, "bench"):
        with meter.phase("dry run"):
            result = make_resource().import_data(
                XLSX().create_dataset(content), dry_run=True, raise_errors=False, file_name="bench.xlsx"
            )
            if result.has_errors() or result.has_validation_errors():
                raise SystemExit(f"stock refuses: {[e.error for row in result.rows for e in row.errors][:2]}")
        with meter.phase("commit"):
            make_resource().import_data(
                XLSX().create_dataset(content), dry_run=False, raise_errors=True, file_name="bench.xlsx"
            )


def floor(content: bytes, meter: Meter) -> None:
    """Read by the fastest reader and written with one bulk_create a table: no checks, no preview, no undo."""
    from bench.imports.floor import write_rows
    from caretrack.access.history import change_by

    with change_by(None, "bench"), meter.phase("all"):
        write_rows(content)


def main(way: str, path: Path) -> None:
    """Run one case and print what it cost."""
    import django

    django.setup()
    from django.db import connection

    from caretrack.readings import readings
    from children import models
    from children.models.edition import edition

    connection.ensure_connection()
    readings("石")  # loads the table of readings, which a server does with the first name that it writes
    edition()  # reads the program's own modules, which a server does with its first list
    meter, content = Meter(), path.read_bytes()
    {
        "ours": ours,
        "again": lambda *given: ours(*given, then="again"),
        "undo": lambda *given: ours(*given, then="undo"),
        "meanwhile": meanwhile,
        "stock": stock,
        "floor": floor,
    }[way](content, meter)
    counted = {name: value for name, value in meter.phases.items() if not name.startswith("first ")}
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        json.dumps(
            {
                "cpu": round(sum(counted.values()), 3),
                "server": round(meter.server() - meter.server_at_start, 2),
                "memory": round(memory / 1024),
                "phases": meter.phases,
                "seconds": meter.seconds,
                "statements": {name: count for name, count in meter.statements.items() if name in counted},
                "teachers": meter.teachers,
                "rows": {name: getattr(models, name).objects.count() for name in TABLES},
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
