"""Tables of mentoring that hang on a child, for its change history."""

from typing import Any

from django.db.models import Q, QuerySet

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.history_parts import tell_changes_of
from children.sight import Sight
from mentoring.models import Agreement, LeaderCharge, Pairing, PeerCheck, PeerPairing, PlanReview, SupportPlan

NAMED = frozenset({Role.COUNSELLOR, Role.CARE_LEAD, Role.PRINCIPAL})


def _plans(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    """The individual plan is for the counsellor and the leads."""
    return rows if staff is None or sight.roles & NAMED else rows.filter(kind=SupportPlan.Kind.LEARNING)


def _reviews(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None or sight.roles & NAMED else rows.filter(plan__kind=SupportPlan.Kind.LEARNING)


def register() -> None:
    """Called once, when the app is ready."""
    for model in (Pairing, LeaderCharge, PeerPairing, Agreement):
        tell_changes_of(model)
    tell_changes_of(SupportPlan, narrow=_plans)
    tell_changes_of(PlanReview, where=lambda child: Q(plan__child=child), narrow=_reviews)
    tell_changes_of(PeerCheck, where=lambda child: Q(pair__child=child))
