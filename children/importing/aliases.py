"""
What the columns of a roster can mean: every field with its label and the titles schools give it (rosters §3).

This catalogue is the single definition of columns: header search, mapping page, template and resource read it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

IGNORE = "-"
NOTE = "note"
KEPT = "kept"
"""A title that is known and has no field: its cells go into the note as 列名：值, and nobody need look at it."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field a column can be mapped to: its id, the label on the mapping page and its aliases in titles."""

    name: str
    label: str
    aliases: tuple[str, ...]


def _field(name: str, label: str, aliases: str = "") -> FieldInfo:
    return FieldInfo(name, label, (label, *aliases.split()))


CHILD_FIELDS = (
    _field(
        "name",
        "姓名",
        "学生姓名 学生名字 儿童姓名 儿童名字 幼儿姓名 幼儿名字 留守儿童姓名 留守儿童 学生 名字 被监护人 孩子姓名 孩子名字",
    ),
    _field("former_name", "曾用名", "乳名 小名"),
    _field("sex", "性别", "sex gender"),
    _field("sex_male", "男（打勾）"),
    _field("sex_female", "女（打勾）"),
    _field("birth_date", "出生日期", "出生年月 出生年月日 出生时间 生日 出生"),
    _field("birth_lunar", "农历生日", "农历出生日期 阴历生日"),
    _field("ethnic", "民族"),
    _field(
        "id_no",
        "身份证号",
        "身份证号码 公民身份号码 公民身份证号码 身份证 身份证件号 身份证件号码 证件号 证件号码 证件编号 学生身份证号",
    ),
    _field("id_type", "证件类型", "身份证件类型 身份证类型"),
    _field("student_no", "学籍号", "全国学籍号 国网学籍号 学籍号码 学籍编号"),
    _field("aux_no", "学籍辅号", "省学籍辅号 学号"),
    _field("class_seq", "班内学号", "座号"),
    _field("school", "学校", "就读学校 学校名称 所在学校"),
    _field("school_grade", "就读学校及年级", "学校及年级 就读学校年级 就读学校、年级"),
    _field("grade", "年级", "就读年级 所在年级"),
    _field(
        "class_name",
        "班级",
        "班别 班号 班级名称 班级编码 所属班级 行政班 就读年级班级 就读班级 所在班级 所在班 所属班 现在班级 年级班级 班",
    ),
    _field("enrolled_on", "入学年月", "入学时间 入学日期 入园日期 入园时间"),
    _field("boarding", "就读方式", "住宿情况"),
    _field("boarding_tick", "是否住校", "是否寄宿 是否寄宿生 住校 寄宿 是否学校寄宿"),
    _field("day_tick", "走读（打勾）", "通学"),
    _field("dorm", "宿舍号", "宿舍 寝室 寝室号"),
    _field("bed", "床号", "床位 床位号"),
    _field("commute", "上下学方式", "上学方式"),
    _field("commute_km", "上下学距离", "离校距离 离家距离"),
    _field("needs_bus", "是否需要乘坐校车", "是否乘坐校车 乘车"),
    _field("address", "家庭住址", "家庭地址 现住址 现居住地 居住地 住址 地址 详细地址 家庭详细住址 居住地址"),
    _field("village_group", "村民组", "组别 村组"),
    _field("hukou_place", "户籍所在地", "户口所在地 户口所在地行政区划 户籍地"),
    _field("hukou_kind", "户口性质", "户籍性质"),
    _field("lb_flag", "是否留守儿童", "是否留守 留守 留守情况"),
    _field(
        "lb_type",
        "留守类型",
        "留守类别 留守原因 父母外出情况 家长外出情况 父母外出务工情况 家长外出务工情况 外出务工情况 外出情况",
    ),
    _field("lb_both", "双方外出（打勾）", "双方外出 父母双方外出 父母双方同时外出"),
    _field("lb_one", "一方外出（打勾）", "一方外出 父母一方外出"),
    _field("away_parents", "外出务工家长", "外出家长"),
    _field(
        "away_place",
        "外出务工地（未分父母）",
        "务工地址 务工地点 务工地 打工地点 外出地点 外出务工地点 家长务工地点 父母务工地点",
    ),
    _field("parents_named", "家长（父母姓名）", "家长 家长姓名 父母姓名"),
    _field("contact_phone", "联系电话", "电话 手机 手机号 手机号码 联系手机 联系方式 家长电话 家长联系电话"),
    _field("neighbour_phone", "邻居电话"),
    _field("care_type", "监护类型", "监护方式 抚养方式 照料方式"),
    _field("care_state", "监护情况", ""),
    _field("care_rating", "监护情况评估", "监护评估"),
    _field("entrusted", "是否签委托照护协议", "委托照护协议 是否签订委托照护协议 有无委托"),
    _field("family_structure", "家庭结构"),
    _field("health", "身体情况", "健康状况 身体状况 身体健康状况 健康情况 病史"),
    _field("disability", "残疾类别等级", "残疾类别 残疾类型 残疾类别及等级 残疾幼儿类别"),
    _field("disabled", "是否残疾", "是否残疾幼儿 是否残疾儿童 是否残疾人"),
    _field("blood_type", "血型"),
    _field("personality", "性格特点", "性格 个性"),
    _field("hobby", "兴趣特长", "兴趣爱好 爱好 特长 兴趣"),
    _field("household_size", "家庭人口", "家庭人口数 家庭人数 家庭总人口 人口数 家庭成员数"),
    _field(
        "income_per_head",
        "人均年收入（元）",
        "人均收入 家庭人均收入 家庭人均年收入 年人均收入 家庭年人均收入 人均纯收入 家庭人均纯收入",
    ),
    _field("income_sources", "家庭经济来源", "经济来源 主要经济来源"),
    _field("aid", "救助情况", "救助帮扶情况"),
    _field("hardship", "困难类型", "家庭情况 家庭经济状况 建档立卡"),
    _field("orphan", "是否孤儿", "孤儿"),
    _field("boarding_subsidy", "是否享受一补", "享受一补 是否享受寄宿生生活补助 寄宿生生活补助"),
    _field("low_income", "是否低保", "低保 享受低保"),
    _field("household", "户号"),
    _field("class_teacher", "班主任", "班主任姓名"),
    _field("mentor_content", "帮扶内容"),
    _field(NOTE, "备注", "说明 其他 其它 备注说明"),
)

