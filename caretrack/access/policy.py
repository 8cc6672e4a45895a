"""
Who may see which class of data, and who may do what: the one table that code, tests and manual read.

Source: design §2, domain §2, security requirements §2.1; 未成年人网络保护条例 art. 36 (least authority, approval, log).
A right that is not in these tables does not exist.
"""

from enum import IntEnum, StrEnum

from django.db import models


class Role(models.TextChoices):
    """
    What a person is appointed to. MENTOR is never appointed: it follows from an open pairing.

    Nor is NIGHT_DUTY: it follows from the duty list of the dormitories, for one evening until noon. It opens no class of
    data, only the night roll and the emergency calls of the boarders (domain §13, system 73).

    LEADER is a member of the school's leading group who is not its principal or care lead: reads of the children in
    his charge, changes nothing (domain §2, charge_leader).
    """

    HOMEROOM = "homeroom", "班主任"
    MENTOR = "mentor", "代理家长"
    TEACHER = "teacher", "任课教师"
    COUNSELLOR = "counsellor", "心理教师"
    CARE_LEAD = "care_lead", "德育主任"
    PRINCIPAL = "principal", "校长"
    LEADER = "leader", "校领导"
    REGISTRAR = "registrar", "档案管理员"
    SYSADMIN = "sysadmin", "系统管理员"
    SUPERIOR = "superior", "中心校"
    NIGHT_DUTY = "night_duty", "查夜值班"


CLASS_ROLES = frozenset({Role.HOMEROOM, Role.TEACHER})
SCHOOL_ROLES = frozenset({Role.COUNSELLOR, Role.CARE_LEAD, Role.PRINCIPAL, Role.REGISTRAR})
APPOINTED_ROLES = frozenset(Role) - {Role.MENTOR, Role.NIGHT_DUTY}
#: Posts that only run accounts, or watch from the town: who holds no other does no work with the pupils.
NO_TEACHERS = frozenset({Role.SYSADMIN, Role.SUPERIOR})


class DataClass(StrEnum):
    """Kinds of data by who needs them; the value is the Chinese name that the manual prints."""

    FIGURES = "汇总数字"
    IDENTITY = "身份与在校信息"
    CONTACT = "家庭与联系方式"
    ECONOMY = "家庭经济"
    HEALTH = "健康与性格"
    CARE = "关爱记录与帮扶"
    COUNSELLING = "心理辅导内容"
    INCIDENT = "事件档案"
    ACCOUNTS = "账号与任职"


class Level(IntEnum):
    """How much of a class of data a role gets. OWN: only what the person wrote, or what is theirs by pairing."""

    NONE = 0
    EXISTS = 1
    OWN = 2
    READ = 3
    WRITE = 4

    @property
    def label(self) -> str:
        return {0: "—", 1: "仅知有无", 2: "仅本人相关", 3: "查看", 4: "查看并填写"}[int(self)]


_N, _E, _O, _R, _W = Level.NONE, Level.EXISTS, Level.OWN, Level.READ, Level.WRITE

SIGHT: dict[Role, dict[DataClass, Level]] = {
    role: dict(zip(DataClass, levels, strict=True))
    for role, levels in {
        #                  figures identity contact economy health care counsel incident accounts
        Role.HOMEROOM: (_R, _W, _W, _W, _W, _W, _E, _E, _N),
        Role.MENTOR: (_N, _R, _R, _N, _N, _O, _N, _N, _N),
        Role.TEACHER: (_N, _R, _N, _N, _N, _O, _N, _N, _N),
        Role.COUNSELLOR: (_R, _R, _R, _N, _R, _W, _W, _R, _N),
        Role.CARE_LEAD: (_R, _W, _W, _W, _W, _W, _E, _W, _N),
        Role.PRINCIPAL: (_R, _W, _W, _W, _W, _W, _E, _W, _R),
        Role.LEADER: (_N, _R, _R, _N, _N, _R, _E, _N, _N),
        Role.REGISTRAR: (_R, _W, _W, _W, _W, _N, _N, _N, _N),
        Role.SYSADMIN: (_N, _N, _N, _N, _N, _N, _N, _N, _W),
        Role.SUPERIOR: (_R, _N, _N, _N, _N, _N, _N, _N, _N),
        Role.NIGHT_DUTY: (_N, _N, _N, _N, _N, _N, _N, _N, _N),
    }.items()
}


