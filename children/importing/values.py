"""What a row states, in the fields and codes of the models. A field the row does not state is not in the result."""

from collections.abc import Iterable
from decimal import Decimal
from operator import attrgetter
from typing import Any

from children.importing.normalise.care import FAIR, GOOD, POOR
from children.importing.normalise.commute import UNSAFE
from children.importing.normalise.phones import Phone as StatedPhone
from children.importing.normalise.phones import digits
from children.importing.normalise.sex import FEMALE, MALE
from children.importing.records import ChildRow, Person
from children.models import codes

SEX = {MALE: codes.Sex.MALE, FEMALE: codes.Sex.FEMALE}
BOARDING = {"走读": codes.Boarding.DAY, "住校": codes.Boarding.BOARDER}
COMMUTE = {
    "步行": codes.Commute.WALK,
    "自行车": codes.Commute.BIKE,
    "公共交通": codes.Commute.PUBLIC,
    "家长自行接送": codes.Commute.FAMILY,
    "校车": codes.Commute.SCHOOL_BUS,
    UNSAFE: codes.Commute.UNLICENSED,
    "其他": codes.Commute.OTHER,
}
HUKOU = {"农业": codes.HukouKind.RURAL, "非农业": codes.HukouKind.URBAN}
RATING = {GOOD: codes.CareRating.GOOD, FAIR: codes.CareRating.FAIR, POOR: codes.CareRating.POOR}
REGION = {
    "县内": codes.Region.COUNTY,
    "县外": codes.Region.PROVINCE,
    "省内": codes.Region.PROVINCE,
    "省内县外": codes.Region.PROVINCE,
    "省外": codes.Region.COUNTRY,
    "境外": codes.Region.ABROAD,
    "国外": codes.Region.ABROAD,
}
_BODY = {"健康": codes.BodyState.HEALTHY, "良好": codes.BodyState.HEALTHY, "残疾": codes.BodyState.DISABLED}
_BODY |= {"患病": codes.BodyState.ILL, "重病": codes.BodyState.ILL}
_SCHOOL_HEALTH = {str(choice.label): choice for choice in codes.SchoolHealth}
_ADULT_HEALTH = {str(choice.label): choice for choice in codes.AdultHealth} | {"良好": codes.AdultHealth.GOOD}
_EDUCATION = {str(choice.label): choice for choice in codes.Education} | {
    "高中": codes.Education.SENIOR,
    "中专": codes.Education.SENIOR,
    "大专": codes.Education.SENIOR,
    "大学": codes.Education.SENIOR,
}
_ID_TYPE = {str(choice.label): choice for choice in codes.IdType}
_TEMPER = {str(choice.label): choice for choice in codes.Temper if choice != codes.Temper.OTHER}
_STRUCTURE = {str(choice.label): choice for choice in codes.FamilyStructure} | {
    "单亲家庭": codes.FamilyStructure.SINGLE,
    codes.FamilyStructure.SINGLE.value: codes.FamilyStructure.SINGLE,
    "重组家庭": codes.FamilyStructure.REBUILT,
}
_HARDSHIP = {
    "低保": codes.Hardship.MINIMUM,
    "脱贫": codes.Hardship.LIFTED,
    "建档立卡": codes.Hardship.LIFTED,
    "监测": codes.Hardship.MONITORED,
    "特困": codes.Hardship.EXTREME,
    "孤儿": codes.Hardship.ORPHAN,
    "事实无人抚养": codes.Hardship.UNSUPPORTED,
    "残疾": codes.Hardship.DISABLED,
    "重病": codes.Hardship.ILLNESS,
}
__all__ = ["child_values", "digits", "hardship", "person_values"]
_SAME_NAME = (
    "name", "former_name", "birth_lunar", "id_no", "student_no", "aux_no", "class_seq", "hukou_place", "address",
    "village_group", "needs_bus", "household_size", "income_per_head", "blood_type", "boarding_subsidy",
)  # fmt: skip
_OF_ADULT = ("name", "id_no", "work_unit", "job", "address")
_same_name, _of_adult = attrgetter(*_SAME_NAME), attrgetter(*_OF_ADULT)
CLEARABLE = {
    "former_name": ("former_name",),
    "birth_lunar": ("birth_lunar",),
    "aux_no": ("aux_no",),
    "class_seq": ("class_seq",),
    "hukou_place": ("hukou_place",),
    "address": ("address",),
    "village_group": ("village_group",),
    "boarding": ("boarding",),
    "commute": ("commute",),
    "health": ("body_state", "illness"),
    "disability": ("disability", "disability_grade"),
    "blood_type": ("blood_type",),
    "personality": ("temper", "temper_note"),
    "hobby": ("hobbies",),
    "income_sources": ("income_sources",),
    "aid": ("aid_received",),
    "neighbour_phone": ("neighbour_contact",),
    "note": ("note",),
}
"""Columns in which the token 【清空】 empties the stored fields; identity and family are never emptied by a roster."""


