"""The sections of the dossier and their fields, in the order of the page and of the paper (domain §3.3)."""

from dataclasses import dataclass
from typing import Any

from children.models import Child, codes
from children.sight import Sight

CHILD = "children.Child"


@dataclass(frozen=True)
class Part:
    """One section of the dossier that consists of fields of Child."""

    key: str
    title: str
    icon: str
    fields: tuple[str, ...]

    def readable(self, sight: Sight) -> list[str]:
        """The fields that may be shown, by the catalogue."""
        return [name for name in self.fields if sight.reads_field(CHILD, name)]

    def writable(self, sight: Sight) -> list[str]:
        """The fields that may be changed, by the catalogue."""
        return [name for name in self.fields if sight.writes_field(CHILD, name)]


def _part(key: str, title: str, icon: str, fields: str) -> Part:
    return Part(key, title, icon, tuple(fields.split()))


PARTS = {
    part.key: part
    for part in (
        _part(
            "identity", "基本情况", "person-vcard",
            "name former_name sex birth_date birth_precision birth_lunar ethnic ethnic_note "
            "id_type id_no id_verified student_no aux_no class_seq",
        ),
        _part(
            "home", "户口和住址", "house-door",
            "address village_group hukou_registered hukou_kind hukou_place",
        ),
        _part(
            "school", "在校情况", "book",
            "enrolled_on boarding dorm_bed commute commute_km needs_bus study_level study_attitude",
        ),
        _part(
            "health", "身体健康", "heart-pulse",
            "body_state school_health disability disability_grade illness_kind illness allergy blood_type",
        ),
        _part(
            "economy", "家庭经济", "wallet2",
            "family_structure household_size income_per_head income_sources hardship aid_received "
            "boarding_subsidy",
        ),
        _part(
            "character", "性格与成长", "emoji-smile",
            "temper temper_note hobbies conduct wishes study_difficulty",
        ),
        _part("homeschool", "家庭教育和家长意见", "chat-heart", "family_education family_suggestion"),
        _part(
            "safety", "安全", "shield-check",
            "alone_at_home water_on_way emergency_contact emergency_contact_2 neighbour_contact",
        ),
        _part(
            "admin", "档案管理", "folder2",
            "family_confirmed_on family_confirmed_by filled_by filled_on checked_by checked_on approved_by "
            "retain_until note",
        ),
    )
}  # fmt: skip

#: Shown with the field before it: a date's precision, whether a number was checked.
BESIDE = frozenset({"birth_precision", "id_verified", "ethnic_note"})


def shown(child: Child, name: str) -> Any:
    """A field's value as a person reads it: choices resolved, yes and no in Chinese, empty for nothing."""
    value = getattr(child, name)
    if name == "birth_date":
        return child.birth_text
    if name == "hardship":
        return "、".join(codes.Hardship(kind).label for kind in value or [] if kind in codes.Hardship.values)
    if name == "enrolled_on" and value:
        return f"{value.year}年{value.month}月"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    display = getattr(child, f"get_{name}_display", None)
    if display is not None:
        return display() if value else ""
    return value


def label_of(name: str) -> str:
    """The field's Chinese name, the same as in forms."""
    return str(Child._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
