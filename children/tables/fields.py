"""What the columns of a list can mean, and what is asked beside the file."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from caretrack.schools.models import Term
from children.importing.aliases import normal_title


@dataclass(frozen=True, slots=True)
class Field:
    """
    One column of a list: its id, its title in the template and the titles schools give it (rosters §3, §8).

    ``needed``: without the column the list cannot be read. ``text``: the template prepares text cells, because Excel
    would ruin the content as a number. ``choices``: a drop-down in the template. ``example``: the grey example row.
    ``above`` finds the content in a line above the rows (title, name of the sheet) where there is no such column.
    """

    name: str
    title: str
    aliases: str = ""
    needed: bool = False
    text: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    width: int = 14
    above: Callable[[str], str] | None = None

    def titles(self) -> list[str]:
        """Every title under which the column is recognised, as titles are compared."""
        return [normal_title(title) for title in (self.title, *self.aliases.split())]


@dataclass(frozen=True, slots=True)
class Option:
    """
    Something that a person says once for the whole file: the term of the results, the day of the grants.

    ``kind`` is term, date, text or choice; ``choices`` are value and label. ``initial`` tells what is preset, from the
    term of the school and the day on which the list is brought.
    """

    name: str
    label: str
    kind: str
    help_text: str = ""
    required: bool = False
    initial: Callable[[Term | None, dt.date], str] | None = None
    choices: tuple[tuple[str, str], ...] = field(default=())


AS_WRITTEN = "按表里写的"
"""What is chosen for a file whose rows all say it themselves."""

PUPIL = (
    Field(
        "name",
        "姓名",
        "学生姓名 儿童姓名 留守儿童姓名 幼儿姓名 学生 受助学生姓名 受助学生",
        needed=True,
        example="示例（导入时自动忽略）",
    ),
    Field("student_no", "学籍号", "全国学籍号 国网学籍号 学籍号码", text=True, width=22),
    Field(
        "id_no",
        "身份证号",
        "身份证号码 公民身份号码 公民身份证号码 身份证 身份证件号 身份证件号码 证件号码 学生身份证号 学生身份证号码",
        text=True,
        width=22,
    ),
    Field("birth_date", "出生日期", "出生年月 出生年月日 生日"),
    Field("grade", "年级", "就读年级 所在年级"),
    Field(
        "class_name",
        "班级",
        "班别 班级名称 所属班级 行政班 所在班级 就读班级 就读年级班级 年级班级 就读年级及班级",
        text=True,
        example="四（1）班",
    ),
)
"""The columns by which a row finds its pupil, in every list about pupils."""
SCHOOL = Field("school", "学校", "就读学校 学校名称 所在学校")
