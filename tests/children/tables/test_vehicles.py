"""School vehicles and their drivers without pupils (rosters L13): a form for each vehicle, or a list."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.models import BusRide, BusRoute
from tests.children.tables.conftest import DAY, workbook
from tests.support.factories import make_class, make_staff

pytestmark = pytest.mark.django_db

LIST = ["校车牌号", "核载人数", "驾驶员姓名", "驾驶员联系电话", "行驶路线", "驾驶证号码"]
BUS = ["贵Ａ·00000", 19, "石师傅", "13800000021", "栗坪村", "999999198001010011"]
OTHER = ["贵A00001", "36座", "王师傅", "13800000022", "", ""]


def form(
    plate: str = "贵A 00000", seats: Any = 19, driver: str = "石师傅", phone: Any = "13800000021"
) -> list[list[Any]]:
    """The registration form of one vehicle: labels and values alternate."""
    return [
        ["校车及驾驶员信息登记表"],
        ["车辆信息", "校车牌号", plate, "车架号码", "LVZA00000000"],
        [None, "车主姓名", "黄老板", "联系电话", "13800000099"],
        [None, "校车核载人数", seats, "车主住址", "青榕镇街上"],
        ["驾驶员信息", "驾驶员姓名", driver, "联系电话", phone],
        [None, "驾驶证号码", "999999198001010011", "准驾车型", "A1"],
        ["填报单位：（盖章）"],
    ]


def forms_book(*forms: list[list[Any]]) -> SimpleUploadedFile:
    """A workbook with a sheet for each form."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(forms, start=1):
        sheet = book.create_sheet(f"第{number}辆")
        for row in rows:
            sheet.append(row)
        sheet.merge_cells("A2:A4")
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("校车登记.xlsx", file.getvalue())


@pytest.mark.data
def test_a_form_for_each_vehicle_is_read(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(form(), form("贵A00001", 36, "王师傅", 13800000022.0)), vehicle="licensed")
    assert clerk.counts() == (2, 0, 0, 0)
    clerk.confirm()
    assert list(BusRoute.objects.order_by("plate").values_list(
        "plate", "vehicle", "capacity", "driver_name", "driver_phone", "direction"
    )) == [
        ("贵A00000", "licensed", 19, "石师傅", "13800000021", "方向未定"),
        ("贵A00001", "licensed", 36, "王师傅", "13800000022", "方向未定"),
    ]  # fmt: skip
    clerk.send_file(forms_book(form(), form("贵A00001", 36, "王师傅", 13800000022.0)), vehicle="licensed")
    assert clerk.counts() == (0, 0, 2, 0)


def test_what_stays_on_paper_is_told_and_kept_nowhere(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(form()), vehicle="licensed")
    told = next(fault for fault in clerk.faults() if "请留在纸质登记表里" in fault)
    assert all(title in told for title in ("车架号码", "车主姓名", "驾驶证号码", "准驾车型"))
    preview = clerk.page("preview", "?show=new").content.decode()
    assert "13800000099" not in preview, "the owner's phone is not the driver's"
    assert "改列名对应" not in preview, "a form has no columns"


def test_a_fault_of_a_form_names_its_cell(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(form(seats=190)), vehicle="licensed")
    assert clerk.counts() == (0, 0, 0, 1)
    fault = next(
        found for found in clerk.page("preview").context["page"].object_list if "核载人数 190" in found["sentence"]
    )
    assert (fault["line"], fault["letter"], fault["label"]) == (4, "C", "校车核载人数")


def row_url(clerk: Any, sheet: int, row: int, page: str = "row") -> str:
    return reverse(f"children:table_{page}", args=[clerk.last.pk, sheet, row])


def test_a_form_is_corrected_in_the_page(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(form(), form("贵A00001", 190, "王师傅", "13800000022")), vehicle="licensed")
    address = row_url(clerk, 1, 2)
    assert address in clerk.page("preview").content.decode()
    page = clerk.client.get(address)
    ((faulty, _),) = page.context["faulty"]
    assert (faulty.place, faulty.label, faulty.text) == ("C4", "校车核载人数", "190")
    labels = [cell.label for cell, _ in page.context["others"]]
    assert labels == ["校车牌号", "驾驶员姓名", "驾驶员联系电话"], "what stays on paper is not shown"
    typed = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    answer = clerk.client.post(address, typed | {faulty.key: "19"}, follow=True)
    assert "第2行已改好（1 处）" in answer.content.decode()
    assert clerk.counts() == (2, 0, 0, 0)
    clerk.confirm()
    assert BusRoute.objects.get(plate="贵A00001").capacity == 19


