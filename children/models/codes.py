"""Code lists of the dossier, by the numbers of the national standards where there are any (domain §3, Appendix A)."""

from django.db import models


class Sex(models.TextChoices):
    """GB/T 2261.1."""

    UNKNOWN = "0", "未知"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明"


# GB 3304-91, in the order of its numbers 01 to 56.
_ETHNIC = """
    汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白
    土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇
    柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒
    乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺
"""
ETHNIC: list[tuple[str, str]] = [(f"{code:02}", name + "族") for code, name in enumerate(_ETHNIC.split(), start=1)]
ETHNIC += [("97", "其他"), ("98", "外国血统中国籍")]


class BirthPrecision(models.TextChoices):
    DAY = "day", "到日"
    MONTH = "month", "到月"
    YEAR = "year", "到年"


class IdType(models.TextChoices):
    """身份证件类型 of the 学籍 system."""

    CARD = "1", "居民身份证"
    BOOKLET = "2", "户口簿"
    HONGKONG = "6", "香港特区身份证"
    MACAU = "7", "澳门特区身份证"
    TAIWAN = "8", "台湾居民来往大陆通行证"
    RESIDENCE = "9", "境外永久居住证"
    PASSPORT = "A", "护照"
    OTHER = "Z", "其他"


class HukouKind(models.TextChoices):
    RURAL = "1", "农业"
    URBAN = "2", "非农业"


class Boarding(models.TextChoices):
    DAY = "1", "走读"
    BOARDER = "2", "住校"
    OTHER = "9", "其他"


class Commute(models.TextChoices):
    WALK = "walk", "步行"
    BIKE = "bike", "自行车（含摩托车、电动自行车）"
    PUBLIC = "public", "公共交通"
    FAMILY = "family", "家长自行接送"
    SCHOOL_BUS = "bus", "校车"
    UNLICENSED = "unlicensed", "面包车、三轮车等非营运车"
    OTHER = "other", "其他"


class Relation(models.TextChoices):
    """GB/T 4761-2008, two digits: what the adult is to the child."""

    PARENT = "50", "父母"
    FATHER = "51", "父亲"
    MOTHER = "52", "母亲"
    STEPFATHER = "57", "继父或养父"
    STEPMOTHER = "58", "继母或养母"
    OTHER_PARENT = "59", "其他父母关系"
    GRANDPARENT = "60", "祖父母或外祖父母"
    GRANDFATHER = "61", "祖父"
    GRANDMOTHER = "62", "祖母"
    MATERNAL_GRANDFATHER = "63", "外祖父"
    MATERNAL_GRANDMOTHER = "64", "外祖母"
    GREAT_GRANDFATHER = "66", "曾祖父"
    GREAT_GRANDMOTHER = "67", "曾祖母"
    OTHER_GRAND = "69", "其他祖辈"
    ELDER_BROTHER = "71", "兄"
    SISTER_IN_LAW = "72", "嫂"
    YOUNGER_BROTHER = "73", "弟"
    ELDER_SISTER = "75", "姐"
    BROTHER_IN_LAW = "76", "姐夫"
    YOUNGER_SISTER = "77", "妹"
    OTHER_SIBLING = "79", "其他兄弟姐妹"
    UNCLE_ELDER = "81", "伯父"
    AUNT_ELDER = "82", "伯母"
    UNCLE_YOUNGER = "83", "叔父"
    AUNT_YOUNGER = "84", "婶母"
    UNCLE_MATERNAL = "85", "舅父"
    AUNT_MATERNAL_UNCLE = "86", "舅母"
    UNCLE_BY_AUNT = "87", "姨父"
    AUNT_MATERNAL = "88", "姨母"
    UNCLE_BY_PATERNAL_AUNT = "89", "姑父"
    AUNT_PATERNAL = "90", "姑母"
    COUSIN_PATERNAL = "91", "堂兄弟姐妹"
    COUSIN_MATERNAL = "92", "表兄弟姐妹"
    OTHER_KIN = "97", "其他亲属"
    NOT_KIN = "99", "非亲属"


