"""One child's dossier (留守儿童档案), domain §3, as it is printed for the file or handed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from activities.kinds import spec_of
from activities.models import CareRecord, Kind
from activities.models.record import CareRecordQuerySet, Visibility
from caretrack.access.catalogue import entry
from caretrack.access.policy import Act, DataClass, Level
from caretrack.masking import mask_id_number
from caretrack.periods import age_on, chinese_date
from children.completeness import completeness
from children.left_behind import Definition, LeftBehind, status_of
from children.models import CareArrangement, Child, Enrollment, FamilyMember, Phone, StatusChange, codes
from children.queries import term_start
from children.sections import CHILD, PARTS, shown
from children.sight import NUMBERS, Sight
from mentoring.models import Pairing
from reports.builders.paper import Fact, FactSection

RECORDS_PRINTED = 60
SLOTS = 3
LONG = 11
NOT_COUNTED = "不计入（已离校）"


@dataclass(frozen=True)
class FamilyLine:
    relation: str
    name: str
    age: str
    situation: str
    place: str
    phones: tuple[str, ...]
    guardian: bool = False


@dataclass(frozen=True)
class RecordLine:
    """A record in the timeline; `content` is empty when the reader may only know that it exists."""

    on: date
    kind: str
    way: str
    by: str
    content: str
    withheld: bool = False


@dataclass(frozen=True)
class ChangeLine:
    on: date
    kind: str
    before: str
    after: str
    basis: str


@dataclass(frozen=True)
class DefinitionLine:
    """One of the four definitions of 留守 (domain §3.2) and what it says on the cut-off date."""

    name: str
    rule: str
    verdict: str


@dataclass(frozen=True)
class Dossier:
    """A dossier on paper; `left` says when and how a child that is no longer on the roll went."""

    school: str
    child: str
    number: str
    class_name: str
    as_of: date
    opened_on: date | None
    photo: str
    complete: str
    basics: FactSection
    definitions: tuple[DefinitionLine, ...]
    family: tuple[FamilyLine, ...]
    sections: tuple[FactSection, ...]
    changes: tuple[ChangeLine, ...]
    records: tuple[RecordLine, ...]
    records_since: date | None = None
    records_total: int = 0
    left: str = ""


@dataclass(frozen=True)
class Departure:
    """How a child left: the sentence above the dossier, and the class of the last day."""

    words: str
    class_name: str


def _departure(child: Child) -> Departure | None:
    """When, how and from which class a child left that is on no roll now; None for a pupil."""
    if child.school_class_id is not None:
        return None
    last = Enrollment.objects.filter(child=child).select_related("school_class__school").order_by("starts_on").last()
    line = StatusChange.objects.filter(child=child, kind__in=codes.LEAVES_SCHOOL).order_by("on", "pk").last()
    on = line.on if line else last.ends_on if last else None
    was = last.school_class.name_on(on or last.starts_on) if last and last.school_class else ""
    how = f"（{line.get_kind_display()}）" if line else ""
    when = f"{chinese_date(on)}" if on else ""
    words = f"已于{when}离校{how}" if when else f"现不在校{how}"
    return Departure(words + (f"，离校前在{was}" if was else ""), f"原{was}（已离校）" if was else "已离校")


def build_dossier(child: Child, *, sight: Sight, records: CareRecordQuerySet, on: date) -> Dossier:
    """
    The dossier of a child as the reader's sight shows it, on the day.

    `records` are those the reader may see. ID number and 学籍号 are masked on paper whoever prints; counselling and what
    is for few eyes is a line without content. The child's school and class must be loaded.
    """
    since = term_start(child.school, on)
    state = completeness([child], since=since)[child.pk]
    contact, care_data = sight.reads(DataClass.CONTACT), sight.level(DataClass.CARE)
    seen = records.filter(child=child, on__gte=since)
    lines = tuple(_record(record) for record in seen.select_related("author").newest_first()[:RECORDS_PRINTED])
    care = CareArrangement.objects.on(on).filter(child=child).select_related("carer").order_by("pk").last()
    pairing = Pairing.objects.on(on).acting_parents().kept(on).filter(child=child).select_related("mentor").first()
    gone = _departure(child)
    answer = status_of(child, on, tolerance=child.school.visit_tolerance_days)
    return Dossier(
        school=child.school.name,
        child=child.name,
        number=f"{child.school.code}-{child.pk:05}",
        class_name=gone.class_name if gone else child.class_name(on),
        as_of=on,
        opened_on=child.created_at.date(),
        photo=str(child.pk) if child.photo and sight.reads_field(CHILD, "photo") else "",
        complete="已建档" if state.done else f"资料完整度 {state.percent}%",
        basics=_basics(child, sight, gone.class_name if gone else child.class_name(on)),
        definitions=_definitions(answer, on_roll=gone is None) if contact else (),
        family=_family(child, on) if contact else (),
        sections=tuple(
            section
            for section in (_care(care, sight), *_parts(child, sight), _support(child, pairing, sight, gone))
            if section
        ),
        changes=_changes(child) if sight.may(Act.CHILD_EDIT) else (),
        records=lines if care_data > Level.EXISTS else (),
        records_since=since,
        records_total=seen.count() if care_data > Level.EXISTS else 0,
        left=gone.words if gone else "",
    )


def pack(facts: Iterable[Fact]) -> tuple[tuple[Fact, ...], ...]:
    """Facts into rows of three label-and-value pairs; long ones get a row of their own, the last one fills its row."""
    rows: list[list[Fact]] = [[]]
    for fact in facts:
        if len(fact.value) > LONG:
            if rows[-1]:
                rows.append([])
            rows[-1].append(replace(fact, span=2 * SLOTS - 1))
            rows.append([])
            continue
        if len(rows[-1]) == SLOTS:
            rows.append([])
        rows[-1].append(fact)
    filled = [row for row in rows if row]
    for row in filled:
        used = sum(1 + fact.span for fact in row)
        row[-1] = replace(row[-1], span=row[-1].span + 2 * SLOTS - used)
    return tuple(tuple(row) for row in filled)


def _value(child: Child, name: str, sight: Sight) -> str:
    if not sight.reads_field(CHILD, name):
        return "按权限不打印"
    value = str(shown(child, name))
    return mask_id_number(value) if name in NUMBERS and value else value


def _basics(child: Child, sight: Sight, class_name: str) -> FactSection:
    """The first block, in the order of the usual paper form, beside the photo."""

    def fact(label: str, name: str, span: int = 1, *, hand: bool = False) -> Fact:
        return Fact(label, _value(child, name, sight), span, hand)

    rows = (
        (fact("姓　名", "name", hand=True), fact("性　别", "sex"), fact("民　族", "ethnic")),
        (
            fact("出生日期", "birth_date"),
            fact("农历生日", "birth_lunar", hand=True),
            Fact("班　级", class_name, hand=False),
        ),
        (fact("身份证号", "id_no", 3), fact("就读方式", "boarding")),
        (fact("学籍号", "student_no", 3), fact("户口性质", "hukou_kind")),
        (fact("户籍地", "hukou_place", 3, hand=True), fact("村民组", "village_group", hand=True)),
        (fact("现住址", "address", 5, hand=True),),
    )
    return FactSection("基本情况", rows)


IN_BASICS = frozenset(
    [
        "name",
        "sex",
        "ethnic",
        "birth_date",
        "birth_lunar",
        "id_no",
        "boarding",
        "student_no",
        "hukou_kind",
        "hukou_place",
        "village_group",
        "address",
        "birth_precision",
        "id_verified",
        "ethnic_note",
        "id_type",
        "class_seq",
        "hukou_registered",
        "retain_until",
        "note",
    ]
)


def _parts(child: Child, sight: Sight) -> list[FactSection]:
    """The dossier's sections of fields; a section that the reader does not get says so in one line."""
    found = []
    for part in PARTS.values():
        names = [name for name in part.fields if name not in IN_BASICS]
        if not names or part.key == "admin":
            continue
        readable = [name for name in part.readable(sight) if name in names]
        if not readable:
            found.append(FactSection(part.title, (), f"{part.title}不在您的查看范围内，未打印。"))
            continue
        # On paper an optional field that nobody filled in is left out, so that the page shows what is known.
        facts = [Fact(entry(CHILD, name).label, text) for name in readable if (text := str(shown(child, name)))]
        if facts:
            found.append(FactSection(part.title, pack(facts)))
    return found


