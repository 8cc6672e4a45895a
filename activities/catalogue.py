"""Personal fields of records, follow-ups, counselling, incidents and participation."""

from caretrack.access.catalogue import Basis, personal
from caretrack.access.policy import DataClass

personal(
    "activities.CareRecord",
    purpose="记录关爱过程，作为统计和检查的依据",
    data=DataClass.CARE,
    sensitivity=3,
    required="kind on way reached visibility",
    conditional="content state advice",
    optional="at minutes place place_note with_whom topics detail",
)
personal(
    "activities.RecordAddendum",
    purpose="补充说明，不改写原记录",
    data=DataClass.CARE,
    sensitivity=3,
    required="text reason",
)
personal(
    "activities.CounsellingNote",
    purpose="心理辅导",
    data=DataClass.COUNSELLING,
    sensitivity=4,
    optional="complaint assessment process advice referral risk next_on step",
)
personal(
    "activities.FollowUp",
    purpose="跟进答应过的事",
    data=DataClass.CARE,
    sensitivity=3,
    required="what due_on",
    optional="done_on outcome retry",
)
personal(
    "activities.Phrase",
    purpose="减少重复录入",
    data=DataClass.ACCOUNTS,
    basis=Basis.STAFF,
    required="text",
    optional="kind",
)
personal("activities.Waiver", purpose="说明免除原因", data=DataClass.CARE, required="first last reason")
personal(
    "activities.CheckIn",
    purpose="核实关爱是否落实，督促整改",
    data=DataClass.CARE,
    sensitivity=3,
    required="on asked_mentor asked_child asked_carer finding",
    optional="mentor_said child_said carer_said note",
)
personal(
    "activities.ChildGoal",
    purpose="记录学生自己定的成长目标",
    data=DataClass.CARE,
    required="aim set_on",
    optional="reached_on looked_on result",
)
personal(
    "activities.ActivityParticipant",
    purpose="统计参加情况",
    data=DataClass.IDENTITY,
    required="came carer_came called",
    optional="role prize carer absence priority",
)
personal(
    "activities.GroupMember",
    purpose="保证每名学生至少参加一个小组",
    data=DataClass.IDENTITY,
    required="starts_on",
    optional="ends_on role priority",
)
personal(
    "activities.CampaignTarget",
    purpose="专项行动不漏一人",
    data=DataClass.CARE,
    conditional="excused",
)
personal(
    "activities.Homecoming",
    purpose="掌握父母返乡团聚情况",
    data=DataClass.CONTACT,
    required="who came_on",
    optional="left_on note",
)
personal(
    "activities.MeetingAttendee",
    purpose="会议签到",
    data=DataClass.ACCOUNTS,
    basis=Basis.STAFF,
    required="name came",
    optional="capacity absence",
)
personal(
    "activities.CareHomeVisit",
    purpose="留守儿童之家使用登记",
    data=DataClass.IDENTITY,
    required="on use",
    optional="note",
)
personal(
    "activities.RecordRemark",
    purpose="领导批阅记录，教师答复",
    data=DataClass.CARE,
    sensitivity=3,
    required="kind text",
)
personal(
    "activities.CallBooking",
    purpose="安排亲情电话和视频",
    data=DataClass.CARE,
    required="on at minutes state",
    optional="with_whom walk_in reason shown_at",
)
personal(
    "activities.CallPermit",
    purpose="保护孩子，只拨打允许的号码",
    data=DataClass.CONTACT,
    basis=Basis.SAFETY,
    required="allowed",
    conditional="reason",
)
personal(
    "activities.CallLine",
    purpose="公布亲情电话的号码和开放时间",
    data=DataClass.FIGURES,
    required="name kind weekdays opens closes minutes active",
    optional="number place opens_again closes_again",
)
personal(
    "activities.CallDuty",
    purpose="安排亲情电话值班",
    data=DataClass.ACCOUNTS,
    basis=Basis.STAFF,
    required="on",
)
personal(
    "activities.CallCheck",
    purpose="学期检查亲情电话的使用",
    data=DataClass.FIGURES,
    required="on found",
    optional="advice",
)
personal(
    "activities.SealedNote",
    purpose="孩子对信任的老师说的话，只给收信教师",
    data=DataClass.COUNSELLING,
    sensitivity=4,
    required="via received_on",
    optional="text opened_at done_on",
)
personal(
    "activities.BoxOpening",
    purpose="登记信箱何时由谁打开",
    data=DataClass.FIGURES,
    required="box on letters",
    optional="witness passed_on",
)
personal(
    "activities.CounsellingAppointment",
    purpose="安排心理辅导",
    data=DataClass.COUNSELLING,
    sensitivity=4,
    required="state by_child minutes",
    conditional="reason on at",
    optional="place",
)
personal(
    "activities.SpecialOpening",
    purpose="证明谁为什么查看了限知内容",
    data=DataClass.ACCOUNTS,
    basis=Basis.SAFETY,
    required="category reason opened_at ends_at",
    optional="acknowledged_at",
)
personal(
    "activities.RecordPhoto",
    purpose="经监护人同意的过程照片",
    data=DataClass.CARE,
    sensitivity=3,
    basis=Basis.CONSENT,
    optional="file words removed_on",
)
personal(
    "activities.GatheringPhoto",
    purpose="经监护人同意的活动和会议照片",
    data=DataClass.CARE,
    basis=Basis.CONSENT,
    optional="file words shows_pupils removed_on",
)
personal(
    "activities.AwardRound",
    purpose="组织评优，公示结果",
    data=DataClass.FIGURES,
    required="title nominate_until",
    optional="asks objections_to public_from objections_until awarded_on",
)
personal(
    "activities.AwardKind",
    purpose="说明评什么、谁推荐、名额多少",
    data=DataClass.FIGURES,
    required="name audience nominators criteria",
    optional="shown_name places per_class",
)
personal(
    "activities.AwardNomination",
    purpose="评优推荐和评定，写明依据",
    data=DataClass.CARE,
    required="reason nominated_on verdict",
    optional="opinion decided_on",
)
personal(
    "activities.AwardNomination",
    purpose="核实公示期间的异议",
    data=DataClass.INCIDENT,
    sensitivity=3,
    optional="objection objected_on finding",
)
