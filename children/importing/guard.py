"""
What an uploaded file really is, and whether it is safe to hand to a parser.

The name of a file says nothing (rosters §1.1), and a parser must not meet a file before its size is known:
two cells far apart in a file of 2 KB are enough to exhaust a process (import §5). Everything here is bounded.
"""

import io
import re
import struct
import zipfile
import zlib
from collections import namedtuple
from collections.abc import Callable, Iterator

from children.importing.sheets import column_number

MEGABYTE = 1 << 20
ENTITIES = "文件里有表格不该有的内容（实体定义），为安全起见没有读取。请另存为新的 .xlsx 后再上传。"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"


class Refused(Exception):
    """The file cannot be taken. The message is a Chinese sentence that says what it is and what to do."""


class Limits:
    """Bounds for one file; far above any school's roster, far below what harms a small server."""

    file_bytes = 20 * MEGABYTE
    part_bytes = 120 * MEGABYTE
    unpacked_bytes = 200 * MEGABYTE
    ratio = 400
    parts = 2_000
    rectangle = 3_000_000
    cells = 1_500_000
    text_columns = 500
    text_field = 100_000

    def __init__(self, **others: int) -> None:
        """The usual bounds but for these."""
        self.__dict__.update(others)


LIMITS = Limits()


class FileFacts(namedtuple("FileFacts", ("kind", "encoding", "notes"), defaults=("", ()))):
    """The kind of a file that passed (xlsx, xls, text, html, xml), the encoding of a text, and notes for the reader."""

    __slots__ = ()


def inspect(data: bytes, limits: Limits = LIMITS) -> FileFacts:
    """
    Tell what the bytes of an uploaded file are.

    Raises Refused for a file that is empty, too large, damaged, locked by a password, dangerous or no table at all.
    """
    if not data:
        raise Refused("文件是空的，里面没有内容。请打开原来的表格检查，重新保存后再上传。")
    if len(data) > limits.file_bytes:
        raise Refused(
            f"文件有 {len(data) / MEGABYTE:.0f} MB，超过上限 {limits.file_bytes // MEGABYTE} MB。"
            "请删去表格里的图片和空白行，或按班级分成几个文件上传。"
        )
    if data.startswith(ZIP_MAGIC):
        return _inspect_zip(data, limits)
    if data.startswith(OLE_MAGIC):
        return _inspect_ole(data)
    _refuse_other_kinds(data)
    return FileFacts(_kind_of_text(data), text_encoding(data))


def _kind_of_text(data: bytes) -> str:
    """Text in columns, a web page, or Excel's XML of 2003: exports often call all three .xls (rosters faults 1, 2)."""
    head = data[:65_536].replace(b"\0", b"").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head and b"<workbook" in head:
        if _ENTITIES.search(head):
            raise Refused(ENTITIES)
        return "xml"
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body")) or b"<table" in head:
        return "html"
    if start.startswith(b"<"):
        raise Refused("这是网页或 XML 文件，里面没有表格。请上传原来的 Excel 或 WPS 表格。")
    return "text"


