"""Personal fields of pupils and families (domain §3.3): what for, on what basis, how sensitive."""

from caretrack.access.catalogue import Basis, personal
from caretrack.access.policy import DataClass

CHILD = "children.Child"
personal(
    CHILD,
    purpose="建立留守儿童档案，确认身份",
    data=DataClass.IDENTITY,
    required="name sex birth_date birth_precision ethnic id_type student_no",
    conditional="id_no ethnic_note",
    optional="pinyin initials pinyin_other initials_other former_name birth_lunar id_no_index id_tail_index id_verified student_no_index aux_no class_seq",
)
personal(
    CHILD,
    purpose="家访、联络和核对户籍",
    data=DataClass.CONTACT,
    required="address",
    conditional="hukou_registered hukou_kind hukou_place",
    optional="village_group emergency_contact neighbour_contact",
)
personal(CHILD, purpose="辨认学生", data=DataClass.IDENTITY, basis=Basis.CONSENT, optional="photo")
personal(
    CHILD,
    purpose="安排就读、住宿和上下学安全",
    data=DataClass.IDENTITY,
    required="boarding commute",
    conditional="dorm_bed needs_bus",
    optional="enrolled_on commute_km study_level alone_at_home water_on_way",
)
personal(
    CHILD,
    purpose="照顾身体、应对突发疾病",
    data=DataClass.HEALTH,
    sensitivity=4,
    required="body_state",
    conditional="disability disability_grade illness allergy",
    optional="school_health blood_type",
)
personal(
    CHILD,
    purpose="落实资助和困境保障",
    data=DataClass.ECONOMY,
    sensitivity=3,
    conditional="hardship aid_received family_structure",
    optional="household_size income_per_head income_sources",
)
personal(
    CHILD,
    purpose="因人施教、关心成长",
    data=DataClass.HEALTH,
    sensitivity=4,
    basis=Basis.CONSENT,
    optional="temper temper_note hobbies conduct wishes",
)
personal(
    CHILD,
    purpose="确定帮扶重点，管理档案",
    data=DataClass.CARE,
    sensitivity=3,
    required="support_level",
    optional="note",
)
personal(
    CHILD,
    purpose="家长核对确认，按期清理档案",
    data=DataClass.IDENTITY,
    optional="family_confirmed_on retain_until",
)

personal(
    "children.FamilyMember",
    purpose="认定留守情况，联系父母和监护人",
    data=DataClass.CONTACT,
    sensitivity=3,
    required="name relation status",
    conditional="away_since away_precision returned_on work_place has_capacity incapacity_reason relation_note",
    optional="birth_date age_stated work_region work_unit job returns_every contact_every education health "
    "is_guardian address id_no id_no_index",
)
personal(
    "children.AbsenceSpan",
    purpose="计算外出时长，追溯任一日期的留守情况",
    data=DataClass.CONTACT,
    sensitivity=3,
    required="status",
    conditional="starts_on ends_on",
    optional="work_place",
)
personal(
    "children.Phone",
    purpose="第一时间联系到家长和监护人",
    data=DataClass.CONTACT,
    required="number order state",
    optional="answered_by verified_on",
)
personal(
    "children.CareArrangement",
    purpose="落实监护责任，评估监护情况",
    data=DataClass.CONTACT,
    sensitivity=3,
    required="care_type rating",
    conditional="entrusted entrusted_on entrusted_until school_told_on",
    optional="maternal starts_on ends_on can_tutor attitude bond",
)
personal(
    "children.Enrollment",
    purpose="统计在校和在册人数",
    data=DataClass.IDENTITY,
    required="starts_on",
    conditional="ends_on",
)
personal(
    "children.StatusChange",
    purpose="登记变动，保证期初、增减、期末相符",
    data=DataClass.IDENTITY,
    required="kind on",
    conditional="reason",
    optional="before after evidence entered_at watch_until",
)
personal(
    "children.Transfer",
    purpose="移交转学学生的档案，确认转入学校已接收",
    data=DataClass.IDENTITY,
    required="to_name sent_on due_on",
    conditional="received_on received_by cancelled_on cancel_reason",
    optional="letter_no items receipt_note",
)
personal(
    "children.SupportDecision",
    purpose="认定帮扶级别并说明理由",
    data=DataClass.CARE,
    sensitivity=4,
    required="level on reason",
    optional="suggested_by review_on",
)
personal(
    "children.ContactCard",
    purpose="管理联系卡版本",
    data=DataClass.CONTACT,
    required="number fingerprint printed_at",
    optional="replaced_on content",
)
personal(
    "children.CardCopy",
    purpose="知道联系卡在谁手里，换发时收回旧卡",
    data=DataClass.CONTACT,
    required="holder",
    optional="handed_on collected_on",
)
personal(
    "children.Consent",
    purpose="留存监护人同意的证据",
    data=DataClass.CONTACT,
    required="purpose given_by relation given_on refused",
    optional="notice_version withdrawn_on",
)
personal(
    "children.CensusRow",
    purpose="普查核对",
    data=DataClass.CARE,
    sensitivity=3,
    required="answer",
    optional="study life mind safety health facts answered_at proposed question review reviewed_at",
)
personal(
    "children.SurveySheet",
    purpose="问卷调查，汇总学生的生活和心理状况",
    data=DataClass.CARE,
    sensitivity=4,
    required="answers",
    optional="group entered_on",
)
personal(
    "children.HealthCheck",
    purpose="健康检查和复查",
    data=DataClass.HEALTH,
    sensitivity=4,
    required="on",
    optional="height_cm weight_kg sight_left sight_right blood_pressure lung_ml chest_cm face finding place "
    "needs_follow_up followed_up_on follow_up_result",
)
personal(
    "children.Result",
    purpose="了解学习情况，制定辅导计划",
    data=DataClass.CARE,
    required="subject occasion",
    optional="mark level full_mark",
)
personal(
    "children.AidGrant",
    purpose="落实和统计资助",
    data=DataClass.ECONOMY,
    sensitivity=3,
    required="programme on",
    conditional="amount goods",
    optional="source batch received_by",
)
personal("children.Award", purpose="评优表彰", data=DataClass.IDENTITY, required="title scope on", optional="evidence")
personal(
    "children.BusRide",
    purpose="乘车安全",
    data=DataClass.CONTACT,
    required="starts_on",
    optional="stop met_by ends_on",
)
personal(
    "children.BoardingTerm",
    purpose="住宿管理和夜间安全",
    data=DataClass.IDENTITY,
    optional="bed since",
)
personal("children.BoardingTerm", purpose="住宿学期评价", data=DataClass.CARE, sensitivity=3, optional="rating comment")
personal(
    "children.SafetyPledge",
    purpose="落实安全责任",
    data=DataClass.CONTACT,
    required="party",
    optional="signed_by signed_on template_version",
)
personal(
    "children.FormerStudentNumber",
    purpose="学籍号变更后仍能找到同一名学生",
    data=DataClass.IDENTITY,
    required="student_no student_no_index until",
)
personal(
    "children.OtherSpelling",
    purpose="名册里姓名写法不同时仍能认出同一名学生",
    data=DataClass.IDENTITY,
    required="name",
)
