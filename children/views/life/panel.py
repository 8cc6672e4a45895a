"""What the dossier shows of health checks, results, aid, awards, bus and boarding: the latest of each, as far as seen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.http import urlencode

from caretrack.access.policy import DataClass
from caretrack.fixed import fixed
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.models import AidGrant, Award, BoardingTerm, BusRide, Child, HealthCheck, Result, codes
from children.sight import Sight
from children.views.life.aid import what_was_given
from children.views.life.health import eyes, follow_up_state, measure
from children.views.life.kinds import AID, AWARDS, BOARDING, BUS, HEALTH, RESULTS, Kind

SHOWN = 4
RESULTS_SHOWN = 12


@dataclass(frozen=True)
class Entry:
    """One line: what, beside it the rest, a badge, and where it is changed."""

    text: str
    note: str = ""
    badge: str = ""
    tone: str = "neutral"
    url: str = ""


@dataclass(frozen=True)
class LifeCard:
    """One kind in the dossier; `add` is where one more is entered, `more` the list when it holds more."""

    kind: Kind
    entries: list[Entry]
    add: str
    more: str


def life_cards(child: Child, sight: Sight, staff: Any, today: date) -> list[LifeCard]:
    """The kinds that this person may read of this child; kinds with nothing in them only for those who may enter."""
    cards = []
    for kind, fetch in SOURCES:
        if not sight.may(kind.view):
            continue
        writes = kind.may_write(sight)
        entries = fetch(child, sight, staff, today)
        if not entries and not (writes and child.school_class_id):
            continue
        add = kind.url("add", child.pk) if writes and child.school_class_id else ""
        if kind is BOARDING and (child.boarding != codes.Boarding.BOARDER or entries):
            add = ""
        if kind is BOARDING and not entries and not add:
            continue
        most = RESULTS_SHOWN if kind is RESULTS else SHOWN
        more = f"{kind.url('list')}?{urlencode({'q': child.name})}" if len(entries) > most else ""
        cards.append(LifeCard(kind, entries[:most], add, more))
    return cards


def _edit(kind: Kind, sight: Sight, row: Any, staff: Any) -> str:
    return kind.url("edit", row.child_id, row.pk) if kind.may_change(sight, row, staff) else ""


def _health(child: Child, sight: Sight, staff: Any, today: date) -> list[Entry]:
    entries = []
    for row in _checks_of(child.pk):
        sizes = [(row.height_cm, "厘米"), (row.weight_kg, "千克")]
        told = [f"{measure(value)}{unit}" for value, unit in sizes if value is not None]
        words, tone = follow_up_state(row)
        text = "，".join(filter(None, [*told, eyes(row), row.finding])) or "没有填数值"
        entries.append(Entry(text, str(row.on), words, tone or "neutral", _edit(HEALTH, sight, row, staff)))
    return entries


def _results(child: Child, sight: Sight, staff: Any, today: date) -> list[Entry]:
    entries = []
    for row in _results_of(staff, child.pk):
        mark = "" if row.mark is None else f"{row.mark.normalize():f}分"
        text = f"{row.subject} {mark} {row.stated_or_reached}".replace("  ", " ")
        entries.append(Entry(text, f"{row.term} {row.occasion}", url=_edit(RESULTS, sight, row, staff)))
    return entries


def _aid(child: Child, sight: Sight, staff: Any, today: date) -> list[Entry]:
    return [
        Entry(
            f"{row.programme}：{what_was_given(row)}",
            "，".join(filter(None, [str(row.on), row.source, row.batch])),
            url=_edit(AID, sight, row, staff),
        )
        for row in _grants_of(child.pk)
    ]


def _awards(child: Child, sight: Sight, staff: Any, today: date) -> list[Entry]:
    return [
        Entry(
            f"{row.title}（{row.get_scope_display()}）",
            "，".join(filter(None, [str(row.on), row.evidence])),
            url=_edit(AWARDS, sight, row, staff),
        )
        for row in _awards_of(child.pk)
    ]


def _bus(child: Child, sight: Sight, staff: Any, today: date) -> list[Entry]:
    entries = []
    for row in _rides_of(child.pk, today):
        unsafe = row.route.vehicle == row.route.Vehicle.UNLICENSED
        note = "，".join(filter(None, [row.route.get_vehicle_display(), row.route.plate, row.stop, row.met_by]))
        entries.append(Entry(str(row.route), note, "无证车辆" if unsafe else "", "bad", _edit(BUS, sight, row, staff)))
    return entries


def _boarding(child: Child, sight: Sight, staff: Any, today: date) -> list[Entry]:
    care = sight.reads(DataClass.CARE)
    entries = []
    for row in _stays_of(child.pk):
        judged = [row.get_rating_display(), row.comment] if care else []
        keeper = f"负责教师{row.keeper.name}" if row.keeper else ""
        since = f"{chinese_date(row.since)}入住" if row.since else ""
        text = "，".join(filter(None, [row.bed or "没有床位", since, keeper]))
        note = "，".join(filter(None, [str(row.term), *judged]))
        entries.append(Entry(text, note, url=_edit(BOARDING, sight, row, staff)))
    return entries


@fixed
def _checks_of(child: int) -> QuerySet[HealthCheck]:
    return HealthCheck.objects.filter(child=child)[: SHOWN + 1]


@fixed
def _results_of(staff: Staff, child: int) -> QuerySet[Result]:
    rows = Result.objects.visible_to(staff).filter(child=child).select_related("term")
    return rows.order_by("-term__starts_on", "-occasion", "subject", "pk")[: RESULTS_SHOWN + 1]


@fixed
def _grants_of(child: int) -> QuerySet[AidGrant]:
    return AidGrant.objects.filter(child=child)[: SHOWN + 1]


@fixed
def _awards_of(child: int) -> QuerySet[Award]:
    return Award.objects.filter(child=child)[: SHOWN + 1]


@fixed
def _rides_of(child: int, today: date) -> QuerySet[Any]:
    return BusRide.objects.filter(child=child).open(today).select_related("route")


@fixed
def _stays_of(child: int) -> QuerySet[BoardingTerm]:
    found = BoardingTerm.objects.filter(child=child).select_related("keeper", "term")
    return found.order_by("-term__starts_on", "pk")[: SHOWN + 1]


Fetch = Callable[[Child, Sight, Any, date], list[Entry]]
SOURCES: tuple[tuple[Kind, Fetch], ...] = (
    (HEALTH, _health),
    (RESULTS, _results),
    (AID, _aid),
    (AWARDS, _awards),
    (BUS, _bus),
    (BOARDING, _boarding),
)