MOTHERS_PARENTS = "外祖父母"
"""The note of a grandparent (60) of whom only the mother's side is known, not the sex."""

RELATION_NOT_STATED = "关系未写明"
"""The note of a carer whose relation a list does not state; stored as 99, which must not read as 非亲属."""


FATHERS = (Relation.FATHER, Relation.STEPFATHER)
MOTHERS = (Relation.MOTHER, Relation.STEPMOTHER)
PARENTS = FATHERS + MOTHERS
GRANDPARENTS = (
    Relation.GRANDPARENT,
    Relation.GRANDFATHER,
    Relation.GRANDMOTHER,
    Relation.MATERNAL_GRANDFATHER,
    Relation.MATERNAL_GRANDMOTHER,
    Relation.GREAT_GRANDFATHER,
    Relation.GREAT_GRANDMOTHER,
    Relation.OTHER_GRAND,
)


class ParentStatus(models.TextChoices):
    """Facts about a parent from which the definitions of 留守 are computed (domain §3.2)."""

    AT_HOME = "at_home", "在家"
    AWAY_WORK = "away_work", "外出务工"
    AWAY_OTHER = "away_other", "外出（其他原因）"
    DECEASED = "deceased", "去世"
    MISSING = "missing", "失踪"
    DETAINED = "imprisoned_or_detox", "服刑或强制戒毒"
    NO_CONTACT = "divorced_no_contact", "离异且无联系"
    UNKNOWN = "unknown", "不详"


GONE = (ParentStatus.DECEASED, ParentStatus.MISSING, ParentStatus.DETAINED, ParentStatus.NO_CONTACT)


class Region(models.TextChoices):
    COUNTY = "county", "县内"
    PROVINCE = "province", "省内县外"
    COUNTRY = "country", "省外"
    ABROAD = "abroad", "境外"


class Education(models.TextChoices):
    NONE = "none", "文盲"
    LITTLE = "little", "粗识字"
    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"
    SENIOR = "senior", "高中以上"


class AdultHealth(models.TextChoices):
    GOOD = "good", "健康"
    FAIR = "fair", "一般"
    CHRONIC = "chronic", "慢性病"
    DISABLED = "disabled", "残疾"


class CareType(models.TextChoices):
    """监护类型 (domain §3.3 E)."""

    ONE_PARENT = "one_parent", "父或母"
    GRANDPARENT = "grandparent", "祖辈"
    KIN_FRIEND = "kin_friend", "亲朋"
    SIBLING = "sibling", "同辈"
    SELF = "self", "独居"
    NONE = "none", "无人监护"
    INSTITUTION = "institution", "托管寄宿"


UNCARED = (CareType.SIBLING, CareType.SELF, CareType.NONE)


class CareRating(models.TextChoices):
    """监护情况评估 (domain §11.1)."""

    GOOD = "good", "较好"
    FAIR = "fair", "一般"
    POOR = "poor", "差"


class FamilyStructure(models.TextChoices):
    COMPLETE = "complete", "完整"
    SINGLE = "single_parent", "单亲"
    REBUILT = "rebuilt", "重组"
    ORPHAN = "orphan", "孤儿"
    OTHER = "other", "其他"


class Hardship(models.TextChoices):
    """困难类别; several may hold."""

    MINIMUM = "minimum", "低保"
    LIFTED = "lifted", "脱贫户"
    MONITORED = "monitored", "监测对象"
    EXTREME = "extreme", "特困供养"
    ORPHAN = "orphan", "孤儿"
    UNSUPPORTED = "unsupported", "事实无人抚养"
    DISABLED = "disabled", "残疾"
    ILLNESS = "illness", "重病"
    OTHER = "other", "其他困难"


class BodyState(models.TextChoices):
    """身体情况 of the civil form of 2016."""

    HEALTHY = "healthy", "健康"
    DISABLED = "disabled", "残疾"
    ILL = "ill", "患病"