class Act(StrEnum):
    """What a page does. The value is the Chinese name used in refusals and in the manual."""

    HOME = "打开工作台"
    CHILD_LIST = "查看学生名单"
    CHILD_VIEW = "查看学生档案"
    CHILD_EDIT = "修改学生档案"
    CHILD_REVEAL = "显示完整证件号和电话"
    CHILD_EXPORT = "导出学生名单"
    ROSTER_IMPORT = "导入花名册"
    LIFE_VIEW = "打开在校登记"
    HEALTH_VIEW = "查看健康检查"
    HEALTH_EDIT = "登记健康检查"
    RESULT_VIEW = "查看学习成绩"
    RESULT_EDIT = "登记学习成绩"
    AID_VIEW = "查看资助"
    AID_EDIT = "登记资助"
    AWARD_VIEW = "查看奖励"
    AWARD_EDIT = "登记奖励"
    BUS_VIEW = "查看乘车登记"
    BUS_EDIT = "登记乘车学生"
    BUS_ROUTE = "管理乘车线路"
    BOARDING_VIEW = "查看寄宿名册"
    BOARDING_EDIT = "登记寄宿"
    REGISTER_VIEW = "查看变动登记"
    TRANSFER = "移交和接收档案"
    YEAR_TURN = "办理学年更替"
    TABLE_IMPORT = "导入其他表格"
    CENSUS = "参加普查核对"
    CENSUS_OPEN = "组织普查"
    CENSUS_REVIEW = "确认普查提出的变化"
    CENSUS_CLOSE = "普查定稿"
    SURVEY = "录入和查看问卷"
    SURVEY_SET = "组织问卷"
    RECORD_LIST = "查看关爱记录"
    RECORD_WRITE = "登记关爱记录"
    RECORD_REVIEW = "批阅关爱记录"
    CALL_SETUP = "设置亲情电话"
    SPECIAL_OPENING = "特批查看"
    COUNSELLING = "填写心理辅导记录"
    PROGRAMME_VIEW = "查看关爱项目完成情况"
    PROGRAMME_EDIT = "调整关爱项目和批准免做"
    GOALS = "登记和回顾成长目标"
    CHECK_IN = "督查关爱落实情况"
    EVENT_VIEW = "查看活动和会议"
    EVENT_EDIT = "登记活动和会议"
    CAMPAIGN_EDIT = "组织专项行动"
    HONOUR_VIEW = "查看评优和推荐人选"
    HONOUR_DECIDE = "组织和评定评优"
    WORRY_REPORT = "报告担心的事"
    WORRY_TRIAGE = "处理担心的事"
    INCIDENT_VIEW = "查看事件档案"
    INCIDENT_EDIT = "建立和结案事件档案"
    ALERT_VIEW = "查看和处理预警"
    LEVEL_DECIDE = "认定帮扶级别"
    CARE_RULES = "设置预警条件"
    ABSENCE = "登记缺勤和控辍"
    NIGHT_CHECK = "登记查夜"
    NIGHT_DUTY = "安排查夜值班"
    EMERGENCY_CALL = "查看紧急联系"
    FAMILY = "联系家长"
    PAPER_VIEW = "查看责任书和协议"
    PAPER_SIGN = "登记责任书和协议"
    PAPER_TEXT = "修改责任书和协议文本"
    FAMILY_TEXT = "编写致家长的信"
    PLAN_VIEW = "查看帮扶计划"
    PLAN_EDIT = "制订帮扶计划"
    PAIRING_VIEW = "查看结对"
    PAIRING_EDIT = "安排结对"
    PAIRING_HEAR = "听取儿童对结对的意见"
    PAIRING_PUBLISH = "公布结对方案"
    PEER_EDIT = "安排同伴结对"
    CHARGE_VIEW = "查看包干学生"
    MONTH_VIEW = "查看月报"
    MONTH_SUBMIT = "编报月报"
    MONTH_APPROVE = "审批月报"
    SEMESTER_VIEW = "查看学期总结"
    SEMESTER_EDIT = "编写学期总结"
    SUBMITTED_VIEW = "查看下级学校上报"
    STATISTICS = "查看统计表和管理台账"
    PRINT = "打印"
    WORKBOOK = "装订工作手册"
    JOB_SHOW = "查看自己的后台任务"
    ACCOUNT = "管理自己的账号"
    STAFF_MANAGE = "管理人员账号"
    SCHOOL_SETTINGS = "设置学校、学期和班级"
    ACCESS_LOG = "查看访问日志"
    SYSTEM = "系统维护"