_PART_LABELS = {
    "name": ("姓名", "名字"),
    "status": ("状况", "状态 目前状况 情况"),
    "away": ("外出（打勾）", "外出 是否外出 是否外出务工 是否在外务工 外出务工"),
    "away_since": ("外出时间", "外出务工时间 何时外出"),
    "work_place": (
        "务工地",
        "务工地点 务工地址 打工地点 外出地点 当前务工地点 外出务工地 工作地 现务工地点 打工地 去向 外出去向 务工去向 外出地 外出地址 外出务工地址 外出务工地点",
    ),
    "work_unit": ("工作单位", "单位 务工单位 厂名 工种"),
    "place_phone": ("务工地及电话", "务工地点及电话 务工地点及联系电话 务工地和电话"),
    "phone": ("电话", "联系电话 手机 手机号 手机号码 联系手机 联系方式 电话号码"),
    "age": ("年龄", ""),
    "birth_date": ("出生日期", "出生年月"),
    "id_no": ("身份证号", "身份证号码 公民身份证号码 公民身份号码 身份证件号 身份证件号码 证件号码 证件号"),
    "ethnic": ("民族", ""),
    "address": ("住址", "现住址 居住地地址 家庭住址 地址 居住地址"),
    "health": ("身体状况", "健康状况 身体健康状况 健康情况"),
    "education": ("文化程度", "学历"),
    "job": ("职务", "职业"),
    "relation": ("关系", "与学生关系 与本人关系 与儿童关系 与被监护人关系 与监护人关系 与孩子关系 与幼儿关系"),
    "relation_note": ("关系说明", ""),
    "is_guardian": ("是否监护人", "是否法定监护人"),
    "nationality": ("国籍", ""),
    "id_type": ("证件类型", "身份证件类型"),
    "hukou_place": ("户口所在地行政区划", "户口所在地"),
}
PERSONS = {
    "father": ("父亲", "父 爸爸 父亲情况 父亲信息"),
    "mother": ("母亲", "母 妈妈 母亲情况 母亲信息"),
    "carer": (
        "实际监护人",
        "监护人 委托监护人 临时监护人 代管人 代理监护人 受委托人 照看人 看护人 受委托监护人 监护人情况 监护人信息 "
        "现监护人 照料人",
    ),
    "mentor": ("代理家长", "结对教师 帮扶教师 代管家长 帮扶人 帮扶责任人 爱心妈妈 包保人 结对帮扶教师 结对帮扶人"),
    "member1": ("成员1", "家庭成员1"),
    "member2": ("成员2", "家庭成员2"),
    "member3": ("成员3", "家庭成员3"),
    "member4": ("成员4", "家庭成员4"),
}
MEMBERS = ("member1", "member2", "member3", "member4")
"""Other members of the family in the order of their columns."""
_OWN_TITLES = {
    "carer.name": "监护人及关系 监护人姓名及关系 监护人与关系 监护人及与学生关系 现由谁照顾 由谁照顾 谁照顾 现由谁监护 与谁生活 和谁生活 "
    "随谁生活 跟谁生活 现与谁生活 现跟谁生活 现随谁生活 抚养人",
    "carer.relation": "监护关系 监护人关系",
    "carer.phone": "监护人联系方式 监护人电话",
}
_PARTS_OF = {
    "father": frozenset(_PART_LABELS) - {"relation"},
    "mother": frozenset(_PART_LABELS) - {"relation"},
    "carer": frozenset(_PART_LABELS) - {"away_since", "away"},
    "mentor": frozenset({"name", "phone", "job", "status"}) - {"status"},
    **dict.fromkeys(MEMBERS, frozenset(_PART_LABELS) - {"status", "away_since", "away"}),
}
BARE_PARTS = frozenset({"phone", "work_place", "work_unit", "relation", "job", "place_phone"})
"""Parts that may follow a person's column without naming the person again."""

