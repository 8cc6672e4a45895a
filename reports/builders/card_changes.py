"""What on a contact card is no longer as it was printed, in words that a teacher can check against the paper."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from caretrack.masking import mask_phone
from reports.builders.cards import CardFace

HEAD = ("姓名", "性别", "班级")
PEOPLE = ("班主任", "父亲", "母亲", "实际监护人", "邻居或村干部", "代理家长")
LINES = ("亲情电话", "亲情电话时间", "学校值班电话", "保护热线")
NEW_NUMBER = "换了号码（中间几位不同）"


@dataclass(frozen=True)
class CardChange:
    """One thing that differs between the paper and today, numbers masked; empty for nothing."""

    label: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """父亲的电话：138****1111 → 139****2222."""
        if self.before == self.after:
            return f"{self.label}：{self.before} {NEW_NUMBER}"
        if not self.before:
            return f"{self.label}：新登记 {self.after}"
        return f"{self.label}：{self.before} → {self.after or '没有了'}"


def card_changes(content: str, face: CardFace) -> tuple[CardChange, ...]:
    """The changes from a printed card's `content` to `face`; empty when nothing was kept of the print."""
    if not content or content == face.content:
        return ()
    was, now = json.loads(content), json.loads(face.content)
    found = [CardChange(label, old, new) for label, old, new in zip(HEAD, was, now, strict=False) if old != new]
    start, end = len(HEAD), len(HEAD) + len(PEOPLE)
    for label, old, new in zip(PEOPLE, was[start:end], now[start:end], strict=True):
        found += _person(label, old, new)
    lines = zip(LINES, was[end:], now[end:], strict=True)
    return (*found, *(CardChange(label, old, new) for label, old, new in lines if old != new))


def _person(label: str, old: list[Any], new: list[Any]) -> list[CardChange]:
    """Somebody on the card as [name, relation, numbers …, place]: another person is one change, not four."""
    if old[0] != new[0]:
        return [CardChange(label, _named(old), _named(new))]
    pairs = [("关系", old[1], new[1]), ("电话", _numbers(old), _numbers(new)), ("地址或地点", old[-1], new[-1])]
    differing = (old[1] != new[1], old[2:-1] != new[2:-1], old[-1] != new[-1])
    return [
        CardChange(f"{label}的{what}", a, b) for (what, a, b), is_new in zip(pairs, differing, strict=True) if is_new
    ]


def _named(person: list[Any]) -> str:
    return " ".join(filter(None, [person[0], _numbers(person)]))


def _numbers(person: list[Any]) -> str:
    return "、".join(mask_phone(number) for number in person[2:-1])
