"""健康检查: a class or school comes back from the health centre with one list (domain §7.9)."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from caretrack.access.policy import Act, DataClass
from children.importing.normalise.yesno import read_yes_no
from children.models import HealthCheck
from children.tables.days import day_of
from children.tables.fields import PUPIL, SCHOOL, Field, Option
from children.tables.kinds import Laying, Setting, register
from children.tables.measures import (
    CHEST,
    HEIGHT,
    LUNG,
    WEIGHT,
    read_both_sights,
    read_measure,
    read_pressure,
    read_sight,
)
from children.tables.pupils import Pupil, PupilTable
from children.tables.sheets import TableRow

_SCALES = {"height_cm": HEIGHT, "weight_kg": WEIGHT, "lung_ml": LUNG, "chest_cm": CHEST}
_FACTS = (
    *_SCALES,
    "sight_left",
    "sight_right",
    "blood_pressure",
    "face",
    "finding",
    "needs_follow_up",
    "followed_up_on",
    "follow_up_result",
)


@dataclass(slots=True)
class _Stored:
    checks: dict[tuple[int, Any], HealthCheck] = field(default_factory=dict)
    seen: dict[tuple[int, Any], int] = field(default_factory=dict)


@register
class HealthTable(PupilTable):
    slug = "health"
    title = "健康检查"
    lead = "卫生院或学校体检的结果：身高、体重、视力和结论，一名学生一次检查一行。"
    unit = "人次"
    icon = "heart-pulse"
    back, back_label = "children:health_list", "查看健康检查"
    act = Act.HEALTH_EDIT
    data = DataClass.HEALTH
    fields: ClassVar = (
        *PUPIL,
        SCHOOL,
        Field("on", "检查日期", "体检日期 体检时间 检查时间 日期", text=True, example="2026-10-12"),
        Field("height_cm", "身高（厘米）", "身高 身高cm", example="138.5"),
        Field("weight_kg", "体重（千克）", "体重 体重kg", example="32"),
        Field("sight_left", "左眼视力", "左眼 视力左 左眼裸眼视力 裸眼视力左 视力左眼", example="5.0"),
        Field("sight_right", "右眼视力", "右眼 视力右 右眼裸眼视力 裸眼视力右 视力右眼", example="4.9"),
        Field("sight", "视力", "裸眼视力 双眼视力 视力情况", text=True),
        Field("blood_pressure", "血压", "血压mmhg", text=True, example="100/65"),
        Field("lung_ml", "肺活量（毫升）", "肺活量"),
        Field("chest_cm", "胸围（厘米）", "胸围"),
        Field("face", "五官", "五官情况 五官科"),
        Field("finding", "结论", "体检结论 检查结论 检查结果 体检结果 健康状况", width=24),
        Field("needs_follow_up", "需要复查", "是否需要复查 是否复查 复查", choices=("是", "否")),
        Field("followed_up_on", "复查日期", "复查时间", text=True),
        Field("follow_up_result", "复查结果", width=20),
        Field("place", "检查单位", "体检单位 检查机构 体检机构", width=20),
    )
    options: ClassVar = (
        Option("on", "检查日期", "date", "表里没有写日期的行按这一天登记；不填就用表头日期或今天。"),
        Option("place", "检查单位", "text", "表里没有写时用，如“青榕镇卫生院”。"),
    )
    hints: ClassVar = (
        "身高写成米、体重写成斤的会自动换算；超出常理的数字不会采用。",
        "同一名学生同一天的检查只登记一次，再导入时更新写明的项目。",
        "健康信息只有有权限的人看得到。",
    )

    def load(self, setting: Setting, children: set[int], rows: list[TableRow]) -> _Stored:
        checks = HealthCheck.objects.filter(child__in=children).order_by("pk")
        return _Stored({(check.child_id, check.on): check for check in checks})

    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: _Stored) -> None:
        row = laying.row
        facts = _facts(row, setting)
        place = row.text("place", 80) or setting.option("place")
        on = day_of(row, "on", pupil, setting)
        key = (pupil.pk, on)
        check = store.checks.get(key)
        # 需要复查“否” alone is no check, but it says something of one that stands.
        says = any(value not in (None, "") for value in facts.values()) if check else HealthCheck.tells(facts)
        if not row.failed and not says:
            row.fail("finding", "这一行没有任何检查结果，请补上；没有检查的学生请删去这一行。")
        if row.failed or on is None:
            return
        first = store.seen.setdefault(key, row.number)
        if first != row.number:
            row.fail("name", f"与第{first}行是同一名学生、同一天的检查，请合成一行。")
            return
        if check is None:
            stated = {name: value for name, value in facts.items() if value is not None}
            laying.add(HealthCheck(child_id=pupil.pk, on=on, place=place, **stated), "on", *_FACTS, "place")
        else:
            laying.put(check, **facts, place=place if row.has("place") else "")


def _facts(row: TableRow, setting: Setting) -> dict[str, Any]:
    """What the row states of the check; None or empty where it says nothing."""
    facts: dict[str, Any] = {
        name: row.take(name, read_measure, scale=scale, title=row.title(name)) for name, scale in _SCALES.items()
    }
    if facts["lung_ml"] is not None:
        facts["lung_ml"] = int(facts["lung_ml"])
    if row.has("sight") and (both := row.take("sight", read_both_sights)):
        row.values.setdefault("sight_left", both[0])
        row.values.setdefault("sight_right", both[1])
    facts["sight_left"] = row.take("sight_left", read_sight)
    facts["sight_right"] = row.take("sight_right", read_sight)
    facts["blood_pressure"] = row.take("blood_pressure", read_pressure) or ""
    facts["face"] = row.text("face", 60)
    facts["finding"] = row.text("finding", 200)
    facts["follow_up_result"] = row.text("follow_up_result", 200)
    again = row.date("followed_up_on", setting.on)
    facts["followed_up_on"] = again.first_day if again else None
    wanted = row.take("needs_follow_up", read_yes_no)
    facts["needs_follow_up"] = True if again else wanted
    return facts
