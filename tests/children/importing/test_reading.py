"""The quick reader of .xlsx sees what openpyxl sees; what it does not know it leaves to openpyxl."""

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from children.importing import xlsx, xlsx_openpyxl
from children.importing.sheets import Workbook
from children.importing.workroom import read_apart
from children.importing.xlsx import read_xlsx
from children.importing.xlsx_package import Unusual

SHEETS = sorted((Path(__file__).parents[2] / "sheets").glob("*.xlsx"))
BORN, MORNING = dt.datetime.fromisoformat("2015-03-12"), dt.datetime.fromisoformat("2015-03-12T08:30")


def alike(book: Workbook) -> Workbook:
    """Merged ranges in a fixed order; openpyxl keeps them in a set."""
    for sheet in book.sheets:
        sheet.merges.sort(key=lambda merge: (merge.top, merge.left))
    return book


def quickly(data: bytes) -> Workbook:
    """Only the quick reader, without its way out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return xlsx._read(archive)


def slowly(data: bytes) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return xlsx_openpyxl.read_slowly(data)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same file with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file.getvalue()


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name[:3])
def test_every_sample_reads_as_openpyxl_reads_it(path: Path) -> None:
    data = path.read_bytes()
    assert alike(quickly(data)) == alike(slowly(data))


def everything() -> bytes:
    """A workbook with all that a roster may hold besides words."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "名单 & <一>"
    rows = [
        ["三年级花名册", None, None],
        ["姓名", "电话", "日期"],
        ["韦小禾", 13800001234, BORN],
        ["石 & <岑>\n第二行", 1.5, MORNING],
        ["", 123456789012345678, dt.time(8, 30)],
        [True, -3, dt.timedelta(hours=30)],
        ["=A1", "=1/0", None],
    ]
    for row in rows:
        sheet.append(row)
    sheet["B3"].number_format = "000-0000-0000"
    sheet["C3"].number_format = 'yyyy"年"m"月"d"日"'
    sheet.merge_cells("A1:C1")
    sheet["A4"].font = Font(strike=True)
    sheet["B4"].comment = Comment("打不通", "岑老师")
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions.group("B", "C", hidden=True)
    book.create_sheet("代码").sheet_state = "hidden"
    return saved(book)


def test_formats_merges_comments_struck_and_hidden_parts_are_seen() -> None:
    book = quickly(everything())
    assert alike(book) == alike(slowly(everything()))
    sheet = book.sheets[0]
    assert sheet.rows[3][0] == "石 & <岑>\n第二行"
    assert sheet.formats[2, 2] == 'yyyy"年"m"月"d"日"'
    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.struck_rows) == ({3}, {1, 2}, {3})
    assert sheet.comments == {(3, 1): "打不通"}
    assert sheet.unsolved == {(6, 0), (6, 1)}
    assert book.sheets[1].state == "hidden"


def test_days_counted_from_1904_are_seen() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append([BORN])
    found = quickly(saved(book))
    assert found.date1904
    assert found.sheets[0].rows == [[BORN]]


def test_what_lies_hidden_under_a_merged_range_is_no_value() -> None:
    book = openpyxl.Workbook()
    book.active.append(["一班", "二班"])
    data = rewritten(
        saved(book),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
        ),
    )
    assert quickly(data).sheets[0].rows == slowly(data).sheets[0].rows == [["一班"]]


def test_a_wrong_dimension_hides_no_rows() -> None:
    book = openpyxl.Workbook()
    for number in range(5):
        book.active.append([f"第{number}行", number])
    data = rewritten(
        saved(book),
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb"<dimension[^>]*>", b'<dimension ref="A1:A1"/>', xml),
    )
    assert len(quickly(data).sheets[0].rows) == 5


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(b"<worksheet xmlns=", b"<x:worksheet xmlns:x=").replace(
            b"</worksheet", b"</x:worksheet"
        ),
        lambda xml: xml.replace(b"<sheetData>", b"<!-- made by a program --><sheetData>"),
        lambda xml: re.sub(rb'<c r="[A-Z]+\d+"', b"<c", xml),
        lambda xml: xml.replace(b'<c r="A1"', b'<c cm="1" r="A1"'),
    ],
    ids=["prefix", "comment", "no place", "unknown attribute"],
)
def test_an_unusual_sheet_is_left_to_openpyxl(change: Callable[[bytes], bytes]) -> None:
    book = openpyxl.Workbook()
    book.active.append(["韦小禾", 7])
    data = rewritten(saved(book), "xl/worksheets/sheet1.xml", change)
    with pytest.raises((Unusual, KeyError)):
        quickly(data)


def test_cells_without_a_place_are_read_all_the_same() -> None:
    book = openpyxl.Workbook()
    book.active.append(["韦小禾", 7])
    data = rewritten(saved(book), "xl/worksheets/sheet1.xml", lambda xml: re.sub(rb'<c r="[A-Z]+\d+"', b"<c", xml))
    assert read_xlsx(data).sheets[0].rows == [["韦小禾", 7]]


def test_shared_strings_lose_their_reading_aids() -> None:
    item = "<si><r><t>重</t></r><r><t xml:space='preserve'>庆 </t></r><rPh sb='0' eb='1'><t>chong</t></rPh></si>"
    assert xlsx._runs(item.encode()) == "重庆 "


def test_a_file_read_apart_is_the_file_read_here() -> None:
    assert alike(read_apart(everything())).sheets == alike(quickly(everything())).sheets
