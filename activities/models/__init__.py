from activities.models.campaign import Campaign, CampaignTarget, Homecoming
from activities.models.event import (
    Activity,
    ActivityParticipant,
    CareHomeVisit,
    GroupMember,
    InterestGroup,
    Meeting,
    MeetingAttendee,
    MeetingTask,
)
from activities.models.incident import Incident, IncidentReport
from activities.models.programme import ChildGoal, Programme, ProgrammeItem, Waiver
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

__all__ = [
    "Activity",
    "ActivityParticipant",
    "Campaign",
    "CampaignTarget",
    "CareHomeVisit",
    "CareRecord",
    "ChildGoal",
    "CounsellingNote",
    "FollowUp",
    "GroupMember",
    "Homecoming",
    "Incident",
    "IncidentReport",
    "InterestGroup",
    "Kind",
    "Meeting",
    "MeetingAttendee",
    "MeetingTask",
    "Phrase",
    "Programme",
    "ProgrammeItem",
    "RecordAddendum",
    "RecordGroup",
    "RecordRemark",
    "Topic",
    "Waiver",
]
