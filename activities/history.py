"""Records and what comes of them, for the change history of a child; no more than the person may read."""

from typing import Any

from django.db.models import Q, QuerySet

from activities.models import (
    ActivityParticipant,
    AwardNomination,
    CallBooking,
    CampaignTarget,
    CareHomeVisit,
    CareRecord,
    CheckIn,
    ChildGoal,
    FamilyFeedback,
    FollowUp,
    GroupMember,
    Homecoming,
    HomeLetter,
    Kind,
    ParentPromise,
    Suggestion,
    Waiver,
)
from activities.models.record import Visibility
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.history_parts import tell_changes_of
from children.sight import Sight

#: Records taken back that everybody may know of who reads the care of the child.
OPEN_RECORDS = Q(old__visibility=Visibility.NORMAL) & ~Q(old__kind=Kind.COUNSELLING)


def _records(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(pk__in=CareRecord.objects.visible_to(staff).values("pk"))


def _follow_ups(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(pk__in=FollowUp.objects.visible_to(staff).values("pk"))


def _goals(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(pk__in=ChildGoal.objects.visible_to(staff).values("pk"))


def _nominations(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(pk__in=AwardNomination.objects.visible_to(staff).values("pk"))


def _bookings(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(pk__in=CallBooking.objects.visible_to(staff).values("pk"))


def _check_ins(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(pk__in=CheckIn.objects.visible_to(staff).values("pk"))


def _check_ins_gone(staff: Staff | None) -> Q:
    """Those of the schools that this person leads, as CheckIn.visible_to has it of those that stand."""
    if staff is None:
        return Q()
    return Q(old__school_id__in=[school.pk for school in staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)])


def register() -> None:
    """Called once, when the app is ready."""
    tell_changes_of(CareRecord, narrow=_records, gone=OPEN_RECORDS)
    tell_changes_of(FollowUp, narrow=_follow_ups)
    tell_changes_of(CallBooking, narrow=_bookings)
    tell_changes_of(ActivityParticipant)
    tell_changes_of(CareHomeVisit)
    tell_changes_of(GroupMember)
    tell_changes_of(CampaignTarget)
    tell_changes_of(Homecoming)
    tell_changes_of(CheckIn, narrow=_check_ins, gone=_check_ins_gone)
    tell_changes_of(Waiver)
    tell_changes_of(ChildGoal, narrow=_goals)
    tell_changes_of(AwardNomination, narrow=_nominations)
    tell_changes_of(FamilyFeedback)
    tell_changes_of(HomeLetter)
    tell_changes_of(Suggestion)
    tell_changes_of(ParentPromise)