def _definitions(answer: LeftBehind, *, on_roll: bool) -> tuple[DefinitionLine, ...]:
    """What each definition says; a child that is no longer on the roll counts under none of them."""
    verdicts = {
        Definition.SEED: {0: "否", 1: "是（单亲外出）", 2: "是（双亲外出）"}[answer.away_parents(Definition.SEED)],
        Definition.EDU: {0: "非留守", 1: "单亲留守", 2: "双亲留守"}[answer.edu],
        Definition.MCA: "是" if answer.mca else "否",
        Definition.STAT: "是" if answer.stat else "否",
    }
    lines = []
    for definition in Definition:
        name, _, rule = definition.label.partition("：")
        lines.append(DefinitionLine(name, rule, verdicts[definition] if on_roll else NOT_COUNTED))
    return tuple(lines)


def _family(child: Child, on: date) -> tuple[FamilyLine, ...]:
    numbers: dict[int | None, list[str]] = {}
    for phone in Phone.objects.filter(child=child):
        numbers.setdefault(phone.member_id, []).append(phone.number)
    lines = []
    for member in FamilyMember.objects.filter(child=child):
        age = age_on(member.birth_date, on) if member.birth_date else member.age_stated
        away = member.status in (codes.ParentStatus.AWAY_WORK, codes.ParentStatus.AWAY_OTHER)
        since = f"（{member.away_since.year}年{member.away_since.month}月起）" if away and member.away_since else ""
        lines.append(
            FamilyLine(
                relation=member.get_relation_display(),
                name=member.name,
                age=str(age or ""),
                situation=f"{member.get_status_display()}{since}",
                place=" ".join(part for part in (member.work_place, member.work_unit) if part) or member.address,
                phones=tuple(numbers.get(member.pk, ())),
                guardian=bool(member.is_guardian),
            )
        )
    return tuple(lines)


