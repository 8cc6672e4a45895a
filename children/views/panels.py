"""What the dossier page shows of one child, as plain values: templates ask nothing of the database."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from activities.kinds import detail_lines
from activities.models import CareRecord, FollowUp, Kind, RecordAddendum
from activities.recordable import open_follow_ups as of_child
from caretrack.access.policy import Act, DataClass
from caretrack.fixed import fixed, hang
from caretrack.masking import mask_id_number
from caretrack.schools.models import Staff
from caretrack.web.addresses import address
from caretrack.web.templatetags.care import cn_date
from children.completeness import Completeness, required_fields
from children.forms.filters import SHORT
from children.left_behind import Definition, LeftBehind
from children.models import Child, FamilyMember, SupportDecision, codes
from children.sections import BESIDE, PARTS, Part, label_of, shown
from children.sight import NUMBERS, Sight
from children.views.family_cards import Shown
from mentoring.models import LeaderCharge, Pairing, PeerPairing, SupportPlan
from mentoring.support import may_make

RECORDS_A_PAGE = 10
DECISIONS_SHOWN = 5
MARKS = {
    Kind.TALK: "chat-dots", Kind.HOME_VISIT: "house-heart", Kind.CALL: "telephone", Kind.VIDEO: "camera-video",
    Kind.LETTER: "envelope", Kind.PARENT_CONTACT: "person-lines-fill", Kind.HOMEWORK: "journal-check",
    Kind.TUTORING: "pencil", Kind.MEAL: "cup-hot", Kind.COUNSELLING: "lock-fill", Kind.READING: "book",
    Kind.GOOD_DEED: "hand-thumbs-up", Kind.BIRTHDAY: "cake2", Kind.ILLNESS: "bandaid", Kind.OTHER: "heart",
}  # fmt: skip


@dataclass(frozen=True)
class PartCard:
    """One section of fields of the child."""

    part: Part
    facts: list[Shown]
    empty: str
    edit: str
    missing: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """Whether the child counts under one definition."""

    name: str
    rule: str
    counts: bool
    words: str


@dataclass(frozen=True)
class RecordLine:
    """One record of the timeline; a counselling record is known to exist, its content is the counsellor's."""

    record: CareRecord
    mark: str
    tone: str
    sealed: bool
    title: str
    when: str
    meta: str
    details: list[tuple[str, str]]


@dataclass(frozen=True)
class Timeline:
    page: Page
    lines: list[RecordLine]
    kind: str
    kinds: list[tuple[str, str]] = field(default_factory=list)


def part_cards(child: Child, sight: Sight, *, asks: bool = True) -> list[PartCard]:
    """
    The sections that this person may see, each with its fields; numbers masked.

    What is required and empty stands apart, with the way to the very field where it may be filled in: of a pupil
    (`asks`), not of who left.
    """
    required = {name for name, _ in required_fields()} | {"family_confirmed_on"}
    cards = []
    for part in PARTS.values():
        names = part.readable(sight)
        if not names:
            continue
        edit = address("children:section_edit", child.pk, part.key) if part.writable(sight) else ""
        told = {name: _fact(child, name, sight) for name in names if name not in BESIDE}
        nothing = [name for name, fact in told.items() if fact.value in ("", None)]
        if child.sex == codes.Sex.UNKNOWN and "sex" in told:
            nothing.append("sex")
        lacking = [name for name in nothing if name in required] if edit and asks else []
        cards.append(
            PartCard(
                part,
                [fact for name, fact in told.items() if name not in nothing],
                "、".join(told[name].label for name in nothing if name not in lacking),
                edit,
                [(told[name].label, f"{edit}#id_{name}") for name in lacking],
            )
        )
    return cards


def _fact(child: Child, name: str, sight: Sight) -> Shown:
    value, label = shown(child, name), label_of(name)
    if name in NUMBERS:
        may = bool(value) and sight.may(Act.CHILD_REVEAL)
        reveal = address("children:child_reveal", child.pk, name) if may else ""
        remark = ("已核对" if child.id_verified else "未核对") if name == "id_no" and value else ""
        return Shown(label, mask_id_number(value), reveal, remark)
    if name == "birth_date" and value and child.birth_precision != codes.BirthPrecision.DAY:
        value = f"{value}（只知{'年月' if child.birth_precision == codes.BirthPrecision.MONTH else '年份'}）"
    if name == "ethnic" and child.ethnic_note:
        value = f"{value}（{child.ethnic_note}）"
    return Shown(label, value)