COLUMN_OF_FAULT, WORDS_OF_FAULT = "错误列", "错误说明"
"""The two columns that come with rejected rows; a file that still has them is read without them."""
_IGNORED = [
    "序号",
    "编号",
    "号",
    "no",
    "no.",
    "签字",
    "学生签字",
    "国籍/地区",
    "国籍",
    "港澳台侨外",
    "籍贯",
    "出生地",
    "出生所在地",
    "出生地行政区划代码",
    "学校标识码",
    "入学方式",
    "通信地址",
    "邮政编码",
    "电子信箱",
    "主页地址",
    "学生来源",
    "身份证件有效期",
    "是否独生子女",
    "是否受过学前教育",
    "是否需要申请资助",
    "是否烈士或优抚子女",
    "是否由政府购买学位",
    "随班就读",
    "政治面貌",
    "是否接受资助",
    "入园方式",
    "非农业户口类型",
    "是否进城务工人员随迁子女",
    "是否进城务工人员子女",
    "监护人身份证件类型",
    COLUMN_OF_FAULT,
    WORDS_OF_FAULT,
]
_KEPT = ["入住时间", "周末接送人", "关爱级别", "最近走访", "走访记录"]
_AGE = ["年龄", "周岁", "虚岁", "实足年龄"]
_SENSITIVE = ["银行卡号", "银行账号", "银行卡", "开户行", "开户人", "宗教信仰", "宗教", "hiv", "艾滋", "父母政治面貌"]
AGE = "age"
SENSITIVE = "sensitive"

_TYPOS = {"登计": "登记", "登况": "登记", "籍惯": "籍贯", "帐": "账"}


