"""
One correction for a whole group talk: what was said of all alike changes in every record of it.

What one child has for itself stays: its line, its state, what was answered about its family.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from activities.follow_ups import settle_retries
from activities.kinds import Ask, Shape, spec_of
from activities.models import CareRecord, Kind
from activities.services import Contact, check_contact, correct_record, may_edit
from caretrack.access.history import Stale, save_if_unchanged
from caretrack.schools.models import Staff

ALIKE = (
    "on", "at", "minutes", "place", "place_note", "way", "with_whom", "reached", "topics", "state", "advice",
    "visibility",
)  # fmt: skip
#: What is known of a family and offered as an answer (activities.known_facts): each child has its own.
FAMILY_FACTS = ("carer", "carer_relation", "carer_phone", "address")


@dataclass
class Carried:
    """Where a correction arrived: the changed records, (child, what it has of its own) else, how many are out of reach."""

    changed: list[CareRecord] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    beyond: int = 0

    def __str__(self) -> str:
        said = []
        if self.changed:
            said.append(f"同次的另外 {len(self.changed)} 人也改了：{_names([r.child.name for r in self.changed])}。")
        for what in dict.fromkeys(what for _, what in self.kept):
            said.append(
                f"{_names([name for name, own in self.kept if own == what])}的{what}原来就与这一条不同，没有改。"
            )
        if self.beyond:
            said.append(f"另有 {self.beyond} 人的记录您现在不能修改，没有改。")
        return "".join(said) or "大家都一样的内容没有变，其他人的记录照旧。"


def others_to_correct(record: CareRecord, staff: Staff, *, today: date) -> list[CareRecord]:
    """The other records of its group talk that this person may still correct; none of a counselling, whose note is one child's."""
    if record.kind == Kind.COUNSELLING:
        return []
    others = CareRecord.objects.written_by(staff).beside(record)
    return [other for other in others if may_edit(other, staff, today=today)]


@transaction.atomic
def correct_for_all(*, record: CareRecord, contact: Contact, version: int, by: Staff, today: date) -> Carried:
    """
    Correct a record as correct_record does, and what was alike in the others of its group talk with it.

    Raises what correct_record raises, and ValidationError if one of the others cannot be so; then nothing is written.
    """
    before = {name: getattr(record, name) for name in (*ALIKE, "content", "detail")}
    stands_on = record.on if record.reached else None
    others = others_to_correct(record, by, today=today)
    correct_record(record=record, contact=contact, version=version, by=by, today=today)
    carried = Carried(beyond=CareRecord.objects.beside(record).count() - len(others))
    for other in others:
        moved, own = _carry(other, before, record)
        if moved:
            carried.changed.append(other)
        if own:
            carried.kept.append((other.child.name, "、".join(own)))
    texts = {other.child_id: other.content for other in carried.changed}
    if texts:
        said = replace(contact, kind=record.kind, content="")
        changed = [other.child for other in carried.changed]
        check_contact(said, changed, today=today, private_lines=texts, stands_on=stands_on)
    for other in carried.changed:
        try:
            save_if_unchanged(other, version=other.version)
        except Stale as stale:
            raise ValidationError(f"{other.child.name}的记录刚刚被改过，请核对后再保存一次。") from stale
        settle_retries(other, owner=by, today=today)
    return carried


def _carry(other: CareRecord, before: Mapping[str, Any], now: CareRecord) -> tuple[bool, list[str]]:
    """Put what `other` had alike as it is `now`: whether it changed, and the names of what it has of its own."""
    moved, own = False, []
    for name in ALIKE:
        old, new, theirs = before[name], getattr(now, name), getattr(other, name)
        if new in (old, theirs):
            continue
        # Nobody named before is no common answer: who was spoken with is then of this one child.
        if theirs == old and (old or name != "with_whom"):
            setattr(other, name, new)
            moved = True
        else:
            own.append(str(CareRecord._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
    for ask in spec_of(now.kind).asks:
        old, new, theirs = (answers.get(ask.name) for answers in (before["detail"], now.detail, other.detail))
        if new in (old, theirs) or _of_the_family(ask):
            continue
        if theirs == old:
            rest = {name: value for name, value in other.detail.items() if name != ask.name}
            other.detail = rest | ({ask.name: new} if new else {})
            moved = True
        else:
            own.append(ask.label)
    text = text_of_other(before["content"], now.content, other.content)
    if text is None:
        own.append("内容")
    elif text != other.content:
        other.content, moved = text, True
    return moved, own


def _of_the_family(ask: Ask) -> bool:
    return ask.shape is Shape.NUMBER or ask.fill in FAMILY_FACTS or ask.name == "relation"


def text_of_other(before: str, after: str, other: str) -> str | None:
    """
    The text of another record of the group once one was changed from `before` to `after`; its own lines stay.

    What both begin with was said to all. None where they begin differently, or it cannot be told which lines of
    `after` are the common ones.
    """
    old, new, theirs = before.splitlines(), after.splitlines(), other.splitlines()
    if old == new or theirs == new:
        return other
    if old == theirs:
        return after
    alike = next((i for i, (a, b) in enumerate(zip(old, theirs, strict=False)) if a != b), min(len(old), len(theirs)))
    if alike == 0:
        return None
    line = old[alike:]
    if len(new) >= len(line) and new[len(new) - len(line) :] == line:
        head = new[: len(new) - len(line)]
    elif new[:alike] == old[:alike] or len(new) == len(old):
        head = new[:alike]
    else:
        return None
    return "\n".join([*head, *theirs[alike:]])


def _names(names: list[str]) -> str:
    return "、".join(names[:3]) + (f"等 {len(names)} 人" if len(names) > 3 else "")
