"""Which lines below a header are no pupils: totals, repeated headers, footers, examples (rosters faults 24, 28, 32)."""

import re
from dataclasses import dataclass, field

from children.importing.aliases import FIELD_OF_TITLE, normal_title
from children.importing.header import LEAST_HITS, Header
from children.importing.normalise.text import fold
from children.importing.sheets import CellValue, Sheet
from children.importing.titles import class_in

EXAMPLE, SUBTOTAL, TOTAL, FOOTER, REPEATED_HEADER, BLANK, HEADING, OTHER_TABLE = (
    "example",
    "subtotal",
    "total",
    "footer",
    "repeated_header",
    "blank",
    "heading",
    "other_table",
)
FAMILY_LINE = "family_line"
"""A line with another adult of the pupil above."""
SAME_PUPIL = "same_pupil"
"""A line of a pupil who stands in the file twice; another line stands for it."""
LEFT_OUT = "left_out"
"""A line that a person does not want imported."""
PROBABLE_EXAMPLE = "probable_example"
"""A line that may be an example; a person is asked."""
SKIP_REASONS = {
    EXAMPLE: "示例行",
    SUBTOTAL: "小计行",
    TOTAL: "合计行",
    FOOTER: "表尾说明",
    REPEATED_HEADER: "重复的表头",
    BLANK: "只有序号的空行",
    HEADING: "分组的标题行",
    OTHER_TABLE: "下面另一张表的行",
    FAMILY_LINE: "上一名学生的另一位家长",
    SAME_PUPIL: "同一名学生的另一行",
    LEFT_OUT: "您选择了不导入",
}
SHORTEST_ID = 15
MOST_FOOTER_CELLS = 4
LEAST_REPEATED = 3
LEAST_COUNTED = 5
Filled = list[tuple[int, CellValue]]
_LIST_WORDS = re.compile("花名册|名册|名单|统计表|登记表|情况表|一览表|台账|宿舍|寝室")
_IN_NAME_TITLES = ("名", "学生", "儿童")
_TOTAL_WORDS = re.compile(r"(合计|总计|共计|总人数)([:：]|\d|$)")
_SUBTOTAL_WORDS = re.compile(
    r"^(小计|班计|本页小计|平均分?|均分|最[高低]分|及格率|优秀率|[参应实]考人数|(及格|优秀)人数)([:：]|\d|$)|小计$"
)
_STATED = re.compile(r"(男|女|双亲|单亲|结对教师|帮扶教师|教师|留守儿童|学生)(?:共|数|总数)?[:：]?(\d+)")
_PLAIN_TOTAL = re.compile(r"共?(\d+)[人名]?")
_STATED_NAMES = {
    "结对教师": "mentors",
    "帮扶教师": "mentors",
    "教师": "mentors",
    "留守儿童": "children",
    "学生": "children",
}
_FOOTER_WORDS = re.compile(
    r"制表|审核|复核|填表|单位负责人|(负责人|校长|园长|班主任|经办人?|联系人)[^:：(（签]{0,4}[:：(（签]|注[:：]|注\d|备注[:：]|"
    r"说明[:：]|填报说明|附[:：]|以上|本表|以下(空白|无)|第[\d一二三四五六七八九十]+页|共\d+页|[^:]{0,6}(签字|签名|签章)[:(]?$|"
    r"[(]?(公章|盖章)|[^:]{0,4}日期:"
)
_SENTENCE = re.compile("[。;!?]|20\\d\\d年\\d{1,2}月(\\d{1,2}日)?$|(?=.*[\u4e00-\u9fff]{6})[^·.]{12,}")
"""What stands alone in a line and is too long for a name is said about the list."""
LEAST_MERGED = 3
_EXAMPLE_WORDS = ("示例", "样例", "例:", "填写样式")
_FILLING_HINT = re.compile(r"[(\[【]?(必填|选填|必填项|文本|汉字|与户口簿一致)[)\]】]?")
_EXAMPLE_NAMES = frozenset({"张三", "李四", "王五", "小明", "某某", "某某某", "张某某", "李某某", "xxx", "×××"})


