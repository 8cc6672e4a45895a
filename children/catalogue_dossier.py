"""Personal fields of the dossier's later sections (domain §3.3): what for, on what basis, how sensitive."""

from caretrack.access.catalogue import Basis, personal
from caretrack.access.policy import DataClass
from children.catalogue import CHILD

personal(CHILD, purpose="安排辅导", data=DataClass.IDENTITY, optional="study_attitude")
personal(CHILD, purpose="照顾身体、应对突发疾病", data=DataClass.HEALTH, sensitivity=4, conditional="illness_kind")
personal(CHILD, purpose="落实资助和困境保障", data=DataClass.ECONOMY, sensitivity=3, optional="boarding_subsidy")
personal(
    CHILD,
    purpose="因人施教、关心成长",
    data=DataClass.HEALTH,
    sensitivity=4,
    basis=Basis.CONSENT,
    optional="study_difficulty",
)
personal(
    CHILD,
    purpose="家校联系，听取家长意见",
    data=DataClass.CONTACT,
    sensitivity=3,
    optional="family_education family_suggestion emergency_contact_2",
)
personal(
    CHILD,
    purpose="留存填表、复核和家长确认的责任人",
    data=DataClass.IDENTITY,
    optional="family_confirmed_by filled_by filled_on checked_by checked_on approved_by",
)
personal(
    "children.FamilyMember",
    purpose="认定留守情况，联系父母和监护人",
    data=DataClass.CONTACT,
    sensitivity=3,
    optional="contact_way online_contact",
)
personal("children.Phone", purpose="记录最近一次拨打", data=DataClass.CONTACT, optional="tried_on")
personal(
    "children.CareArrangement",
    purpose="核查被委托人有无法律规定的不得委托情形",
    data=DataClass.CARE,
    sensitivity=5,
    conditional="exclusions excluded_checked_on excluded_reason",
)
personal(
    "children.ChildFile",
    purpose="保存档案材料",
    data=DataClass.CONTACT,
    sensitivity=3,
    required="kind title file on",
    optional="restricted content_type size removed_on removed_reason",
)
personal(
    "children.SpecialStanding",
    purpose="详细记载特困生、特长生和残障生，汇总到学校",
    data=DataClass.HEALTH,
    sensitivity=4,
    required="kind note starts_on",
    optional="ends_on",
)
personal(
    "children.SiblingLink",
    purpose="同一家庭的学生一起关心",
    data=DataClass.CONTACT,
    sensitivity=3,
    required="confirmed on",
)
personal("children.MindNote", purpose="心理辅导", data=DataClass.COUNSELLING, sensitivity=4, optional="text")
personal(
    "children.RestrictedNote",
    purpose="保护孩子，履行强制报告",
    data=DataClass.INCIDENT,
    sensitivity=4,
    optional="text",
)
