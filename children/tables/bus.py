"""Who rides on which vehicle (rosters L12, domain §11.6): routes are made or completed from the riders' rows."""

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from caretrack.access.policy import Act, DataClass
from caretrack.periods import chinese_date
from children.importing.findings import Finding, Level
from children.importing.normalise.reading import Reading, error, warning
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue
from children.models import BusRide, BusRoute, Enrollment
from children.tables.amounts import read_number
from children.tables.fields import PUPIL, SCHOOL, Field, Option
from children.tables.kinds import Laying, Plan, Setting, register
from children.tables.people import read_adult
from children.tables.pupils import Pupil, PupilTable
from children.tables.sheets import TableRow

_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{4,6}[A-Z0-9学挂]?")
_SEATS = re.compile(r"(\d+)(?:个?座位?|人|位)")


def _stated_as(words: str) -> Callable[[str], str]:
    """A reader of what stands behind one of these words and a colon: 车牌：贵A·00000."""
    pattern = re.compile(rf"(?:{words})\s*[:：]\s*([^\s，,；;:：]+)(?=[\s，,；;]|$)")
    return lambda line: found[1] if (found := pattern.search(line)) else ""


_VEHICLES = {
    BusRoute.Vehicle.LICENSED: ("持证校车", "校车", "专用校车", "有证校车"),
    BusRoute.Vehicle.COACH: ("营运客车", "客车", "班车", "公交", "公交车", "中巴", "农村客运"),
    BusRoute.Vehicle.PRIVATE: ("私家车", "家长车", "自家车", "小轿车", "家长接送"),
    BusRoute.Vehicle.UNLICENSED: ("无证载客车辆", "无证车辆", "面包车", "三轮车", "黑车", "农用车", "无证"),
}
_VEHICLE_OF = {word: vehicle for vehicle, words in _VEHICLES.items() for word in words}
VEHICLE = (
    Field(
        "plate",
        "车牌号码",
        "车牌 车牌号 校车牌号 车号",
        text=True,
        example="贵A00000",
        above=_stated_as("车牌(?:号码?)?|车号"),
    ),
    Field(
        "vehicle",
        "车辆类别",
        "车辆类型 车型 乘车方式 车辆性质",
        choices=tuple(str(vehicle.label) for vehicle in BusRoute.Vehicle),
        example="持证校车",
    ),
    Field("capacity", "核载人数", "校车核载人数 核定人数 座位数 核载"),
    Field("driver_name", "司机姓名", "司机 驾驶员 驾驶员姓名", above=_stated_as("(?:司机|驾驶员)(?:姓名)?")),
    Field(
        "driver_phone",
        "司机联系方式",
        "司机电话 驾驶员电话 驾驶员联系电话 司机联系电话 驾驶员信息联系电话",
        text=True,
        above=_stated_as(r"(?:司机|驾驶员)(?:(?:姓名)?[:：]\s*\S+\s+)?(?:联系)?(?:电话|方式)"),
    ),
    Field(
        "attendant", "随车照管员", "照管员 照管人员 跟车老师 随车教师", above=_stated_as("照管人?员|跟车老师|随车教师")
    ),
)


def plain_plate(text: str) -> str:
    """A number plate without blanks, dots and full-width letters: 贵Ａ·00000 is 贵A00000."""
    return re.sub(r"[\s·•・.．‧∙\-]", "", unicodedata.normalize("NFKC", text)).upper()


def read_plate(value: CellValue) -> Reading[str]:
    """A number plate; one that does not look like one is kept and shown."""
    if is_nothing(value):
        return Reading(None)
    plate = plain_plate(as_text(value))
    if len(plate) > 12:
        return Reading(None, remarks=(error("plate_long", f"“{as_text(value)}”太长，不是车牌号码，请只填一个车牌。"),))
    if not _PLATE.fullmatch(plate):
        return Reading(plate, remarks=(warning("plate_odd", f"“{plate}”不像车牌号码，请核对。"),))
    return Reading(plate)


def read_vehicle(value: CellValue) -> Reading[str]:
    """The kind of vehicle in a school's words."""
    if is_nothing(value):
        return Reading(None)
    if found := _VEHICLE_OF.get(fold(value)):
        return Reading(found)
    names = "、".join(str(vehicle.label) for vehicle in BusRoute.Vehicle)
    return Reading(None, remarks=(error("vehicle_unclear", f"看不懂车辆类别“{as_text(value)}”，请填{names}。"),))


@dataclass(slots=True)
class _Stored:
    routes: list[BusRoute]
    rides: dict[tuple[int, int], BusRide] = field(default_factory=dict)
    riders: Counter[int] = field(default_factory=Counter)
    came: dict[int, dt.date] = field(default_factory=dict)
    stated: dict[tuple[int, str], tuple[Any, int]] = field(default_factory=dict)
    seen: dict[tuple[int, int], int] = field(default_factory=dict)
    new_riders: Counter[int] = field(default_factory=Counter)
    places: dict[int, TableRow] = field(default_factory=dict)
    elsewhere: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


