"""
The round about poverty (domain §13, system 23): who is asked, and the facts of the economy as it compares them.

The economy has no days of its own in the dossier. What a round changed keeps its day here: the row holds what stood
before and what came, and the dossier's history who confirmed it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from children.models import Census, CensusRow, Child, Enrollment, SpecialStanding, codes
from children.sections import PARTS, label_of, shown
from children.services import set_on_child

Answer = CensusRow.Answer
FIELDS = PARTS["economy"].fields
#: The fields that say whether a family is poor; where all are empty nothing is known.
TELLING = ("hardship", "aid_received", "income_per_head", "income_sources")
UNKNOWN = "家庭经济未登记"
_NOTHING_SAID = Q(hardship=[], aid_received="", income_per_head=None, income_sources="")


def to_ask(on: date) -> QuerySet[Child]:
    """The children known to be poor, and those of whose economy nobody has said anything yet."""
    said = CensusRow.objects.filter(census__kind=Census.Kind.POVERTY, census__closed_at__isnull=False)
    said = said.exclude(answer__in=(Answer.OPEN, Answer.UNKNOWN))
    listed = SpecialStanding.objects.on(on).filter(kind=codes.SpecialKind.POOR)
    poor = ~Q(hardship=[]) | ~Q(aid_received="") | Q(pk__in=listed.order_by().values("child"))
    unknown = _NOTHING_SAID & ~Q(pk__in=said.order_by().values("child"))
    return Child.objects.filter(poor | unknown)


def _at_school(census: Census) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(school=census.school_id).on(census.cut_off)


def not_asked(census: Census, school_class: int) -> QuerySet[Child]:
    """The pupils now in a class who were at the school on the cut-off day and are not in the round (CensusRow.asked_in)."""
    there = Child.objects.filter(school_class=school_class, pk__in=_at_school(census).order_by().values("child"))
    return there.exclude(pk__in=census.rows.order_by().values("child"))


@transaction.atomic
def ask_too(*, census: Census, child: Child) -> CensusRow:
    """
    Put a pupil into a running round whose family has become poor since; the row that is there already if there is one.

    The row stands in the class of the cut-off day. Raises ValidationError once the round is closed, for a round that asks
    about everybody anyway, and for a child who was not at the school that day.
    """
    census = Census.objects.select_for_update().get(pk=census.pk)
    if census.closed_at is not None:
        raise ValidationError("这次普查已经定稿，不能再加学生。")
    if census.kind != Census.Kind.POVERTY:
        raise ValidationError("这次普查的名单就是全班学生，不用另外添加。")
    place = _at_school(census).filter(child=child).values_list("school_class", flat=True).first()
    if place is None:
        raise ValidationError(f"{child.name}在截止日期不是本校学生，不能列入这次普查。")
    row, _ = CensusRow.objects.get_or_create(census=census, child=child, defaults={"school_class_id": place})
    return row


def economy_of(child: Child) -> dict[str, Any]:
    """The facts of the economy as plain values."""
    return {name: getattr(child, name) for name in FIELDS}


def economies(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Child id → the facts of the economy as they stand now. One statement."""
    rows = Child.objects.filter(pk__in=ids).order_by().values("pk", *FIELDS)
    return {row.pop("pk"): row for row in rows}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What of `after` differs from `before`; the order in which kinds of hardship were ticked is no difference."""
    return {name: value for name, value in after.items() if _plain(value) != _plain(before.get(name))}


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def is_poor(economy: Mapping[str, Any]) -> bool:
    """Whether a kind of hardship holds."""
    return bool(economy.get("hardship"))


def is_unknown(economy: Mapping[str, Any]) -> bool:
    """Whether nobody has said anything about hardship, income or aid."""
    return not any(economy.get(name) for name in TELLING)


def in_words(economy: Mapping[str, Any], names: Iterable[str] = FIELDS) -> list[str]:
    """困难类别：低保、残疾; a line for each of the fields that says something."""
    child = Child(**{name: economy[name] for name in FIELDS if name in economy})
    return [f"{label_of(name)}：{text}" for name in names if (text := shown(child, name)) not in ("", None)]


def told_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(困难类别, 低保, 脱贫户) for each field of `after`."""
    old, new = Child(**{name: before[name] for name in after if name in before}), Child(**after)
    return [(label_of(name), _word(old, name), _word(new, name)) for name in after]


def _word(child: Child, name: str) -> str:
    text = str(shown(child, name))
    return text or ("无" if name in ("hardship", "aid_received") else "未登记")


def apply(*, child: Child, stated: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """
    Write what was stated into the dossier.

    Raises ValidationError if somebody has changed one of these facts in the dossier since the class teacher looked.
    """
    now = economies([child.pk])[child.pk]
    moved = [
        name for name in changed(before, {name: now[name] for name in stated}) if changed(now, {name: stated[name]})
    ]
    if moved:
        names = "、".join(label_of(name) for name in moved)
        raise ValidationError(f"班主任提交以后档案里的{names}又改过，请退回，让班主任看过再提。")
    set_on_child(child, **stated)
