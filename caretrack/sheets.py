"""
Tables out as .xlsx: numbers that are counted are numbers, everything else is text.

Text cells keep every digit of an ID number, and a text that begins with = is shown and never computed. Every workbook
of the house is made of these cells; what only one of them needs (drop-downs, an example row) stays with that one.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

TEXT = "@"
TITLE, BOLD, NOTE = Font(bold=True, size=14), Font(bold=True), Font(color="606060")
EXAMPLE = Font(color="808080", italic=True)
HEAD_FILL = PatternFill("solid", fgColor="DDE8E4")
WIDEST = 44
_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def table_book(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, notes: Sequence[str] = ()
) -> bytes:
    """One sheet, read as a document: see `add_table`. Returns the file."""
    book = new_book()
    add_table(book, title, columns, rows, title=title, notes=notes)
    return saved(book)


def new_book() -> Workbook:
    """An empty workbook whose sheets are written row by row and not kept in memory."""
    return openpyxl.Workbook(write_only=True)


def saved(book: Workbook) -> bytes:
    """The file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def add_sheet(book: Workbook, name: str) -> WriteOnlyWorksheet:
    """A new sheet of a `new_book`; what Excel does not allow in `name` is left out."""
    return book.create_sheet("".join(c for c in name if c not in "[]:*?/\\")[:31] or "表")


def add_table(
    book: Workbook,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    notes: Sequence[str] = (),
    kept: int = 0,
) -> None:
    """
    A sheet called `name`: the title, lines of `notes` (as of when, which definition), the header, the rows.

    Whole numbers stay numbers; None is an empty cell; everything else is text. Columns are as wide as what they hold;
    title, header and the first `kept` columns stay in sight. Without `title` and `notes` the header is the first row,
    as an import likes it.
    """
    listed = [list(row) for row in rows]
    sheet = add_sheet(book, name)
    for place, column in enumerate(columns):
        widest = max([_width(column), *(_width(str(row[place])) for row in listed if row[place] is not None)])
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(widest, WIDEST) + 3
    above = [(text, TITLE) for text in (title,) if text] + [(text, NOTE) for text in notes]
    sheet.freeze_panes = f"{get_column_letter(kept + 1)}{len(above) + 2}"
    for text, font in above:
        sheet.append([written(sheet, text, font=font)])
    sheet.append([written(sheet, column, font=BOLD, fill=HEAD_FILL, boxed=True) for column in columns])
    boxed = _boxed(sheet)
    for row in listed:
        sheet.append(boxed(value) for value in row)


def _boxed(sheet: WriteOnlyWorksheet) -> Callable[[Any], Cell]:
    """
    What makes the cells of a table, each to be written before the next is asked for: always the same three, because to
    dress a cell takes longer than to write it.
    """
    text, number, nothing = (written(sheet, sample, boxed=True) for sample in ("", 0, None))

    def cell(value: Any) -> Cell:
        if value is None:
            return nothing
        if _is_number(value):
            number.value = value
            return number
        text.value = clean(str(value))
        text.data_type = "s"
        return text

    return cell


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def written(
    sheet: WriteOnlyWorksheet,
    value: Any,
    *,
    font: Font | None = None,
    fill: PatternFill | None = None,
    boxed: bool = False,
) -> Cell:
    """A cell of a row to append: a whole number as a number, None as nothing, all else as text that cannot run."""
    number = _is_number(value)
    cell = WriteOnlyCell(sheet, value=value if number or value is None else clean(str(value)))
    if not number and value is not None:
        _as_text(cell)
    if font is not None:
        cell.font = font
    if fill is not None:
        cell.fill = fill
    if boxed:
        cell.border = _BOX
        cell.alignment = Alignment(vertical="center", wrap_text=not number)
    return cell


def put_text(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """Write `text` into a place of a sheet kept in memory, as text that cannot run."""
    cell = sheet.cell(row, column, clean(text))
    _as_text(cell)
    return cell


def put_header(sheet: Worksheet, row: int, titles: Sequence[str], *, height: int = 32) -> None:
    """Write the titles of a form to fill in: bold, filled, in the middle, wrapped."""
    for column, title in enumerate(titles, start=1):
        head = sheet.cell(row, column, title)
        head.font, head.fill = BOLD, HEAD_FILL
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[row].height = height


def prepare_text(sheet: Worksheet, column: int, rows: Iterable[int]) -> None:
    """Make cells text before anybody types, so that Excel keeps the digits of long numbers (rosters §1.2)."""
    for row in rows:
        sheet.cell(row, column).number_format = TEXT


def offer_words(
    book: Workbook, sheet: Worksheet, codes: str, offers: Iterable[tuple[int, str, Sequence[str]]], *, rows: range
) -> None:
    """
    Drop-downs in `rows` of `sheet` for each (column, title, words), fed from a new sheet called `codes`.

    Another word may still be typed. Without offers no sheet is added.
    """
    listed = list(offers)
    if not listed:
        return
    source = book.create_sheet(codes)
    for place, (column, title, words) in enumerate(listed, start=1):
        source.cell(1, place, title).font = BOLD
        for row, word in enumerate(words, start=2):
            source.cell(row, place, word)
        letter, target = get_column_letter(place), get_column_letter(column)
        source.column_dimensions[letter].width = 18
        words_at = f"'{codes}'!${letter}$2:${letter}${len(words) + 1}"
        rule = DataValidation(type="list", formula1=words_at, allow_blank=True, showErrorMessage=False)
        rule.add(f"{target}{rows.start}:{target}{rows.stop - 1}")
        sheet.add_data_validation(rule)


def add_remarks(book: Workbook, name: str, remarks: Sequence[str]) -> None:
    """A last sheet that says how the form is filled in, the first line as its title."""
    sheet = book.create_sheet(name)
    for row, remark in enumerate(remarks, start=1):
        sheet.cell(row, 1, remark)
    sheet["A1"].font = BOLD
    sheet.column_dimensions["A"].width = 90


def clean(text: str) -> str:
    """Without the control characters that a workbook may not hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def _as_text(cell: Cell) -> None:
    cell.data_type, cell.number_format = "s", TEXT


def _width(text: str) -> int:
    return sum(2 if ord(c) > 255 else 1 for c in text)