@register
class BusTable(PupilTable):
    slug = "bus"
    title = "乘车学生"
    lead = "校车和接送车辆的乘车学生登记表：一名学生一行，司机、车牌写在同一行。"
    unit = "人"
    icon = "bus-front"
    back, back_label = "children:bus_list", "查看乘车登记"
    act = Act.BUS_EDIT
    data = DataClass.CONTACT
    fields: ClassVar = (
        *PUPIL,
        SCHOOL,
        Field(
            "direction",
            "乘车方向",
            "方向 线路 线路名称 乘车线路 行驶路线",
            example="栗坪村方向",
            above=_stated_as("方向|线路|路线"),
        ),
        Field("get_on", "上车地点", "上车点 乘车地点 上下车地点 站点 停靠点", example="栗坪村口"),
        Field("get_off", "下车地点", "下车点", example="学校门口"),
        *VEHICLE,
        Field("met_by", "接送人", "接送家长姓名 接送家长 接送人姓名 周末接送人"),
        Field("met_relation", "接送人关系", "关系 与学生关系"),
        Field("met_phone", "接送人电话", "家长电话 接送家长电话 接送人联系方式", text=True),
        Field("starts_on", "开始日期", "开始 乘车开始日期 开始乘车日期", text=True),
        Field("ends_on", "结束日期", "结束 乘车结束日期 停乘日期", text=True),
    )
    options: ClassVar = (
        Option("direction", "乘车方向", "text", "表里没有写方向的行用。"),
        Option(
            "vehicle",
            "车辆类别",
            "choice",
            "表里没有写车辆类别的新线路用。",
            choices=(("", "未选"), *BusRoute.Vehicle.choices),
        ),
        Option("on", "开始乘车日期", "date", "表里没有写时用；不填就用今天。"),
    )
    hints: ClassVar = (
        "线路按乘车方向和车牌认出，没有的自动新建；司机、核载人数等写了就更新。",
        "车牌里的全角字母、圆点和空格会自动整理；乘车人数超过核载、无证车辆会提醒。",
        "只有车辆和驾驶员、没有学生的登记表，请用“校车和驾驶员”导入。",
    )

    def load(self, setting: Setting, children: set[int], rows: list[TableRow]) -> _Stored:
        store = _Stored(list(BusRoute.objects.filter(school=setting.school).running(setting.on).order_by("pk")))
        for route in store.routes:
            route.school = setting.school
        rides = BusRide.objects.filter(route__in=store.routes).open(setting.on)
        for ride in rides.filter(child__school_class__isnull=False):
            store.riders[ride.route_id] += 1
        store.came = Enrollment.objects.filter(child__in=children, school=setting.school).first_days()
        for ride in rides.filter(child__in=children):
            store.rides[ride.child_id, ride.route_id] = ride
        return store

    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: _Stored) -> None:
        row = laying.row
        facts = route_facts(row)
        stop = "→".join(filter(None, [row.text("get_on", 60), row.text("get_off", 60)]))
        if len(stop) > 60:
            row.fail("get_on", f"上车和下车地点合起来最多 60 个字，现在有 {len(stop)} 个，请删减。")
        met_by = _met_by(row)
        starts, ends = row.date("starts_on", setting.on), row.date("ends_on")
        direction, plate = row.text("direction", 60) or setting.option("direction"), row.take("plate", read_plate) or ""
        if not direction and not plate:
            row.fail("direction", "乘车方向和车牌都没有写，不知道乘哪辆车，请至少补上一样。")
        on = starts.first_day if starts else setting.day() or setting.on
        last = ends.first_day if ends else None
        self._end(row, on, last)
        if row.failed:
            return
        route = self._route(laying, setting, store, direction, plate, facts)
        if route is None:
            return
        first = store.seen.setdefault((pupil.pk, id(route)), row.number)
        if first != row.number:
            row.fail("name", f"与第{first}行重复：同一名学生、同一辆车。")
            return
        ride = store.rides.get((pupil.pk, route.pk or 0))
        if ride is not None:
            self._end(row, ride.starts_on, last)
            laying.put(ride, stop=stop, met_by=met_by, ends_on=last)
            return
        came = store.came.get(pupil.pk, on)
        if on < came:
            if starts:
                row.warn("starts_on", f"这名学生{chinese_date(came)}起在本校就读，开始乘车按这一天登记，请核对。")
            on = came
            self._end(row, on, last)
        store.new_riders[id(route)] += 1
        laying.add(BusRide(child_id=pupil.pk, route=route, stop=stop, met_by=met_by, starts_on=on, ends_on=last), "stop", "met_by", "starts_on", "ends_on")  # fmt: skip
        laying.tell("线路", "", " ".join(filter(None, [route.direction, route.plate])))

    @staticmethod
    def _end(row: TableRow, first: dt.date, last: dt.date | None) -> None:
        if last is not None and last < first:
            row.fail("ends_on", f"结束日期早于开始日期 {first}，请核对。")

    def _route(
        self, laying: Laying, setting: Setting, store: _Stored, direction: str, plate: str, facts: dict[str, Any]
    ) -> BusRoute | None:
        """The route of the row, made if need be and completed with what the row states; None if the row has failed."""
        row = laying.row
        vehicles = [route for route in store.routes if not plate or plain_plate(route.plate) == plate]
        fits = [route for route in vehicles if not direction or route.direction == direction]
        if plate and not fits:
            fits = [route for route in vehicles if route.direction == BusRoute.UNSTATED]
        if len(fits) > 1:
            row.fail("plate", "有几条线路都符合，请把乘车方向和车牌都写上。")
            return None
        may_manage = setting.by is not None and setting.by.may(Act.BUS_ROUTE)
        if not fits:
            return (
                self._new_route(laying, setting, store, direction, plate, facts) if may_manage else self._refused(row)
            )
        route = fits[0]
        if self._contradicts(row, route, store, facts):
            return None
        store.places.setdefault(id(route), row)
        if may_manage:
            laying.put(route, direction=direction, **facts)
        return route

    @staticmethod
    def _refused(row: TableRow) -> None:
        row.fail("direction", "系统里还没有这条线路。请先由档案管理员、德育主任或校长新建线路，再导入乘车学生。")

    @staticmethod
    def _contradicts(row: TableRow, route: BusRoute, store: _Stored, facts: dict[str, Any]) -> bool:
        """Two lines of one file that state different facts of one vehicle: nobody can know which is right."""
        for name, value in facts.items():
            if value in (None, ""):
                continue
            known, line = store.stated.setdefault((id(route), name), (value, row.number))
            if known != value:
                label = str(BusRoute._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
                row.fail(name, f"同一辆车的{label}与第{line}行不一样，请核对后写成一致。")
        return row.failed

    def _new_route(
        self, laying: Laying, setting: Setting, store: _Stored, direction: str, plate: str, facts: dict[str, Any]
    ) -> BusRoute | None:
        row = laying.row
        vehicle = facts["vehicle"] or setting.option("vehicle")
        if not vehicle:
            row.fail("vehicle", "这是一条新线路，没有写车辆类别，请补上，或在上传时选好。")
        if not direction:
            row.fail("direction", "这是一辆新登记的车，没有写乘车方向，请补上。")
        if row.failed:
            return None
        stated = {name: value for name, value in facts.items() if value is not None} | {"vehicle": vehicle}
        route = BusRoute(school=setting.school, direction=direction, plate=plate, **stated)
        store.routes.append(route)
        store.places[id(route)] = row
        self._contradicts(row, route, store, facts)
        laying.share(route)
        words = [direction, plate, route.get_vehicle_display(), route.driver_name]
        laying.tell("新建线路", "", " ".join(filter(None, map(str, words))))
        return route

    def look_over(self, plan: Plan, setting: Setting, store: _Stored) -> None:
        """More riders than seats, and vehicles without a licence, are told once a vehicle (domain §11.6)."""
        for route in store.routes:
            row = store.places.get(id(route))
            if row is None:
                continue
            plan.findings += dangers_of(route, store.riders[route.pk or 0] + store.new_riders[id(route)], row)


def dangers_of(route: BusRoute, riders: int, row: TableRow) -> list[Finding]:
    """What is wrong with a route as the row leaves it (domain §11.6)."""
    name = " ".join(filter(None, [route.direction, route.plate]))
    found = []
    if route.capacity and riders > route.capacity:
        sentence = f"“{name}”核载 {route.capacity} 人，导入后乘车 {riders} 人，已经超员，请尽快调整。"
        found.append(Finding("over_capacity", Level.WARNING, sentence, row.sheet, row.number))
    if route.vehicle == BusRoute.Vehicle.UNLICENSED:
        sentence = f"“{name}”是无证载客车辆，不得接送学生：请劝阻家长，并向学校和交管部门报告。"
        found.append(Finding("unlicensed", Level.WARNING, sentence, row.sheet, row.number))
    return found


def read_seats(value: CellValue) -> Reading[Decimal]:
    """How many a vehicle carries: 19, 19座, 19人."""
    found = _SEATS.fullmatch(fold(value)) if isinstance(value, str) else None
    return read_number(found[1] if found else value)


def route_facts(row: TableRow) -> dict[str, Any]:
    """What a row states of vehicle and driver, by the fields of BusRoute; None for what it leaves open."""
    capacity = row.take("capacity", read_seats)
    if capacity is not None and not (capacity == capacity.to_integral_value() and 1 <= capacity <= 100):
        row.fail("capacity", f"核载人数 {capacity.normalize():f} 不对，请填 1 到 100 的整数。")
        capacity = None
    driver, phone = read_adult(row, "driver_name", "driver_phone")
    return {
        "vehicle": row.take("vehicle", read_vehicle),
        "capacity": int(capacity) if capacity is not None else None,
        "driver_name": driver,
        "driver_phone": phone,
        "attendant": read_adult(row, "attendant")[0],
    }


def _met_by(row: TableRow) -> str:
    """Who meets the pupil, with relation and phone: 罗春花（母亲，13800000001）."""
    met_by, phone = read_adult(row, "met_by", "met_phone")
    name = met_by or ""
    beside = "，".join(filter(None, [row.text("met_relation"), phone]))
    return (f"{name}（{beside}）" if beside else name)[:50]
