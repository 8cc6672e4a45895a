"""CareTrack's own roster template (rosters §8): what a school fills in when it has no list of its own."""

from collections.abc import Iterable, Mapping, Sequence

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from caretrack.schools.models.school import Stage
from caretrack.sheets import EXAMPLE, TITLE, add_remarks, offer_words, prepare_text, put_header, put_text, saved
from children.importing.normalise import care
from children.importing.normalise.commute import UNSAFE
from children.importing.normalise.places import STATUS_IN_TEMPLATE
from children.importing.values import BOARDING, COMMUTE, HUKOU, RATING
from children.models import codes

SHEET, CODES, NOTES = "留守儿童花名册", "代码", "说明"
PREPARED_ROWS = 2_000
_STATUS = [*STATUS_IN_TEMPLATE.values(), "不详"]
_RELATIONS = [
    str(code.label)
    for code in codes.Relation
    if code.value in ("51", "52", "61", "62", "63", "64", "81", "83", "85", "88", "90")
] + ["其他"]
_YES_NO = ["是", "否"]
_TEXT = ("学籍号", "身份证号", "父亲电话", "母亲电话", "监护人电话", "邻居电话", "班级*")

COLUMNS = ["学籍号", "姓名*", "性别*", "出生日期*", "民族*", "身份证号", "年级*", "班级*", "就读方式*", "上下学方式", "家庭住址*", "村民组", "户口性质", "父亲姓名", "父亲状况*", "父亲外出时间", "父亲务工地", "父亲工作单位", "父亲电话", "母亲姓名", "母亲状况*", "母亲外出时间", "母亲务工地", "母亲工作单位", "母亲电话", "实际监护人*", "与学生关系*", "监护人电话*", "监护人年龄", "监护人身体状况", "监护类型*", "监护情况评估", "是否签委托照护协议", "身体情况", "残疾类别等级", "性格特点", "兴趣特长", "家庭经济来源", "救助情况", "邻居电话", "代理家长", "备注"]  # fmt: skip
_LISTS: dict[str, list[str]] = {
    "性别*": ["男", "女"],
    "就读方式*": list(BOARDING),
    "上下学方式": [way for way in COMMUTE if way != UNSAFE],
    "户口性质": list(HUKOU),
    "父亲状况*": _STATUS,
    "母亲状况*": _STATUS,
    "与学生关系*": _RELATIONS,
    "监护类型*": list(care.WORDS.values()),
    "监护情况评估": list(RATING),
    "是否签委托照护协议": _YES_NO,
    "监护人身体状况": [str(choice.label) for choice in codes.AdultHealth],
    "身体情况": [str(choice.label) for choice in codes.BodyState],
}
GRADES = "年级*"
_EXAMPLE = {
    "学籍号": "G999999201503120012",
    "姓名*": "示例（导入时自动忽略）",
    "性别*": "男",
    "出生日期*": "2015-03-12",
    "民族*": "汉族",
    "身份证号": "999999201503120012",
    "年级*": "五年级",
    "班级*": "1",
    "就读方式*": "走读",
    "上下学方式": "步行",
    "家庭住址*": "栗坪村3组",
    "村民组": "3组",
    "户口性质": "农业",
    "父亲姓名": "韦大山",
    "父亲状况*": "外出务工",
    "父亲外出时间": "2023-02",
    "父亲务工地": "广东东莞",
    "父亲工作单位": "电子厂",
    "父亲电话": "13800000001",
    "母亲姓名": "罗春花",
    "母亲状况*": "在家",
    "母亲电话": "13800000002",
    "实际监护人*": "罗春花",
    "与学生关系*": "母亲",
    "监护人电话*": "13800000002",
    "监护类型*": "单方",
    "监护情况评估": "较好",
    "是否签委托照护协议": "否",
    "身体情况": "健康",
}
_REMARKS = (
    "填表说明",
    "1. 带 * 的列必须填写；一名学生一行，不要合并单元格。",
    "2. 学籍号、身份证号和电话已设为文本格式，请勿改成数字，否则后几位会丢失。",
    "3. 第3行为示例，导入时自动忽略，可以删除。",
    "4. 留空表示“不清楚”，不会清除系统里已有的内容；确需清除请填【清空】。",
    "5. 是否留守由父母状况和外出时间算出，不需要填写。",
    "6. 日期写成 2015-03-12；只知道年月的写成 2015-03。",
)


def template_workbook(
    title: str, day: str, rows: Sequence[Mapping[str, str]] | None = None, *, stages: Iterable[str] = Stage
) -> bytes:
    """
    The template as .xlsx, titled for a school and a cut-off day (Chinese text such as 2026年11月20日).

    With `rows` (column title without its star → text) it holds these pupils in the place of the example row; every
    filled cell is text, so that no number loses digits and nothing runs as a formula. The grades to choose from are those
    that schools of `stages` teach.
    """
    taught = set(map(Stage, stages))
    grades = list(
        dict.fromkeys(stage.grade_name(grade) for stage in Stage if stage in taught for grade in stage.grades)
    )
    example = _EXAMPLE if _EXAMPLE[GRADES] in grades else _EXAMPLE | {GRADES: grades[-1]}
    lists = {**_LISTS, GRADES: grades}
    book = openpyxl.Workbook()
    sheet: Worksheet = book.active
    sheet.title = SHEET
    sheet["A1"], sheet["A1"].font = f"{title}    截止日期：{day}", TITLE
    put_header(sheet, 2, COLUMNS)
    sheet.freeze_panes = "C4"
    for column, name in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = 22 if name in ("学籍号", "身份证号") else 13
        if rows is None:
            sheet.cell(3, column, example.get(name)).font = EXAMPLE
        if name in _TEXT:
            prepare_text(sheet, column, range(3, (PREPARED_ROWS if rows is None else len(rows)) + 3))
    offers = ((COLUMNS.index(name) + 1, name.rstrip("*"), words) for name, words in lists.items())
    offer_words(book, sheet, CODES, offers, rows=range(3, PREPARED_ROWS + 3))
    for number, row in enumerate(rows or (), start=3):
        for column, name in enumerate(COLUMNS, start=1):
            if text := row.get(name.rstrip("*")):
                put_text(sheet, number, column, text)
    add_remarks(book, NOTES, _REMARKS)
    return saved(book)