def _care(care: CareArrangement | None, sight: Sight) -> FactSection:
    if not sight.reads(DataClass.CONTACT):
        return FactSection("监护情况", (), "监护情况不在您的查看范围内，未打印。")
    carer = care.carer if care else None
    entrusted = {True: "已签", False: "未签", None: ""}[care.entrusted if care else None]
    if care and care.entrusted_on:
        entrusted += f"（{chinese_date(care.entrusted_on)}）"
    facts = (
        Fact("监护类型", care.get_care_type_display() if care else "", hand=False),
        Fact("实际监护人", carer.name if carer else ""),
        Fact("与学生关系", carer.get_relation_display() if carer else "", hand=False),
        Fact("监护评估", care.get_rating_display() if care else "", hand=False),
        Fact("委托协议", entrusted, hand=False),
        Fact("书面告知学校", chinese_date(care.school_told_on) if care else "", hand=False),
    )
    return FactSection("监护情况", (facts[:SLOTS], facts[SLOTS:]))


def _support(child: Child, pairing: Pairing | None, sight: Sight, gone: Departure | None) -> FactSection | None:
    if sight.level(DataClass.CARE) <= Level.EXISTS:
        return None
    facts = (
        Fact("帮扶级别", child.get_support_level_display(), hand=False),
        Fact("代理家长", pairing.mentor.name if pairing else "—" if gone else "未结对"),
        Fact("结对日期", chinese_date(pairing.starts_on) if pairing else "—", hand=False),
    )
    return FactSection("帮扶情况", (facts,))


def _changes(child: Child) -> tuple[ChangeLine, ...]:
    rows = StatusChange.objects.filter(child=child).order_by("on", "pk")
    return tuple(
        ChangeLine(row.on, row.get_kind_display(), row.before, row.after, row.evidence or row.reason) for row in rows
    )


def _record(record: CareRecord) -> RecordLine:
    hidden = record.kind == Kind.COUNSELLING or record.visibility == Visibility.RESTRICTED
    content = record.content if spec_of(record.kind).keeps_content and not hidden else ""
    return RecordLine(
        record.on,
        record.get_kind_display(),
        record.get_way_display() if record.reached else "未联系上",
        str(record.author),
        content,
        withheld=hidden,
    )
