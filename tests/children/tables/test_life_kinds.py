"""Health checks, awards and bus riders from a school's own lists."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from caretrack.access.policy import Role
from children.models import Award, BusRide, BusRoute, HealthCheck
from children.tables.amounts import read_money
from children.tables.awards import read_scope
from children.tables.bus import plain_plate, read_plate
from children.tables.measures import HEIGHT, WEIGHT, read_measure, read_pressure, read_sight
from tests.children.tables.conftest import DAY
from tests.support.factories import make_class, make_staff

# --- health

CHECKUP = ["姓名", "班级", "体检日期", "身高", "体重(斤)", "视力", "血压", "结论", "是否复查"]


@pytest.mark.data
def test_a_checkup_with_jin_metres_and_both_eyes_in_one_cell(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "health")
    clerk.check(CHECKUP, ["李小兰", "四1", "2026.10.12", 1.385, 64, "5.0/4.8", "100/65", "轻度近视", "√"])
    clerk.confirm()
    check = HealthCheck.objects.get()
    assert (check.height_cm, check.weight_kg) == (Decimal("138.5"), Decimal("32.0"))
    assert (check.sight_left, check.sight_right) == (Decimal("5.0"), Decimal("4.8"))
    assert (check.blood_pressure, check.finding, check.needs_follow_up) == ("100/65", "轻度近视", True)
    assert check.on == dt.date(2026, 10, 12)
    clerk.check(CHECKUP, ["李小兰", "四1", "2026.10.12", 138.5, 64, "5.0/4.8", "100/65", "轻度近视", "是"])
    assert clerk.counts() == (0, 0, 1, 0)
    clerk.check(CHECKUP, ["李小兰", "四1", "2026.10.12", 140, "", "", "", "", ""])
    assert clerk.counts() == (0, 1, 0, 0)
    clerk.confirm()
    check.refresh_from_db()
    assert (check.height_cm, check.finding) == (Decimal("140.0"), "轻度近视")
    clerk.act("undo")
    check.refresh_from_db()
    assert check.height_cm == Decimal("138.5")


@pytest.mark.parametrize(
    "place, value, words",
    [
        (3, 14, "身高 14 不像厘米数"),
        (3, "高", "不是数字"),
        (4, 800, "体重 800 不像千克数"),
        (5, "9.9", "视力 9.9 不在"),
        (6, "65/100", "血压“65/100”请写成"),
        (8, "可能", "看不出是“是”还是“否”"),
    ],
)
def test_an_impossible_measure_sends_the_row_back(desk, registrar, pupils, place: int, value: Any, words: str) -> None:
    clerk = desk(registrar, "health")
    row: list[Any] = ["李小兰", "四1", "2026.10.12", 138, 64, "5.0", "100/65", "健康", "否"]
    row[place] = value
    clerk.check(CHECKUP, row)
    assert clerk.counts() == (0, 0, 0, 1)
    assert any(words in fault for fault in clerk.faults()), clerk.faults()


def test_a_row_without_any_finding_is_no_checkup(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "health")
    clerk.check(CHECKUP, ["李小兰", "四1", "2026.10.12"])
    assert "没有任何检查结果" in clerk.faults()[0]
    clerk.check(CHECKUP, ["李小兰", "四1", "2026.10.12", *[""] * 5, "否"])
    assert clerk.counts() == (0, 0, 0, 1)
    check = HealthCheck.objects.create(
        child=pupils["lan"], on=dt.date(2026, 10, 12), finding="近视", needs_follow_up=True
    )
    clerk.check(CHECKUP, ["李小兰", "四1", "2026.10.12", *[""] * 5, "否"])
    clerk.confirm()
    check.refresh_from_db()
    assert not check.needs_follow_up


@pytest.mark.parametrize(
    "slug, head, cells",
    [
        ("health", ["体检日期", "身高"], ["2012-10-12", 70]),
        ("aid", ["资助时间", "资助项目", "金额"], ["2012-10-12", "生活补助", 500]),
        ("awards", ["获奖时间", "称号", "级别"], ["2012-10-12", "三好学生", "校级"]),
    ],
)
def test_nothing_happens_to_a_pupil_before_the_birth(desk, registrar, pupils, slug, head, cells) -> None:
    clerk = desk(registrar, slug)
    clerk.check(["姓名", "班级", *head], ["李小兰", "四1", *cells])
    assert clerk.counts() == (0, 0, 0, 1)
    assert "第2行 C列 李小兰出生于2016-05-04，日期不能更早。" in clerk.faults()


@pytest.mark.parametrize(
    "value, title, expected",
    [
        (1.4, "身高", "140.0"),
        ("138.5cm", "身高", "138.5"),
        ("1.38m", "", "138.0"),
        (1.5, "身高（米）", "150.0"),
        (132, "身高（厘米）", "132.0"),
    ],
)
def test_heights(value: Any, title: str, expected: str) -> None:
    assert read_measure(value, scale=HEIGHT, title=title).value == Decimal(expected)


def test_weights_in_jin_only_where_the_title_or_the_cell_says_so() -> None:
    assert read_measure(64, scale=WEIGHT, title="体重（公斤）").value == 64
    assert read_measure(64, scale=WEIGHT, title="体重（斤）").value == 32
    assert read_measure("64斤", scale=WEIGHT, title="体重").value == 32
    assert read_measure("32公斤", scale=WEIGHT, title="体重（斤）").value == 32


def test_eyes_and_blood() -> None:
    assert read_sight(5).value == Decimal("5.0")
    assert read_sight("0.8").value == Decimal("0.8")
    assert read_sight(2.5).value is None
    assert read_pressure("110／70").value == "110/70"


# --- awards


def test_awards_with_levels_in_a_schools_words(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "awards")
    head = ["姓名", "班级", "荣誉称号", "级别", "获奖时间"]
    rows = [["李小兰", "四1", "阳光少年", "校级", "2026-06-01"], ["韦小禾", "四2", "三好学生", "县级", "2026.6"]]
    clerk.check(head, *rows)
    assert clerk.counts() == (2, 0, 0, 0)
    clerk.confirm()
    found = {(award.child.name, award.title, award.scope, award.on) for award in Award.objects.all()}
    assert found == {
        ("李小兰", "阳光少年", "school", dt.date(2026, 6, 1)),
        ("韦小禾", "三好学生", "county", dt.date(2026, 6, 1)),
    }
    clerk.check(head, *rows)
    assert clerk.counts() == (0, 0, 2, 0)
    rows[0][3] = "乡镇"
    clerk.check(head, *rows)
    assert clerk.counts() == (0, 1, 1, 0)
    clerk.confirm()
    clerk.act("undo")
    assert Award.objects.get(title="阳光少年").scope == "school"


def test_an_award_without_title_or_level_says_what_is_missing(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "awards")
    clerk.check(["姓名", "班级", "称号", "级别"], ["李小兰", "四1", "", "校级"], ["韦小禾", "四2", "三好学生", "宇宙"])
    words = " ".join(clerk.faults())
    assert "第2行 C列 没有写称号" in words
    assert "第3行 D列 看不懂级别“宇宙”" in words


def test_scopes() -> None:
    assert [read_scope(word).value for word in ("省级", "县", "中心校", "校级", "班级")] == [
        "city",
        "county",
        "town",
        "school",
        "class",
    ]


# --- bus

RIDERS = ["学生姓名", "班级", "乘车方向", "上车地点", "下车地点", "司机姓名", "司机联系方式", "车牌号码", "车辆类别", "核载人数", "接送家长姓名", "关系", "家长电话"]  # fmt: skip
RIDER = ["李小兰", "四（1）班", "栗坪村", "村口", "学校", "石师傅", "13800000021", "贵Ａ·00000", "校车", 1, "罗春花", "母亲", "13800000001"]  # fmt: skip


@pytest.mark.data
def test_riders_make_their_route_once_and_full_vehicles_are_told(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "bus")
    second = ["韦小禾", "四2", "栗坪村", "桥头", "学校", "", "", "贵a 00000", "", "", "", "", ""]
    clerk.check(RIDERS, RIDER, second)
    assert clerk.counts() == (2, 0, 0, 0)
    assert any("核载 1 人，导入后乘车 2 人，已经超员" in fault for fault in clerk.faults())
    clerk.confirm()
    route = BusRoute.objects.get()
    assert (route.plate, route.vehicle, route.driver_phone, route.capacity) == (
        "贵A00000",
        "licensed",
        "13800000021",
        1,
    )
    rides = {ride.child.name: (ride.stop, ride.met_by, ride.starts_on) for ride in BusRide.objects.all()}
    assert rides == {
        "李小兰": ("村口→学校", "罗春花（母亲，13800000001）", DAY),
        "韦小禾": ("桥头→学校", "", DAY),
    }
    clerk.check(RIDERS, RIDER, second)
    assert clerk.counts() == (0, 0, 2, 0)


@pytest.mark.data
def test_undo_takes_riders_and_route_and_spares_a_route_still_ridden(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "bus")
    second = ["韦小禾", "四2", *RIDER[2:]]
    clerk.check(RIDERS, RIDER, second)
    clerk.confirm()
    ride = BusRide.objects.get(child=pupils["he"])
    ride.stop = "河边"
    ride.save()
    assert "韦小禾" in clerk.act("undo").content.decode()
    assert [r.child for r in BusRide.objects.all()] == [pupils["he"]]
    assert BusRoute.objects.exists()
    BusRide.objects.all().delete()
    BusRoute.objects.all().delete()
    clerk.check(RIDERS, RIDER, second)
    clerk.confirm()
    clerk.act("undo")
    assert not BusRide.objects.exists()
    assert not BusRoute.objects.exists()


def test_a_rider_rides_from_the_first_day_at_school_on(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "bus")
    clerk.check([*RIDERS, "开始日期"], [*RIDER, "2026-02-20"])
    assert any("2026年9月1日起在本校就读，开始乘车按这一天登记" in fault for fault in clerk.faults())
    clerk.confirm()
    assert BusRide.objects.get().starts_on == dt.date(2026, 9, 1)


def test_an_unlicensed_vehicle_is_warned_about(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "bus")
    clerk.check(RIDERS, [*RIDER[:8], "面包车", *RIDER[9:]])
    assert any("无证载客车辆，不得接送学生" in fault for fault in clerk.faults())


def test_two_drivers_of_one_vehicle_contradict_each_other(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "bus")
    clerk.check(RIDERS, RIDER, ["韦小禾", "四2", *RIDER[2:5], "王师傅", *RIDER[6:]])
    assert clerk.counts() == (1, 0, 0, 1)
    assert any("同一辆车的司机姓名与第2行不一样" in fault for fault in clerk.faults())


def test_a_class_teacher_adds_riders_but_no_routes(desk, school, pupils) -> None:
    teacher = desk(make_staff(Role.HOMEROOM, make_class(school, 4, 1), name="马老师"), "bus")
    teacher.check(RIDERS, RIDER)
    assert any("请先由档案管理员" in fault for fault in teacher.faults())
    BusRoute.objects.create(school=school, direction="栗坪村", plate="贵A·00000", vehicle="licensed", driver_name="旧")
    teacher.check(RIDERS, RIDER)
    assert teacher.counts() == (1, 0, 0, 0)
    teacher.confirm()
    assert BusRoute.objects.get().driver_name == "旧"


def test_a_new_route_needs_its_kind_of_vehicle(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "bus")
    row = [*RIDER[:8], "", *RIDER[9:]]
    clerk.check(RIDERS, row)
    assert any("没有写车辆类别" in fault for fault in clerk.faults())
    clerk.check(RIDERS, row, vehicle="coach")
    assert clerk.counts() == (1, 0, 0, 0)


def test_plates() -> None:
    assert plain_plate("贵Ａ·０0000") == "贵A00000"
    assert read_plate("贵A 12345").remarks == ()
    assert read_plate("拖拉机").remarks[0].level == "warning"


def test_money_words() -> None:
    assert read_money("1,200元").value == 1200
    assert read_money("0.06万元").value == 600
    assert read_money(float("1200")).value == 1200
    assert read_money("#N/A").value is None
