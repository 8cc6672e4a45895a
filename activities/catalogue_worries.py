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
    required="kind state found_at account named_only is_drill weighed",
    conditional="situations injury measures outcome aftercare closed_at taken_at others",
    optional="happened_at place found_by legal_aid",
)
personal(
    "activities.IncidentChild",
    purpose="写明事件涉及哪些学生、能否通知监护人",
    data=DataClass.INCIDENT,
    sensitivity=5,
    basis=Basis.SAFETY,
    required="part guardian_suspected",
)
personal(
    "activities.IncidentFile",
    purpose="保存事件的照片和书面材料",
    data=DataClass.INCIDENT,
    sensitivity=5,
    basis=Basis.SAFETY,
    required="title file content_type size",
    conditional="removed_on removed_reason",
    optional="created_at",
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
    "activities.IncidentSuspect",
    purpose="不打给、不寄给有侵害嫌疑的家人",
    data=DataClass.INCIDENT,
    sensitivity=5,
    basis=Basis.SAFETY,
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
personal(
    "activities.NightDuty",
    purpose="安排谁查夜、当晚能看到哪些住校生",
    data=DataClass.ACCOUNTS,
    basis=Basis.STAFF,
    required="on",
)
personal(
    "activities.AlertAnswer",
    purpose="说明预警怎样处理",
    data=DataClass.CARE,
    sensitivity=3,
    required="rule state told reason on at until",
)
personal(
    "activities.Absence",
    purpose="及时联系未到校学生，控辍保学",
    data=DataClass.CARE,
    sensitivity=3,
    required="on reason",
    optional="called note",
)
personal(
    "activities.DropoutCase",
    purpose="劝返和书面报告（未成年人保护法第二十八条）",
    data=DataClass.CARE,
    sensitivity=3,
    required="away_since opened_on state",
    conditional="cause closed_on outcome",
)
personal(
    "activities.DropoutStep",
    purpose="证明劝返过程",
    data=DataClass.CARE,
    sensitivity=3,
    required="kind on result",
    optional="people met",
)
personal(
    "activities.NightAbsence",
    purpose="寄宿学生夜间安全",
    data=DataClass.IDENTITY,
    sensitivity=3,
    required="on reason",
    conditional="called verified_on verified_result",
    optional="note",
)
personal(
    "activities.StandingAlert",
    purpose="及时提醒，由人判断",
    data=DataClass.CARE,
    sensitivity=3,
    required="child_id rule words",
    optional="rank",
)
