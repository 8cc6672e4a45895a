"""
Reading .xlsx: values with the evidence that recognition needs, in one pass over the text of each sheet.

The cells of a sheet are taken from its XML with one strict pattern. Every `<c ` must fit it: a sheet that holds a cell,
a comment or a prefix the pattern does not know is left to openpyxl, which knows them all and takes twenty times longer.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterator

from children.importing.guard import LIMITS, Refused, is_vast, too_vast
from children.importing.serials import GENERAL, date_of
from children.importing.sheets import CellValue, Merge, Sheet, Workbook, column_number
from children.importing.xlsx_package import SheetPart, Styles, Unusual, comments, sheets, styles

_STEP = 1 << 20
_FORMULA = rb"<f(?: [^<>]*)?(?:/>|>[^<]*</f>)"
_INLINE = rb"<is>(?:(?!</is>).)*</is>"
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"((?: s="\d+")?(?: t="\w+")?)(?:><v>([^<]*)</v></c>'
    rb"|( ?/>|>(?:" + _FORMULA + rb")?(?:<v>[^<]*</v>|<v ?/>|" + _INLINE + rb")?</c>))",
    re.DOTALL,
)
"""Place, marks and value of a plain cell; every other form is one piece, taken apart by the next pattern."""
_OTHER_FORM = re.compile(rb">(" + _FORMULA + rb")?(?:<v>([^<]*)</v>|<v ?/>|(" + _INLINE + rb"))?</c>", re.DOTALL)
_MARKS = re.compile(rb'(?: s="(\d+)")?(?: t="(\w+)")?')
_ROW = re.compile(rb"<row\b([^>]*)>")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_NUMBER = re.compile(rb'\br="(\d+)"')
_COLUMNS = re.compile(rb"<col\b([^>]*)/?>")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_ITEM = re.compile(rb"<si>((?:(?!</si>).)*)</si>|<si ?/>", re.DOTALL)
_PLAIN_ITEM = re.compile("<si><t>([^<]*)</t></si>")
"""The form of nearly all strings; a piece of the file that holds another one is read item by item."""
_PHONETIC = re.compile(rb"<rPh\b(?:(?!</rPh>).)*</rPh>|<phoneticPr\b[^>]*>", re.DOTALL)
_TEXT = re.compile(rb"<t(?: [^>]*)?>([^<]*)</t>")
_ENTITY = re.compile(r"&(#x?[0-9A-Fa-f]+|\w+);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_UNKNOWN = (b"<!", b"<?xml-")
_ERROR_DATE = "#VALUE!"


def read_xlsx(data: bytes) -> Workbook:
    """Read a workbook that the guard has let through. Raises Refused if nobody can make sense of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except (Unusual, KeyError, IndexError, ValueError, UnicodeDecodeError, zipfile.BadZipFile):
        from children.importing.xlsx_openpyxl import read_slowly  # its import takes longer than reading a usual roster

        return read_slowly(data)


def _read(archive: zipfile.ZipFile) -> Workbook:
    parts, date1904 = sheets(archive)
    look = styles(archive)
    texts = _shared_strings(archive)
    reader = _SheetReader(archive, look, texts, date1904)
    return Workbook("xlsx", [reader.read(sheet) for sheet in parts], date1904=date1904, repaired=look.has_empty_fill)


def _pieces(archive: zipfile.ZipFile, path: str, root: bytes, end: bytes) -> Iterator[bytes]:
    """The text of a part in pieces that end with `end`, then the rest. Raises Unusual if `root` is not its element."""
    rest = b""
    begun = False
    with archive.open(path) as file:
        while piece := file.read(_STEP):
            if not begun and root not in piece[:4096]:  # another prefix or another encoding
                raise Unusual(path)
            begun = True
            rest += piece
            cut = rest.rfind(end) + len(end)
            if cut >= len(end):
                yield _checked(rest[:cut])
                rest = rest[cut:]
    yield _checked(rest)


