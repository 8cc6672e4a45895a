"""Personal fields of mentors, pairings and plans."""

from caretrack.access.catalogue import Basis, personal
from caretrack.access.policy import DataClass

personal(
    "mentoring.Mentor",
    purpose="安排结对、联系代理家长",
    data=DataClass.CONTACT,
    basis=Basis.STAFF,
    required="kind name title",
    conditional="background_checked_on consented_on",
    optional="pinyin phone sex unit village soft_limit ended_on end_note",
)
personal(
    "mentoring.MentorAbsence",
    purpose="代理家长暂离时不让学生没人管",
    data=DataClass.CONTACT,
    basis=Basis.STAFF,
    required="starts_on ends_on reason",
)
personal(
    "mentoring.PairingPlan",
    purpose="编制、审核和公布结对方案",
    data=DataClass.CARE,
    required="title starts_on state",
    conditional="published_on",
    optional="note return_note made_at",
)
personal(
    "mentoring.PlannedPairing",
    purpose="编制、审核和公布结对方案",
    data=DataClass.CARE,
    optional="reasons cautions skipped",
)
personal(
    "mentoring.Pairing",
    purpose="落实代理家长",
    data=DataClass.CARE,
    required="role starts_on",
    conditional="ends_on end_reason",
    optional="end_note child_view",
)
personal(
    "mentoring.LeaderCharge",
    purpose="落实领导包干",
    data=DataClass.CARE,
    required="starts_on",
    conditional="ends_on ended_by_leaving",
)
personal(
    "mentoring.PeerPairing",
    purpose="同伴互助",
    data=DataClass.CARE,
    required="kind starts_on",
    optional="ends_on effect ended_by_leaving",
)
personal(
    "mentoring.PeerCheck",
    purpose="检查同伴互助的效果",
    data=DataClass.CARE,
    required="on effect",
    optional="note",
)
personal(
    "mentoring.SupportPlan",
    purpose="制定和落实帮扶计划",
    data=DataClass.CARE,
    sensitivity=4,
    required="kind starts_on state",
    conditional="criteria guardian_told_on guardian_note review_on ended_on effect",
    optional="subject situation causes goals measures helper schedule child_view",
)
personal(
    "mentoring.PlanReader",
    purpose="个别方案只让必须知情的人看",
    data=DataClass.CARE,
    sensitivity=4,
    required="reason",
)
personal(
    "mentoring.PlanReview",
    purpose="评估帮扶效果",
    data=DataClass.CARE,
    sensitivity=4,
    required="on effect",
    optional="next_step",
)
personal(
    "mentoring.Agreement",
    purpose="保存协议签署情况",
    data=DataClass.CARE,
    required="kind",
    optional="carer template_version parent_signed_on carer_signed_on mentor_signed_on school_signed_on expires_on",
)
