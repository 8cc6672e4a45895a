"""Files that are no roster, or dangerous: each is refused in a sentence that says what to do, quickly."""

import io
import struct
import zipfile

import openpyxl
import pytest

from children.importing import guard
from children.importing.guard import Refused
from children.importing.reader import read_workbook
from tests.support.packages import zipped


def workbook(rows: list[list[object]], title: str = "名单") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


OLE = guard.OLE_MAGIC + b"\0" * 600


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "空的"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "图片"),
        (b"<html><body>no table</body></html>", "网页"),
        (b"<?xml version='1.0'?><notes><note/></notes>", "XML"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (OLE + "WordDocument".encode("utf-16-le"), "Word"),
        (OLE, "不是表格"),
        (zipped({"word/document.xml": b"<w/>"}), "Word"),
        (zipped({"readme.txt": b"x"}), "解压"),
        (zipped({"content.xml": b"<o/>"}), "另存为"),
        (b"PK\x03\x04 broken", "损坏"),
        (b"\x01\x02\x00\x03" * 50, "看不懂"),
        (b"only words without any columns\n", "不像名单"),
    ],
)
def test_what_is_no_table_is_told(content: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read_workbook(content)


@pytest.mark.parametrize(
    "parts, words",
    [
        ({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><w/>'}, "实体"),
        ({"xl/workbook.xml": b"<w/>", "xl/sharedStrings.xml": b" " * (40 * guard.MEGABYTE)}, "大得不正常"),
    ],
)
def test_dangerous_workbooks_are_refused_before_any_parser_sees_them(parts: dict[str, bytes], words: str) -> None:
    with pytest.raises(Refused, match=words):
        guard.inspect(zipped(parts))


def test_a_file_above_the_limit_is_refused_by_its_size() -> None:
    with pytest.raises(Refused, match="MB"):
        guard.inspect(b"a" * 11, guard.Limits(file_bytes=10))


def test_overlapping_parts_are_refused() -> None:
    content = bytearray(zipped({"xl/workbook.xml": b"<w/>", "xl/b.xml": b"<w/>"}))
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 0)
    with pytest.raises(Refused):
        guard.inspect(bytes(content))


@pytest.mark.parametrize(
    "encoding, mark", [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16", b""), ("gb18030", b"")]
)
def test_text_tables_are_read_in_any_encoding(encoding: str, mark: bytes) -> None:
    book = read_workbook(mark + "姓名,性别\n韦小禾,女\n".encode(encoding))
    assert book.sheets[0].rows == [["姓名", "性别"], ["韦小禾", "女"]]


def test_the_name_of_a_file_does_not_matter_and_rows_are_numbered_as_in_excel() -> None:
    book = read_workbook(workbook([["名册"], [], ["姓名", "性别"], ["韦小禾", "女"]]))
    assert book.sheets[0].rows[3] == ["韦小禾", "女"]
    assert book.sheets[0].rows[1] == []


def test_an_empty_fill_is_repaired() -> None:
    with zipfile.ZipFile(io.BytesIO(workbook([["姓名"], ["韦小禾"]]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    styles = parts["xl/styles.xml"]
    start, end = styles.index(b"<fill>"), styles.index(b"</fill>") + len(b"</fill>")
    broken = zipped(parts | {"xl/styles.xml": styles[:start] + b"<fill/>" + styles[end:]})
    with pytest.raises(TypeError):
        openpyxl.load_workbook(io.BytesIO(broken))
    book = read_workbook(broken)
    assert book.repaired
    assert book.sheets[0].rows == [["姓名"], ["韦小禾"]]


def test_a_formula_without_a_result_is_marked() -> None:
    sheet = read_workbook(workbook([["姓名"], ["=A1"]])).sheets[0]
    assert sheet.unsolved == {(1, 0)}
