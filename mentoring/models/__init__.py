"""Mentors and their pairings, leader charges, peer pairs, plans and agreements (domain §6)."""

from mentoring.models.absence import MentorAbsence
from mentoring.models.agreement import Agreement
from mentoring.models.charge import LeaderCharge
from mentoring.models.mentor import CHECK_VALID, Mentor, MentorQuerySet
from mentoring.models.pairing import Pairing, PairingQuerySet, PairingRole
from mentoring.models.pairing_plan import PairingPlan, PlannedPairing, PlanState
from mentoring.models.paper import PaperKind, PaperText
from mentoring.models.peer import PeerCheck, PeerPairing
from mentoring.models.plan import PlanReader, PlanReview, SupportPlan

__all__ = [
    "CHECK_VALID",
    "Agreement",
    "LeaderCharge",
    "Mentor",
    "MentorAbsence",
    "MentorQuerySet",
    "Pairing",
    "PaperKind",
    "PaperText",
    "PairingPlan",
    "PairingQuerySet",
    "PairingRole",
    "PeerCheck",
    "PeerPairing",
    "PlanReader",
    "PlanReview",
    "PlanState",
    "PlannedPairing",
    "SupportPlan",
]