_EVERYONE = frozenset(Role)
_CASE = frozenset(
    {
        Role.HOMEROOM,
        Role.MENTOR,
        Role.TEACHER,
        Role.COUNSELLOR,
        Role.CARE_LEAD,
        Role.PRINCIPAL,
        Role.REGISTRAR,
    }
)
_LEADS = frozenset({Role.CARE_LEAD, Role.PRINCIPAL})
_KEEPERS = frozenset({Role.HOMEROOM, Role.REGISTRAR}) | _LEADS

ACTS: dict[Act, frozenset[Role]] = {
    Act.HOME: _EVERYONE,
    Act.CHILD_LIST: _CASE | {Role.LEADER},
    Act.CHILD_VIEW: _CASE | {Role.LEADER},
    Act.CHILD_EDIT: frozenset({Role.HOMEROOM, Role.REGISTRAR}) | _LEADS,
    Act.CHILD_REVEAL: _CASE - {Role.TEACHER},
    Act.CHILD_EXPORT: _KEEPERS,
    Act.ROSTER_IMPORT: frozenset({Role.REGISTRAR}),
    # The page before the lists below: for whoever may open one of them.
    Act.LIFE_VIEW: _CASE,
    Act.HEALTH_VIEW: _KEEPERS | {Role.COUNSELLOR},
    Act.HEALTH_EDIT: _KEEPERS,
    # Teachers get the results that they entered, mentors those of their mentees (SIGHT: 仅本人相关).
    Act.RESULT_VIEW: _CASE - {Role.REGISTRAR},
    Act.RESULT_EDIT: frozenset({Role.HOMEROOM, Role.TEACHER}) | _LEADS,
    Act.AID_VIEW: _KEEPERS,
    Act.AID_EDIT: _KEEPERS,
    Act.AWARD_VIEW: _CASE,
    Act.AWARD_EDIT: _KEEPERS,
    Act.BUS_VIEW: _KEEPERS,
    Act.BUS_EDIT: _KEEPERS,
    Act.BUS_ROUTE: frozenset({Role.REGISTRAR}) | _LEADS,
    Act.BOARDING_VIEW: _KEEPERS,
    Act.BOARDING_EDIT: _KEEPERS,
    Act.REGISTER_VIEW: frozenset({Role.HOMEROOM, Role.REGISTRAR}) | _LEADS,
    Act.TRANSFER: frozenset({Role.REGISTRAR}) | _LEADS,
    Act.YEAR_TURN: frozenset({Role.REGISTRAR, Role.PRINCIPAL}),
    # Each kind of list asks for its own act besides: accounts for the administrator, pairings for the leads.
    Act.TABLE_IMPORT: _KEEPERS | {Role.TEACHER, Role.SYSADMIN},
    Act.CENSUS: _KEEPERS,
    Act.CENSUS_OPEN: frozenset({Role.REGISTRAR}) | _LEADS,
    Act.CENSUS_REVIEW: frozenset({Role.REGISTRAR, Role.PRINCIPAL}),
    Act.CENSUS_CLOSE: frozenset({Role.PRINCIPAL}),
    Act.SURVEY: frozenset({Role.HOMEROOM, Role.COUNSELLOR}) | _LEADS,
    Act.SURVEY_SET: frozenset({Role.COUNSELLOR}) | _LEADS,
    Act.RECORD_LIST: _CASE - {Role.REGISTRAR} | {Role.LEADER},
    Act.RECORD_WRITE: _CASE - {Role.REGISTRAR},
    Act.RECORD_REVIEW: _LEADS,
    Act.CALL_SETUP: _LEADS,
    Act.SPECIAL_OPENING: frozenset({Role.PRINCIPAL}),
    Act.COUNSELLING: frozenset({Role.COUNSELLOR}),
    Act.PROGRAMME_VIEW: frozenset({Role.HOMEROOM, Role.MENTOR}) | _LEADS,
    Act.PROGRAMME_EDIT: _LEADS,
    Act.GOALS: frozenset({Role.HOMEROOM}) | _LEADS,
    Act.CHECK_IN: _LEADS,
    Act.EVENT_VIEW: _CASE - {Role.REGISTRAR},
    Act.EVENT_EDIT: frozenset({Role.HOMEROOM, Role.TEACHER, Role.COUNSELLOR}) | _LEADS,
    Act.CAMPAIGN_EDIT: _LEADS,
    # Who may nominate for which honour is a matter of the honour.
    Act.HONOUR_VIEW: _CASE - {Role.REGISTRAR},
    Act.HONOUR_DECIDE: _LEADS,
    # Everybody at a school must be able to report; the 中心校 only receives figures.
    Act.WORRY_REPORT: _EVERYONE - {Role.SUPERIOR},
    Act.WORRY_TRIAGE: _LEADS,
    # Which files is a matter of the file: its school's readers and the people named in it.
    Act.INCIDENT_VIEW: _CASE | {Role.LEADER, Role.SYSADMIN},
    Act.INCIDENT_EDIT: _LEADS,
    Act.ALERT_VIEW: frozenset({Role.HOMEROOM, Role.COUNSELLOR}) | _LEADS,
    Act.LEVEL_DECIDE: frozenset({Role.HOMEROOM}) | _LEADS,
    Act.CARE_RULES: _LEADS,
    Act.ABSENCE: frozenset({Role.HOMEROOM}) | _LEADS,
    Act.NIGHT_CHECK: _KEEPERS | {Role.NIGHT_DUTY},
    Act.NIGHT_DUTY: _LEADS,
    Act.EMERGENCY_CALL: _CASE - {Role.TEACHER} | {Role.NIGHT_DUTY},
    Act.FAMILY: frozenset({Role.HOMEROOM}) | _LEADS,
    Act.PAPER_VIEW: _KEEPERS,
    Act.PAPER_SIGN: _KEEPERS,
    Act.PAPER_TEXT: _LEADS,
    Act.FAMILY_TEXT: _LEADS,
    Act.PLAN_VIEW: _CASE - {Role.REGISTRAR} | {Role.LEADER},
    Act.PLAN_EDIT: frozenset({Role.HOMEROOM, Role.MENTOR, Role.TEACHER, Role.COUNSELLOR}) | _LEADS,
    Act.PAIRING_VIEW: frozenset({Role.HOMEROOM, Role.REGISTRAR}) | _LEADS,
    Act.PAIRING_EDIT: _LEADS,
    # The class teacher is who asks the child.
    Act.PAIRING_HEAR: frozenset({Role.HOMEROOM}) | _LEADS,
    Act.PAIRING_PUBLISH: frozenset({Role.PRINCIPAL}),
    Act.PEER_EDIT: frozenset({Role.HOMEROOM}) | _LEADS,
    Act.CHARGE_VIEW: frozenset({Role.LEADER}) | _LEADS,
    Act.MONTH_VIEW: frozenset({Role.HOMEROOM}) | _LEADS,
    Act.MONTH_SUBMIT: frozenset({Role.CARE_LEAD}),
    Act.MONTH_APPROVE: frozenset({Role.PRINCIPAL}),
    Act.SEMESTER_VIEW: _LEADS,
    Act.SEMESTER_EDIT: _LEADS,
    Act.SUBMITTED_VIEW: frozenset({Role.SUPERIOR}),
    Act.STATISTICS: frozenset({Role.HOMEROOM, Role.REGISTRAR}) | _LEADS,
    Act.PRINT: frozenset({Role.HOMEROOM, Role.MENTOR, Role.REGISTRAR}) | _LEADS,
    # The registrar prints, but reads no records.
    Act.WORKBOOK: frozenset({Role.HOMEROOM, Role.MENTOR}) | _LEADS,
    Act.JOB_SHOW: _EVERYONE,
    Act.ACCOUNT: _EVERYONE,
    Act.STAFF_MANAGE: frozenset({Role.SYSADMIN}),
    Act.SCHOOL_SETTINGS: frozenset({Role.SYSADMIN}),
    Act.ACCESS_LOG: frozenset({Role.PRINCIPAL}),
    Act.SYSTEM: frozenset({Role.SYSADMIN}),
}

# About oneself, not about the school: open to every account, also before its first post and after its last.
OWN_ACTS = frozenset({Act.ACCOUNT})


def roles_for(data_class: DataClass, level: Level) -> frozenset[Role]:
    """The roles that get at least `level` of `data_class`."""
    return frozenset(role for role, sight in SIGHT.items() if sight[data_class] >= level)


def refusal(act: Act) -> str:
    """The sentence a 403 page prints: what was refused, who may, whom to ask."""
    names = "、".join(role.label for role in Role if role in ACTS[act])
    return f"“{act}”只对{names}开放。您目前的岗位没有这项权限；如果需要，请联系学校的系统管理员调整岗位。"
