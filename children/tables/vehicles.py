"""School vehicles with their drivers, without pupils (rosters L13): a list, or a registration form for each vehicle."""

import re
from dataclasses import replace
from typing import Any, ClassVar

from caretrack.access.policy import Act
from children.importing.aliases import normal_title
from children.importing.findings import Finding, Level
from children.importing.form_sheets import beside_labels
from children.importing.header import Column
from children.importing.sheets import CellValue, Sheet
from children.importing.titles import TitleFacts
from children.models import BusRoute
from children.tables.bus import VEHICLE, dangers_of, plain_plate, read_plate, route_facts
from children.tables.fields import SCHOOL, Field, Option
from children.tables.kinds import Laying, Plan, Setting, TableKind, register
from children.tables.pupils import check_school
from children.tables.sheets import Form, Table, TableRow, Titles

PAPER_ONLY = "系统只登记车牌、核载人数和驾驶员的姓名、电话，其余请留在纸质登记表里"
_PAPER_ONLY = re.compile(
    "^(车架号码?|车主.*|发动机号码?|(公民)?身份证号码?|.*驾驶证.*|准驾车型|.*领证日期|家庭住址|住址)$"
)
_DRIVER = re.compile("驾驶员|司机")
_BARE_PHONES = frozenset({"联系电话", "电话", "手机", "手机号", "手机号码", "联系方式"})
LEAST_LINES, LEAST_LABELS, MOST_BESIDE, SEARCHED = 3, 5, 2, 200


@register
class VehicleTable(TableKind):
    slug = "vehicles"
    title = "校车和驾驶员"
    lead = "校车及驾驶员信息登记表：一辆车一行，或一辆车一张登记表；没有学生。"
    unit = "辆"
    place_title = "方向"
    icon = "bus-front"
    back, back_label = "children:bus_list", "查看乘车登记"
    act = Act.BUS_ROUTE
    fields: ClassVar = (
        replace(VEHICLE[0], needed=True),
        *VEHICLE[1:],
        Field("direction", "乘车方向", "方向 线路 线路名称 行驶路线 行驶线路", example="示例（导入时自动忽略）"),
        SCHOOL,
    )
    options: ClassVar = (
        Option(
            "vehicle",
            "车辆类别",
            "choice",
            "表里没有写车辆类别的新车用；持证校车指有校车标牌、办过使用许可的。",
            required=True,
            choices=(("", "请选择"), *BusRoute.Vehicle.choices),
        ),
    )
    matching: ClassVar = (
        "车辆按车牌认出；已有的车更新写明的内容，没有的自动新建线路。",
        "同一份表再导一次不会重复登记；留空的格子不会清除系统里已有的内容。",
    )
    hints: ClassVar = (
        "没有写乘车方向的新车先记作“方向未定”；导入乘车学生时写上方向和车牌，会自动补上。",
        f"车架号、车主、驾驶证等不导入：{PAPER_ONLY}。",
    )

    def titles(self) -> Titles:
        """The titles of the list; a sheet may be a form as well."""
        return Titles(self.fields, refused={_PAPER_ONLY: PAPER_ONLY}, form=_read_forms)

    def plan(self, table: Table, setting: Setting) -> Plan:
        """Find each row's vehicle by its plate, on whichever routes it drives, or make it."""
        plan = Plan()
        routes: list[Any] = list(
            BusRoute.objects.filter(school=setting.school).running(setting.on).with_riders(setting.on).order_by("pk")
        )
        seen: dict[tuple[str, str], int] = {}
        for row in table.rows:
            check_school(row, setting)
            plate, direction = row.take("plate", read_plate) or "", row.text("direction", 60)
            if not plate and not row.failed:
                row.fail("plate", "没有写车牌号码，不知道是哪辆车，请补上。")
            first = seen.setdefault((plate, direction), row.number)
            if plate and first != row.number:
                row.fail("plate", f"与第{first}行重复：同一辆车。")
            laying = plan.begin(row, plate or "（没有车牌）", place=direction)
            facts = route_facts(row)
            if not row.failed:
                touched = _lay(laying, plate, direction, facts, routes, setting)
                plan.findings += [found for route in touched for found in dangers_of(route, route.riders, row)]
            laying.end()
        return plan


def _lay(
    laying: Laying, plate: str, direction: str, facts: dict[str, Any], routes: list[Any], setting: Setting
) -> list[Any]:
    """Lay a row over the routes of its vehicle; returns them, a new one if there was none."""
    same = [route for route in routes if plain_plate(route.plate) == plate]
    fits = [route for route in same if not direction or route.direction == direction]
    # A route whose direction nobody knew is this one, unless the vehicle has one with the direction already.
    fits = fits or [route for route in same if route.direction == BusRoute.UNSTATED]
    for route in fits:
        laying.put(route, direction=direction, **facts)
    if fits:
        return fits
    if not direction:
        laying.row.warn("direction", f"没有写乘车方向，先记作“{BusRoute.UNSTATED}”，请到乘车登记里补上。")
    stated = {name: value for name, value in facts.items() if value is not None}
    stated.setdefault("vehicle", setting.option("vehicle"))
    made: Any = BusRoute(school=setting.school, direction=direction or BusRoute.UNSTATED, plate=plate, **stated)
    made.riders = 0
    routes.append(made)
    laying.add(made, "direction", "vehicle", "capacity", "driver_name", "driver_phone", "attendant")
    return [made]


def _read_forms(sheet: Sheet) -> Form | None:
    """
    The forms of a sheet, one a vehicle, each beginning with its plate; None if the sheet is no such form.

    A bare 联系电话 belongs to the person named before it, and only the driver's is taken.
    """
    if not _is_form(sheet):
        return None
    rows: list[TableRow] = []
    passed: dict[str, None] = {}
    of_driver = False
    for _, _, title, (line, index) in beside_labels(sheet, _label):
        name = _meaning(title)
        if name == "plate":
            rows.append(TableRow(sheet.name, line + 1, {}, {}, TitleFacts()))
        if title.endswith("姓名") or name == "attendant":
            of_driver = _DRIVER.search(title) is not None
        if title in _BARE_PHONES and of_driver:
            name, title = "driver_phone", f"驾驶员{title}"
        if not rows or not name:
            passed[title] = None
        elif name not in rows[-1].values:
            rows[-1].values[name] = sheet.value(line, index)
            rows[-1].columns[name] = Column(index, title, name)
            rows[-1].lines[name] = line + 1
    if not rows:
        return None
    told = f"{'、'.join(passed)}没有导入：{PAPER_ONLY}。"
    return Form(rows, rows[0].number - 1, [Finding("column_refused", Level.FIXED, told, sheet.name)] if passed else [])


def _is_form(sheet: Sheet) -> bool:
    """True if labels stand in several lines with values between them; the header of a list has them side by side."""
    counts = []
    for cells in sheet.rows[:SEARCHED]:
        labels = [bool(_label(value)) for value in cells]
        if any(all(labels[start : start + MOST_BESIDE + 1]) for start in range(len(labels) - MOST_BESIDE)):
            return False
        counts.append(sum(labels))
    return sum(count > 0 for count in counts) >= LEAST_LINES and sum(counts) >= LEAST_LABELS


def _label(value: CellValue) -> str:
    """The title that a cell holds, an empty string for a value."""
    title = normal_title(value) if isinstance(value, str) else ""
    return title if title and (_meaning(title) or title in _BARE_PHONES or _PAPER_ONLY.match(title)) else ""


def _meaning(title: str) -> str:
    return _TITLES.meaning([title])


_TITLES = Titles(VehicleTable.fields)
