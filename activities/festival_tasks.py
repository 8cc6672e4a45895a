"""How the tasks of a festival stand: who did them when, and for which of one's own children they are still open."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max
from django.db.models.fields.json import KT

from activities.festivals import FestivalDay, Proof, Task
from activities.models import Activity, CareRecord, Homecoming, HomeLetter, Kind, LetterText
from activities.queries import cared_for, own_children
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import Staff
from children.models import Child


@dataclass(frozen=True)
class Doing:
    """One person's part in a task: how many entries, the last of which day."""

    by: str
    entries: int
    last: date


@dataclass(frozen=True)
class TaskState:
    """
    A task as one person learns of it: who did it, the latest first; `waiting` are those of one's own children (ids) for
    whom there is no record yet. `begun` says that its days have come.
    """

    task: Task
    begun: bool
    doings: tuple[Doing, ...] = ()
    waiting: tuple[int, ...] = ()

    @property
    def entries(self) -> int:
        return sum(one.entries for one in self.doings)


def task_states(day: FestivalDay, staff: Staff, today: date) -> list[TaskState]:
    """
    The tasks of a festival, from what was entered in its window and `staff` may know of.

    Nothing is asked of the database before the window opens; then at most six statements.
    """
    first, until = day.window
    tasks = day.festival.tasks
    if today < first:
        return [TaskState(task, begun=False) for task in tasks]
    last = min(until, today)
    kinds = [task.proof for task in tasks if task.proof in Kind.values]
    told = _records(staff, tasks, kinds, first, last) | _others(staff, tasks, first, last, until)
    reached = _reached(staff, kinds, first, last)
    mine = _own(staff) if kinds else []
    return [
        TaskState(
            task,
            begun=True,
            doings=tuple(sorted(told.get(task.name or task.proof, ()), key=lambda one: one.last, reverse=True)),
            waiting=tuple(pk for pk in mine if not any(_is_for(task, *one) for one in reached[pk]))
            if task.proof in kinds
            else (),
        )
        for task in tasks
    ]


def _own(staff: Staff) -> list[int]:
    children = cared_for(Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)).filter(own_children(staff))
    return list(children.order_by("pinyin", "pk").values_list("pk", flat=True))


def _in_window(staff: Staff, kinds: Sequence[str], first: date, last: date) -> Any:
    return CareRecord.objects.visible_to(staff).between(first, last).reached().filter(kind__in=kinds).order_by()


def _is_for(task: Task, kind: str, occasion: str | None) -> bool:
    """Whether a record shows the task; a letter for a birthday or a meal at another festival says so itself."""
    return kind == task.proof and (not task.occasion or not occasion or occasion == task.occasion)


def _records(
    staff: Staff, tasks: Sequence[Task], kinds: Sequence[str], first: date, last: date
) -> dict[str, list[Doing]]:
    if not kinds:
        return {}
    rows = _in_window(staff, kinds, first, last).annotate(occasion=KT("detail__occasion"))
    counted = rows.values("kind", "author__name", "occasion").annotate(n=Count("pk"), last=Max("on"))
    by_hand: dict[tuple[str, str], Doing] = {}
    for row in counted:
        for task in {task.proof: task for task in tasks if _is_for(task, row["kind"], row["occasion"])}.values():
            at = task.proof, row["author__name"]
            before = by_hand.get(at, Doing(at[1], 0, row["last"]))
            by_hand[at] = Doing(at[1], before.entries + row["n"], max(before.last, row["last"]))
    return _by_proof((proof, doing) for (proof, _), doing in by_hand.items())


def _reached(staff: Staff, kinds: Sequence[str], first: date, last: date) -> dict[int, set[tuple[str, str | None]]]:
    """Child id → (kind, occasion) of what there is of it."""
    found: dict[int, set[tuple[str, str | None]]] = defaultdict(set)
    if kinds:
        mine = Child.objects.filter(own_children(staff)).order_by().values("pk")
        rows = _in_window(staff, kinds, first, last).filter(child__in=mine).annotate(occasion=KT("detail__occasion"))
        for child, kind, occasion in rows.values_list("child", "kind", "occasion").distinct():
            found[child].add((kind, occasion))
    return found


def _others(staff: Staff, tasks: Sequence[Task], first: date, last: date, until: date) -> dict[str, list[Doing]]:
    """What is proven otherwise: activities by the words in their names, letters home, homecomings."""
    found: dict[str, list[Doing]] = {}
    proofs = {task.proof for task in tasks}
    if Proof.ACTIVITY in proofs:
        held = Activity.objects.visible_to(staff).filter(on__gte=first, on__lte=last).held().select_related("leader")
        for one in held.order_by("on", "pk"):
            for name in {task.name for task in tasks if task.name and task.name in one.name}:
                by = one.leader.name if one.leader else ""
                found.setdefault(name, []).append(Doing(by, 1, one.on))
    if Proof.HOME_LETTER in proofs:
        sent = HomeLetter.objects.visible_to(staff).filter(
            text__kind=LetterText.Kind.SPRING, on__gte=first, on__lte=last
        )
        rows = sent.order_by().values_list("text__kind", "sent_by__name").annotate(n=Count("pk"), last=Max("on"))
        found[Proof.HOME_LETTER] = [Doing(by, entries, on) for _kind, by, entries, on in rows]
    if Proof.HOMECOMING in proofs:
        # A return that the family announced stands there before its day.
        came = Homecoming.objects.visible_to(staff).filter(came_on__gte=first, came_on__lte=until)
        noted = came.order_by().values_list("noted_by__name").annotate(n=Count("pk"), last=Max("change__made_at__date"))
        found[Proof.HOMECOMING] = [Doing(by, entries, on) for by, entries, on in noted]
    return found


def _by_proof(doings: Iterable[tuple[str, Doing]]) -> dict[str, list[Doing]]:
    found: dict[str, list[Doing]] = {}
    for proof, doing in doings:
        found.setdefault(proof, []).append(doing)
    return found
