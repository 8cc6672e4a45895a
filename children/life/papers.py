"""What the printed lists of riders and boarders hold, as frozen data: no query runs while a paper is laid out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from caretrack.periods import chinese_date
from children.life.boarding import split_bed
from children.life.bus import Warning, riders_for_paper, warnings_of
from children.models import BoardingTerm, BusRide, BusRoute, CareArrangement, Phone
from children.not_called import phones_to_call

PHONES_A_LINE = 2


@dataclass(frozen=True)
class Line:
    """One pupil on a list."""

    name: str
    sex: str
    class_name: str
    stop: str = ""
    met_by: str = ""
    room: str = ""
    bed: str = ""
    keeper: str = ""
    carer: str = ""
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class RoutePaper:
    """The list of one route: vehicle, driver, riders with the phones to call."""

    school: str
    direction: str
    vehicle: str
    plate: str
    capacity: int | None
    driver: str
    driver_phone: str
    attendant: str
    riders: int
    warnings: tuple[Warning, ...]
    lines: tuple[Line, ...]
    on: date


@dataclass(frozen=True)
class Room:
    """One room with its boarders."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class BoardingPaper:
    """The boarding list: rooms in their order, those without a bed last."""

    school: str
    of: str
    term: str
    pupils: int
    boys: int
    girls: int
    rooms: tuple[Room, ...]
    on: date


def imprint(by: Any, at: datetime) -> str:
    """The small line at the foot: who printed it, and when."""
    return f"打印：{by}　{chinese_date(at)} {at:%H:%M}"


def whom_to_call(children: Iterable[int]) -> dict[int, tuple[str, tuple[str, ...]]]:
    """
    Child id → who cares for the child and the first phones in calling order; three statements.

    Who cares is told as it is registered, also where no number leads to that person: the next number stands there.
    """
    ids = list(children)
    carers = {
        care.child_id: str(care.carer) if care.carer else ""
        for care in CareArrangement.objects.open().filter(child__in=ids).select_related("carer")
    }
    return {pk: (carers.get(pk, ""), _told(phones)) for pk, phones in phones_to_call(ids).items()}


def _told(phones: list[Phone]) -> tuple[str, ...]:
    return tuple(
        f"{phone.member.get_relation_display() if phone.member else phone.answered_by} {phone.number}".strip()
        for phone in phones[:PHONES_A_LINE]
    )


def route_paper(route: BusRoute, riders: int, children: Any, with_phones: frozenset[int], on: date) -> RoutePaper:
    """The list of a route. `children` are those whom the reader sees, `with_phones` those whose family data too."""
    rides: list[BusRide] = riders_for_paper(route, children, on)
    calls = whom_to_call(ride.child_id for ride in rides if ride.child_id in with_phones)
    lines = []
    for ride in rides:
        carer, phones = calls.get(ride.child_id, ("", ()))
        child = ride.child
        lines.append(
            Line(
                child.name, child.get_sex_display(), child.class_name(on), ride.stop, ride.met_by, carer=carer,
                phones=phones,
            )
        )  # fmt: skip
    return RoutePaper(
        route.school.name, route.direction, route.get_vehicle_display(), route.plate, route.capacity,
        route.driver_name, route.driver_phone, route.attendant, riders, tuple(warnings_of(route, riders)),
        tuple(lines), on,
    )  # fmt: skip


def boarding_paper(
    *, school: str, of: str, term: Any, children: list[Any], with_phones: frozenset[int], on: date
) -> BoardingPaper:
    """The list of boarders by room; `children` come from `boarders`, with `bed_shown` and their class loaded."""
    calls = whom_to_call(child.pk for child in children if child.pk in with_phones)
    stays = BoardingTerm.objects.filter(term=term, child__in=[child.pk for child in children]).select_related("keeper")
    keepers = {stay.child_id: stay.keeper.name for stay in stays if stay.keeper}
    rooms: dict[str, list[Line]] = defaultdict(list)
    for child in sorted(children, key=_by_bed):
        room, bed = split_bed(child.bed_shown)
        carer, phones = calls.get(child.pk, ("", ()))
        rooms[room or "未安排床位"].append(
            Line(
                child.name, child.get_sex_display(), child.class_name(on), room=room, bed=bed,
                keeper=keepers.get(child.pk, ""), carer=carer, phones=phones,
            )
        )  # fmt: skip
    sexes = [child.sex for child in children]
    grouped = tuple(Room(name, tuple(lines)) for name, lines in rooms.items())
    return BoardingPaper(school, of, str(term or ""), len(children), sexes.count("1"), sexes.count("2"), grouped, on)


def _by_bed(child: Any) -> tuple[Any, ...]:
    room, bed = split_bed(child.bed_shown)
    return (not child.bed_shown, room, len(bed), bed, child.pinyin)