def test_a_form_is_left_out_and_taken_in_again(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(form(), form("贵A00001", 190)), vehicle="licensed")
    clerk.client.post(row_url(clerk, 1, 2, "leave"))
    assert clerk.counts() == (1, 0, 0, 0)
    assert "您选择了不导入" in clerk.page("preview", "?show=skipped").content.decode()
    clerk.client.post(row_url(clerk, 1, 2, "leave"))
    assert clerk.counts() == (1, 0, 0, 1)


def test_rejected_forms_come_back_as_a_list_that_can_be_uploaded_again(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(form(), form("贵A00001", "19座半", "王师傅", "13800000022")), vehicle="licensed")
    book = openpyxl.load_workbook(io.BytesIO(clerk.page("errors").getvalue()))
    titles, row = book.active.iter_rows(values_only=True)
    assert titles[:4] == ("校车牌号", "校车核载人数", "驾驶员姓名", "驾驶员联系电话")
    assert row[:5] == ("贵A00001", "19座半", "王师傅", "13800000022", "校车核载人数")
    clerk.check(list(titles), ["贵A00001", "19座", *row[2:]], vehicle="licensed")
    clerk.confirm()
    assert list(BusRoute.objects.values_list("plate", "capacity", "driver_phone")) == [("贵A00001", 19, "13800000022")]


def test_a_list_of_vehicles_makes_and_completes_routes(desk, registrar, school) -> None:
    route = BusRoute.objects.create(school=school, direction="栗坪村", plate="贵A·00000", vehicle="coach", capacity=15)
    clerk = desk(registrar, "vehicles")
    clerk.check(LIST, BUS, OTHER[:1] + [36] + OTHER[2:], vehicle="licensed")
    assert clerk.counts() == (1, 1, 0, 0)
    clerk.confirm()
    route.refresh_from_db()
    assert (route.capacity, route.driver_name, route.vehicle) == (19, "石师傅", "coach"), "a stored kind stays"
    assert BusRoute.objects.get(plate="贵A00001").vehicle == "licensed"
    clerk.act("undo")
    route.refresh_from_db()
    assert (BusRoute.objects.count(), route.capacity, route.driver_name) == (1, 15, "")


def test_riders_give_the_direction_that_was_open(desk, registrar, pupils) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(form(seats=1)), vehicle="licensed")
    clerk.confirm()
    riders = desk(registrar, "bus")
    header = ["学生姓名", "班级", "乘车方向", "车牌号码"]
    riders.check(header, ["李小兰", "四（1）班", "栗坪村", "贵A00000"], ["韦小禾", "四（2）班", "栗坪村", "贵A00000"])
    assert any("核载 1 人，导入后乘车 2 人" in fault for fault in riders.faults())
    riders.confirm()
    assert BusRoute.objects.get().direction == "栗坪村"
    assert BusRide.objects.count() == 2


def test_more_riders_than_the_seats_now_stated_are_told(desk, registrar, school, pupils) -> None:
    route = BusRoute.objects.create(school=school, direction="栗坪村", plate="贵A00000", vehicle="licensed")
    for name in ("lan", "he"):
        BusRide.objects.create(child=pupils[name], route=route, starts_on=DAY)
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(form(seats=1)), vehicle="licensed")
    assert any("核载 1 人，导入后乘车 2 人，已经超员" in fault for fault in clerk.faults())


@pytest.mark.parametrize(
    "row, words",
    [(["", 19, "石师傅", "", "", ""], "没有写车牌号码"), (["贵A00000", "很多", "", "", "", ""], "核载人数")],
)
def test_what_is_missing_or_odd_is_said(desk, registrar, row, words) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.check(LIST, row, OTHER[:1] + [36] + OTHER[2:], vehicle="coach")
    assert clerk.counts() == (1, 0, 0, 1)
    assert any(words in fault for fault in clerk.faults())


@pytest.mark.parametrize("seats", ["19座", "１９ 座", "19个座位", "19人"])
def test_a_unit_behind_the_seats_is_read(desk, registrar, seats) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.check(LIST, [BUS[0], seats, *BUS[2:]], vehicle="coach")
    clerk.confirm()
    assert BusRoute.objects.get().capacity == 19


