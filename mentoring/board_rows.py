"""The children on the pairing board: who has nobody, why that one stands first, who was the mentor before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, QuerySet, Value, When

from caretrack.access.policy import DataClass
from children.models import Child, SupportDecision, codes
from children.places import village_in, village_of
from children.sight import Sight
from mentoring.models import Pairing
from mentoring.queries import unpaired

NOBODY_SAID = "未写理由"
GONE = "已离岗"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child without 代理家长, as one line of the board. `why` says what makes it wait first."""

    child: Child
    class_name: str
    village: str
    why: str
    level: str
    before: str


def waiting(children: "QuerySet[Child]", on: date) -> "QuerySet[Child]":
    """Those of `children` without 代理家长 on the day: 紧急 and 重点 first, then both parents away, then by name."""
    rank = Case(
        When(support_level=codes.SupportLevel.EMERGENCY, then=Value(0)),
        When(support_level=codes.SupportLevel.KEY, then=Value(1)),
        When(father_away=True, mother_away=True, then=Value(2)),
        When(support_level=codes.SupportLevel.WATCH, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    asked = unpaired(children, on).with_away_parents()  # type: ignore[attr-defined]
    return asked.annotate(rank=rank).order_by("rank", "pinyin", "pk")  # type: ignore[no-any-return]


def lines(children: Sequence[Child], sights: Mapping[int, Sight], on: date) -> list[Waiting]:
    """
    `children` (from `waiting`, class and school loaded) as lines, in two statements.

    The support level and its reason are shown to those who read the care of the child.
    """
    ids = [child.pk for child in children]
    reasons: dict[int, str] = {}
    for decision in SupportDecision.objects.filter(child__in=ids).order_by("on", "pk"):
        if decision.level in codes.KEY_LEVELS:
            reasons[decision.child_id] = decision.reason
    past = Pairing.objects.acting_parents().filter(child__in=ids, starts_on__lte=on).order_by("starts_on", "pk")
    before = {
        p.child_id: f"{p.mentor.name}（{p.get_end_reason_display() or GONE}）" for p in past.select_related("mentor")
    }
    found = []
    for child in children:
        sight = sights.get(child.pk, Sight())
        key = child.support_level in codes.KEY_LEVELS
        parts = []
        key = key and sight.reads(DataClass.CARE)
        if key:
            parts.append(reasons.get(child.pk, NOBODY_SAID))
        if sight.reads(DataClass.CONTACT):
            parts.append(_away(child))
        found.append(
            Waiting(
                child=child,
                class_name=child.class_name(on),
                village=village_of(child) if sight.reads(DataClass.CONTACT) else "",
                why="；".join(part for part in parts if part),
                level=child.get_support_level_display() if key else "",
                before=before.get(child.pk, ""),
            )
        )
    return found


def _away(child: Child) -> str:
    father, mother = child.father_away, child.mother_away  # type: ignore[attr-defined]
    if father and mother:
        return "父母都外出"
    return "父亲外出" if father else "母亲外出" if mother else ""


def villages(children: "QuerySet[Child]") -> dict[str, list[int]]:
    """Village → ids of those of `children` who live there; one statement. Those without a known village are left out."""
    found: dict[str, list[int]] = {}
    for pk, *texts in children.order_by().values_list("pk", "village_group", "address", "hukou_place"):
        if name := village_in(*texts):
            found.setdefault(name, []).append(pk)
    return dict(sorted(found.items()))
