"""
Children as rows of CareTrack's own template, so that what is exported can be imported again without a change (fault 86).

What the reader does not get of a child is left empty, and an empty cell changes nothing on the way back. Every cell is
text; the words are those that the importer reads.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from caretrack.access.policy import DataClass
from caretrack.masking import mask_id_number, mask_phone
from children.importing import values
from children.importing.normalise import phones, relations
from children.importing.normalise.care import WORDS as CARE_WORDS
from children.importing.normalise.dates import DAY, MONTH, YEAR
from children.importing.normalise.ethnic import ethnic_name
from children.importing.normalise.places import STATUS_IN_TEMPLATE
from children.models import CareArrangement, Child, FamilyMember, Phone, codes
from children.sight import Sight

_BOARDING: dict[str, str] = {code.value: word for word, code in values.BOARDING.items()}
_COMMUTE: dict[str, str] = {code.value: word for word, code in values.COMMUTE.items()}
_HUKOU: dict[str, str] = {code.value: word for word, code in values.HUKOU.items()}
_REGION: dict[str, str] = {code.value: word for word, code in reversed(values.REGION.items())}
_YES_NO = {None: "", True: "是", False: "否"}
_AWAY = (codes.ParentStatus.AWAY_WORK, codes.ParentStatus.AWAY_OTHER)
_WIDTH = {DAY: 10, MONTH: 7, YEAR: 4}


@dataclass(slots=True)
class Family:
    """The adults around some children, their phones in calling order, and the care arrangements in force."""

    parents: dict[tuple[int, str], FamilyMember] = field(default_factory=dict)
    members: dict[int, FamilyMember] = field(default_factory=dict)
    numbers: dict[tuple[int, int | None], list[str]] = field(default_factory=lambda: defaultdict(list))
    care: dict[int, CareArrangement] = field(default_factory=dict)

    @classmethod
    def of(cls, children: Iterable[int]) -> "Family":
        """Loaded in three statements."""
        pks, found = list(children), cls()
        for member in FamilyMember.objects.filter(child__in=pks):
            found.members[member.pk] = member
            if member.relation in codes.PARENTS:
                found.parents[member.child_id, member.relation] = member
        for phone in Phone.objects.filter(child__in=pks).order_by("order", "pk"):
            found.numbers[phone.child_id, phone.member_id].append(phone.number)
        for care in CareArrangement.objects.open().filter(child__in=pks):
            found.care[care.child_id] = care
        return found


def roster_rows(
    children: Iterable[Child], on: dt.date, seen: Mapping[int, Sight], mentors: Mapping[int, str], *, full: bool
) -> list[dict[str, str]]:
    """
    One row a child: template column (without its star) → text. Children need `school_class__school` loaded.

    `seen` says what the reader gets of each child, `mentors` names the 代理家长, `full` gives whole ID numbers and
    phones where the reader may have them; else they are masked, and such a file is for looking only.
    """
    listed = list(children)
    family = Family.of(child.pk for child in listed)
    return [_row(child, on, seen[child.pk], family, mentors.get(child.pk, ""), full) for child in listed]


def _row(child: Child, on: dt.date, sight: Sight, family: Family, mentor: str, full: bool) -> dict[str, str]:
    whole = full and sight.numbers
    row = _identity(child, on, whole)
    if sight.reads(DataClass.CONTACT):
        row |= {"家庭住址": child.address, "村民组": child.village_group, "代理家长": mentor}
        row |= {"户口性质": _HUKOU.get(child.hukou_kind, ""), "邻居电话": _neighbour(child, full)}
        row |= _parent(child, codes.Relation.FATHER, "父亲", family, full)
        row |= _parent(child, codes.Relation.MOTHER, "母亲", family, full)
        row |= _carer(child, family, full)
    if sight.reads(DataClass.HEALTH):
        row |= _health(child)
    if sight.reads(DataClass.ECONOMY):
        row |= {"家庭经济来源": child.income_sources, "救助情况": child.aid_received}
    if sight.reads(DataClass.CARE):
        row["备注"] = child.note
    return row


def _identity(child: Child, on: dt.date, whole: bool) -> dict[str, str]:
    school_class = child.school_class
    grade, number = "", ""
    if school_class is not None:
        # 四（1）班 is split as the template has it: 四年级 and 1
        name = school_class.name_on(on)
        grade, number = name.split("（")[0], str(school_class.number)
        grade += "班" if school_class.school.stage == "kindergarten" else "年级"
    return {
        "学籍号": child.student_no if whole else mask_id_number(child.student_no),
        "姓名": child.name,
        "性别": str(child.get_sex_display()) if child.sex in values.SEX.values() else "",
        "出生日期": child.birth_text,
        "民族": child.ethnic_note or (ethnic_name(child.ethnic) if child.ethnic else ""),
        "身份证号": child.id_no if whole else mask_id_number(child.id_no),
        "年级": grade,
        "班级": number,
        "就读方式": _BOARDING.get(child.boarding, ""),
        "上下学方式": _COMMUTE.get(child.commute, ""),
    }


def _parent(child: Child, relation: str, word: str, family: Family, full: bool) -> dict[str, str]:
    parent = family.parents.get((child.pk, relation))
    if parent is None:
        return {}
    away = parent.status in _AWAY
    since = str(parent.away_since)[: _WIDTH.get(parent.away_precision, 10)] if away and parent.away_since else ""
    place = parent.work_place or _REGION.get(parent.work_region, "")
    return {
        f"{word}姓名": parent.name,
        f"{word}状况": STATUS_IN_TEMPLATE.get(parent.status, ""),
        f"{word}外出时间": since,
        f"{word}务工地": place if away else "",
        f"{word}工作单位": parent.work_unit,
        f"{word}电话": _phones(family.numbers[child.pk, parent.pk], full),
    }


def _carer(child: Child, family: Family, full: bool) -> dict[str, str]:
    care = family.care.get(child.pk)
    if care is None:
        return {"监护人电话": _phones(family.numbers[child.pk, None], full)}
    carer = family.members.get(care.carer_id or 0)
    row = {
        "监护类型": CARE_WORDS.get(care.care_type, ""),
        "监护情况评估": str(care.get_rating_display()) if care.rating else "",
        "是否签委托照护协议": _YES_NO[care.entrusted],
    }
    if carer is None:
        return row | {"监护人电话": _phones(family.numbers[child.pk, None], full)}
    return row | {
        "实际监护人": carer.name,
        "与学生关系": _relation(carer),
        "监护人电话": _phones(family.numbers[child.pk, carer.pk], full),
        "监护人年龄": str(carer.age_stated or ""),
        "监护人身体状况": str(carer.get_health_display()) if carer.health else "",
    }


def _relation(carer: FamilyMember) -> str:
    """The word that reads back as this very relation; blank where there is none, since blank changes nothing."""
    for word in (carer.relation_note, str(carer.get_relation_display())):
        reading = relations.read_relation(word)
        if reading.value == carer.relation and not reading.remarks and not reading.detail:
            return word
    return ""


def _health(child: Child) -> dict[str, str]:
    disability = child.disability_grade
    if child.disability and str(child.get_disability_display()) not in disability:
        label = str(child.get_disability_display())
        disability = f"{label}（{disability}）" if disability else label
    temper = child.temper_note or (str(child.get_temper_display()) if child.temper else "")
    return {
        "身体情况": child.illness or (str(child.get_body_state_display()) if child.body_state else ""),
        "残疾类别等级": disability,
        "性格特点": temper,
        "兴趣特长": child.hobbies,
    }


def _phones(numbers: Iterable[str], full: bool) -> str:
    return "、".join(number if full else mask_phone(number) for number in numbers)


def _neighbour(child: Child, full: bool) -> str:
    """The neighbour's numbers; a contact written in words is not what this column holds."""
    numbers = [phone.number for phone in phones.read_phones(child.neighbour_contact).value or ()]
    return _phones(numbers, full) if "、".join(numbers) == child.neighbour_contact else ""