def test_a_remark_behind_the_drivers_name_is_told_as_about_the_driver(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.check(LIST, [*BUS[:2], "黄师傅（已辞职）", *BUS[3:]], vehicle="coach")
    faults = clerk.faults()
    assert any("姓名后面的“已辞职”没有登记，请核对还是不是这个人" in fault for fault in faults)
    assert not any("学生" in fault for fault in faults)
    clerk.confirm()
    assert BusRoute.objects.get().driver_name == "黄师傅"


@pytest.mark.parametrize(
    "phone, stored, told",
    [
        ("", "13800000031", "姓名旁边的号码 13800000031 已记作电话"),
        ("13800000021", "13800000021", "姓名旁边的数字没有登记"),
        ("13800000031", "13800000031", ""),
    ],
)
def test_a_phone_in_the_drivers_cell_is_no_part_of_the_name(desk, registrar, phone, stored, told) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.check(LIST, [*BUS[:2], "黄师傅13800000031", phone, *BUS[4:]], vehicle="coach")
    faults = clerk.faults()
    clerk.confirm()
    route = BusRoute.objects.get()
    assert (route.driver_name, route.driver_phone) == ("黄师傅", stored)
    beside = "".join(fault for fault in faults if "姓名旁边" in fault)
    assert told in beside if told else not beside


def test_the_same_vehicle_twice_is_refused(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.check(LIST, BUS, BUS, vehicle="coach")
    assert any("与第2行重复：同一辆车" in fault for fault in clerk.faults())


def test_the_kind_of_vehicle_is_never_guessed(desk, registrar) -> None:
    answer = desk(registrar, "vehicles").send_file(forms_book(form()))
    assert answer.status_code == 422
    assert answer.context["form"].errors["vehicle"]


def test_a_list_whose_first_column_is_an_example_name_does_not_break(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    clerk.check(["驾驶员姓名", "校车牌号", "核载人数"], ["张三", "贵A00000", 19], vehicle="coach")
    assert clerk.counts() == (1, 0, 0, 0)


def test_the_own_template_comes_back_empty(desk, registrar) -> None:
    clerk = desk(registrar, "vehicles")
    template = clerk.client.get(reverse("children:table_template", args=["vehicles"])).getvalue()
    answer = clerk.send_file(SimpleUploadedFile("模板.xlsx", template), vehicle="coach")
    assert "认出了表头，但表头下面没有内容" in str(answer.context["form"].errors)


def test_a_class_teacher_does_not_enter_vehicles(desk, school) -> None:
    teacher = make_staff(Role.HOMEROOM, make_class(school, 4, 1))
    clerk = desk(teacher, "vehicles")
    assert clerk.send_file(workbook(LIST, BUS), vehicle="coach").status_code == 403
    assert "校车和驾驶员" not in clerk.client.get(reverse("children:table_list")).content.decode()


def test_the_register_form_is_no_roster_and_the_way_is_told(desk, registrar, school) -> None:
    clerk = desk(registrar, "vehicles")
    answer = clerk.client.post(reverse("children:roster_import"), {"school": school.pk, "file": forms_book(form())})
    assert "校车和驾驶员" in str(answer.context["form"].errors["file"])


@pytest.mark.data
def test_a_route_with_the_direction_is_taken_before_one_without(desk, registrar, school) -> None:
    given = {"school": school, "plate": "贵A00000", "vehicle": "licensed", "capacity": 19}
    with change_by(None, "测试"):
        known = BusRoute.objects.create(direction="栗坪村", **given)
        BusRoute.objects.create(direction=BusRoute.UNSTATED, **given)
    clerk = desk(registrar, "vehicles")
    clerk.check(["校车牌号", "行驶路线", "核载人数"], ["贵A00000", "栗坪村", 30], vehicle="licensed")
    clerk.confirm()
    known.refresh_from_db()
    assert known.capacity == 30
    assert BusRoute.objects.filter(direction=BusRoute.UNSTATED).get().capacity == 19


@pytest.mark.data
def test_the_phone_beside_the_attendant_is_not_the_drivers(desk, registrar) -> None:
    rows = form(phone=None)
    rows.insert(5, [None, "随车照管员", "韦阿姨", "联系电话", "13800000055"])
    clerk = desk(registrar, "vehicles")
    clerk.send_file(forms_book(rows), vehicle="licensed")
    clerk.confirm()
    assert BusRoute.objects.get().driver_phone == ""