@dataclass(slots=True)
class LineJudge:
    """Judges the lines of one sheet; most lines of a list are settled by their name and ID cells alone."""

    sheet: Sheet
    header: Header
    words: frozenset[str] = field(init=False)
    titles: list[str] = field(init=False)
    ignored: list[bool] = field(init=False)
    least: int = field(init=False)
    name: int | None = field(init=False)
    id_no: int | None = field(init=False)
    merged: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        rows = self.sheet.rows[self.header.top : self.header.bottom + 1]
        written = {value for row in rows for value in row if isinstance(value, str)}
        self.words = frozenset(written | {normal_title(word) for word in written})
        fields = self.header.fields
        first = self.header.columns[0].index if self.header.columns else 0
        self.titles = [""] * first + [normal_title(c.label.rsplit("·", 1)[-1]) for c in self.header.columns]
        self.ignored = [True] * first + [column.field in ("-", "") for column in self.header.columns]
        self.least = max(2, min(LEAST_REPEATED, len(self.titles) - self.titles.count("")))
        self.name = fields["name"].index if "name" in fields else None
        self.id_no = fields["id_no"].index if "id_no" in fields else None
        self.merged = frozenset(
            merge.top for merge in self.sheet.merges if merge.right - merge.left + 1 >= LEAST_MERGED
        )

    def why(self, row: int, stored: list[CellValue]) -> str:
        """Why a line (counted from 0) is no pupil, an empty string if it is one."""
        name = stored[self.name] if self.name is not None and self.name < len(stored) else None
        has_id = self._has_id(stored)
        if has_id and name.__class__ is str and row > self.header.bottom + 2:
            return EXAMPLE if any(word in str(name) for word in _EXAMPLE_WORDS) else ""
        filled: Filled = [
            (index, value) for index, value in enumerate(stored) if value is not None and str(value).strip()
        ]
        if self._is_header(filled) or _counts_columns(filled):
            return REPEATED_HEADER
        words = [fold(value) for _, value in filled if isinstance(value, str)]
        if not has_id and (why := _closing(words, len(filled)) or self._alone(row, filled) or self._begins(filled)):
            return why
        return self._example(row, fold(name), words) or self._blank(filled)

    def _has_id(self, stored: list[CellValue]) -> bool:
        if self.id_no is None or self.id_no >= len(stored):
            return False
        value = stored[self.id_no]
        return value is not None and len(str(value)) >= SHORTEST_ID and len(fold(value)) >= SHORTEST_ID

    def _is_header(self, filled: Filled) -> bool:
        if sum(value.__class__ is str and value in self.words for _, value in filled) < self.least:
            return False
        same = sum(
            index < len(self.titles) and value.__class__ is str and normal_title(value) == self.titles[index]
            for index, value in filled
        )
        return same >= self.least and same * 2 > len(filled)

    def _begins(self, filled: Filled) -> str:
        """A line above a group of pupils that names their class or a list, or the header of another table."""
        if _is_heading([value for _, value in filled]):
            return HEADING
        written = "".join([value for _, value in filled if isinstance(value, str)])
        if not any(word in written for word in _IN_NAME_TITLES):
            return ""
        known = [FIELD_OF_TITLE.get(normal_title(value), "") for _, value in filled if isinstance(value, str)]
        recognised = len(known) - known.count("")
        if "name" in known and recognised >= LEAST_HITS and recognised * 3 >= len(filled) * 2:
            return OTHER_TABLE
        return ""

    def _alone(self, row: int, filled: Filled) -> str:
        """A line with one cell: a group's class or title, or a sentence about the list; a name may stand alone."""
        if len(filled) != 1 or not isinstance(filled[0][1], str):
            return ""
        if row in self.merged:
            return HEADING
        return FOOTER if _SENTENCE.search(fold(filled[0][1])) and not _is_heading([filled[0][1]]) else ""

    def _example(self, row: int, name: str, words: list[str]) -> str:
        near_top = row <= self.header.bottom + 2
        if near_top and _FILLING_HINT.fullmatch(name):
            return EXAMPLE
        if any(word in name for word in _EXAMPLE_WORDS) or (
            near_top and any(word.startswith(_EXAMPLE_WORDS) for word in words)
        ):
            return EXAMPLE
        return PROBABLE_EXAMPLE if row == self.header.bottom + 1 and name in _EXAMPLE_NAMES else ""

    def _blank(self, filled: Filled) -> str:
        """A line with a running number and nothing else was prepared and never filled."""
        numbers_only = all(
            not isinstance(value, str) and (index >= len(self.ignored) or self.ignored[index])
            for index, value in filled
        )
        return BLANK if numbers_only else ""


def _counts_columns(filled: Filled) -> bool:
    """The columns counted below their titles: (1) (2) (3), 1 2 3."""
    if len(filled) < LEAST_COUNTED or fold(filled[0][1]) not in ("1", "(1)"):
        return False
    return all(fold(value).strip("()") == str(number) for number, (_, value) in enumerate(filled, start=1))


def _is_heading(values: list[CellValue]) -> bool:
    first, *rest = values or [None]
    if not isinstance(first, str) or len(rest) >= MOST_FOOTER_CELLS:
        return False
    listed, told = _LIST_WORDS.search(fold(first)), all(":" in fold(value) for value in rest)
    return bool(listed and (told or not rest)) or (told and class_in(first) is not None)


def _closing(words: list[str], filled: int) -> str:
    """Subtotals, totals and the lines under the table, by the first words of a line."""
    first = words[:3]
    if any(_SUBTOTAL_WORDS.search(word) for word in first):
        return SUBTOTAL
    if any(_TOTAL_WORDS.match(word) for word in first):
        return TOTAL
    return FOOTER if first and filled <= MOST_FOOTER_CELLS and _FOOTER_WORDS.match(first[0]) else ""


def stated_totals(stored: list[CellValue]) -> dict[str, int]:
    """Control totals of a 合计 line: 48, 40人, 男27女21, 双亲24单亲24, 结对教师14人."""
    totals: dict[str, int] = {}
    for value in stored:
        if isinstance(value, int | float) and not isinstance(value, bool):
            totals.setdefault("children", int(value))
            continue
        text = fold(value)
        if found := _PLAIN_TOTAL.fullmatch(text):
            totals.setdefault("children", int(found[1]))
            continue
        for word, number in _STATED.findall(text):
            totals.setdefault(_STATED_NAMES.get(word, word), int(number))
    return totals