class SchoolHealth(models.TextChoices):
    """健康状况 of the 学籍 system; GB/T 2261.3 numbers differ and are not used here."""

    GOOD = "10", "健康或良好"
    WEAK = "20", "一般或较弱"
    CHRONIC = "30", "有慢性病"
    DEFECT = "40", "有生理缺陷"
    DISABLED = "50", "残疾"


class Disability(models.TextChoices):
    SIGHT = "sight", "视力"
    HEARING = "hearing", "听力"
    SPEECH = "speech", "言语"
    LIMB = "limb", "肢体"
    INTELLECT = "intellect", "智力"
    MIND = "mind", "精神"
    MULTIPLE = "multiple", "多重"
    OTHER = "other", "其他"


class IllnessKind(models.TextChoices):
    """患病类型 of the civil form: 患病 there means one of these two (domain §3.3 F)."""

    GRAVE = "grave", "重特大疾病"
    MIND = "mind", "严重精神障碍"
    OTHER = "other", "其他疾病"


class SpecialKind(models.TextChoices):
    """三特生 (domain §1.1, system 24)."""

    POOR = "poor", "特困生"
    GIFTED = "gifted", "特长生"
    DISABLED = "disabled", "残障生"


class Exclusion(models.TextChoices):
    """Who may not be entrusted with a child: 未成年人保护法 art. 22(3)."""

    VIOLENCE = "violence", "曾实施性侵害、虐待、遗弃、拐卖、暴力伤害等违法犯罪行为"
    VICE = "vice", "有吸毒、酗酒、赌博等恶习"
    NEGLECT = "neglect", "曾拒不履行或者长期怠于履行监护、照护职责"
    OTHER = "other", "其他不适宜担任被委托人的情形"


class Temper(models.TextChoices):
    CHEERFUL = "cheerful", "开朗"
    INTROVERT = "introvert", "内向"
    WILFUL = "wilful", "任性"
    IRRITABLE = "irritable", "暴躁"
    SOFT = "soft", "柔弱"
    OTHER = "other", "其他"


class SupportLevel(models.TextChoices):
    """帮扶级别 (domain §11.3): a rule suggests, a person decides."""

    GENERAL = "general", "一般"
    WATCH = "watch", "关注"
    KEY = "key", "重点"
    EMERGENCY = "emergency", "紧急"


KEY_LEVELS = (SupportLevel.KEY, SupportLevel.EMERGENCY)


class ChangeKind(models.TextChoices):
    """变动类型 (domain §5.3)."""

    NEW_AWAY = "new_away", "父母新外出"
    IN_TRANSFER = "in_transfer", "转入"
    ENROL_NEW = "enrol_new", "新生入学"
    FOUND = "found", "漏登补登"
    RESUME = "resume", "复学"
    OUT_TRANSFER = "out_transfer", "转出"
    PARENT_BACK = "parent_back", "父母返乡"
    GRADUATE = "graduate", "毕业"
    AGE_OUT = "age_out", "年满16周岁"
    DROPOUT = "dropout", "辍学"
    SUSPENDED = "suspended", "休学"
    CARE_CHANGE = "care_change", "监护人变更"
    CONTACT_CHANGE = "contact_change", "联系方式变更"
    TYPE_CHANGE = "type_change", "留守类型变更"
    CLASS_CHANGE = "class_change", "调班"
    DEATH = "death", "死亡"
    MISSING = "missing", "失踪"
    ERROR = "error", "误登"


ENTERS_SCHOOL = (ChangeKind.IN_TRANSFER, ChangeKind.ENROL_NEW, ChangeKind.FOUND, ChangeKind.RESUME)
LEAVES_SCHOOL = (
    ChangeKind.OUT_TRANSFER,
    ChangeKind.GRADUATE,
    ChangeKind.DROPOUT,
    ChangeKind.SUSPENDED,
    ChangeKind.DEATH,
    ChangeKind.MISSING,
    ChangeKind.ERROR,
)
