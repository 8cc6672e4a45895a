"""What stands above the rows of a list instead of in a column: the room, the vehicle, the class (rosters §1.10)."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from caretrack.access.policy import Role
from caretrack.schools.models import School, Term
from children.models import BoardingTerm, BusRide, Result
from children.tables.boarding import room_in
from tests.children.tables.conftest import DAY
from tests.support.factories import make_staff

pytestmark = pytest.mark.django_db
BEDS = ["床号", "姓名", "班级"]


def beds() -> dict[str, str]:
    return dict(BoardingTerm.objects.values_list("child__name", "bed"))


@pytest.fixture
def term(school: School) -> str:
    return str(Term.objects.current(school, DAY).pk)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "line, room",
    [
        ("女生宿舍201室", "女生宿舍201"),
        ("301", "301"),
        ("男301", "男301"),
        ("2号楼305寝室住校生名单", "2号楼305"),
        ("宿舍：女生楼201", "女生楼201"),
        ("2026年秋季住校生花名册", ""),
        ("寝室安排 2026-09-01", ""),
        ("2026", ""),
        ("Sheet1", ""),
    ],
)
def test_which_room_a_title_names(line: str, room: str) -> None:
    assert room_in(line) == room


@pytest.mark.data
def test_rooms_stand_above_their_boarders(desk, registrar, pupils, term: str) -> None:
    clerk = desk(registrar, "boarding")
    rows = [["1", "李小兰", "四1"], ["男生宿舍301室"], BEDS, ["1", "韦小禾", "四2"]]
    clerk.check(BEDS, *rows, title="女生宿舍201室", term=term)
    assert clerk.counts() == (2, 0, 0, 0)
    assert any("表里没有“宿舍”一列，按表上方写的“男生宿舍301”登记" in fault for fault in clerk.faults())
    clerk.confirm()
    assert beds() == {"李小兰": "女生宿舍201-1", "韦小禾": "男生宿舍301-1"}
    clerk.check(BEDS, *rows, title="女生宿舍201室", term=term)
    assert clerk.counts() == (0, 0, 2, 0)


def test_a_sheet_for_each_room(desk, registrar, pupils, term: str) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for room, row in (("201", ["1", "李小兰", "四1"]), ("202", ["3", "韦小禾", "四2"])):
        sheet = book.create_sheet(room)
        sheet.append(BEDS)
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    clerk = desk(registrar, "boarding")
    clerk.send_file(SimpleUploadedFile("住校.xlsx", file.getvalue()), term=term)
    clerk.confirm()
    assert beds() == {"李小兰": "201-1", "韦小禾": "202-3"}


def test_a_column_says_more_than_the_title(desk, registrar, pupils, term: str) -> None:
    clerk = desk(registrar, "boarding")
    clerk.check(["宿舍", *BEDS], ["305", "1", "李小兰", "四1"], title="女生宿舍201室", term=term)
    clerk.confirm()
    assert beds() == {"李小兰": "305-1"}


def test_a_second_table_below_is_told_however_good_its_header(desk, registrar, pupils, term: str) -> None:
    clerk = desk(registrar, "boarding")
    below = [[], ["姓名", "班级", "宿舍", "床号", "入住日期"], ["韦小禾", "四2", "305", "2", "2026-09-01"]]
    clerk.check(BEDS, ["1", "李小兰", "四1"], *below, title="女生宿舍201室", term=term)
    assert clerk.counts() == (1, 0, 0, 0)
    assert any("第5行起是另一张表" in fault for fault in clerk.faults())


@pytest.mark.data
def test_the_vehicle_and_its_driver_stand_above_the_riders(desk, registrar, pupils) -> None:
    above: list[Any] = ["乘车方向：栗坪村", None, "司机：石师傅", "联系方式：13800000021", "车牌：贵Ａ·00000"]
    clerk = desk(registrar, "bus")
    clerk.check(
        above, ["学生姓名", "班级", "上车地点"], ["李小兰", "四1", "村口"], title="乘车登记表", vehicle="licensed"
    )
    assert any("按表上方写的“石师傅”登记" in fault for fault in clerk.faults())
    clerk.confirm()
    route = BusRide.objects.get().route
    assert (route.direction, route.plate, route.driver_name, route.driver_phone) == (
        "栗坪村", "贵A00000", "石师傅", "13800000021",
    )  # fmt: skip


def test_classes_stand_above_their_marks_and_means_are_no_pupils(desk, school, pupils, term: str) -> None:
    clerk = desk(make_staff(Role.CARE_LEAD, school, name="冉主任"), "results")
    head = ["姓名", "语文"]
    rows = [["李小兰", 95], ["平均分", 95], ["四（2）班"], head, ["张伟", 88], ["及格率", "100%"]]
    clerk.check(head, *rows, title="四（1）班成绩", term=term, occasion="期中")
    assert clerk.counts() == (2, 0, 0, 0)
    clerk.confirm()
    assert set(Result.objects.values_list("child__name", "child__school_class__number")) == {("李小兰", 1), ("张伟", 2)}