def verdicts(answer: LeftBehind, *, on_roll: bool = True) -> list[Verdict]:
    """The four definitions side by side (domain §3.2); a pupil who left counts under none of them."""
    found = []
    for definition in Definition:
        away = answer.away_parents(definition) if on_roll else 0
        none = "情况不详，暂不计入" if answer.unknown else "不计入"
        if not on_roll:
            none = "不计入（不在班）"
        found.append(
            Verdict(
                SHORT[definition],
                definition.label.split("：", 1)[1],
                away > 0,
                {0: none, 1: "计入（单亲外出）", 2: "计入（双亲外出）"}[min(away, 2)],
            )
        )
    return found


#: A group of buttons is reached at its first one.
FIRST_OF = {"rating": "id_rating_0"}


def gap_links(child: Child, state: Completeness, family: list[FamilyMember]) -> list[tuple[str, str]]:
    """(what is missing, where it is entered)."""
    parents = {"father" if m.relation in codes.FATHERS else "mother": m for m in family if m.relation in codes.PARENTS}
    first_member = next(iter(family), None)
    links = []
    for gap in state.gaps:
        if gap.section == "care":
            url = f"{reverse('children:care_edit', args=[child.pk])}#{FIRST_OF.get(gap.field, 'id_' + gap.field)}"
        elif gap.field == "verified" and any(member.phones.all() for member in family):
            url = "#calling"
        elif gap.section == "family":
            member = parents.get(gap.field) if gap.field != "verified" else first_member
            if member is not None:
                url = address("children:member_edit", child.pk, member.pk) + "#id_status"
            else:
                relation = {"father": codes.Relation.FATHER, "mother": codes.Relation.MOTHER}.get(gap.field, "")
                url = address("children:member_add", child.pk) + (f"?relation={relation}" if relation else "")
        else:
            url = f"{reverse('children:section_edit', args=[child.pk, gap.section])}#id_{gap.field}"
        links.append((gap.label, url))
    return links


def timeline(child: Child, staff: Staff, sight: Sight, *, kind: str, page: str) -> Timeline:
    """The records of the child that this person may read, newest first, a page of them."""
    present = dict(_kinds_of(staff, child.pk))
    kinds = [(value, label) for value, label in Kind.choices if value in present]
    kind = kind if kind in present else ""
    # Counted already; the first page without a choice is asked for in ready words.
    number = present[kind] if kind else sum(present.values())
    shown_page = Paginator(range(number), RECORDS_A_PAGE).get_page(page)
    if kind or shown_page.number > 1:
        records = _records_of(staff, child.pk).filter(**({"kind": kind} if kind else {}))
        first = RECORDS_A_PAGE * (shown_page.number - 1)
        shown_records = list(records[first : first + RECORDS_A_PAGE])
    else:
        shown_records = _newest_of(staff, child.pk)
    if shown_records:
        hang(shown_records, "addenda", _addenda_to(tuple(record.pk for record in shown_records)))
    return Timeline(shown_page, [record_line(record, sight) for record in shown_records], kind, kinds)


@fixed
def _kinds_of(staff: Staff, child: int) -> QuerySet[CareRecord, Any]:
    seen = CareRecord.objects.visible_to(staff).filter(child=child)
    return seen.order_by().values_list("kind").annotate(Count("pk"))


def _records_of(staff: Staff, child: int) -> QuerySet[CareRecord]:
    return CareRecord.objects.visible_to(staff).filter(child=child).select_related("author").newest_first()


@fixed
def _newest_of(staff: Staff, child: int) -> QuerySet[CareRecord]:
    return _records_of(staff, child)[:RECORDS_A_PAGE]


@fixed
def _addenda_to(records: tuple[int, ...]) -> QuerySet[RecordAddendum]:
    return RecordAddendum.objects.filter(record__in=records).select_related("author")


