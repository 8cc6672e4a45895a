"""The records of several children as a book binds them: what was done with many at once is one card, not one a child."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile

from activities.models import CareRecord
from activities.record_papers import Card, Fact, cards_of, in_pairs
from caretrack.schools.models import Staff

NAME, SEX = "学生姓名", "性　别"


@dataclass(frozen=True)
class OccasionCard:
    """A card with the day it tells of and the children (ids) on it."""

    card: Card
    on: date
    children: tuple[int, ...]


def occasion_cards(records: Iterable[CareRecord], staff: Staff) -> list[OccasionCard]:
    """
    A card for each occasion, in the order of the records (loaded as `cards_of` asks); four statements.

    A group talk is one card with the names of those who were there: the book is for who leads all of them, and no
    child's file. What `staff` reads only as a grey line has no card.
    """
    listed = list(records)
    by_number = {card.number: card for card in cards_of(listed, staff)}
    together: dict[tuple[str, int], list[CareRecord]] = {}
    for record in listed:
        if record.pk in by_number:
            key = ("group", record.group_id) if record.group_id else ("one", record.pk)
            together.setdefault(key, []).append(record)
    return [
        OccasionCard(
            _together(members, [by_number[record.pk] for record in members]),
            members[0].on,
            tuple(record.child_id for record in members),
        )
        for members in together.values()
    ]


def _together(records: Sequence[CareRecord], cards: Sequence[Card]) -> Card:
    if len(cards) == 1:
        return cards[0]
    names = [record.child.name for record in records]
    facts: list[Fact] = [(NAME, f"集体（{len(names)}人）")]
    texts: list[Fact] = [("参加学生", "、".join(names))]
    told = [dict(_flat(card.facts)) for card in cards]
    for label in dict.fromkeys(label for one in told for label in one):
        values = [one.get(label, "") for one in told]
        if len(set(values)) == 1:
            facts.append((label, values[0]))
        elif label not in (NAME, SEX):
            texts.append((label, _of_each(names, values)))
    own_texts = [dict(card.texts) for card in cards]
    for label in dict.fromkeys(label for texts_of in own_texts for label in texts_of):
        texts.append((label, _of_each(names, [texts_of.get(label, "") for texts_of in own_texts])))
    return replace(cards[0], facts=in_pairs(facts), texts=tuple(texts))


def _flat(pairs: Iterable[tuple[Fact, Fact]]) -> Iterator[Fact]:
    return (fact for pair in pairs for fact in pair if fact[0])


def _of_each(names: Sequence[str], values: Sequence[str]) -> str:
    """What was said to all once, then the lines that belong to one of them, under the name."""
    split = [value.splitlines() for value in values]
    shared = [lines[0] for lines in takewhile(lambda lines: len(set(lines)) == 1, zip(*split, strict=False))]
    own = (
        f"{name}：{' '.join(rest)}" for name, lines in zip(names, split, strict=True) if (rest := lines[len(shared) :])
    )
    return "\n".join([*shared, *own])
