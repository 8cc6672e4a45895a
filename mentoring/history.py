"""Tables of mentoring that hang on a child, for its change history."""

from typing import Any

from django.db.models import Q, QuerySet

from caretrack.schools.models import Staff
from children.history_parts import tell_changes_of
from children.sight import Sight
from mentoring.models import (
    Agreement,
    LeaderCharge,
    Pairing,
    PeerCheck,
    PeerPairing,
    PlanReader,
    PlanReview,
    SupportPlan,
)


def _plans(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    """As far as this person reads the plans."""
    return rows if staff is None else rows.filter(pk__in=SupportPlan.objects.visible_to(staff).values("pk"))


def _reviews(rows: "QuerySet[Any]", sight: Sight, staff: Staff | None) -> "QuerySet[Any]":
    return rows if staff is None else rows.filter(plan__in=SupportPlan.objects.visible_to(staff).values("pk"))


def register() -> None:
    """Called once, when the app is ready."""
    for model in (Pairing, LeaderCharge, PeerPairing, Agreement):
        tell_changes_of(model)
    tell_changes_of(SupportPlan, narrow=_plans)
    tell_changes_of(PlanReader, where=lambda child: Q(plan__child=child), narrow=_reviews)
    tell_changes_of(PlanReview, where=lambda child: Q(plan__child=child), narrow=_reviews)
    tell_changes_of(PeerCheck, where=lambda child: Q(pair__child=child))
