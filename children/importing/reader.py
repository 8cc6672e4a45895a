"""Any accepted file becomes a Workbook of plain rows; the guard has the first word."""

from children.importing import guard
from children.importing.delimited import read_text
from children.importing.guard import Refused
from children.importing.markup import read_office_xml, read_page
from children.importing.sheets import Workbook
from children.importing.xlsx import read_xlsx


def read_workbook(data: bytes) -> Workbook:
    """
    Read the bytes of an uploaded file.

    Returns a Workbook whose rows and columns are those a person sees in Excel.
    Raises Refused, with a sentence for the user, for anything that is no readable table.
    """
    facts = guard.inspect(data)
    if facts.kind == "xlsx":
        workbook = read_xlsx(data)
    elif facts.kind == "xls":
        from children.importing.xls import read_xls  # a library that few files need

        workbook = read_xls(data)
    elif facts.kind == "html":
        workbook = read_page(data, facts.encoding)
    elif facts.kind == "xml":
        workbook = read_office_xml(data)
    else:
        workbook = read_text(data, facts.encoding)
    workbook.notes = facts.notes
    if not any(sheet.rows for sheet in workbook.sheets):
        raise Refused("表格里没有任何内容。请检查是不是选错了文件。")
    return workbook
