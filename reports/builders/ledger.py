"""管理台账: every left-behind child of a school or class as known on any past day (domain §13, system 14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from caretrack.access.policy import DataClass
from children.left_behind import ParentFacts, Span
from children.models import AbsenceSpan, CareArrangement, Child, FamilyMember, Phone, PhoneState, codes
from children.sight import Sight
from mentoring.models import Pairing
from reports.builders.paper import home_address
from reports.builders.register import Line, register
from reports.builders.unit import Unit


@dataclass(frozen=True)
class ParentCell:
    """One parent as known on the day."""

    name: str = ""
    place: str = ""
    phone: str = ""
    away: bool = False


@dataclass(frozen=True)
class LedgerRow:
    """One child; what the reader does not get of it is empty."""

    child_id: int
    name: str
    sex: str
    birth: str
    class_name: str
    kind: str
    father: ParentCell
    mother: ParentCell
    carer: str
    carer_relation: str
    carer_phone: str
    care_type: str
    rating: str
    mentor: str
    level: str
    boarding: str
    address: str
    filed: bool


@dataclass(frozen=True)
class LedgerAsk:
    """Which children of the register: level, care type, hardship and a column of table 1 with its class (0 the whole)."""

    key_only: bool = False
    care_type: str = ""
    mark: str = ""
    scope: int = 0
    poor_only: bool = False


@dataclass(frozen=True)
class Ledger:
    """The rows in the order of the roll; `hidden` counts children of the register whom the reader no longer sees."""

    unit: str
    school: str
    on: date
    definition: str
    rows: tuple[LedgerRow, ...]
    hidden: int = 0
    narrowed: str = ""

    @property
    def title(self) -> str:
        return f"{self.unit}留守儿童管理台账"


def build_ledger(unit: Unit, *, on: date, definition: str, ask: LedgerAsk, sights: dict[int, Sight]) -> Ledger:
    """
    The ledger of the day as far as the reader sees the children now.

    `sights` says for each child what the reader gets of it; children without family data are only counted. Parents,
    care, mentor, class and level are those of the day; the rest has no dates and stands as known now. The number of
    statements does not depend on the number of children.
    """
    known = register(unit, on, definition)
    asked = [line for line in known.lines if _wanted(line, ask)]
    shown = [line for line in asked if sights.get(line.child_id, Sight()).reads(DataClass.CONTACT)]
    facts = _Facts([line.child_id for line in shown], on, unit.school.visit_tolerance_days)
    names = {one.pk: one.name_on(on) for one in unit.classes(on)}
    place = {class_id: number for number, class_id in enumerate(names)}
    shown.sort(key=lambda line: (place.get(line.class_id, len(place)), facts.children[line.child_id].pinyin))
    rows = tuple(
        facts.row(line, names, codes.SupportLevel(known.levels[line.child_id]).label, sights[line.child_id])
        for line in shown
    )
    return Ledger(
        unit.title_prefix(on), unit.school.name, on, definition, rows, len(asked) - len(shown), _words(ask)
    )  # fmt: skip


def register_ids(unit: Unit, *, on: date, definition: str) -> list[int]:
    """Who is on the register of the day, to ask what the reader gets of each."""
    return sorted(register(unit, on, definition).ids)


def _wanted(line: Line, ask: LedgerAsk) -> bool:
    if ask.key_only and "key" not in line.marks:
        return False
    if ask.poor_only and "hardship" not in line.marks:
        return False
    if ask.care_type and not line.marks.intersection(_CARE_OF[ask.care_type]):
        return False
    if ask.scope and line.class_id != ask.scope:
        return False
    return not ask.mark or ask.mark in line.marks


_CARE_OF = {
    "grandparent": ("paternal", "maternal"),
    "one_parent": ("parent",),
    "kin_friend": ("kin",),
    "peer": ("peer",),
    "nobody": ("nobody",),
    "institution": ("institution",),
}
CARE_CHOICES = [
    ("", "全部监护类型"),
    ("grandparent", "祖辈"),
    ("one_parent", "父或母"),
    ("kin_friend", "亲朋"),
    ("peer", "同辈或自我"),
    ("nobody", "无人监护"),
    ("institution", "托管寄宿"),
]


def _words(ask: LedgerAsk) -> str:
    parts = ["重点对象"] if ask.key_only else []
    if ask.care_type:
        parts.append(dict(CARE_CHOICES)[ask.care_type])
    if ask.poor_only:
        parts.append("有困难的")
    return "、".join(parts)


class _Facts:
    """What is known of these children on the day, fetched in seven statements."""

    def __init__(self, ids: Iterable[int], on: date, visit: int) -> None:
        listed = list(ids)
        self.on, self.visit = on, visit
        self.children = {
            child.pk: child for child in Child.objects.filter(pk__in=listed).defer("id_no", "student_no", "photo")
        }
        self.family: dict[int, list[FamilyMember]] = {}
        for member in FamilyMember.objects.filter(child__in=listed).defer("id_no").order_by("-relation"):
            self.family.setdefault(member.child_id, []).append(member)
        self.phones: dict[int | None, str] = {}
        for phone in Phone.objects.filter(child__in=listed).exclude(state=PhoneState.DEAD):
            self.phones.setdefault(phone.member_id, phone.number)
        self.spans: dict[int, list[AbsenceSpan]] = {}
        for span in AbsenceSpan.objects.filter(member__child__in=listed).order_by(F("starts_on").asc(nulls_first=True)):
            self.spans.setdefault(span.member_id, []).append(span)
        care = CareArrangement.objects.on(on).filter(child__in=listed).select_related("carer")
        self.care = {row.child_id: row for row in care.order_by("starts_on", "pk")}
        pairs = Pairing.objects.on(on).acting_parents().reaching(on).filter(child__in=listed)
        self.mentors = dict(pairs.values_list("child_id", "mentor__name"))

    def row(self, line: Line, names: dict[int, str], level: str, sight: Sight) -> LedgerRow:
        child = self.children[line.child_id]
        care = self.care.get(child.pk)
        carer = care.carer if care else None
        return LedgerRow(
            child_id=child.pk,
            name=child.name,
            sex=child.get_sex_display(),
            birth=child.birth_text[:7],
            class_name=names.get(line.class_id, ""),
            kind="双亲外出" if "both" in line.marks else "单亲外出",
            father=self._parent(child.pk, codes.FATHERS),
            mother=self._parent(child.pk, codes.MOTHERS),
            carer=carer.name if carer else "",
            carer_relation=carer.get_relation_display() if carer else "",
            carer_phone=self.phones.get(carer.pk, "") if carer else "",
            care_type=care.get_care_type_display() if care else "",
            rating=care.get_rating_display() if care else "",
            mentor=self.mentors.get(child.pk, ""),
            level=level if sight.reads(DataClass.CARE) else "",
            boarding=child.get_boarding_display(),
            address=home_address(child.address, child.village_group),
            filed="filed" in line.marks,
        )

    def _parent(self, child: int, relations: tuple[str, ...]) -> ParentCell:
        found = [(one, self._status(one)) for one in self.family.get(child, ()) if one.relation in relations]
        alive = [(one, status) for one, status in found if status not in codes.GONE]
        if not found:
            return ParentCell()
        member, status = (alive or found)[-1]
        phone = self.phones.get(member.pk, "")
        if status == codes.ParentStatus.AWAY_WORK:
            return ParentCell(member.name, self._place(member), phone, away=True)
        return ParentCell(member.name, codes.ParentStatus(status).label, phone)

    def _status(self, member: FamilyMember) -> str:
        spans = tuple(Span(one.status, one.starts_on, one.ends_on) for one in self.spans.get(member.pk, ()))
        parent = ParentFacts(member.status, spans=spans)
        # Who is home on a short visit still counts as away, in this table as in the register.
        return (
            codes.ParentStatus.AWAY_WORK if parent.working_away_on(self.on, self.visit) else parent.status_on(self.on)
        )

    def _place(self, member: FamilyMember) -> str:
        work = [one for one in self.spans.get(member.pk, ()) if one.status == codes.ParentStatus.AWAY_WORK]
        begun = [one.work_place for one in work if one.starts_on is None or one.starts_on <= self.on]
        return next(filter(None, reversed(begun)), member.work_place)


__all__ = ["CARE_CHOICES", "Ledger", "LedgerAsk", "LedgerRow", "build_ledger", "register_ids"]
