"""
农村留守儿童基本情况登记表, the one-child form of the civil affairs survey of 2016 (domain §3.3, rosters L6).

The labels are the form's own; the arrangement of its rows is inferred. Somebody who has died is a dash (domain §3.3 D).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from caretrack.masking import mask_id_number
from caretrack.periods import chinese_date
from caretrack.schools.models import Stage
from children.left_behind import LeftBehind, statuses
from children.models import CareArrangement, Child, FamilyMember, Phone, PhoneState, StatusChange, codes
from reports.builders.paper import home_address

DEAD = "—"
JUNIOR_FROM = 7
_INCOME = (("打工收入", "打工"), ("种养殖业", "种养"), ("政府救助", "政府"), ("亲朋接济", "接济"))
_AID = (("临时救助", "临时"), ("医疗救助", "医疗"), ("住房救助", "住房"))


@dataclass(frozen=True)
class Choice:
    """An option with its tick: 健康（√）."""

    label: str
    ticked: bool = False

    @property
    def mark(self) -> str:
        return "（√）" if self.ticked else "（　）"


@dataclass(frozen=True)
class Relative:
    """A parent or grandparent as the form asks for them."""

    label: str
    name: str = ""
    born: str = ""
    work_place: str = ""
    phone: str = ""
    id_no: str = ""


@dataclass(frozen=True)
class Entrusted:
    """受委托监护人: who was entrusted with the child."""

    name: str = ""
    phone: str = ""
    id_no: str = ""
    relation: str = ""
    address: str = ""


@dataclass(frozen=True)
class RegistrationForm:
    """One sheet. Texts are empty where nothing is known, so that a person can write there."""

    school: str = ""
    filled_on: str = ""
    name: str = ""
    sex: str = ""
    ethnic: str = ""
    born: str = ""
    id_no: str = ""
    registered: str = ""
    hukou_place: str = ""
    address: str = ""
    disability: str = ""
    illness: str = ""
    boards: str = ""
    body: tuple[Choice, ...] = ()
    schooling: tuple[Choice, ...] = ()
    grandparents: tuple[Relative, ...] = ()
    parents: tuple[Relative, ...] = ()
    both_away: tuple[Choice, ...] = ()
    one_unable: tuple[Choice, ...] = ()
    unable: tuple[Choice, ...] = ()
    entrusts: tuple[Choice, ...] = ()
    entrusted: Entrusted = Entrusted()
    care: tuple[Choice, ...] = ()
    income: tuple[Choice, ...] = ()
    aid: tuple[Choice, ...] = ()


def blank_form(school: str = "") -> RegistrationForm:
    """The form without a child, to be filled by hand."""
    return RegistrationForm(
        school=school,
        body=_one_of(_BODY, None),
        schooling=_one_of(_SCHOOLING, None),
        grandparents=tuple(Relative(label) for label, _relation in _GRANDPARENTS),
        parents=(Relative("父亲"), Relative("母亲")),
        both_away=_yes_no(None),
        one_unable=_yes_no(None),
        unable=_one_of(("父亲", "母亲"), None),
        entrusts=_yes_no(None),
        care=_one_of(_CARE, None),
        income=_several(_income_labels(), frozenset()),
        aid=_several(_aid_labels(), frozenset()),
    )


_BODY = ("健康", "残疾", "患病")
_SCHOOLING = ("幼儿园", "未入园", "小学", "初中", "高中", "中职", "辍学", "不在学")
_CARE = ("无人监护", "父或母无监护能力", "受委托监护人监护能力不足", "监护情况一般", "监护情况较好")
_GRANDPARENTS = (
    ("祖父", codes.Relation.GRANDFATHER),
    ("祖母", codes.Relation.GRANDMOTHER),
    ("外祖父", codes.Relation.MATERNAL_GRANDFATHER),
    ("外祖母", codes.Relation.MATERNAL_GRANDMOTHER),
)


def build_registration(children: Iterable[Child], *, on: date, full_numbers: bool) -> tuple[RegistrationForm, ...]:
    """
    The forms of these children as of the day, in the given order; their school and class must be loaded.

    ID numbers are masked unless `full_numbers`, which the caller must have a purpose for and log. Seven statements
    whatever the number of children.
    """
    listed = list(children)
    ids = [child.pk for child in listed]
    answers = statuses(ids, on)
    family: dict[int, list[FamilyMember]] = {}
    for member in FamilyMember.objects.filter(child__in=ids):
        family.setdefault(member.child_id, []).append(member)
    phones: dict[int | None, str] = {}
    for phone in Phone.objects.filter(child__in=ids).exclude(state=PhoneState.DEAD):
        phones.setdefault(phone.member_id, phone.number)
    care = {row.child_id: row for row in CareArrangement.objects.on(on).filter(child__in=ids).order_by("pk")}
    last_change = dict(
        StatusChange.objects.filter(child__in=ids, on__lte=on, kind__in=(*codes.ENTERS_SCHOOL, *codes.LEAVES_SCHOOL))
        .order_by("on", "pk")
        .values_list("child_id", "kind")
    )
    return tuple(
        _Filler(child, family.get(child.pk, []), phones, care.get(child.pk), answers[child.pk], full_numbers).form(
            on, last_change.get(child.pk, "")
        )
        for child in listed
    )


@dataclass(frozen=True)
class _Filler:
    """Fills one sheet from what is known of one child."""

    child: Child
    family: Sequence[FamilyMember]
    phones: dict[int | None, str]
    care: CareArrangement | None
    answer: LeftBehind
    full: bool

    def form(self, on: date, last_change: str) -> RegistrationForm:
        child = self.child
        father, mother = self._parent(codes.FATHERS), self._parent(codes.MOTHERS)
        unable = [label for label, one in (("父亲", father), ("母亲", mother)) if one and _unable(one)]
        one_away = self.answer.father_away != self.answer.mother_away
        home_unable = (self.answer.father_away and "母亲" in unable) or (self.answer.mother_away and "父亲" in unable)
        hardship = set(child.hardship or [])
        return RegistrationForm(
            school=child.school.name,
            filled_on=chinese_date(on),
            name=child.name,
            sex=child.get_sex_display(),
            ethnic=child.get_ethnic_display(),
            born=child.birth_text,
            id_no=self._number(child.id_no),
            registered={True: "是", False: "否", None: ""}[child.hukou_registered],
            hukou_place=child.hukou_place,
            address=home_address(child.address, child.village_group),
            disability=" ".join(part for part in (child.get_disability_display(), child.disability_grade) if part),
            illness=child.get_illness_kind_display() if child.body_state == codes.BodyState.ILL else "",
            boards={"": "", codes.Boarding.BOARDER: "是"}.get(child.boarding, "否"),
            body=_one_of(_BODY, child.get_body_state_display() or None),
            schooling=_one_of(_SCHOOLING, schooling_of(child, on, last_change)),
            grandparents=tuple(self._relative(label, (relation,)) for label, relation in _GRANDPARENTS),
            parents=(self._relative("父亲", codes.FATHERS), self._relative("母亲", codes.MOTHERS)),
            both_away=_yes_no(self.answer.both_away),
            one_unable=_yes_no(one_away and home_unable),
            unable=_several(("父亲", "母亲"), frozenset(unable)),
            entrusts=_yes_no(self.care.entrusted if self.care else None),
            entrusted=self._entrusted(),
            care=_one_of(_CARE, self._care_words(one_away and home_unable)),
            income=_several(_income_labels(), _named(child.income_sources, _INCOME, "其他")),
            aid=_several(
                _aid_labels(),
                _named(child.aid_received, _AID, "其他救助")
                | ({"享受低保"} if codes.Hardship.MINIMUM in hardship or "低保" in child.aid_received else frozenset()),
            ),
        )

    def _parent(self, relations: Sequence[str]) -> FamilyMember | None:
        """Of several the one who is not gone for good; the natural parent before the step-parent."""
        found = sorted(
            (one for one in self.family if one.relation in relations),
            key=lambda one: (one.status in codes.GONE, one.relation),
        )
        return found[0] if found else None

    def _relative(self, label: str, relations: Sequence[str]) -> Relative:
        member = self._parent(relations)
        if member is None:
            return Relative(label)
        if member.status == codes.ParentStatus.DECEASED:
            return Relative(label, DEAD, DEAD, DEAD, DEAD, DEAD)
        born = str(member.birth_date) if member.birth_date else f"{member.age_stated}岁" if member.age_stated else ""
        work = member.work_place if member.status != codes.ParentStatus.AT_HOME else "在家"
        return Relative(label, member.name, born, work, self.phones.get(member.pk, ""), self._number(member.id_no))

    def _entrusted(self) -> Entrusted:
        carer_id = self.care.carer_id if self.care and self.care.entrusted is not False else None
        member = next((one for one in self.family if carer_id and one.pk == carer_id), None)
        if member is None or member.relation in codes.PARENTS:
            return Entrusted()
        return Entrusted(
            member.name,
            self.phones.get(member.pk, ""),
            self._number(member.id_no),
            member.get_relation_display(),
            member.address or self.child.address,
        )

    def _care_words(self, incapable_parent: bool) -> str | None:
        if self.care is None:
            return None
        if self.care.care_type in codes.UNCARED:
            return "无人监护"
        if incapable_parent and self.care.care_type == codes.CareType.ONE_PARENT:
            return "父或母无监护能力"
        return (
            {
                codes.CareRating.POOR: "受委托监护人监护能力不足",
                codes.CareRating.FAIR: "监护情况一般",
                codes.CareRating.GOOD: "监护情况较好",
            }.get(codes.CareRating(self.care.rating))
            if self.care.rating
            else None
        )

    def _number(self, number: str) -> str:
        return number if self.full or not number else mask_id_number(number)


def schooling_of(child: Child, on: date, last_change: str) -> str | None:
    """就学情况 of one child: by the class it is in, else by how it left; None where neither tells."""
    if child.school_class is None:
        return {codes.ChangeKind.DROPOUT: "辍学", codes.ChangeKind.SUSPENDED: "不在学"}.get(last_change)  # type: ignore[call-overload]
    if child.school.stage == Stage.KINDERGARTEN:
        return "幼儿园"
    return "初中" if child.school_class.grade_on(on) >= JUNIOR_FROM else "小学"


def _unable(member: FamilyMember) -> bool:
    return member.has_capacity is False or member.status in codes.GONE


def _one_of(labels: Sequence[str], chosen: str | None) -> tuple[Choice, ...]:
    return tuple(Choice(label, label == chosen) for label in labels)


def _several(labels: Sequence[str], chosen: Iterable[str]) -> tuple[Choice, ...]:
    wanted = set(chosen)
    return tuple(Choice(label, label in wanted) for label in labels)


def _yes_no(answer: bool | None) -> tuple[Choice, ...]:
    return (Choice("是", answer is True), Choice("否", answer is False))


def _income_labels() -> tuple[str, ...]:
    return (*(label for label, _word in _INCOME), "其他")


def _aid_labels() -> tuple[str, ...]:
    return ("享受低保", *(label for label, _word in _AID), "其他救助")


def _named(text: str, words: Sequence[tuple[str, str]], other: str) -> frozenset[str]:
    """The options that a free text names; text that names none of them is 其他."""
    if not text.strip():
        return frozenset()
    found = frozenset(label for label, word in words if word in text)
    return found or (frozenset() if "低保" in text else frozenset({other}))
