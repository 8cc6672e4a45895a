"""
Keeps the warnings worked out: all of them once a day, during the day those of children about whom something was saved.

What was saved is read from the change history (`caretrack.access.lately`). A reader still gets only what `visible_to`
allows, and answers hold from the moment they are given.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from activities.alerts.facts import known_of
from activities.alerts.findings import rules_by_school
from activities.alerts.rules import all_rules
from activities.models import (
    Absence,
    AlertCheck,
    CareRecord,
    CareRules,
    DropoutCase,
    Incident,
    IncidentChild,
    NightAbsence,
    NightRoll,
    StandingAlert,
)
from caretrack.access.lately import Looked
from caretrack.schools.models import Appointment, School, Staff, Term
from children.models import AbsenceSpan, CareArrangement, Child, Enrollment, FamilyMember, Phone, Result
from mentoring.models import Mentor, Pairing, SupportPlan

#: Every table that `known_of` reads, with the way from it to the child …
OF_A_CHILD: dict[type[Any], str] = {
    Child: "pk",
    FamilyMember: "child",
    AbsenceSpan: "member__child",
    Phone: "child",
    CareArrangement: "child",
    Enrollment: "child",
    Result: "child",
    Pairing: "child",
    Mentor: "pairings__child",
    Staff: "mentorships__pairings__child",
    Appointment: "staff__mentorships__pairings__child",
    SupportPlan: "child",
    CareRecord: "child",
    Absence: "child",
    NightAbsence: "child",
    NightRoll: "absences__child",
    DropoutCase: "child",
    Incident: "involved__child",
    IncidentChild: "child",
}
#: … or to the school all of whose children it concerns.
OF_A_SCHOOL: dict[type[Any], str] = {School: "pk", Term: "school", CareRules: "school"}
RANKS = {"urgent": 0, "bad": 1, "warn": 2}
IDLE = timedelta(minutes=5)
PART = 500


def check(children: Iterable[int], on: date) -> None:
    """Work out the warnings about these children (ids) anew and keep them; of children not on the roll none stay."""
    listed = sorted(set(children))
    for first in range(0, len(listed), PART):
        _check_part(listed[first : first + PART], on)


def check_all(on: date, now: datetime) -> None:
    """Work out every warning anew, school by school."""
    looked = Looked.now(now)
    for school in School.objects.order_by("pk").values_list("pk", flat=True):
        check(Child.objects.filter(school=school).on_roll().values_list("pk", flat=True), on)
    StandingAlert.objects.exclude(child_id__in=Child.objects.on_roll().order_by().values("pk")).delete()
    _done(on, looked)


def catch_up(on: date, now: datetime, *, told: bool = False) -> None:
    """
    Work out again what may have changed since the last check; all of it when that was on another day.

    `told`: somebody asked and waits to see the new time, also when nothing has changed.
    """
    last = AlertCheck.objects.filter(on=on).first()
    if last is None:
        check_all(on, now)
        return
    looked = Looked.now(now)
    touched = set(_touched(Looked(last.checked_at, last.history)))
    if touched:
        check(touched, on)
    if touched or told or now - last.checked_at >= IDLE:
        _done(on, looked)


def written_about(by: int, since: Looked, most: int) -> set[int]:
    """
    Ids of the children about whom this person wrote since the check; none if they are more than `most`.

    For the page after saving, which is not to tell what the save has put right. Deletions and settings wait for the next
    check.
    """
    found = {child for named in since.changes_by(by) for child in _children_in(named)}
    return found if len(found) <= most else set()


def _check_part(ids: list[int], on: date) -> None:
    facts = known_of(Child.objects.filter(pk__in=ids), on)
    limits = rules_by_school({known.school_id for known in facts})
    wanted = {}
    for rule in all_rules():
        for known in facts:
            rules = limits[known.school_id]
            if rule.code not in rules.off and (words := rule.ask(known, on, rules)):
                wanted[known.child_id, rule.code] = (RANKS[rule.tone], words[:300], rule.newest(known))
    with transaction.atomic():
        held = {
            (child, rule): (pk, tuple(told))
            for pk, child, rule, *told in StandingAlert.objects.filter(child_id__in=ids).values_list(
                "pk", "child_id", "rule", "rank", "words", "newest_at"
            )
        }
        gone = [pk for key, (pk, _) in held.items() if key not in wanted]
        news = [
            StandingAlert(child_id=child, rule=rule, rank=rank, words=words, newest_at=newest)
            for (child, rule), (rank, words, newest) in wanted.items()
            if (child, rule) not in held or held[child, rule][1] != (rank, words, newest)
        ]
        for first in range(0, len(gone), PART):
            StandingAlert.objects.filter(pk__in=gone[first : first + PART]).delete()
        StandingAlert.objects.bulk_create(
            news, batch_size=200, update_conflicts=True, unique_fields=["child_id", "rule"],
            update_fields=["rank", "words", "newest_at"],
        )  # fmt: skip


def _touched(since: Looked) -> Iterator[int]:
    """Ids of the children about whom something was written, changed or deleted."""
    for named in since.changes():
        yield from _children_in(named)
        for model, path in OF_A_SCHOOL.items():
            schools = model.objects.filter(named).values_list(path, flat=True)
            yield from Child.objects.filter(school__in=set(_numbers(schools))).on_roll().values_list("pk", flat=True)
    yield from _bereft(since)


def _children_in(named: Q) -> Iterator[int]:
    """Ids of the children of whom a row that the rules read meets the condition."""
    for model, path in OF_A_CHILD.items():
        yield from _numbers(model.objects.filter(named).values_list(path, flat=True))


def _bereft(since: Looked) -> Iterator[int]:
    """Ids of the children a row of whom was deleted."""
    for model, path in OF_A_CHILD.items():
        field, _, rest = path.partition("__")
        if field == "pk":
            continue
        rows = since.deleted().filter(table=model._meta.db_table).values_list(f"old__{field}_id", flat=True)
        owners = set(_numbers(rows))
        if not rest:
            yield from owners
        elif owners:
            owner: Any = model._meta.get_field(field).related_model
            yield from _numbers(owner.objects.filter(pk__in=owners).values_list(rest, flat=True))


def _numbers(values: "QuerySet[Any, Any]") -> Iterator[int]:
    return (int(value) for value in values if value is not None)


def _done(on: date, looked: Looked) -> None:
    told = {"on": on, "checked_at": looked.at, "history": looked.history}
    AlertCheck.objects.update_or_create(pk=1, defaults=told)
