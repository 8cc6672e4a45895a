from activities.models.absence import Absence, ClassDay, DropoutCase, DropoutStep
from activities.models.alert import AlertAnswer
from activities.models.call import CallBooking, CallCheck, CallDuty, CallLine, CallPermit
from activities.models.campaign import Campaign, CampaignTarget, Homecoming
from activities.models.counselling import CounsellingAppointment
from activities.models.event import (
    Activity,
    ActivityParticipant,
    CareHomeVisit,
    Meeting,
    MeetingAttendee,
    MeetingTask,
)
from activities.models.feedback import FamilyFeedback
from activities.models.group import GroupMember, InterestGroup
from activities.models.home_letter import HomeLetter, LetterText, Suggestion
from activities.models.honour import AwardKind, AwardNomination, AwardRound
from activities.models.incident import (
    Incident,
    IncidentChild,
    IncidentFile,
    IncidentMember,
    IncidentNote,
    IncidentReport,
)
from activities.models.night import NightAbsence, NightDuty, NightRoll
from activities.models.opening import SpecialOpening
from activities.models.photo import GatheringPhoto, RecordPhoto
from activities.models.programme import ChildGoal, Programme, ProgrammeItem, Waiver
from activities.models.promise import ParentPromise
from activities.models.record import (
    CareRecord,
    CounsellingNote,
    FollowUp,
    Kind,
    Phrase,
    RecordAddendum,
    RecordGroup,
    Topic,
)
from activities.models.remark import RecordRemark
from activities.models.rules import CareRules, rules_of
from activities.models.sealed import BoxOpening, SealedNote
from activities.models.standing import AlertCheck, StandingAlert
from activities.models.supervision import CheckIn
from activities.models.suspect import IncidentSuspect
from activities.models.worry import Worry

__all__ = [
    "AwardKind",
    "AwardNomination",
    "AwardRound",
    "IncidentSuspect",
    "CheckIn",
    "BoxOpening",
    "CounsellingAppointment",
    "SealedNote",
    "SpecialOpening",
    "StandingAlert",
    "Absence",
    "AlertAnswer",
    "AlertCheck",
    "ClassDay",
    "DropoutCase",
    "DropoutStep",
    "NightAbsence",
    "NightDuty",
    "NightRoll",
    "CallBooking",
    "CallCheck",
    "CallDuty",
    "CallLine",
    "CallPermit",
    "Activity",
    "ActivityParticipant",
    "Campaign",
    "CampaignTarget",
    "CareHomeVisit",
    "CareRecord",
    "ChildGoal",
    "CareRules",
    "CounsellingNote",
    "FamilyFeedback",
    "FollowUp",
    "GatheringPhoto",
    "GroupMember",
    "HomeLetter",
    "LetterText",
    "Suggestion",
    "Homecoming",
    "Incident",
    "IncidentChild",
    "IncidentFile",
    "IncidentMember",
    "IncidentNote",
    "IncidentReport",
    "InterestGroup",
    "Kind",
    "Meeting",
    "MeetingAttendee",
    "MeetingTask",
    "ParentPromise",
    "Phrase",
    "Programme",
    "ProgrammeItem",
    "RecordAddendum",
    "RecordGroup",
    "RecordPhoto",
    "RecordRemark",
    "Topic",
    "Waiver",
    "Worry",
    "rules_of",
]