def _refuse_other_kinds(data: bytes) -> None:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"%pdf"):
        raise Refused("这是 PDF 文件，不是表格。请上传原来的 Excel 或 WPS 表格。")
    if head.startswith((b"\xff\xd8\xff", b"\x89png", b"gif8")) or (head.startswith(b"bm") and b"\0" in head[:64]):
        raise Refused("这是图片，不是表格。请上传原来的 Excel 或 WPS 表格。")
    if head.startswith((b"rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise Refused("这是压缩包。请先解压，再上传里面的表格。")


def text_encoding(data: bytes) -> str:
    """The encoding of a text file: by its mark, else UTF-8 if it fits, else GB18030. Raises Refused for no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if b"\0" not in data[:65_536]:
        for encoding in ("utf-8", "gb18030"):
            try:
                data.decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding
    raise Refused("看不懂这个文件：它不是 Excel 或 WPS 表格，也不是文本表格。请用 Excel 或 WPS 另存为 .xlsx 后再上传。")


def _inspect_ole(data: bytes) -> FileFacts:
    """Old Office containers: an .xls is read; a locked .xlsx and a Word document are told apart by their entries."""

    def has(entry: str) -> bool:
        return entry.encode("utf-16-le") in data

    if has("EncryptedPackage"):
        raise Refused("这个表格设了打开密码，系统读不出来。请在 Excel 或 WPS 里取消密码，保存后再上传。")
    if has("WordDocument"):
        raise Refused("这是 Word 文档，不是表格。请把名单放进 Excel 或 WPS 表格后再上传。")
    if has("Workbook") or has("Book"):
        return FileFacts("xls")
    raise Refused("这个文件不是表格。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。")


def _inspect_zip(data: bytes, limits: Limits) -> FileFacts:
    damaged = "文件不完整或已损坏，可能没有下载完。请在 Excel 或 WPS 里打开，重新保存后再上传。"
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(damaged) from error
    names = [part.filename for part in parts]
    if len(names) > limits.parts or len(set(names)) != len(names):
        raise Refused("文件的内部结构不正常，没有读取。请把名单复制到一个新表格里，保存后再上传。")
    _refuse_other_zips(set(names))
    notes = []
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        notes.append("文件里带有宏，系统不会运行，只读取表格里的文字。")
    if any(name.startswith("xl/externalLinks/") for name in names):
        notes.append("文件里有引用其他表格的公式，系统不会打开那些表格，只采用上次保存的结果。")

    unpacked, end_of_last = 0, 0
    for part in sorted(parts, key=lambda entry: entry.header_offset):
        if part.flag_bits & 0x1:
            raise Refused("这个文件加了密码，系统读不出来。请取消密码，保存后再上传。")
        start = _start_of_part(data, part, end_of_last)
        end_of_last = start + part.compress_size
        if end_of_last > len(data):
            raise Refused(damaged)
        size = 0
        for piece in _inflate(data[start:end_of_last], part.compress_type):
            if size == 0 and _declares_entities(part.filename, piece):
                raise Refused(ENTITIES)
            size += len(piece)
            unpacked += len(piece)
            swollen = size > MEGABYTE and size > limits.ratio * max(part.compress_size, 1)
            if swollen or size > limits.part_bytes or unpacked > limits.unpacked_bytes:
                raise Refused("文件解开后大得不正常，没有读取。请只把名单那几列复制到一个新表格里，保存后再上传。")
    return FileFacts("xlsx", notes=tuple(notes))


def _refuse_other_zips(names: set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if any(name.startswith("word/") for name in names):
        raise Refused("这是 Word 文档，不是表格。请把名单放进 Excel 或 WPS 表格后再上传。")
    if any(name.startswith("ppt/") for name in names):
        raise Refused("这是演示文稿，不是表格。请把名单放进 Excel 或 WPS 表格后再上传。")
    if "xl/workbook.bin" in names:
        raise Refused("这是二进制的 .xlsb 表格，系统不读。请用 Excel 打开，另存为“Excel 工作簿（.xlsx）”后再上传。")
    if "content.xml" in names:
        raise Refused("这是 OpenDocument 文件（如 .ods），系统不读。请用 WPS 或 Excel 打开，另存为“.xlsx”后再上传。")
    raise Refused("这是压缩包或其他文件，不是表格。请先解压，再上传里面的 .xlsx 表格。")


def _start_of_part(data: bytes, part: zipfile.ZipInfo, not_before: int) -> int:
    """Where the packed bytes of a part begin; parts that overlap another one are a known trick and refused."""
    head = data[part.header_offset : part.header_offset + 30]
    if part.header_offset < not_before or len(head) < 30 or not head.startswith(ZIP_MAGIC):
        raise Refused("文件的内部结构不正常，没有读取。请在 Excel 或 WPS 里另存为新的 .xlsx 后再上传。")
    name_length, extra_length = struct.unpack("<HH", head[26:30])
    return part.header_offset + 30 + name_length + extra_length


def _inflate(packed: bytes, method: int, step: int = MEGABYTE) -> Iterator[bytes]:
    """Unpack bit by bit, believing no size in the headers."""
    if method == zipfile.ZIP_STORED:
        for start in range(0, len(packed), step):
            yield packed[start : start + step]
        return
    if method != zipfile.ZIP_DEFLATED:
        raise Refused("文件用了不常见的压缩方式。请在 Excel 或 WPS 里另存为新的 .xlsx 后再上传。")
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    rest = packed
    try:
        while rest and not stream.eof:
            piece = stream.decompress(rest, step)
            if piece:
                yield piece
            rest = stream.unconsumed_tail
        tail = stream.flush()
    except zlib.error as error:
        raise Refused("文件已损坏，读不出来。请重新保存后再上传。") from error
    if tail:
        yield tail


_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def _declares_entities(name: str, piece: bytes) -> bool:
    """True for a document type in any XML part, also when it is written in UTF-16."""
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return False
    return bool(_ENTITIES.search(piece[:65_536].replace(b"\0", b"")))


def is_vast(rows: int, columns: int, limits: Limits = LIMITS) -> bool:
    """True for a used area that no roster has: two cells far apart are enough to exhaust a process (import §5)."""
    return rows * columns > limits.rectangle


def too_vast(rows: int, columns: int) -> str:
    """The sentence that refuses such a sheet."""
    return (
        f"工作表用到了第 {rows} 行、第 {columns} 列，名单不会这么大。"
        "多半是远处留有内容或空白格式：请把名单复制到一个新表格里，保存后再上传。"
    )


_CELL_REFERENCE = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["']""")


def refuse_vast_sheets(data: bytes, limits: Limits = LIMITS) -> None:
    """
    Look at the cells of all sheets before a parser that makes room for everything between them.

    Raises Refused for a used area or a number of cells beyond the limits.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as sheet:
                    _measure(sheet.read, limits)


def _measure(read: Callable[[int], bytes], limits: Limits) -> None:
    cells = last_row = last_column = 0
    columns: dict[bytes, int] = {}
    tail = b""
    while piece := read(MEGABYTE):
        text, end = tail + piece, 0
        for match in _CELL_REFERENCE.finditer(text):
            letters, row = match[1], int(match[2])
            if letters not in columns:
                columns[letters] = column_number(letters.decode()) + 1
            cells += 1
            last_row, last_column, end = max(last_row, row), max(last_column, columns[letters]), match.end()
        tail = text[max(end, len(text) - 256) :]
        if is_vast(last_row, last_column, limits) or cells > limits.cells:
            raise Refused(too_vast(last_row, last_column))
