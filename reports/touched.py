"""
Tells about whom something was saved that the figures of a month may rest on, since the worker last looked.

Database triggers put a mark into the table of `MonthTouch` in the very transaction that writes, so that every route
counts alike (forms, imports, undoing one, bulk statements, raw SQL) and nobody sees the one without the other. A row
concerns its child, before and after; what concerns all (terms, classes, programmes, reports) concerns the school.

Many rows about one child need one mark. Whether there is one already may only be asked where no worker can have
finished with it before this transaction ends. SQLite has one writer at a time: marks that no worker has claimed are
such. PostgreSQL: only those of the own transaction.

An import marks its school once (`mark`), and the triggers about children are silent meanwhile: a mark for each of
thousands of pupils would cost a third of the time that it holds the database, and the school is counted anew anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from activities.models import (
    Activity,
    ActivityParticipant,
    CareRecord,
    ChildGoal,
    GroupMember,
    Homecoming,
    InterestGroup,
    Meeting,
    Programme,
    ProgrammeItem,
    Waiver,
)
from caretrack.access.telling import MARKED, told
from caretrack.schools.models import Appointment, School, SchoolClass, SchoolDay, Staff, Term
from children.models import (
    AbsenceSpan,
    AidGrant,
    Award,
    BusRide,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    HealthCheck,
    Phone,
    SpecialStanding,
    StatusChange,
    SupportDecision,
)
from mentoring.models import Mentor, Pairing, PeerPairing
from reports.models import EVERY_SCHOOL, MonthlyForm, MonthlyReport, MonthTouch

TOUCH = MonthTouch._meta.db_table
FUNCTION = "caretrack_touch_month"


@dataclass(frozen=True)
class Way:
    """From a row to the children or the school that it concerns: a column, or a table whose `key` is that column."""

    column: str
    table: str = ""
    key: str = "id"
    owner: str = "child_id"

    def of_row(self, row: str) -> str:
        """SELECT of what a single row concerns; `row` is NEW or OLD."""
        if not self.table:
            return f"SELECT {row}.{self.column} AS owner"
        return f"SELECT {self.owner} AS owner FROM {self.table} WHERE {self.key} = {row}.{self.column}"  # noqa: S608  names

    def of_rows(self) -> str:
        """SELECT of what the rows of the table `touched_rows` concern."""
        if not self.table:
            return f"SELECT r.{self.column} AS owner FROM touched_rows r"  # noqa: S608  names
        return (
            f"SELECT t.{self.owner} AS owner FROM {self.table} t JOIN touched_rows r ON t.{self.key} = r.{self.column}"  # noqa: S608  names
        )


OWN = Way("child_id")
PAIRINGS = Pairing._meta.db_table
#: Children by the account of their mentor: who has left the school is nobody's mentor.
BY_ACCOUNT = (
    f"(SELECT p.child_id AS child_id, m.staff_id AS staff_id FROM {PAIRINGS} p"  # noqa: S608  names
    f" JOIN {Mentor._meta.db_table} m ON m.id = p.mentor_id)"
)
PARTICIPANTS = ActivityParticipant._meta.db_table
#: Every table that the figures of a month rest on and that is about children …
OF_CHILDREN: dict[type[Any], Way] = {
    Child: Way("id"),
    Mentor: Way("id", PAIRINGS, "mentor_id"),
    Appointment: Way("staff_id", BY_ACCOUNT, "staff_id"),
    Staff: Way("id", BY_ACCOUNT, "staff_id"),
    AbsenceSpan: Way("member_id", FamilyMember._meta.db_table),
    Activity: Way("id", PARTICIPANTS, "activity_id"),
    Meeting: Way("id", PARTICIPANTS, "meeting_id"),
    InterestGroup: Way("id", GroupMember._meta.db_table, "group_id"),
} | dict.fromkeys(
    (
        ActivityParticipant, AidGrant, Award, BusRide, CareArrangement, CareRecord, ChildGoal, Enrollment, FamilyMember,
        GroupMember, HealthCheck, Homecoming, MonthlyForm, Pairing, PeerPairing, Phone, SpecialStanding, StatusChange,
        SupportDecision, Waiver,
    ),
    OWN,
)  # fmt: skip
#: … or about a whole school. A child that changed schools is judged by what its new school allows parents' visits.
OF_A_SCHOOL: dict[type[Any], Way | None] = {
    School: None,
    SchoolClass: Way("school_id"),
    Term: Way("school_id"),
    SchoolDay: Way("school_id"),
    Programme: Way("school_id"),
    ProgrammeItem: Way("programme_id", Programme._meta.db_table, owner="school_id"),
    MonthlyReport: Way("school_id"),
}
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("NEW", "OLD"), "DELETE": ("OLD",)}


def statements(vendor: str) -> dict[str, str]:
    """Trigger name → SQL that creates it, on 'sqlite' or 'postgresql'."""
    maker = _sqlite if vendor == "sqlite" else _postgres
    found: dict[str, str] = {}
    for model, way in OF_CHILDREN.items():
        found |= maker(model._meta.db_table, "child_id", way)
    for model, about in OF_A_SCHOOL.items():
        found |= maker(model._meta.db_table, "school_id", about)
    return found


def _sqlite(table: str, field: str, way: Way | None) -> dict[str, str]:
    found = {}
    for op, rows in _ROWS.items():
        name = f"ct_touch_{op[0].lower()}_{table}"
        unless = f" WHEN {told(MARKED, 'sqlite')} IS NULL" if field == "child_id" else ""
        marks = "".join(_mark(field, way.of_row(row) if way else f"SELECT {EVERY_SCHOOL} AS owner") for row in rows)
        found[name] = f"CREATE TRIGGER {name} AFTER {op} ON {table}{unless} BEGIN{marks} END"
    return found


def _mark(field: str, owners: str) -> str:
    return (
        f" INSERT INTO {TOUCH} ({field}, tx) SELECT owner, 0 FROM ({owners}) WHERE owner IS NOT NULL"  # noqa: S608  names
        f" AND NOT EXISTS (SELECT 1 FROM {TOUCH} WHERE {field} = owner AND tx = 0);"
    )


def _postgres(table: str, field: str, way: Way | None) -> dict[str, str]:
    owners = way.of_rows() if way else f"SELECT {EVERY_SCHOOL} AS owner FROM touched_rows"  # noqa: S608  a number
    return dict(_postgres_triggers(table, field, owners))


def _postgres_triggers(table: str, field: str, owners: str) -> Iterator[tuple[str, str]]:
    for op, rows in _ROWS.items():
        for row in rows:
            name = f"ct_touch_{op[0].lower()}{row[0].lower()}_{table}"
            yield (
                name,
                f"CREATE TRIGGER {name} AFTER {op} ON {table} REFERENCING {row} TABLE AS touched_rows"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}('{field}', '{owners}')",
            )


#: What the triggers of PostgreSQL call: once a statement, however many rows it wrote.
POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_ARGV[0] = 'child_id' AND {told(MARKED, "postgresql")} IS NOT NULL THEN
    RETURN NULL;
  END IF;
  EXECUTE format(
    'INSERT INTO {TOUCH} (%1$I, tx) SELECT DISTINCT o.owner, txid_current() FROM (%2$s) o WHERE o.owner IS NOT NULL'
    ' AND NOT EXISTS (SELECT 1 FROM {TOUCH} m WHERE m.%1$I = o.owner AND m.tx = txid_current())',
    TG_ARGV[0], TG_ARGV[1]);
  RETURN NULL;
END $$;
"""  # noqa: S608  names


def mark(school: int, children: Collection[int]) -> None:
    """Mark a school as a whole, and children who may count for other schools as well, inside the caller's transaction."""
    tx = 0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT txid_current()")
            (tx,) = cursor.fetchone()
    MonthTouch.objects.bulk_create(
        [MonthTouch(school_id=school, tx=tx), *(MonthTouch(child_id=child, tx=tx) for child in children)]
    )
