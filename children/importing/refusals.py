"""Files that are no rosters: what they seem to be, and which page does it instead (rosters §2, faults 18, 36)."""

import re
from collections.abc import Callable

from children.importing.aliases import FIELD_OF_TITLE, normal_title
from children.importing.normalise.text import fold
from children.importing.sheets import CellValue, Sheet, Workbook

LOOKED_AT_ROWS = 20
LEAST_NUMBERS = 8
NO_HEADER = (
    "没有找到名册的表头（至少要有“姓名”和另外两列，如性别、班级、身份证号）。"
    "请检查是不是选错了文件，或下载名册模板填写。"
)
_TICKS = ("谈心", "家访", "共餐", "作业辅导")

_OTHER_LISTS: tuple[tuple[Callable[[frozenset[str]], bool], str], ...] = (
    (
        lambda titles: bool(titles & {"变动类别", "变动类型"}),
        "这是变动登记表，一行是一次变动，不是学生名册。转入、转出等变动请在“变动登记”里办理。",
    ),
    (
        lambda titles: (
            "劝返责任人" in titles or "第一次劝返" in titles or ("离校时间" in titles and "是否返校" in titles)
        ),
        "这是控辍保学台账，一行是一次劝返，不是学生名册。离校和复学请在“变动登记”里办理，劝返情况记在关爱记录里。",
    ),
    (
        lambda titles: "日期" in titles and sum(word in titles for word in _TICKS) >= 2,
        "这是关爱活动记录，一行是一次活动，不是学生名册。请在“关爱记录”里登记。",
    ),
    (
        lambda titles: bool(titles & {"乘车方向", "上车地点", "下车地点"}) and bool(titles & {"车牌号码", "司机姓名"}),
        "这是乘车学生登记表。请在“乘车”里导入，学生名册请另用一个文件。",
    ),
    (
        lambda titles: bool(titles & {"校车牌号", "车架号码", "驾驶证号码", "准驾车型", "校车核载人数"}),
        "这是校车及驾驶员登记表，里面没有学生。请在“导入其他表格”里选“校车和驾驶员”导入。",
    ),
    (
        lambda titles: bool(titles & {"资助项目", "资助金额", "资助时间"}),
        "这是资助名单，一行是一次资助，不是学生名册。请在“资助”里导入。",
    ),
)
"""By the titles of the header row: how to tell a list of something else, and what to say."""


def other_list(titles: list[str]) -> str:
    """The sentence for a list of events, riders or grants by its header titles; an empty string for a roster."""
    normal = frozenset(normal_title(title.rsplit("·", 1)[-1]) for title in titles) | frozenset(
        normal_title(part) for title in titles for part in title.split("·")
    )
    return next((sentence for fits, sentence in _OTHER_LISTS if fits(normal)), "")


def why_no_roster(workbook: Workbook) -> str:
    """A sentence for what a file is instead of a roster: a summary, pupils in columns, a list from Word. Empty for none."""
    for sheet in workbook.sheets:
        rows = sheet.rows[:LOOKED_AT_ROWS]
        for row in rows:
            if sentence := other_list([str(value) for value in row if isinstance(value, str)]):
                return sentence
        if any(_counts_columns(row) for row in rows):
            return "这是统计汇总表，里面没有学生名单。请导入按学生逐行填写的名册。"
        if _transposed(sheet):
            return "学生写成了一列一名，系统要一行一名。请在 Excel 里复制后用“选择性粘贴—转置”，或下载名册模板填写。"
        if _in_one_column(sheet):
            return "所有内容都挤在第一列，像是从 Word 或手机里复制来的。请按列分开填写，或下载名册模板填写。"
    return ""


def _counts_columns(row: list[CellValue]) -> bool:
    """The last header row of the official summary is 1 2 3 … 32 (L23)."""
    numbers = [value for value in row if isinstance(value, int | float) and not isinstance(value, bool)]
    return len(numbers) >= LEAST_NUMBERS and numbers == list(range(int(numbers[0]), int(numbers[0]) + len(numbers)))


def _transposed(sheet: Sheet) -> bool:
    """Titles stand below each other in one of the first two columns, a name among them (fault 36)."""
    if sheet.width < 4:
        return False
    for column in range(2):
        fields = [FIELD_OF_TITLE.get(normal_title(sheet.value(row, column)), "") for row in range(len(sheet.rows[:60]))]
        if "name" in fields and len({name for name in fields if name}) >= 4:
            return True
    return False


def _in_one_column(sheet: Sheet) -> bool:
    """Everything in column A with blanks between (L24)."""
    filled = [row for row in sheet.rows[:40] if row]
    single = [row for row in filled if sum(value is not None for value in row) == 1 and isinstance(row[0], str)]
    crowded = [row for row in single if len(re.split(r"\s+", str(row[0]).strip())) >= 4]
    return len(filled) >= 2 and len(crowded) * 2 > len(filled)


def is_summary(sheet: Sheet) -> bool:
    """True for the official summary table, whose header ends in a row of column numbers."""
    return any(_counts_columns(row) for row in sheet.rows[:LOOKED_AT_ROWS]) and "姓名" not in {
        fold(value) for row in sheet.rows[:LOOKED_AT_ROWS] for value in row if isinstance(value, str)
    }
