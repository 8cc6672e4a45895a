"""
Twenty teachers of another school who save while an import runs: python -m bench.imports.teachers STOP

Each saves a change of a child about once a second, with its history, until the file STOP exists. Says "ready" when all
have begun; prints JSON at the end: for each save when it began, how many seconds it took, whether it was stored.
"""

import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

TEACHERS = 20
PAUSE = (0.5, 1.5)


def main(stop: Path) -> None:
    """Make the school and its children, then save until told to stop."""
    import django

    django.setup()
    from caretrack.access.history import change_by
    from caretrack.schools.models import School
    from children.models import Child

    with change_by(None, "bench"):
        school = School.objects.create(name="云禾县清水镇中心小学", short_name="清水小学", code="99000002")
        children = [Child.objects.create(school=school, name=f"石{number}") for number in range(TEACHERS)]
    saves: list[tuple[float, float, bool]] = []
    threads = [threading.Thread(target=_teach, args=(child.pk, stop, saves)) for child in children]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()
    print(json.dumps(saves))


def _teach(pk: int, stop: Path, saves: list[tuple[float, float, bool]]) -> None:
    from django.db import DatabaseError, connection, transaction

    from caretrack.access.history import change_by
    from children.models import Child

    pace = random.Random(pk)
    while not stop.exists():
        time.sleep(pace.uniform(*PAUSE))
        began, stored = time.time(), True
        try:
            with change_by(None, "bench"), transaction.atomic():
                child = Child.objects.get(pk=pk)
                child.note = f"{began}"
                child.save(update_fields=["note"])
        except DatabaseError:
            stored = False
        saves.append((began, time.time() - began, stored))
    connection.close()


def summary(saves: list[tuple[float, float, bool]], begun: float, ended: float) -> dict[str, Any]:
    """How long the saves took that were under way between two moments: number, refused, median, p95, longest."""
    waits = sorted(took for began, took, _ in saves if began + took >= begun and began <= ended)
    refused = sum(not stored for began, took, stored in saves if began + took >= begun and began <= ended)
    if not waits:
        return {"saves": 0, "refused": 0, "median": 0.0, "p95": 0.0, "longest": 0.0}

    def at(share: float) -> float:
        return round(waits[min(int(len(waits) * share), len(waits) - 1)], 3)

    return {"saves": len(waits), "refused": refused, "median": at(0.5), "p95": at(0.95), "longest": round(waits[-1], 3)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
