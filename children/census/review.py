"""Proposals of a round: what would change and why, confirmed or sent back by the registrar (domain §5.2.3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from caretrack.access.history import Stale, save_if_unchanged
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.census import poverty
from children.left_behind import Definition, Facts, LeftBehind, ParentFacts, Span, assess, facts_of
from children.models import CensusRow, FamilyMember, Phone, codes
from children.services import set_care, set_parent_status

Review = CensusRow.Review
SIDES = (("father", "父亲", codes.FATHERS), ("mother", "母亲", codes.MOTHERS))
EVIDENCE = "普查核对"
NAMES = {
    Definition.SEED: "学校口径",
    Definition.EDU: "学籍口径",
    Definition.MCA: "民政口径",
    Definition.STAT: "教育统计口径",
}


@dataclass(frozen=True)
class Proposal:
    """One row as the registrar sees it: the facts in words, the count before and after."""

    row: CensusRow
    lines: tuple[str, ...]
    effects: tuple[str, ...]
    before: LeftBehind
    after: LeftBehind

    @property
    def no_effect(self) -> bool:
        """The facts change, the child counts as before."""
        return not self.effects


def proposals(rows: Iterable[CensusRow]) -> list[Proposal]:
    """What each row proposes and what it would do on the cut-off day. Rows need child, census loaded; four statements."""
    listed = list(rows)
    known = facts_of([row.child_id for row in listed])
    found = []
    for row in listed:
        facts, tolerance = known[row.child_id]
        on = row.census.cut_off
        before = assess(facts, on, tolerance=tolerance)
        after = assess(facts_after(facts, row.proposed, on), on, tolerance=tolerance)
        effects = (*_effects(before, after), *_effects_on_hardship(row.proposed))
        found.append(Proposal(row, tuple(in_words(row.proposed)), effects, before, after))
    return found


def facts_after(facts: Facts, proposed: dict[str, Any], on: date) -> Facts:
    """The facts as they would stand with the proposed states of the parents, from their days on."""
    father, mother = proposed.get("father"), proposed.get("mother")
    return facts._replace(
        father=_parent_after(facts.father, father, on) if father else facts.father,
        mother=_parent_after(facts.mother, mother, on) if mother else facts.mother,
    )


def _parent_after(parent: ParentFacts, stated: dict[str, Any], on: date) -> ParentFacts:
    since = date.fromisoformat(stated["since"]) if stated.get("since") else None
    start = since or on
    spans = []
    for span in parent.spans:
        if span.ends_on is not None:
            spans.append(span)
        elif stated["status"] == span.status:
            start = since or span.starts_on or start
        elif span.starts_on is None or span.starts_on < start:
            spans.append(span._replace(ends_on=date.fromordinal(start.toordinal() - 1)))
    if stated["status"] not in (codes.ParentStatus.AT_HOME, codes.ParentStatus.UNKNOWN):
        spans.append(Span(stated["status"], since, None))
    return parent._replace(status=stated["status"], spans=tuple(spans))


def _effects(before: LeftBehind, after: LeftBehind) -> Iterable[str]:
    for definition in Definition:
        was, now = before.away_parents(definition), after.away_parents(definition)
        was, now = was or int(before.under(definition)), now or int(after.under(definition))
        if was != now:
            yield f"{NAMES[definition]}：{_counted(was)} → {_counted(now)}"


def _effects_on_hardship(proposed: dict[str, Any]) -> Iterable[str]:
    was, now = proposed.get("economy_before", {}), proposed.get("economy", {})
    if "hardship" in now and poverty.is_poor(was) != poverty.is_poor(now):
        yield "困难学生：" + ("不计入 → 计入" if poverty.is_poor(now) else "计入 → 不计入")


def _counted(parents: int) -> str:
    return ("不计入", "一方外出", "双方外出")[min(parents, 2)]


def in_words(proposed: dict[str, Any]) -> list[str]:
    """父亲：外出务工（2026年3月1日起，广东东莞）；one line a person, then the remark."""
    lines = []
    for side, name, _ in SIDES:
        if stated := proposed.get(side):
            more = [f"{chinese_date(date.fromisoformat(stated['since']))}起"] if stated.get("since") else []
            more += [stated[part] for part in ("place", "phone") if stated.get(part)]
            state = codes.ParentStatus(stated["status"]).label
            lines.append(f"{name}：{state}" + (f"（{'，'.join(more)}）" if more else ""))
    if carer := proposed.get("carer"):
        relation = codes.Relation(carer["relation"]).label
        lines.append(
            f"实际监护人：{relation} {carer['name']}" + (f"（{carer['phone']}）" if carer.get("phone") else "")
        )
    if economy := proposed.get("economy"):
        told = poverty.told_changes(proposed["economy_before"], economy)
        lines += [f"{label}：{before} → {after}" for label, before, after in told]
    if remark := proposed.get("remark"):
        lines.append(f"说明：{remark}")
    return lines


@transaction.atomic
def confirm(*, rows: Sequence[CensusRow], by: Staff, seen: Mapping[int, int] | None = None) -> int:
    """
    Make the proposed facts true: dated states of the parents, the carer, phones, each with its line in the register.

    Returns how many rows were confirmed. Raises ValidationError, naming the child, if a fact does not fit what is
    stored; nothing of any row is then written. `seen` are the versions that the confirming person had on the page (row
    id → version): a row that moved on since raises Stale.
    """
    for row in rows:
        if seen is not None and seen.get(row.pk) != row.version:
            raise Stale(row)
        if row.review != Review.PROPOSED:
            raise ValidationError(f"{row.child.name}：这条变化已经处理过，请刷新页面。")
        try:
            _apply(row, by)
        except ValidationError as refusal:
            raise ValidationError(f"{row.child.name}：{'；'.join(refusal.messages)}") from refusal
        row.review, row.reviewed_by, row.reviewed_at = Review.CONFIRMED, by, timezone.now()
        save_if_unchanged(row, version=row.version)
    return len(rows)


def _apply(row: CensusRow, by: Staff) -> None:
    on = row.census.cut_off
    for side, _, relations in SIDES:
        if stated := row.proposed.get(side):
            _parent(row, relations, stated, on, by)
    if stated := row.proposed.get("carer"):
        member = _carer(row, stated)
        _phone(member, stated.get("phone", ""))
        set_care(child=row.child, carer=member, care_type=stated["care_type"], on=on, by=by, reason=EVIDENCE)
    if stated := row.proposed.get("economy"):
        poverty.apply(child=row.child, stated=stated, before=row.proposed["economy_before"])


def _carer(row: CensusRow, stated: dict[str, Any]) -> FamilyMember:
    family = FamilyMember.objects.filter(child=row.child, relation=stated["relation"])
    if known := family.filter(name=stated["name"]).first():
        return known
    # There is one father and one mother; the family may have changed since the teacher wrote.
    if stated["relation"] in (codes.Relation.FATHER, codes.Relation.MOTHER) and (other := family.first()):
        raise ValidationError(f"档案里的{other}与普查填写的{stated['name']}不是同一个姓名，请核对后退回或改正档案。")
    return FamilyMember.objects.create(
        child=row.child, relation=stated["relation"], name=stated["name"], status=codes.ParentStatus.AT_HOME
    )


def _parent(row: CensusRow, relations: tuple[Any, ...], stated: dict[str, Any], on: date, by: Staff) -> None:
    family = FamilyMember.objects.filter(child=row.child, relation__in=relations).exclude(status__in=codes.GONE)
    member = family.order_by("relation").first()
    if member is None:
        member = FamilyMember.objects.filter(child=row.child, relation=relations[0]).first()
    if member is None:
        member = FamilyMember.objects.create(child=row.child, relation=relations[0], name=stated.get("name", ""))
    since = date.fromisoformat(stated["since"]) if stated.get("since") else None
    set_parent_status(
        member=member,
        status=stated["status"],
        since=since,
        by=by,
        on=max(on, since) if since else on,
        work_place=stated.get("place", ""),
        reason=row.proposed.get("remark", "")[:200],
        evidence=EVIDENCE,
    )
    _phone(member, stated.get("phone", ""))


def _phone(member: FamilyMember, number: str) -> None:
    """A number the family gave becomes the first to call; one that is known already stays where it is."""
    if not number or Phone.objects.filter(member=member, number=number).exists():
        return
    first = Phone.objects.filter(child=member.child_id).order_by("order").values_list("order", flat=True).first()
    Phone.objects.create(child=member.child, member=member, number=number, order=max((first or 1) - 1, 0))


@transaction.atomic
def send_back(*, row: CensusRow, question: str, by: Staff, version: int) -> None:
    """
    Ask the class teacher again; the proposal stays in the form. Raises ValidationError without a question.

    Raises Stale if somebody else has dealt with it since `version`.
    """
    if not question.strip():
        raise ValidationError({"question": "请写明要再核对什么。"})
    if row.review != Review.PROPOSED:
        raise ValidationError("这条变化已经处理过，请刷新页面。")
    row.review, row.question = Review.RETURNED, question.strip()
    row.reviewed_by, row.reviewed_at = by, timezone.now()
    save_if_unchanged(row, version=version)
