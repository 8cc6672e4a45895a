from children.models.batch import (
    ColumnMapping,
    FormerStudentNumber,
    ImportBatch,
    ImportChunk,
    ImportRemarks,
    OtherSpelling,
)
from children.models.cards import CardCopy, ContactCard
from children.models.census import Census, CensusRow
from children.models.child import Child
from children.models.family import AbsenceSpan, CareArrangement, FamilyMember, Phone, PhoneState
from children.models.file import ChildFile
from children.models.life import AidGrant, Award, HealthCheck, Result, SafetyPledge
from children.models.register import Consent, Enrollment, StatusChange, SupportDecision
from children.models.standing import MindNote, RestrictedNote, SiblingLink, SpecialStanding
from children.models.survey import Survey, SurveySheet
from children.models.transfer import Transfer
from children.models.transport import BoardingTerm, BusRide, BusRoute

__all__ = [
    "AbsenceSpan",
    "AidGrant",
    "Award",
    "BoardingTerm",
    "BusRide",
    "BusRoute",
    "CardCopy",
    "CareArrangement",
    "Census",
    "CensusRow",
    "Child",
    "ChildFile",
    "ColumnMapping",
    "Consent",
    "ContactCard",
    "Enrollment",
    "FamilyMember",
    "FormerStudentNumber",
    "OtherSpelling",
    "HealthCheck",
    "ImportBatch",
    "ImportChunk",
    "ImportRemarks",
    "MindNote",
    "Phone",
    "PhoneState",
    "RestrictedNote",
    "Result",
    "SafetyPledge",
    "SiblingLink",
    "SpecialStanding",
    "StatusChange",
    "SupportDecision",
    "Survey",
    "SurveySheet",
    "Transfer",
]
