from activities.models.event import Activity, ActivityParticipant, CareHomeVisit, Meeting
from activities.models.incident import Incident, IncidentReport
from activities.models.programme import Programme, ProgrammeItem, Waiver
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

__all__ = [
    "Activity",
    "ActivityParticipant",
    "CareHomeVisit",
    "CareRecord",
    "CounsellingNote",
    "FollowUp",
    "Incident",
    "IncidentReport",
    "Kind",
    "Meeting",
    "Phrase",
    "Programme",
    "ProgrammeItem",
    "RecordAddendum",
    "RecordGroup",
    "Topic",
    "Waiver",
]