_GUARDIAN = re.compile(r"^家长[(/]监护人\)?")
"""家长（监护人）电话 is the carer's: this bracket is no unit and no example."""
_NAME_AND_PHONE = re.compile(
    "(?:(?<=[父母]亲)|(?<=监护人)|(?<=家长))(?:姓名)?(?:及其?|和|与|、|/|,)(?:联系)?(?:电话|方式|手机)号?码?"
)
"""父亲姓名及电话 is a column of names: a phone beside a name is split off when the cell is read."""
_NAME_AND_ID = re.compile(r"(?<=姓名)(?:及其?|和|与|、|/|,|\+)?(?:公民)?身份证(?:件)?(?:号码?)?$")
"""姓名及身份证号 likewise: the number is split off."""


@lru_cache(maxsize=8_192, typed=True)
def normal_title(text: object) -> str:
    """A header text as it is compared: folded, no blanks, no stars, no trailing bracket, known typos mended."""
    title = re.sub(
        r"\s+|[\u200b-\u200f\ufeff]", "", unicodedata.normalize("NFKC", str(text if text is not None else ""))
    )
    title = re.sub(r"^\(?(必填|选填)\)?|\((必填|选填)\)", "", title).strip("*:：")
    title = _NAME_AND_ID.sub("", _NAME_AND_PHONE.sub("姓名", _GUARDIAN.sub("监护人", title)))
    while found := re.search(r"[(\[【][^()\[\]【】]*[)\]】]\*?$", title):
        if found.start() == 0:
            break
        title = title[: found.start()].strip("*")
    for wrong, right in _TYPOS.items():
        title = title.replace(wrong, right)
    return title.lower()


def _person_fields() -> tuple[FieldInfo, ...]:
    fields = []
    for person, (word, _) in PERSONS.items():
        for part, (label, _) in _PART_LABELS.items():
            if part in _PARTS_OF[person]:
                fields.append(FieldInfo(f"{person}.{part}", f"{word}{label}", (f"{word}{label}",)))
    return tuple(fields)


FIELDS: dict[str, FieldInfo] = {info.name: info for info in (*CHILD_FIELDS, *_person_fields())}

PERSON_OF = {normal_title(word): person for person, (first, rest) in PERSONS.items() for word in (first, *rest.split())}
PART_OF = {normal_title(word): part for part, (first, rest) in _PART_LABELS.items() for word in (first, *rest.split())}


def _build_titles() -> dict[str, str]:
    titles: dict[str, str] = {}
    for info in CHILD_FIELDS:
        for alias in info.aliases:
            titles.setdefault(normal_title(alias), info.name)
    for word, person in PERSON_OF.items():
        titles.setdefault(word, f"{person}.name")
        for part_word, part in PART_OF.items():
            if part in _PARTS_OF[person]:
                titles.setdefault(word + part_word, f"{person}.{part}")
    for name, aliases in _OWN_TITLES.items():
        for alias in aliases.split():
            titles[normal_title(alias)] = name
    for word in _IGNORED:
        titles[normal_title(word)] = IGNORE
    for word in _KEPT:
        titles[normal_title(word)] = KEPT
    for word in _AGE:
        titles[normal_title(word)] = AGE
    for word in _SENSITIVE:
        titles[normal_title(word)] = SENSITIVE
    titles[normal_title("关系")] = titles[normal_title("与学生关系")] = "carer.relation"
    for word in _PART_LABELS["relation"][1].split():
        titles[normal_title(word)] = "carer.relation"
    for word, person in PERSON_OF.items():
        if person == "carer":
            titles[word + "情况"] = "care_state"
    titles["监护情况评估"] = "care_rating"
    titles["监护情况"] = "care_state"
    return titles


FIELD_OF_TITLE = _build_titles()


def parts_of(person: str) -> frozenset[str]:
    """The parts that a person's block of columns may have."""
    return _PARTS_OF[person]


def is_sensitive(label: str) -> bool:
    """True for a column title that names what a school should not collect (fault 74)."""
    return FIELD_OF_TITLE.get(normal_title(label.split("·")[-1])) == SENSITIVE


def field_label(name: str) -> str:
    """The label of a field on pages."""
    if name in FIELDS:
        return FIELDS[name].label
    return {IGNORE: "不导入", AGE: "年龄（只核对，不保存）", SENSITIVE: "不该由学校收集（不导入）"}.get(name, "")
