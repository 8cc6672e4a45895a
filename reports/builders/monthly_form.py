"""关爱留守儿童记录表 (domain §7.18): mentor × child × month, assembled from records, finished by the mentor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from activities.compliance.rules import Rule
from activities.kinds import detail_lines, spec_of
from activities.models import CareRecord, Kind
from activities.models.record import CareRecordQuerySet, Visibility
from caretrack.periods import Month
from caretrack.schools.models import Term
from children.left_behind import Definition, statuses
from children.models import CareArrangement, Child, FamilyMember, Phone, PhoneState, codes
from mentoring.models import Pairing
from reports.builders.paper import chinese_span
from reports.builders.programme import USUAL, monthly_items
from reports.builders.register import support_levels
from reports.builders.unit import Unit
from reports.models import MonthlyForm


@dataclass(frozen=True)
class FormRecord:
    on: date
    place: str
    with_whom: str
    content: str
    result: str


@dataclass(frozen=True)
class FormItem:
    """A kind of care in the month: what was required (None: nothing was) and the records that count."""

    label: str
    required: int | None
    records: tuple[FormRecord, ...]

    @property
    def done(self) -> int:
        return len(self.records)

    @property
    def met(self) -> bool:
        return self.required is not None and self.done >= self.required


@dataclass(frozen=True)
class MonthlyFormSheet:
    """One sheet. Empty texts print as lined gaps to write in."""

    school: str
    term: str
    month: str
    month_span: str
    child: str
    sex: str
    birth_date: str
    class_name: str
    boarding: str
    left_behind: str
    level: str
    carer: str
    carer_relation: str
    carer_phone: str
    address: str
    parents: str
    mentor: str
    paired_since: date | None
    items: tuple[FormItem, ...]
    conduct: str = ""
    problems: str = ""
    next_month: str = ""
    submitted_on: date | None = None

    @property
    def with_records(self) -> tuple[FormItem, ...]:
        return tuple(item for item in self.items if item.records)


CONTACT_KINDS = (Kind.CALL, Kind.VIDEO, Kind.LETTER, Kind.PARENT_CONTACT)
# Counselling is kept apart, what is for few eyes is not printed at all (domain §7.8, §12).
NOT_PRINTED = (Kind.COUNSELLING,)


def build_forms(
    children: Iterable[Child], month: Month, *, records: CareRecordQuerySet, on: date
) -> tuple[MonthlyFormSheet, ...]:
    """
    The month's form of each child, in the given order.

    `records` are those that the reader may see (`CareRecord.objects.visible_to(staff)`); restricted ones and
    counselling are left out whoever prints. The children's school and class must be loaded, and all be of one school.
    The number of statements does not depend on the number of children.
    """
    listed = list(children)
    if not listed:
        return ()
    ids = [child.pk for child in listed]
    unit, day = Unit(listed[0].school), min(month.last, on)
    term = Term.objects.current(unit.school, day)
    items = monthly_items(unit.school, month)
    away = statuses(ids, day, tolerance=unit.school.visit_tolerance_days)
    levels = support_levels(ids, day)
    care = {row.child_id: row for row in CareArrangement.objects.on(day).filter(child__in=ids).select_related("carer")}
    parents: dict[int, list[FamilyMember]] = {}
    for member in FamilyMember.objects.filter(child__in=ids, relation__in=codes.PARENTS):
        parents.setdefault(member.child_id, []).append(member)
    numbers: dict[int | None, str] = {}
    for phone in Phone.objects.filter(child__in=ids).exclude(state=PhoneState.DEAD):
        numbers.setdefault(phone.member_id, phone.number)
    pairings = Pairing.objects.acting_parents().reaching(month.first).filter(child__in=ids, starts_on__lte=month.last)
    paired = {
        row.child_id: row
        for row in pairings.select_related("mentor").order_by("starts_on")
        if not row.ends_on or row.ends_on >= month.first
    }
    written = {row.child_id: row for row in MonthlyForm.objects.filter(child__in=ids, month=month.key)}
    done: dict[int, list[CareRecord]] = {}
    shown = records.filter(child__in=ids, visibility=Visibility.NORMAL).reached().between(month.first, month.last)
    for record in shown.exclude(kind__in=NOT_PRINTED).order_by("on", "pk").prefetch_related("follow_ups"):
        done.setdefault(record.child_id, []).append(record)

    def sheet(child: Child) -> MonthlyFormSheet:
        pairing, form, arrangement = paired.get(child.pk), written.get(child.pk), care.get(child.pk)
        carer = arrangement.carer if arrangement else None
        answer = away[child.pk]
        counted = {0: "", 1: "单亲外出", 2: "双亲外出"}[answer.away_parents(Definition.SEED)]
        return MonthlyFormSheet(
            school=child.school.name,
            term=str(term or ""),
            month=month.label,
            month_span=chinese_span(month.first, month.last),
            child=child.name,
            sex=child.get_sex_display(),
            birth_date=child.birth_text,
            class_name=child.class_name(day),
            boarding=child.get_boarding_display(),
            left_behind=counted or "父母均未外出务工",
            level=codes.SupportLevel(levels[child.pk]).label,
            carer=carer.name if carer else arrangement.get_care_type_display() if arrangement else "",
            carer_relation=carer.get_relation_display() if carer else "",
            carer_phone=numbers.get(carer.pk, "") if carer else "",
            address=child.address,
            parents="；".join(_whereabouts(member) for member in parents.get(child.pk, ())),
            mentor=pairing.mentor.name if pairing else "",
            paired_since=pairing.starts_on if pairing else None,
            items=_items(items, done.get(child.pk, []), paired=pairing is not None),
            conduct=form.conduct if form else "",
            problems=form.problems if form else "",
            next_month=form.next_steps if form else "",
            submitted_on=form.handed_in_on if form else None,
        )

    return tuple(sheet(child) for child in listed)


def _whereabouts(member: FamilyMember) -> str:
    side = "父" if member.relation in codes.FATHERS else "母"
    if member.status == codes.ParentStatus.AWAY_WORK:
        return f"{side}：{member.work_place or '外出务工，地点未登记'}"
    return f"{side}：{member.get_status_display()}"


def _items(items: Sequence[Rule], records: Sequence[CareRecord], *, paired: bool) -> tuple[FormItem, ...]:
    """The programme's items, then the kinds of contact, then whatever else was recorded."""
    rest = list(records)

    def take(label: str, kinds: Iterable[str], required: int | None) -> FormItem:
        wanted = frozenset(kinds)
        mine = [record for record in rest if record.kind in wanted]
        for record in mine:
            rest.remove(record)
        return FormItem(label, required, tuple(_line(record) for record in mine))

    if items:
        found = [take(item.name, item.kinds, item.count if paired else None) for item in items]
    else:
        found = [take(kind.label, [kind], None) for kind in USUAL]
    found.append(take("与家人联系", CONTACT_KINDS, None))
    if rest:
        found.append(take("其他", [record.kind for record in rest], None))
    return tuple(found)


def _line(record: CareRecord) -> FormRecord:
    """Place, people, content and what followed; a letter's content is nobody's to read (domain §12 P-14)."""
    said = [record.content] if spec_of(record.kind).keeps_content and record.content else []
    said += [f"{label}：{answer}" for label, answer in detail_lines(record.kind, record.detail)]
    promised = [f"{follow.due_on:%m月%d日}前{follow.what}" for follow in record.follow_ups.all()]
    after = [f"状态{record.get_state_display()}" if record.state else "", record.advice, *promised]
    return FormRecord(
        record.on,
        record.place_note or record.get_place_display() or record.get_way_display(),
        record.with_whom,
        "；".join(part.rstrip("。；") for part in said),
        "；".join(part.rstrip("。；") for part in after if part),
    )
