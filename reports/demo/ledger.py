"""
Thousands of contacts at once: the checks of activities.services for each, then a few statements for all.

`record_contact` writes one contact in eight statements, which is right for a form and slow for two terms.
"""

from collections.abc import Sequence
from datetime import date

from activities.models import CareRecord, FollowUp, RecordGroup
from activities.services import Contact, check_contact
from caretrack.schools.models import Staff
from children.models import Child, Enrollment
from mentoring.models import Pairing
from reports.demo.clock import TypedAt


class Ledger:
    """Collects contacts and writes them on `flush`. Enrolments and pairings must stand before it is made."""

    def __init__(self, clock: TypedAt, today: date) -> None:
        self.clock, self.today = clock, today
        self.records: list[CareRecord] = []
        self.promises: list[tuple[CareRecord, Contact]] = []
        self.classes: dict[int, list[tuple[date, date, int]]] = {}
        for child, school_class, starts, ends in Enrollment.objects.values_list(
            "child", "school_class", "starts_on", "ends_on"
        ):
            self.classes.setdefault(child, []).append((starts, ends or date.max, school_class))
        self.mentors: dict[tuple[int, int], list[tuple[date, date, int]]] = {}
        for child, staff, starts, ends, mentor in Pairing.objects.filter(mentor__staff__isnull=False).values_list(
            "child", "mentor__staff", "starts_on", "ends_on", "mentor"
        ):
            self.mentors.setdefault((child, staff), []).append((starts, ends or date.max, mentor))

    def add(
        self, children: Sequence[Child], contact: Contact, by: Staff, private_lines: dict[int, str] | None = None
    ) -> None:
        """
        Note one contact; several children share a group.

        Raises ValidationError as record_contact does.
        """
        check_contact(contact, children, today=self.today)
        group = RecordGroup.objects.create(kind=contact.kind, on=contact.on) if len(children) > 1 else None
        for child in children:
            line = (private_lines or {}).get(child.pk, "")
            record = CareRecord(
                child=child,
                school_id=child.school_id,
                school_class_id=_on(self.classes.get(child.pk, []), contact.on),
                mentor_id=_on(self.mentors.get((child.pk, by.pk), []), contact.on),
                group=group,
                author=by,
                topics=list(contact.topics),
                content="\n".join(filter(None, [contact.content, line])),
                **{name: getattr(contact, name) for name in _COPIED},
            )
            self.clock.stamp(record)
            self.records.append(record)
            if contact.follow_up_on is not None:
                self.promises.append((record, contact))

    def flush(self) -> None:
        """Write what was collected, in the order of entry."""
        CareRecord.objects.bulk_create(self.records, batch_size=500)
        FollowUp.objects.bulk_create(
            FollowUp(
                child=record.child,
                record=record,
                what=contact.follow_up,
                due_on=contact.follow_up_on,
                owner=record.author,
            )
            for record, contact in self.promises
        )
        self.records, self.promises = [], []


_COPIED = (
    "kind",
    "on",
    "at",
    "minutes",
    "place",
    "way",
    "with_whom",
    "reached",
    "state",
    "advice",
    "visibility",
    "detail",
)


def _on(spans: list[tuple[date, date, int]], day: date) -> int | None:
    return next((what for starts, ends, what in spans if starts <= day <= ends), None)