def _checked(text: bytes) -> bytes:
    if any(mark in text for mark in _UNKNOWN):
        raise Unusual("markup")
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def plain(text: bytes) -> str:
    """The characters that stand for a piece of XML text. Raises UnicodeDecodeError if it is not UTF-8."""
    found = text.decode()
    return _ENTITY.sub(_character, found) if "&" in found else found


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name.startswith("#"):
        return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))
    return _NAMED[name]


def _runs(item: bytes) -> str:
    """The text of a shared or inline string: of all its runs, without the reading aids printed above it."""
    if b"<rPh" in item:
        item = _PHONETIC.sub(b"", item)
    return "".join(plain(text) for text in _TEXT.findall(item))


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    path = "xl/sharedStrings.xml"
    if path not in archive.namelist():
        return []
    found: list[str] = []
    for text in _pieces(archive, path, b"<sst", b"</si>"):
        plain_items = _PLAIN_ITEM.findall(text.decode()) if b"&" not in text and b"x005F_" not in text else []
        if len(plain_items) == text.count(b"<si"):
            found += plain_items
            continue
        items = _ITEM.findall(text)
        if len(items) != text.count(b"<si"):
            raise Unusual("shared strings")
        found += [_runs(item).replace("x005F_", "") for item in items]
    return found


class _SheetReader:
    """Reads the sheets of one workbook; keeps what its cells share."""

    def __init__(self, archive: zipfile.ZipFile, look: Styles, texts: list[str], date1904: bool) -> None:
        self.archive, self.look, self.texts, self.date1904 = archive, look, texts, date1904
        self.columns: dict[bytes, int] = {}
        self.numbers: dict[tuple[bytes, bytes], CellValue] = {}
        self.marks: dict[bytes, tuple[bytes, str, bool]] = {}
        self.styles: dict[bytes, int] = {}

    def read(self, part: SheetPart) -> Sheet:
        """One sheet. Raises Unusual if a cell has an unknown form, Refused if it is absurdly large."""
        sheet = Sheet(part.name, [], state=part.state)
        cells = 0
        for text in _pieces(self.archive, part.path, b"<worksheet", b"</row>"):
            found = _CELL.findall(text)
            if len(found) != text.count(b"<c ") + text.count(b"<c>"):
                raise Unusual("cells")
            cells += len(found)
            if cells > LIMITS.cells:
                raise Refused(too_vast(len(sheet.rows), len(self.columns)))
            self._take(sheet, found)
            self._rows_and_columns(sheet, text)
        _unmerge(sheet)
        if part.comments:
            for place, comment in comments(self.archive, part.comments).items():
                letters = place.rstrip("0123456789")
                sheet.comments[int(place[len(letters) :]) - 1, column_number(letters)] = comment
        for row in sheet.rows:
            while row and row[-1] is None:
                row.pop()
        while sheet.rows and not sheet.rows[-1]:
            sheet.rows.pop()
        return sheet

    def _take(self, sheet: Sheet, found: list[tuple[bytes, ...]]) -> None:
        rows, columns, texts, known_marks = sheet.rows, self.columns, self.texts, self.marks
        last_number, index = b"", -1
        for letters, row_number, marks, value, other in found:
            kind, shown, struck = known_marks.get(marks) or self._look(marks)
            inline = b""
            if other:
                formula, value, inline = _other_form(other)
                if formula and not value and not inline:
                    self._place(sheet, letters, row_number, None)
                    sheet.unsolved.add((int(row_number) - 1, columns[letters]))
            if not value and not inline:
                continue
            content = texts[int(value)] if kind == b"s" else self._content(kind, value, inline, marks)
            if row_number != last_number:
                last_number, index = row_number, int(row_number) - 1
            column = columns.get(letters)
            if column is None or index >= len(rows):
                column = self._place(sheet, letters, row_number, content)
            row = rows[index]
            gap = column - len(row)
            if gap >= 0:
                if gap:
                    row.extend([None] * gap)
                row.append(content)
            else:
                row[column] = content
            if shown and content is not None and not isinstance(content, str | bool):
                sheet.formats[index, column] = shown
            if struck and content:
                sheet.struck_rows.add(index)

    def _look(self, marks: bytes) -> tuple[bytes, str, bool]:
        """What the marks of a cell say: its kind, its number format (empty for General), whether it is struck out."""
        match = _MARKS.fullmatch(marks)
        style, kind = match.groups(b"") if match else (b"", b"")
        number_format = self.look.format_of(int(style)) if style else GENERAL
        shown = "" if number_format == GENERAL else number_format
        self.styles[marks] = int(style or 0)
        self.marks[marks] = kind, shown, bool(style) and int(style) in self.look.struck
        return self.marks[marks]

    def _place(self, sheet: Sheet, letters: bytes, row_number: bytes, content: CellValue) -> int:
        """Make room for a cell. Raises Refused if the sheet would become larger than any roster."""
        column = self.columns.get(letters)
        if column is None:
            column = self.columns[letters] = column_number(letters.decode())
        row = int(row_number)
        if content is not None and is_vast(row, column + 1):
            raise Refused(too_vast(row, column + 1))
        if content is not None:
            sheet.rows.extend([] for _ in range(row - len(sheet.rows)))
        return column

    def _content(self, kind: bytes, value: bytes, inline: bytes, marks: bytes) -> CellValue:
        if kind in (b"", b"n"):
            key = (value, marks)
            if key not in self.numbers:
                self.numbers[key] = self._number(value, self.styles[marks])
            return self.numbers[key]
        reader = _OTHER_KINDS.get(kind)
        if reader is None:
            raise Unusual("kind of cell")
        return reader(inline or value)

    def _number(self, value: bytes, style: int) -> CellValue:
        text = value.decode()
        number = float(text) if "." in text or "E" in text or "e" in text else int(text)
        if style not in self.look.dates:
            return number
        try:
            return date_of(number, date1904=self.date1904, span=style in self.look.spans)
        except (OverflowError, ValueError):
            return _ERROR_DATE

    def _rows_and_columns(self, sheet: Sheet, text: bytes) -> None:
        if b"hidden=" in text:
            for match in _ROW.finditer(text):
                number = _NUMBER.search(match[1])
                if number and _HIDDEN.search(match[1]):
                    sheet.hidden_rows.add(int(number[1]) - 1)
            for match in _COLUMNS.finditer(text):
                if _HIDDEN.search(match[1]):
                    sheet.hidden_columns.update(_span(match[1]))
        if b"<mergeCell " in text:
            merged = _MERGED.findall(text)
            if len(merged) != text.count(b"<mergeCell "):
                raise Unusual("merged ranges")
            sheet.merges += [
                Merge(int(top) - 1, column_number(left.decode()), int(bottom) - 1, column_number(right.decode()))
                for left, top, right, bottom in merged
            ]


