"""
Measure P3: the month tables of a school, the matrix of duties for a term, and the figures of a township.

    python -m bench.promises [--children 2000] [--records 20]

One school of that many children is generated in a temporary folder; the township is fifty schools of which each has
handed in the month of that school. Pages are asked for through Django itself, in this process; the figures are its CPU
time, medians of interleaved rounds, templates included.
"""

import argparse
import io
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCHOOLS = 50


def main() -> None:
    """Prints a Markdown table; removes what it made."""
    parser = argparse.ArgumentParser(prog="python -m bench.promises")
    parser.add_argument("--children", type=int, default=2000)
    parser.add_argument("--records", type=int, default=20, help="records a child over two terms")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="caretrack-promises-"))
    try:
        _prepare(folder, given.children, given.records)
        pages = _pages()
        found = {name: _measure(pages, name, given.rounds) for name in pages}
        sys.stdout.write(f"| P3, one school of {given.children}, {given.records} records a child | CPU ms | kB |\n| --- | --- | --- |\n")  # fmt: skip
        for name, (cpu, size) in found.items():
            sys.stdout.write(f"| {name} | {cpu:.0f} | {size:.0f} |\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, children: int, records: int) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "caretrack.settings",
        "CARETRACK_DATA": str(folder / "data"),
        "CARETRACK_KEYS": str(folder / "keys"),
    }
    (folder / "data").mkdir()
    (folder / "keys").mkdir(mode=0o700)
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    import reports.scale

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = False
    reports.scale.SCHOOL_SIZE = children
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("generate_scale", children=children, records_per_child=records, seed=1, stdout=io.StringIO())


def _pages() -> dict[str, Callable[[], Any]]:
    """What is measured, by its name; each call answers with a response or with figures."""
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from activities.programmes import adopt
    from caretrack.access.history import change_by
    from caretrack.access.policy import Role
    from caretrack.periods import Month
    from caretrack.schools.models import Appointment, School, SchoolClass
    from children.left_behind import Definition
    from reports.builders.month import build_month
    from reports.builders.unit import Unit
    from reports.models import MonthlyReport
    from reports.services import move_report, open_month

    today = timezone.localdate()
    school = School.objects.get()
    with change_by(None, "bench"):
        lead = Appointment.objects.get(school=school, role=Role.CARE_LEAD).staff
        month = Month.of(today, school.closing_day).previous()
        report = open_month(unit=Unit(school), month=month, definition=Definition.SEED, by=lead)
        report = move_report(report=report, move="submit", by=lead, on=today)
        for number in range(1, SCHOOLS):
            branch = School.objects.create(code=f"97{number:06}", name=f"测试乡第{number}小学", parent=school)
            MonthlyReport.objects.create(
                school=branch,
                month=report.month,
                state=report.state,
                figures=report.figures,
                frozen_at=report.frozen_at,
            )
        superior = Appointment.objects.get(role=Role.SUPERIOR, school=school).staff
        adopt("ten_ones", school, month.first, None)
    readers = {"lead": Client(), "superior": Client()}
    readers["lead"].force_login(lead)
    readers["superior"].force_login(superior)
    matrix, groups = reverse("activities:duty_matrix"), reverse("activities:duty_groups")
    six, ten = school.programmes.get(code="six_ones").pk, school.programmes.get(code="ten_ones").pk
    one_class = SchoolClass.objects.filter(school=school).first()
    assert one_class is not None  # noqa: S101

    def page(who: str, address: str) -> Callable[[], Any]:
        return lambda: readers[who].get(address)

    return {
        "month tables of the school": lambda: build_month(Unit(school), month, definition=Definition.SEED, on=today),
        "month tables of a class": lambda: build_month(Unit(one_class.school, one_class), month, definition=Definition.SEED, on=today),
        "matrix of the school for a term, 六个一": page("lead", f"{matrix}?span=term&programme={six}"),
        "matrix of the school for a term, 十个一": page("lead", f"{matrix}?span=term&programme={ten}"),
        "matrix of the school for a month, 六个一": page("lead", f"{matrix}?programme={six}"),
        "matrix of a class for a month, 六个一": page("lead", f"{matrix}?programme={six}&class={one_class.pk}"),
        "by class for a term, 六个一": page("lead", f"{groups}?span=term&by=class&programme={six}"),
        f"township of {SCHOOLS} such schools": page("superior", f"{reverse('reports:submitted_programmes')}?month={month.key}"),
    }  # fmt: skip


def _measure(pages: dict[str, Callable[[], Any]], name: str, rounds: int) -> tuple[float, float]:
    """Median CPU in ms and the size of the answer in kB; the first call is not counted."""
    answer = pages[name]()
    size = len(getattr(answer, "content", b"")) / 1000
    if getattr(answer, "status_code", 200) != 200:
        raise RuntimeError(f"{name}: {answer.status_code}")
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        pages[name]()
        times.append((time.process_time() - begun) * 1000)
    return statistics.median(times), size


if __name__ == "__main__":
    main()
