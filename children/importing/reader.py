"""Any accepted file becomes a Workbook of plain rows; the guard has the first word."""

from children.importing import guard
from children.importing.guard import FileFacts, Refused
from children.importing.sheets import Workbook

# Each file is read in a process of its own, which loads only the modules and libraries that its kind needs.


def _xlsx(data: bytes, facts: FileFacts) -> Workbook:
    from children.importing.xlsx import read_xlsx

    return read_xlsx(data)


def _xls(data: bytes, facts: FileFacts) -> Workbook:
    from children.importing.xls import read_xls

    return read_xls(data)


def _page(data: bytes, facts: FileFacts) -> Workbook:
    from children.importing.markup import read_page

    return read_page(data, facts.encoding)


def _office_xml(data: bytes, facts: FileFacts) -> Workbook:
    from children.importing.markup import read_office_xml

    return read_office_xml(data)


def _text(data: bytes, facts: FileFacts) -> Workbook:
    from children.importing.delimited import read_text

    return read_text(data, facts.encoding)


_READERS = {"xlsx": _xlsx, "xls": _xls, "html": _page, "xml": _office_xml, "text": _text}


def read_workbook(data: bytes) -> Workbook:
    """
    Read the bytes of an uploaded file.

    Returns a Workbook whose rows and columns are those a person sees in Excel.
    Raises Refused, with a sentence for the user, for anything that is no readable table.
    """
    facts = guard.inspect(data)
    workbook = _READERS[facts.kind](data, facts)
    workbook.notes = facts.notes
    if not any(sheet.rows for sheet in workbook.sheets):
        raise Refused("表格里没有任何内容。请检查是不是选错了文件。")
    return workbook
