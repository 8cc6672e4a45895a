"""Personal fields of worries and incidents, for few eyes."""

from caretrack.access.catalogue import Basis, personal
from caretrack.access.policy import DataClass

personal(
    "activities.Worry",
    purpose="及时发现和保护，履行强制报告义务",
    data=DataClass.INCIDENT,
    sensitivity=5,
    basis=Basis.SAFETY,
    required="who what to urgent state",
    conditional="taken_at decided_at outcome",
)
personal(
    "activities.Incident",
    purpose="处置事件，履行强制报告义务",
    data=DataClass.INCIDENT,
    sensitivity=5,
    basis=Basis.SAFETY,
    required="kind state found_at account named_only is_drill",
    conditional="situations guardian_suspected injury measures outcome aftercare closed_at others",
    optional="happened_at place found_by",
)
personal(
    "activities.IncidentReport",
    purpose="证明何时向谁报告",
    data=DataClass.INCIDENT,
    sensitivity=5,
    basis=Basis.SAFETY,
    required="to at",
    optional="way received_by receipt skipped_reason entered_at",
)
personal(
    "activities.IncidentMember",
    purpose="限定知情范围",
    data=DataClass.INCIDENT,
    sensitivity=5,
    basis=Basis.SAFETY,
    required="added_at",
    optional="part ended_at",
)
personal(
    "activities.IncidentNote",
    purpose="逐条记录处置经过，不改写",
    data=DataClass.INCIDENT,
    sensitivity=5,
    basis=Basis.SAFETY,
    required="kind at text",
    optional="entered_at",
)
