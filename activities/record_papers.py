"""谈心记录卡 and the cards of the other kinds on paper, with a line to sign (domain §13 no. 36; fields of §7.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from activities.kinds import Ask, Shape, spec_of
from activities.models import CareRecord, Kind, RecordAddendum
from activities.models.record import Visibility
from activities.pictures import Shown
from activities.queries import Line, lines
from caretrack.schools.models import Staff

#: The card of a talk bears the name that schools know; the others are named after their kind.
TITLES = {Kind.TALK: "与留守儿童谈心记录卡"}

#: A label and what stands beside it.
Fact = tuple[str, str]


@dataclass(frozen=True)
class Card:
    """One record on paper: facts in pairs, then the texts under their names."""

    title: str
    school: str
    number: int
    facts: tuple[tuple[Fact, Fact], ...]
    texts: tuple[Fact, ...]
    pictures: tuple[Shown, ...] = ()


def title_of(kind: str) -> str:
    """与留守儿童谈心记录卡, 家访记录卡, …"""
    return TITLES.get(Kind(kind), f"{Kind(kind).label}记录卡")


def cards_of(records: Iterable[CareRecord], staff: Staff) -> list[Card]:
    """
    A card for each record, in the given order (child, class, school and author loaded); four statements.

    What `staff` reads only as a grey line has no card. Classmates who were there are counted and not named: a card
    lies in the file of one child.
    """
    told = [line for line in lines(records, staff) if not line.grey]
    added: dict[int, list[RecordAddendum]] = {}
    for addendum in RecordAddendum.objects.filter(record__in=[line.record.pk for line in told]).order_by("pk"):
        added.setdefault(addendum.record_id, []).append(addendum)
    return [_card(line, added.get(line.record.pk, [])) for line in told]


def _card(line: Line, addenda: list[RecordAddendum]) -> Card:
    record = line.record
    spec = spec_of(record.kind)
    clock = f" {record.at:%H:%M}" if record.at else ""
    minutes = f"，{record.minutes}分钟" if record.minutes else ""
    with_others = f"集体（{line.heads}人）" if line.heads > 1 else "单独"
    facts = [
        ("学生姓名", record.child.name),
        ("性　别", record.child.get_sex_display()),
        ("班　级", record.school_class.name_on(record.on) if record.school_class else ""),
        ("教师姓名", str(record.author)),
        ("时　间", f"{record.on:%Y}年{record.on.month}月{record.on.day}日{clock}{minutes}"),
        ("地　点", record.place_note or record.get_place_display()),
        ("方　式", f"{record.get_way_display()}，{with_others}"),
        ("学生状态", line.state),
        *([("知情范围", record.get_visibility_display())] if record.visibility == Visibility.RESTRICTED else []),
        *([("对　象", record.with_whom)] if record.with_whom else []),
        *([("话　题", record.topic_names)] if record.topics else []),
        *((label, value) for label, value in line.details if len(value) <= SHORT),
    ]
    texts = [
        (spec.content_label, line.text) if spec.keeps_content else ("内　容", "按规定不登记内容"),
        *((label, value) for label, value in line.details if len(value) > SHORT),
        ("建议和措施", line.advice),
        *((f"补充（{added.author}）", added.text) for added in addenda),
    ]
    if not record.reached:
        texts.insert(0, ("结　果", spec.reached[1] if spec.reached else "没有联系上"))
    title = title_of(record.kind)
    return Card(title, record.school.name, record.pk, in_pairs(facts), tuple(text for text in texts if text[1]))


def in_pairs(facts: Sequence[Fact]) -> tuple[tuple[Fact, Fact], ...]:
    """Facts two by two, as the rows of a card hold them; the last one alone beside nothing."""
    filled = [*facts, ("", "")] if len(facts) % 2 else facts
    return tuple(zip(filled[::2], filled[1::2], strict=True))


SHORT = 14
#: Choices with more characters take a line of their own on an empty card.
HALF_LINE = 17
#: So many lines fit on half a sheet; a text has two.
HALF_A_SHEET = 12


def blank_cards(kind: str) -> list[Card]:
    """
    Empty cards of a kind, to be written by hand: what its form asks, two to a sheet where they fit.

    Raises KeyError for an unknown kind and for one of which nothing is written down (domain §12 P-14).
    """
    spec = spec_of(kind)
    if not spec.keeps_content:
        raise KeyError(kind)
    facts = [(label, "") for label in ("学生姓名", "性　别", "班　级", "教师姓名", "时　间", "地　点")]
    facts += [("方　式", "")] if spec.ways else []
    facts += [("学生状态", "")] if spec.state else []
    facts += [("对　象", "")] if spec.with_whom else []
    facts += [("话　题", "")] if spec.topics else []
    facts += [(ask.label, _boxes(ask)) for ask in spec.asks if ask.shape != Shape.TEXT]
    texts = [spec.content_label, *(ask.label for ask in spec.asks if ask.shape == Shape.TEXT), "建议和措施"]
    lines = in_pairs([fact for fact in facts if len(fact[1]) <= HALF_LINE])
    lines += tuple((fact, ("", "")) for fact in facts if len(fact[1]) > HALF_LINE)
    card = Card(title_of(kind), "", 0, lines, tuple((label, "") for label in texts))
    return [card] * (2 if len(lines) + 2 * len(texts) <= HALF_A_SHEET else 1)


def _boxes(ask: Ask) -> str:
    """The choices with boxes to tick; who signs gets the place to sign instead."""
    if ask.shape != Shape.PICK or ask.name == "signed":
        return ""
    return " ".join(f"□{label}" for _value, label in ask.options)
