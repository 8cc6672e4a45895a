"""
Which tables hang on a child, for the change history: each app enters its own (`tell_changes_of` in AppConfig.ready).

A table with rows for few eyes gives a function that narrows them. Of such a table no deleted row is told, because nobody
could say any more who might have known of it, unless it says itself which of them everybody may know who reads it, or
which a person may.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet

from caretrack.access.catalogue import entries
from caretrack.schools.models import Staff
from children.models import (
    AbsenceSpan,
    AidGrant,
    Award,
    BoardingTerm,
    BusRide,
    CareArrangement,
    Child,
    ChildFile,
    Consent,
    ContactCard,
    Enrollment,
    FamilyMember,
    FormerStudentNumber,
    HealthCheck,
    MindNote,
    OtherSpelling,
    Phone,
    RestrictedNote,
    Result,
    SafetyPledge,
    SiblingLink,
    SpecialStanding,
    StatusChange,
    SupportDecision,
    Transfer,
)
from children.models.standing import SPECIAL_DATA
from children.sight import Sight

Narrow = Callable[["QuerySet[Any]", Sight, Staff | None], "QuerySet[Any]"]
Gone = Q | Callable[[Staff | None], Q]


@dataclass(frozen=True)
class Part:
    """One table: how its rows are found for a child, and who may know of which."""

    model: type[Model]
    where: Callable[[Child], Q]
    narrow: Narrow | None
    #: Which deleted rows may be told, by the last state kept of them; None of all or, of a narrowed table, of none.
    gone: Gone | None = None

    def rows(self, child: Child, sight: Sight, staff: Staff | None) -> list[Model]:
        """The rows of the child that this person may know of."""
        found = self.model._base_manager.filter(self.where(child))
        return list(self.narrow(found, sight, staff) if self.narrow else found)

    def gone_for(self, staff: Staff | None) -> Q | None:
        """Which deleted rows this person may be told; empty of all, None of none."""
        if self.gone is None:
            return Q() if self.narrow is None else None
        return self.gone(staff) if callable(self.gone) else self.gone

    def told_to(self, sight: Sight) -> bool:
        """Whether any field of the table may be told at all."""
        return any(sight.reads(entry.data) for entry in entries(self.model._meta.label))


_parts: dict[str, Part] = {}


def tell_changes_of(
    model: type[Model],
    *,
    where: Callable[[Child], Q] = lambda child: Q(child=child),
    narrow: Narrow | None = None,
    gone: Gone | None = None,
) -> None:
    """Enter a table into the change history of children. Entered again it is replaced."""
    _parts[model._meta.label] = Part(model, where, narrow, gone)


def parts() -> list[Part]:
    """All tables that hang on a child, the child itself left out."""
    return list(_parts.values())


def _files(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(pk__in=ChildFile.objects.visible_to(staff).values("pk"))


def _standing(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows.filter(kind__in=[kind for kind, data in SPECIAL_DATA.items() if sight.reads(data)])


def _transfers(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(pk__in=Transfer.objects.visible_to(staff).values("pk"))


for _model in (
    FamilyMember, Phone, CareArrangement, Enrollment, StatusChange, SupportDecision, Consent, ContactCard, HealthCheck,
    Result, AidGrant, Award, BusRide, BoardingTerm, SafetyPledge, FormerStudentNumber, OtherSpelling, MindNote,
    RestrictedNote,
):  # fmt: skip
    tell_changes_of(_model)
tell_changes_of(AbsenceSpan, where=lambda child: Q(member__child=child))
tell_changes_of(SiblingLink, where=lambda child: Q(first=child) | Q(second=child))
tell_changes_of(ChildFile, narrow=_files)
tell_changes_of(SpecialStanding, narrow=_standing)
tell_changes_of(Transfer, narrow=_transfers)
