"""Files made to harm (import §5): each is read or refused in a Chinese sentence, and the asking process is unharmed."""

import io
import random
import struct
import time
import zipfile

import openpyxl
import pytest

from children.importing import guard, workroom
from children.importing.guard import Refused
from children.importing.sheets import Workbook
from children.importing.workroom import read_apart
from tests.support.packages import zipped

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FAR = '<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'


def package(sheet: str = "", *, more: dict[str, bytes] | None = None) -> bytes:
    """A small workbook with this XML between <sheetData> and its end."""
    book = openpyxl.Workbook()
    book.active.append(["姓名"])
    plain = io.BytesIO()
    book.save(plain)
    file = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml" and sheet:
                content = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{sheet}</sheetData></worksheet>'.encode()
            new.writestr(name, content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return file.getvalue()


def lying_size(data: bytes) -> bytes:
    """The directory of the zip claims that every part unpacks to one byte."""
    changed = bytearray(data)
    start = changed.find(b"PK\x01\x02")
    while start >= 0:
        changed[start + 24 : start + 28] = struct.pack("<I", 1)
        start = changed.find(b"PK\x01\x02", start + 4)
    return bytes(changed)


def swollen(megabytes: int) -> bytes:
    return package(more={"xl/media/image1.xml": b"A" * megabytes * guard.MEGABYTE})


def with_strings(xml: str) -> bytes:
    return package(more={"xl/sharedStrings.xml": xml.encode()})


def entity_bomb() -> bytes:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return with_strings(
        f'<!DOCTYPE x [<!ENTITY a0 "lol">{lines}]><sst xmlns="{SPREADSHEET}"><si><t>&a9;</t></si></sst>'
    )


def external_entity() -> bytes:
    return with_strings(f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><sst xmlns="{SPREADSHEET}"/>')


def utf16_entity() -> bytes:
    strings = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><sst/>'
    return package(more={"xl/extra.xml": strings.encode("utf-16")})


REFUSED = {
    "two cells far apart": (lambda: package(f'<row r="1">{FAR}</row>'), "新表格"),
    "two cells far apart, written unusually": (lambda: package(f'<!-- x --><row r="1">{FAR}</row>'), "新表格"),
    "a part that swells": (lambda: swollen(60), "大得不正常"),
    "many parts": (lambda: package(more={f"xl/p{n}.xml": b"<p/>" for n in range(2_100)}), "内部结构"),
    "entities that multiply": (entity_bomb, "实体"),
    "an entity that reads a file": (external_entity, "实体"),
    "an entity in UTF-16": (utf16_entity, "实体"),
    "half a file": (lambda: package()[:2_000], "损坏"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(300), "图片"),
    "a photo": (lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF,,," + bytes(300), "图片"),
    "a PDF": (lambda: b"%PDF-1.7\n" + bytes(300), "PDF"),
    "a presentation": (lambda: zipped({"ppt/presentation.xml": b"<p/>"}), "演示文稿"),
    "an .ods": (lambda: zipped({"content.xml": b"<o/>", "mimetype": b"x"}), "ods"),
    "an .xlsb": (lambda: zipped({"xl/workbook.bin": b"x"}), "xlsb"),
    "random bytes": (lambda: random.Random(1).randbytes(5_000), "看不懂"),
    "a line of a million fields": (lambda: "姓名,性别\n".encode() + b"," * 1_000_000, "列"),
    "one endless field": (lambda: ("姓名,性别\n" + '"' + "a" * 200_000 + '",女\n').encode(), "特别长"),
    "an unclosed quote": (lambda: ('姓名,性别\n"' + "甲,女\n" * 50_000).encode(), "引号"),
    "a broken .xls": (lambda: guard.OLE_MAGIC + "Workbook".encode("utf-16-le") + bytes(3_000), "另存为"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_with_words_and_in_time(name: str) -> None:
    make, words = REFUSED[name]
    begun = time.process_time()
    with pytest.raises(Refused, match=words) as refused:
        read_apart(make())
    assert "请" in str(refused.value)
    assert time.process_time() - begun < 3


def rows_of(book: Workbook) -> list[list[object]]:
    return [list(row) for row in book.sheets[0].rows]


def test_a_lying_size_in_the_directory_is_refused_or_harmless() -> None:
    with pytest.raises(Refused):
        read_apart(lying_size(package()))


def test_a_hundred_thousand_empty_formatted_rows_are_no_pupils() -> None:
    empty = "".join(f'<row r="{n}"><c r="A{n}" s="0"/><c r="Z{n}" s="0"/></row>' for n in range(3, 100_003))
    names = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'
    book = read_apart(package(names + '<row r="2"><c r="A2" t="inlineStr"><is><t>韦小禾</t></is></c></row>' + empty))
    assert rows_of(book) == [["姓名"], ["韦小禾"]]


def test_macros_are_told_and_never_run() -> None:
    book = read_apart(package(more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"}))
    assert rows_of(book) == [["姓名"]]
    assert "宏" in book.notes[0]


def test_links_to_other_workbooks_are_told_and_not_opened() -> None:
    book = read_apart(package(more={"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}))
    assert "引用其他表格" in book.notes[0]


@pytest.mark.parametrize("bound", [{"memory": 40 * guard.MEGABYTE}, {"cpu": 0}, {"wall": 0.05}])
def test_a_reader_that_exceeds_its_bounds_ends_and_the_caller_goes_on(bound: dict[str, int]) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 200_000))
    with pytest.raises(Refused, match="费内存或时间"):
        read_apart(package(rows), **bound)  # type: ignore[arg-type]
    assert rows_of(read_apart(package())) == [["姓名"]]


def test_an_answer_that_is_no_workbook_is_not_believed(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    folder = tmp_path / "children" / "importing"
    folder.mkdir(parents=True)
    for package_folder in (folder.parent, folder):
        (package_folder / "__init__.py").touch()
    (folder / "workroom.py").write_text(
        "import pickle, subprocess, sys\n"
        "class Evil:\n"
        "    def __reduce__(self):\n"
        f"        return subprocess.call, (['touch', '{tmp_path}/harmed'],)\n"
        "pickle.dump(('read', Evil()), sys.stdout.buffer)\n"
    )
    monkeypatch.setattr(workroom, "ROOT", tmp_path)
    with pytest.raises(Refused):
        read_apart(package())
    assert not (tmp_path / "harmed").exists()