def record_line(record: CareRecord, sight: Sight) -> RecordLine:
    """A record as a line: the day it happened, beside it the day it was entered."""
    sealed = record.kind == Kind.COUNSELLING and not sight.reads(DataClass.COUNSELLING)
    entered = timezone.localdate(record.created_at)
    meta = [record.author.name, f"{entered.month}月{entered.day}日登记"]
    if record.with_whom and not sealed:
        meta.insert(0, f"对象：{record.with_whom}")
    if record.is_late:
        meta.append("补登")
    title = record.get_kind_display()
    if record.topics and not sealed:
        title = f"{title}：{record.topic_names}"
    return RecordLine(
        record=record,
        mark=MARKS.get(Kind(record.kind), "heart"),
        tone="private" if sealed or record.visibility == "restricted" else "neutral" if record.reached else "warn",
        sealed=sealed,
        title=title,
        when=cn_date(record.on),
        meta=" · ".join(meta),
        details=[] if sealed else detail_lines(record.kind, record.detail),
    )


def open_follow_ups(child: Child, staff: Staff) -> list[FollowUp]:
    """What was promised for the child and not done yet, as far as this person sees it."""
    return of_child(staff, child.pk)


@dataclass(frozen=True)
class Support:
    """Who is charged with the child, what was planned and decided."""

    pairings: list[Pairing]
    leader: LeaderCharge | None
    plans: list[SupportPlan]
    decisions: list[Any]
    peers: list[PeerPairing]
    makes: list[tuple[str, str]]
    hears: bool = False
    whole: bool = True


def support(child: Child, sight: Sight, staff: Staff) -> Support | None:
    """For those who read the care of this child; its mentors and subject teachers get plans; None for everybody else."""
    makes = _plans_to_make(child, sight)
    if not sight.reads(DataClass.CARE):
        plans = list(SupportPlan.objects.visible_to(staff).filter(child=child).select_related("made_by"))
        return Support([], None, plans, [], [], makes, whole=False) if plans or makes else None
    return Support(
        pairings_of(child.pk, timezone.localdate()),
        next(iter(_leader_of(child.pk)), None),
        _plans(child, staff),
        _decisions_on(child.pk),
        _peers_of(child.pk),
        makes,
        hears=sight.may(Act.PAIRING_HEAR),
    )


def _plans_to_make(child: Child, sight: Sight) -> list[tuple[str, str]]:
    """(words, address) of the plans that the roles which reach the child may make."""
    if not child.school_class_id or not sight.may(Act.PLAN_EDIT):
        return []
    kinds = [kind for kind in SupportPlan.Kind if may_make(sight, kind)]
    return [(f"制订{kind.label}", reverse("activities:support_add", args=[child.pk, kind.value])) for kind in kinds]


def _plans(child: Child, staff: Staff) -> list[SupportPlan]:
    """Learning plans, and the individual ones that this person reads; most children have none, and then nobody asks."""
    plans = list(_plans_of(child.pk))
    if not any(plan.is_individual for plan in plans):
        return plans
    mine = set(SupportPlan.objects.visible_to(staff).filter(child=child).values_list("pk", flat=True))
    return [plan for plan in plans if plan.pk in mine]


@fixed
def _plans_of(child: int) -> QuerySet[SupportPlan]:
    return SupportPlan.objects.filter(child=child).select_related("made_by")


@fixed
def pairings_of(child: int, today: date) -> QuerySet[Pairing]:
    rows = Pairing.objects.with_gone(today).filter(child=child).select_related("mentor")
    return rows.order_by("-starts_on", "-pk")


@fixed
def _leader_of(child: int) -> QuerySet[LeaderCharge]:
    return LeaderCharge.objects.filter(child=child, ends_on__isnull=True).select_related("leader")[:1]


@fixed
def _decisions_on(child: int) -> QuerySet[SupportDecision]:
    return SupportDecision.objects.filter(child=child).select_related("decided_by")[:DECISIONS_SHOWN]


@fixed
def _peers_of(child: int) -> QuerySet[PeerPairing]:
    peers = PeerPairing.objects.filter(child=child, ends_on__isnull=True).select_related("peer")
    return peers.only("kind", "starts_on", "effect", "child_id", "peer__name")