def _other_form(text: bytes) -> tuple[bytes, bytes, bytes]:
    """Formula, value and inline text of a cell that is not plain; all empty for a cell without content."""
    match = _OTHER_FORM.fullmatch(text)
    formula, value, inline = match.groups(b"") if match else (b"", b"", b"")
    return formula, value, inline


def _span(attributes: bytes) -> range:
    """The columns, counted from 0, of a <col> element."""
    found = dict(re.findall(rb'(\w+)="(\d+)"', attributes))
    return range(int(found[b"min"]) - 1, min(int(found[b"max"]), 16_384))


def _unmerge(sheet: Sheet) -> None:
    """In a merged range only the first cell has a value; what lies hidden under it is not shown by Excel either."""
    for merge in sheet.merges:
        for index in range(merge.top, min(merge.bottom + 1, len(sheet.rows))):
            row = sheet.rows[index]
            for column in range(merge.left, min(merge.right + 1, len(row))):
                if (index, column) != (merge.top, merge.left):
                    row[column] = None
                    sheet.formats.pop((index, column), None)


def _iso(value: bytes) -> CellValue:
    text = value.decode()
    return dt.time.fromisoformat(text) if ":" in text and "-" not in text else dt.datetime.fromisoformat(text)


_OTHER_KINDS: dict[bytes, Callable[[bytes], CellValue]] = {
    b"str": plain,
    b"e": plain,
    b"b": lambda value: bool(int(value)),
    b"d": _iso,
    b"inlineStr": _runs,
}
