"""Who rides on which route; a vehicle without a licence or with too many pupils is said aloud (domain §11.6)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from children.models import BusRide, BusRoute, codes
from children.models.child import ChildQuerySet
from children.queries import roll_order

ONE_DAY = timedelta(days=1)
LICENSED = (BusRoute.Vehicle.LICENSED, BusRoute.Vehicle.COACH)
#: 校车安全管理条例 art. 2: a school bus has seven seats or more.
FEWEST_SEATS = 7


@dataclass(frozen=True)
class Warning:
    """What is wrong with a route: words for a badge, a sentence for the page, and how bad."""

    words: str
    sentence: str
    tone: str


def warnings_of(route: BusRoute, riders: int) -> list[Warning]:
    """What is wrong with a route that carries `riders` pupils; empty when nothing is known to be wrong."""
    found = []
    if route.vehicle == BusRoute.Vehicle.UNLICENSED:
        found.append(
            Warning(
                "无证车辆", "无证载客车辆不得接送学生，请劝阻家长并报告交警和教育主管部门（校车安全管理条例）。", "bad"
            )
        )
    elif route.vehicle == BusRoute.Vehicle.PRIVATE and riders > 1:
        found.append(Warning("私家车多人同乘", "私家车长期接送多名学生，请核实是否收费营运。", "warn"))
    if route.capacity is not None and riders > route.capacity:
        over = riders - route.capacity
        found.append(Warning(f"超员{over}人", f"核载{route.capacity}人，登记乘车{riders}人，超员{over}人。", "bad"))
    if route.capacity is None and route.vehicle != BusRoute.Vehicle.UNLICENSED:
        found.append(Warning("核载未填", "没有填写核载人数，无法判断是否超员。", "warn"))
    if route.vehicle == BusRoute.Vehicle.LICENSED:
        if route.capacity is not None and route.capacity < FEWEST_SEATS:
            found.append(Warning("座位数存疑", "校车应当是7座以上的载客汽车，请核对车辆类别或核载人数。", "warn"))
        if not route.attendant:
            found.append(Warning("没有照管员", "校车应当配备随车照管人员（校车安全管理条例第三十八条）。", "warn"))
    return found


def waiting_for_a_seat(children: "QuerySet[Any]", on: date) -> "QuerySet[Any]":
    """Pupils on the roll who come by school bus or need one, and ride on no route on the day."""
    riding = BusRide.objects.open(on).filter(child=OuterRef("pk"))
    wanted = Q(needs_bus=True) | Q(commute=codes.Commute.SCHOOL_BUS)
    return children.filter(wanted, ~Exists(riding), school_class__isnull=False)


def in_unlicensed_vehicles(children: "QuerySet[Any]", on: date) -> "QuerySet[Any]":
    """Pupils on the roll who come in a vehicle that may not carry them, by their dossier or by their route."""
    riding = BusRide.objects.open(on).filter(child=OuterRef("pk"), route__vehicle=BusRoute.Vehicle.UNLICENSED)
    return children.filter(Q(commute=codes.Commute.UNLICENSED) | Exists(riding), school_class__isnull=False)


@transaction.atomic
def end_route(*, route: BusRoute, on: date) -> int:
    """
    Take a route out of service from `on`; its rides end the day before. Returns how many pupils lose their seat.

    Raises ValidationError if the route has ended already.
    """
    route = BusRoute.objects.select_for_update().get(pk=route.pk)
    if route.ended_on is not None:
        raise ValidationError("这条线路已经停运。")
    route.ended_on = on
    route.save(update_fields=["ended_on"])
    return sum(end_ride(ride=ride, on=on) for ride in BusRide.objects.filter(route=route, ends_on__isnull=True))


def end_ride(*, ride: BusRide, on: date) -> bool:
    """End a ride the day before `on`; a ride that had no day yet is taken back. True: the pupil had a seat."""
    if ride.starts_on >= on:
        ride.delete()
    else:
        ride.ends_on = on - ONE_DAY
        ride.save(update_fields=["ends_on"])
    return True


@transaction.atomic
def set_riders(*, new: list[BusRide], changed: list[BusRide], ended: list[BusRide], on: date) -> None:
    """Write the riders of a route as a class teacher ticked them: new seats, changed stops, seats given up."""
    BusRide.objects.bulk_create(new)
    BusRide.objects.bulk_update(changed, ["stop", "met_by"])
    for ride in ended:
        end_ride(ride=ride, on=on)


def riders_for_paper(route: BusRoute, children: "ChildQuerySet", on: date) -> list[BusRide]:
    """The rides of a route with their children, by class and name."""
    rides = BusRide.objects.open(on).filter(route=route, child__in=children.on_roll().order_by().values("pk"))
    return list(rides.select_related("child__school_class__school").order_by(*roll_order("child__")))