def child_values(row: ChildRow) -> dict[str, Any]:
    """The fields of Child that the row states, except birth date, class and note, which need what is stored."""
    found = _stated(zip(_SAME_NAME, _same_name(row), strict=True))
    others: dict[str, Any] = {
        "id_type": _ID_TYPE.get(row.id_type or ""),
        "sex": SEX.get(row.sex or ""),
        "ethnic": row.ethnic,
        "ethnic_note": row.ethnic_text if row.ethnic == "97" else None,
        "hukou_kind": HUKOU.get(row.hukou_kind or ""),
        "boarding": BOARDING.get(row.boarding or ""),
        "commute": COMMUTE.get(row.commute or ""),
        "dorm_bed": " ".join(part for part in (row.dorm, row.bed) if part),
        "enrolled_on": row.enrolled_on.first_day if row.enrolled_on else None,
        "commute_km": None if row.commute_km is None else Decimal(str(row.commute_km)).quantize(Decimal("0.1")),
        "hobbies": row.hobby,
        "income_sources": "、".join(row.income_sources),
        "aid_received": "、".join(row.aid),
        "family_structure": _STRUCTURE.get(row.family_structure or ""),
        "neighbour_contact": "、".join(phone.number for phone in row.neighbour_phones),
        **_health(row),
        **_temper(row.personality),
    }
    return found | _stated(others.items())


def _stated(found: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in found if value or not (value is None or value == "")}


def hardship(row: ChildRow) -> list[str]:
    """Codes of difficulties the row names."""
    words = " ".join((row.hardship or "", *row.aid))
    found = {code.value for word, code in _HARDSHIP.items() if word in words}
    if row.orphan:
        found.add(codes.Hardship.ORPHAN.value)
    if row.low_income:
        found.add(codes.Hardship.MINIMUM.value)
    return sorted(found)


def _health(row: ChildRow) -> dict[str, Any]:
    found: dict[str, Any] = {}
    text = row.health or ""
    if text in _BODY:
        found["body_state"] = _BODY[text]
    elif text in _SCHOOL_HEALTH:
        found["school_health"] = _SCHOOL_HEALTH[text]
        if text == codes.SchoolHealth.GOOD.label:
            found["body_state"] = codes.BodyState.HEALTHY
    elif text:
        found["illness"] = text
    if row.disability and not row.disability.startswith("无"):
        kinds = [kind for kind in codes.Disability if str(kind.label) in row.disability]
        found["disability"] = kinds[0] if kinds else codes.Disability.OTHER
        label = str(found["disability"].label)
        # As our own export writes it: 肢体, or 肢体（一级）.
        exact = row.disability.removeprefix(label).removeprefix("（").removesuffix("）")
        found["disability_grade"] = exact if row.disability in (label, f"{label}（{exact}）") else row.disability
    if row.disabled or "disability" in found:
        found["body_state"] = codes.BodyState.DISABLED
    return found


def _temper(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    return {"temper": _TEMPER[text]} if text in _TEMPER else {"temper_note": text}


def person_values(person: Person) -> dict[str, Any]:
    """The fields of FamilyMember that the row states, except relation and status, which have rules of their own."""
    found = _stated(zip(_OF_ADULT, _of_adult(person), strict=True))
    if person.age is not None:
        found["age_stated"] = person.age
    if person.birth_date:
        found["birth_date"] = person.birth_date.first_day
    if health := _ADULT_HEALTH.get(person.health or ""):
        found["health"] = health
    if education := _EDUCATION.get(person.education or ""):
        found["education"] = education
    return found


def answered_by(phone: StatedPhone) -> str:
    """Who answers, where the cell says so (爸, 妈 晚上打)."""
    return "" if phone.dead else phone.note[:30]
