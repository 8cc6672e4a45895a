"""奖励: who was honoured, by whom, when (domain §7.11)."""

import datetime as dt
from dataclasses import dataclass, field
from typing import ClassVar

from caretrack.access.policy import Act, DataClass
from children.importing.normalise.reading import Reading, error
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue
from children.life.words import TITLES
from children.models import Award
from children.tables.days import day_of
from children.tables.fields import PUPIL, SCHOOL, Field, Option
from children.tables.kinds import Laying, Setting, register
from children.tables.pupils import Pupil, PupilTable
from children.tables.sheets import TableRow

_SCOPES = {
    Award.Scope.CITY: ("市级以上", "市", "市级", "地市级", "州级", "省", "省级", "国家", "国家级", "全国"),
    Award.Scope.COUNTY: ("区县", "县", "县级", "区", "区级", "区县级", "县区级"),
    Award.Scope.TOWN: ("乡镇", "镇", "乡", "镇级", "乡镇级", "中心校", "学区"),
    Award.Scope.SCHOOL: ("学校", "校", "校级", "园级"),
    Award.Scope.CLASS: ("班级", "班", "班内"),
}
_SCOPE_OF = {word: scope for scope, words in _SCOPES.items() for word in words}


def read_scope(value: CellValue) -> Reading[str]:
    """The level of an award in a school's words."""
    if is_nothing(value):
        return Reading(None)
    word = fold(value)
    if found := _SCOPE_OF.get(word) or _SCOPE_OF.get(word.removesuffix("奖")):
        return Reading(found)
    sentence = f"看不懂级别“{as_text(value)}”，请填班级、学校、乡镇、区县或市级以上。"
    return Reading(None, remarks=(error("scope_unclear", sentence),))


@dataclass(slots=True)
class _Stored:
    awards: dict[tuple[int, str, dt.date], Award] = field(default_factory=dict)
    seen: dict[tuple[int, str, dt.date], int] = field(default_factory=dict)


@register
class AwardTable(PupilTable):
    slug = "awards"
    title = "奖励名单"
    lead = "三好学生、阳光少年、比赛获奖：一名学生一项奖励一行。"
    unit = "人次"
    icon = "award"
    back, back_label = "children:awards_list", "查看奖励"
    act = Act.AWARD_EDIT
    data = DataClass.IDENTITY
    fields: ClassVar = (
        *PUPIL,
        SCHOOL,
        Field(
            "title",
            "称号",
            "奖项 荣誉 荣誉称号 奖励名称 奖项名称 获奖名称 获奖项目",
            choices=TITLES,
            example="阳光少年",
        ),
        Field(
            "scope",
            "级别",
            "奖励级别 获奖级别 等级 颁奖级别",
            choices=tuple(str(scope.label) for scope in Award.Scope),
            example="学校",
        ),
        Field("on", "日期", "获奖日期 获奖时间 表彰日期 时间 颁奖日期", text=True, example="2026-06-01"),
        Field("evidence", "依据", "文件号 证书编号 表彰文件 证明材料 颁奖单位", width=24),
    )
    options: ClassVar = (
        Option("title", "称号", "text", "表里没有这一列、或没有写的行，按这里登记。"),
        Option("scope", "级别", "choice", "表里没有写级别的行用。", choices=(("", "未选"), *Award.Scope.choices)),
        Option("on", "日期", "date", "表里没有写日期的行按这一天登记；不填就用表头日期或今天。"),
    )
    hints: ClassVar = ("同一名学生同一天同一称号只登记一次，再导入时更新级别和依据。",)

    def load(self, setting: Setting, children: set[int], rows: list[TableRow]) -> _Stored:
        awards = Award.objects.filter(child__in=children).order_by("pk")
        return _Stored({(award.child_id, award.title, award.on): award for award in awards})

    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: _Stored) -> None:
        row = laying.row
        title = row.text("title", 60) or setting.option("title")
        scope = row.take("scope", read_scope)
        evidence = row.text("evidence", 200)
        on = day_of(row, "on", pupil, setting)
        if not title:
            row.fail("title", "没有写称号，请补上，如“阳光少年”。")
        if row.failed or on is None:
            return
        key = (pupil.pk, title, on)
        first = store.seen.setdefault(key, row.number)
        if first != row.number:
            row.fail("title", f"与第{first}行重复：同一名学生、同一天、同一称号。")
            return
        award = store.awards.get(key)
        if award is not None:
            laying.put(award, scope=scope, evidence=evidence)
            return
        scope = scope or setting.option("scope")
        if not scope:
            row.fail("scope", "没有写级别，请补上，或在上传时选好级别。")
            return
        new = Award(child_id=pupil.pk, title=title, scope=scope, on=on, evidence=evidence)
        laying.add(new, "title", "scope", "on", "evidence")
