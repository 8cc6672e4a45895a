"""Web pages and Excel's XML of 2003 that call themselves .xls (rosters fault 2)."""

import datetime as dt

import pytest

from children.importing.guard import Refused
from children.importing.reader import read_workbook
from children.importing.sheets import Merge

PAGE = """<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"><style>td{{}}</style></head>
<body><table><tr><td colspan=3>三年级花名册</td></tr>
<tr><th>姓名</th><th>班级</th><th>身份证号</th></tr>
<tr><td>韦小禾</td><td rowspan="2">三（1）班</td><td style='mso-number-format:"\\@"'>999999201503120012</td></tr>
<tr><td>石&amp;岑&nbsp;</td><td>13800000001<br>13800000002</td></tr></table></body></html>"""
BORN = dt.datetime.fromisoformat("2015-03-12")
OFFICE = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="名单"><Table>
<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">三年级花名册</Data></Cell><Cell><Data ss:Type="String">备</Data></Cell></Row>
<Row ss:Index="3" ss:Hidden="1"><Cell><Data ss:Type="String">韦小禾</Data></Cell>
<Cell ss:Index="3"><Data ss:Type="Number">13800000001</Data></Cell>
<Cell><Data ss:Type="DateTime">2015-03-12T00:00:00.000</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("charset", ["gb2312", "utf-8"])
def test_a_page_with_a_table_is_read_with_its_merged_cells(charset: str) -> None:
    data = PAGE.format(charset=charset).encode("gb18030" if charset == "gb2312" else charset)
    book = read_workbook(data)
    assert book.kind == "html"
    assert book.sheets[0].rows == [
        ["三年级花名册"],
        ["姓名", "班级", "身份证号"],
        ["韦小禾", "三（1）班", "999999201503120012"],
        ["石&岑", None, "13800000001\n13800000002"],
    ]
    assert book.sheets[0].merges == [Merge(0, 0, 0, 2), Merge(2, 1, 3, 1)]


def test_excels_old_xml_is_read_with_jumps_merges_and_types() -> None:
    book = read_workbook(OFFICE.encode())
    sheet = book.sheets[0]
    assert (book.kind, sheet.name) == ("xml", "名单")
    assert sheet.rows == [
        ["三年级花名册", None, None, "备"],
        [],
        ["韦小禾", None, 13800000001, BORN],
    ]
    assert sheet.merges == [Merge(0, 0, 0, 2)]
    assert sheet.hidden_rows == {2}


def test_entities_in_old_xml_are_refused() -> None:
    bomb = OFFICE.replace("<Workbook", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Workbook', 1)
    with pytest.raises(Refused, match="实体"):
        read_workbook(bomb.encode())


def test_a_jump_to_the_end_of_the_sheet_is_refused() -> None:
    with pytest.raises(Refused, match="新表格"):
        read_workbook(OFFICE.replace('ss:Index="3" ss:H', 'ss:Index="9999999" ss:H').encode())
    wide = "<td rowspan=1000 colspan=1000>x</td>" * 50
    page = f"<table><tr>{wide}</tr><tr>{wide}</tr></table>".encode()
    with pytest.raises(Refused, match="新表格"):
        read_workbook(page)
