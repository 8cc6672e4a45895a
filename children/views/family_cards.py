"""What the dossier page shows of the family: members, phones in calling order, who cares."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.urls import reverse

from caretrack.access.policy import Act, DataClass
from caretrack.masking import mask_id_number, mask_phone
from caretrack.periods import age_on, chinese_date, months_elapsed
from caretrack.web.addresses import address
from children.consents import agreed
from children.contacts import calling_order
from children.models import CareArrangement, Child, Consent, FamilyMember, Phone, PhoneState, codes
from children.not_called import NotCalled
from children.sight import Sight


@dataclass(frozen=True)
class Shown:
    """One label and value; `reveal` is where a masked one is shown whole."""

    label: str
    value: Any
    reveal: str = ""
    remark: str = ""


@dataclass(frozen=True)
class PhoneLine:
    """One number, masked; `checks` are where an outcome is pressed, `up` and `down` where the order is changed."""

    phone: Phone
    whose: str
    masked: str
    reveal: str
    tone: str
    stale: bool = False
    checks: tuple[tuple[str, str], ...] = ()
    up: str = ""
    down: str = ""


@dataclass(frozen=True)
class MemberCard:
    """One member of the family with phones in calling order; `suspected` only for whom may know of it."""

    member: FamilyMember
    is_parent: bool
    cares: bool
    since: str
    facts: list[Shown]
    phones: list[PhoneLine]
    edit: str
    suspected: bool


def family_cards(
    child: Child, sight: Sight, family: list[FamilyMember], carer_id: int | None, on: date, *, known: NotCalled
) -> list[MemberCard]:
    """Parents first, then the others, each with phones masked; online contacts only as the family agreed."""
    groups = any(member.online_contact for member in family) and bool(agreed(Consent.Purpose.GROUPS, [child]))
    order = {relation: n for n, relation in enumerate(codes.PARENTS)}
    cards = []
    for member in sorted(family, key=lambda m: (order.get(m.relation, 9), m.relation, m.pk)):
        edit = address("children:member_edit", child.pk, member.pk) if _edits_family(sight) else ""
        phones = [_phone_line(child, phone, sight) for phone in calling_order(list(member.phones.all()))]
        is_parent = member.relation in codes.PARENTS
        facts = _member_facts(member, groups=groups)
        if member.id_no and sight.numbers:
            reveal = reverse("children:child_reveal", args=[child.pk, f"member-{member.pk}"])
            facts.append(Shown("身份证号", mask_id_number(member.id_no), reveal if sight.may(Act.CHILD_REVEAL) else ""))
        cards.append(
            MemberCard(
                member,
                is_parent,
                member.pk == carer_id,
                _since(member, on) if is_parent else "",
                facts,
                phones,
                edit,
                member.pk in known.members,
            )  # fmt: skip
        )
    return cards


def _edits_family(sight: Sight) -> bool:
    return sight.may(Act.CHILD_EDIT) and sight.writes(DataClass.CONTACT)


TONES = {PhoneState.OK: "good", PhoneState.NO_ANSWER: "warn", PhoneState.DEAD: "bad"}
PRESSED = ((PhoneState.OK, "已打通"), (PhoneState.NO_ANSWER, "打不通"), (PhoneState.DEAD, "空号停机"))


def calling(
    child: Child, sight: Sight, family: list[FamilyMember], *, carer: int | None, since: date, barred: NotCalled
) -> list[PhoneLine]:
    """Whom to call first: the numbers of the family in calling order but for the `barred`, with what may be pressed."""
    by_id = {member.pk: member for member in family}
    phones = [phone for member in family for phone in member.phones.all() if not barred.bars(phone)]
    ordered = calling_order(phones, carer)
    edits = _edits_family(sight)
    lines = []
    for place, phone in enumerate(ordered):
        member = by_id.get(phone.member_id or 0)
        line = _phone_line(child, phone, sight, str(member or ""), since)
        if edits:
            line = replace(
                line,
                checks=tuple((address("children:phone_check", child.pk, phone.pk, o), w) for o, w in PRESSED),
                up=address("children:phone_move", child.pk, phone.pk, "up") if place else "",
                down=address("children:phone_move", child.pk, phone.pk, "down") if place + 1 < len(ordered) else "",
            )
        lines.append(line)
    return lines


def _phone_line(child: Child, phone: Phone, sight: Sight, whose: str = "", since: date | None = None) -> PhoneLine:
    may = sight.may(Act.CHILD_REVEAL)
    reveal = reverse("children:child_reveal", args=[child.pk, f"phone-{phone.pk}"]) if may else ""
    stale = since is not None and (phone.verified_on is None or phone.verified_on < since)
    return PhoneLine(
        phone, whose, mask_phone(phone.number), reveal, TONES.get(PhoneState(phone.state), "neutral"), stale
    )


def _since(member: FamilyMember, on: date) -> str:
    if member.status not in (codes.ParentStatus.AWAY_WORK, codes.ParentStatus.AWAY_OTHER):
        return f"{member.returned_on.year}年{member.returned_on.month}月返乡" if member.returned_on else ""
    if member.away_since is None:
        return "外出时间不详"
    day = member.away_since
    text = {
        "day": f"{day.year}年{day.month}月{day.day}日",
        "month": f"{day.year}年{day.month}月",
        "year": f"{day.year}年",
    }
    months = max(months_elapsed(day, on), 0)
    lasted = f"{months // 12}年{months % 12}个月" if months >= 12 else f"{months}个月"
    return f"{text[member.away_precision]}起，已{lasted}"


def _member_facts(member: FamilyMember, *, groups: bool) -> list[Shown]:
    place = "，".join(filter(None, [member.get_work_region_display(), member.work_place]))
    age = f"{member.age_stated}岁" if member.age_stated else ""
    told = [
        ("务工地点", place),
        ("工作单位", " ".join(filter(None, [member.work_unit, member.job]))),
        ("多久回家一次", member.returns_every),
        ("多久联系一次", "，".join(filter(None, [member.contact_every, member.contact_way]))),
        ("微信或QQ", member.online_contact if groups else ""),
        ("出生日期", chinese_date(member.birth_date)) if member.birth_date else ("年龄", age),
        ("健康状况", member.get_health_display()),
        ("文化程度", member.get_education_display()),
        (
            "监护能力",
            "" if member.has_capacity is None else "有" if member.has_capacity else f"无：{member.incapacity_reason}",
        ),
        ("住址", member.address),
    ]
    return [Shown(label, value) for label, value in told if value]


def care_facts(care: CareArrangement | None, sight: Sight, on: date) -> list[Shown]:
    """Who really cares for the child, able to do what, how well, on what written footing."""
    if care is None:
        return []
    yes = {None: "", True: "是", False: "否"}
    kind = care.get_care_type_display()
    if care.care_type == codes.CareType.GRANDPARENT and care.maternal is not None:
        kind = f"{kind}（{'外祖' if care.maternal else '祖'}父母一方）"
    until = (
        f"，{'已于' if care.entrusted_until < on else '至'}{chinese_date(care.entrusted_until)}{'到期' if care.entrusted_until < on else ''}"
        if care.entrusted_until
        else ""
    )
    signed = f"{yes[care.entrusted]}{f'，{chinese_date(care.entrusted_on)}签' if care.entrusted_on else ''}{until}"
    told = [
        Shown("实际监护人", str(care.carer) if care.carer else "未登记"),
        Shown("监护类型", kind),
        Shown("监护情况评估", care.get_rating_display()),
        Shown("开始日期", care.starts_on),
        *(_carer_facts(care.carer, on) if care.carer else []),
        Shown("能否辅导学习", yes[care.can_tutor]),
        Shown("监护人态度", care.attitude),
        Shown("与学生融洽程度", care.bond),
        Shown("委托照护协议", signed if care.entrusted is not None else ""),
        Shown("书面告知学校", care.school_told_on),
    ]
    if sight.reads(DataClass.CARE):
        told += _exclusions(care)
    return [fact for fact in told if fact.value not in ("", None)]


def _carer_facts(carer: FamilyMember, on: date) -> list[Shown]:
    """What the carer is able to, as registered of the member of the family (domain §3.3 E)."""
    age = age_on(carer.birth_date, on) if carer.birth_date else carer.age_stated
    return [
        Shown("监护人年龄", f"{age}岁" if age else ""),
        Shown("监护人身体状况", carer.get_health_display()),
        Shown("监护人文化程度", carer.get_education_display()),
        Shown("监护人职业", " ".join(filter(None, [carer.job, carer.work_unit]))),
    ]


def _exclusions(care: CareArrangement) -> list[Shown]:
    words = [codes.Exclusion(kind).label for kind in care.exclusions if kind in codes.Exclusion.values]
    if care.excluded_reason:
        words.append(care.excluded_reason)
    checked = f"（{chinese_date(care.excluded_checked_on)}核查）" if care.excluded_checked_on else ""
    if not words and not checked:
        return []
    return [Shown("不得委托的情形", f"{'；'.join(words) or '未发现'}{checked}")]
