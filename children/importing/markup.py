"""Tables that call themselves .xls but are web pages or Excel's XML of 2003 (rosters fault 2)."""

import datetime as dt
import re
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

import defusedxml.ElementTree

from children.importing.guard import LIMITS, Refused, is_vast, too_vast
from children.importing.sheets import CellValue, Merge, Sheet, Workbook

UNREADABLE = "这个表格的内容不完整，读不出来。请用 Excel 或 WPS 打开它，另存为“Excel 工作簿（.xlsx）”后再上传。"
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]{3,20})""", re.IGNORECASE)
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "gb-2312", "x-gbk"})
_SPACES = re.compile(r"[ \t\r\n]+")
_OFFICE = "{urn:schemas-microsoft-com:office:spreadsheet}"
LEAST_ROWS = 2
MOST_SPAN = 1_000


def charset(data: bytes) -> str:
    """The encoding a web page names in its head, as Python calls it; empty if it names none or an unknown one."""
    found = _CHARSET.search(data[:4096])
    name = found[1].decode().lower() if found else ""
    if name in _CHINESE:
        return "gb18030"
    return "utf-8" if name in ("utf-8", "utf8") else ""


def read_page(data: bytes, encoding: str) -> Workbook:
    """The tables of a web page as sheets; tables inside a cell count as its text. Raises Refused without a table."""
    try:
        text = data.decode(charset(data) or encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
    page = _Page()
    page.feed(text)
    page.close()
    page.finish()
    tables = [sheet for sheet in page.sheets if len(sheet.rows) >= LEAST_ROWS]
    if not tables:
        raise Refused("这是网页文件，里面没有名单那样的表格。请上传原来的 Excel 或 WPS 表格。")
    return Workbook("html", tables, encoding=encoding)


class _Page(HTMLParser):
    """Collects rows and cells; what a cell spans becomes a merged range, as Excel shows it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[Sheet] = []
        self.depth = self.cells = 0
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.taken: set[tuple[int, int]] = set()
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.sheets.append(Sheet(None, []))
                self.taken = set()
        elif self.depth == 1 and tag == "tr":
            self._end_cell()
            self.sheets[-1].rows.append([])
        elif self.depth == 1 and tag in ("td", "th"):
            self._end_cell()
            found = dict(attrs)
            self.text, self.span = [], (_number(found.get("rowspan")), _number(found.get("colspan")))
        elif tag in ("style", "script"):
            self.silent += 1
        elif tag in ("br", "p", "div") and self.text:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self.depth:
            if self.depth == 1:
                self._end_cell()
            self.depth -= 1
        elif self.depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag in ("style", "script"):
            self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.silent:
            self.text.append(data)

    def finish(self) -> None:
        """Close what the page left open and cut empty ends."""
        self._end_cell()
        for sheet in self.sheets:
            trim(sheet)

    def _end_cell(self) -> None:
        if self.text is None:
            return
        lines = [_SPACES.sub(" ", line.replace("\xa0", " ")).strip() for line in "".join(self.text).split("\n")]
        value = "\n".join(line for line in lines if line)
        self.text = None
        sheet = self.sheets[-1]
        if not sheet.rows:
            sheet.rows.append([])
        row = len(sheet.rows) - 1
        column = 0
        while column < len(sheet.rows[row]) or (row, column) in self.taken:
            if column >= len(sheet.rows[row]):
                sheet.rows[row].append(None)
            column += 1
        sheet.rows[row].append(value or None)
        down, across = self.span
        self.cells += down * across
        if is_vast(row + 1, column + across) or self.cells > LIMITS.cells:
            raise Refused(too_vast(row + 1, column + across))
        if down > 1 or across > 1:
            sheet.merges.append(Merge(row, column, row + down - 1, column + across - 1))
            self.taken.update((row + y, column + x) for y in range(down) for x in range(across))


def _number(text: str | None) -> int:
    return min(max(int(text), 1), MOST_SPAN) if text and text.isdecimal() and len(text) < 8 else 1


def trim(sheet: Sheet) -> None:
    """Cut empty cells and rows at the end."""
    for row in sheet.rows:
        while row and row[-1] is None:
            row.pop()
    while sheet.rows and not sheet.rows[-1]:
        sheet.rows.pop()


def read_office_xml(data: bytes) -> Workbook:
    """Excel's XML of 2003 (SpreadsheetML). Raises Refused if it is damaged or no workbook."""
    try:
        tree = defusedxml.ElementTree.fromstring(data)
    except (SyntaxError, ValueError, LookupError) as error:  # defusedxml's refusals are ValueErrors
        raise Refused(UNREADABLE) from error
    found = [_office_sheet(worksheet) for worksheet in tree.iter(f"{_OFFICE}Worksheet")]
    if not found:
        raise Refused("这个 XML 文件不是表格。请上传原来的 Excel 或 WPS 表格。")
    return Workbook("xml", found)


def _office_sheet(worksheet: Element) -> Sheet:
    sheet = Sheet(worksheet.get(f"{_OFFICE}Name", ""), [])
    if (visible := worksheet.find(".//{urn:schemas-microsoft-com:office:excel}Visible")) is not None:
        sheet.state = "hidden" if visible.text == "SheetHidden" else "veryHidden"
    for column_number, column in _placed(worksheet, "Table/", "Column"):
        if column.get(f"{_OFFICE}Hidden") == "1":
            sheet.hidden_columns.add(column_number)
    cells = 0
    for number, row in _placed(worksheet, "Table/", "Row"):
        if is_vast(number + 1, 1):
            raise Refused(too_vast(number + 1, 1))
        sheet.rows.extend([] for _ in range(number + 1 - len(sheet.rows)))
        if row.get(f"{_OFFICE}Hidden") == "1":
            sheet.hidden_rows.add(number)
        for place, cell in _placed(row, "", "Cell"):
            cells += 1
            if is_vast(number + 1, place + 1) or cells > LIMITS.cells:
                raise Refused(too_vast(number + 1, place + 1))
            sheet.rows[number].extend([None] * (place + 1 - len(sheet.rows[number])))
            sheet.rows[number][place] = _office_value(cell)
            down, across = _merged(cell, "MergeDown"), _merged(cell, "MergeAcross")
            if down or across:
                sheet.merges.append(Merge(number, place, number + down, place + across))
            if (comment := cell.find(f"{_OFFICE}Comment")) is not None:
                sheet.comments[number, place] = "".join(comment.itertext()).strip()
    trim(sheet)
    return sheet


def _merged(cell: Element, name: str) -> int:
    return _number(cell.get(_OFFICE + name)) if cell.get(_OFFICE + name, "0") != "0" else 0


def _placed(parent: Element, way: str, name: str) -> list[tuple[int, Element]]:
    """Elements with their place counted from 0; an Index attribute jumps, merged cells take the places they cover."""
    found, place = [], 0
    for element in parent.findall(f"{_OFFICE + way if way else ''}{_OFFICE}{name}"):
        stated = element.get(f"{_OFFICE}Index")
        place = int(stated) - 1 if stated and stated.isdecimal() else place
        found.append((place, element))
        place += 1 + _merged(element, "MergeAcross")
    return found


def _office_value(cell: Element) -> CellValue:
    data = cell.find(f"{_OFFICE}Data")
    text = "".join(data.itertext()) if data is not None else ""
    if data is None or not text:
        return None
    kind = data.get(f"{_OFFICE}Type")
    try:
        if kind == "Number":
            return float(text) if "." in text or "e" in text.lower() else int(text)
        if kind == "DateTime":
            return dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return text == "1" if kind == "Boolean" else text
