"""Forms of programmes: adopting, founding, stopping, and their items with effect from a day."""

from datetime import date
from typing import Any

from django import forms

from activities.compliance.evidence import LABELS, refusal, wrong_occasions
from activities.compliance.occasions import CHOICES
from activities.models import ProgrammeItem
from caretrack.access.policy import Role
from caretrack.schools.models.school import NUMERALS, Stage
from caretrack.web.forms import CareForm, PillCheckboxes, PillRadios, Section, Side
from children.models import codes

ROLES = [
    ("", "学校、家长或学生本人"),
    (Role.MENTOR.value, Role.MENTOR.label),
    (Role.HOMEROOM.value, Role.HOMEROOM.label),
    (Role.TEACHER.value, Role.TEACHER.label),
    (Role.CARE_LEAD.value, Role.CARE_LEAD.label),
]
EVERY_GRADE = (0, "不限年级")


class FromDayForm(CareForm, forms.Form):
    """From which day on."""

    button = "启用"

    on = forms.DateField(label="启用日期")

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = on


class EndItemForm(FromDayForm):
    """From which day on an item is no longer asked for."""

    button = "不再要求"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = "从哪天起"


class StopForm(CareForm, forms.Form):
    """The last day."""

    button = "停用"

    on = forms.DateField(label="最后一天", help_text="到这一天为止的任务和完成情况都保留。")

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = on


class FoundForm(CareForm, forms.Form):
    """A programme of the school's own."""

    button = "新建项目"

    name = forms.CharField(label="项目名称", max_length=40, help_text="如：四个一、周末有约")
    source = forms.CharField(label="依据", max_length=120, required=False, help_text="文件名称或会议决定，可以不填。")
    on = forms.DateField(label="启用日期")

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = on


class ItemForm(CareForm, forms.Form):
    """One promise, and from which day it is asked for."""

    wide = True
    button = "保存"

    name = forms.CharField(label="内容", max_length=60, help_text="一句话，如：谈一次心")
    subject = forms.ChoiceField(label="对象", choices=ProgrammeItem.Subject, widget=PillRadios)
    period = forms.ChoiceField(label="周期", choices=ProgrammeItem.Period, widget=PillRadios)
    occasions = forms.MultipleChoiceField(
        label="逢哪些时机",
        choices=CHOICES,
        required=False,
        widget=PillCheckboxes,
        help_text="周期是“每逢节日”时选，都不选就是春节、端午、中秋、重阳。长辈生日按档案里父母、祖辈和照顾人的出生日期，"
        "不知道的不要求；一封信只算一个时机，写明时机的只算那个时机。",
    )
    count = forms.IntegerField(label="每个周期几次", min_value=1, max_value=20, initial=1)
    role = forms.ChoiceField(
        label="责任人",
        choices=ROLES,
        required=False,
        help_text="谁负责、谁来催。每名儿童的内容，其他老师登记的也算；监护人的内容，只算与责任人的联系。",
    )
    min_grade = forms.TypedChoiceField(label="年级", coerce=int, required=False, empty_value=0)
    levels = forms.MultipleChoiceField(
        label="只对这些帮扶级别",
        choices=codes.SupportLevel,
        required=False,
        widget=PillCheckboxes,
        help_text="都不选就是对所有学生。",
    )
    planned = forms.BooleanField(
        label="只对有学习帮扶计划的学生", required=False, help_text="如：一帮一，为学习困难、订了计划的学生配小老师。"
    )
    evidence = forms.MultipleChoiceField(
        label="凭证", choices=list(LABELS.items()), widget=PillCheckboxes, help_text="登记了其中任何一种，就算做了。"
    )
    on = forms.DateField(
        label="生效日期", help_text="以前的月份仍按原来的要求算。选统计月的第一天，不会把一个月分成两段。"
    )

    def __init__(self, *args: Any, on: date, stage: str, item: ProgrammeItem | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taught, kept = Stage(stage).grades, item.applies_to.get("min_grade", 0) if item is not None else 0
        offered = sorted({*taught[1:], *([kept] if kept else [])})
        choices = [EVERY_GRADE, *((grade, f"{NUMERALS[grade]}年级以上") for grade in offered)]
        self.fields["min_grade"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("on", on)
        if item is not None:
            given = {name: getattr(item, name) for name in ("name", "subject", "period", "count", "role", "evidence")}
            limits = {
                "min_grade": item.applies_to.get("min_grade", 0),
                "levels": item.applies_to.get("levels", []),
                "planned": item.applies_to.get("planned", False),
                "occasions": item.applies_to.get("occasions", []),
            }
            self.initial = given | limits | self.initial

    def layout(self) -> list[Any]:
        return [
            Section("要求什么", "name", "subject", "period", "occasions", Side("count", "role")),
            Section("凭证", "evidence"),
            Section("适用范围", "min_grade", "levels", "planned", folded=True),
            "on",
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        told = all(data.get(name) for name in ("subject", "period", "evidence"))
        if told and (wrong := refusal(data["subject"], data["period"], data["evidence"])):
            self.add_error("evidence", wrong)
        if told and (wrong := wrong_occasions(data["subject"], data["period"], data.get("occasions", ()))):
            self.add_error("occasions", wrong)
        return data

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        limits: dict[str, Any] = {}
        if data["min_grade"]:
            limits["min_grade"] = data["min_grade"]
        if data["levels"]:
            limits["levels"] = list(data["levels"])
        if data["planned"]:
            limits["planned"] = True
        if data["occasions"]:
            limits["occasions"] = list(data["occasions"])
        plain = {name: data[name] for name in ("name", "subject", "period", "count", "role", "evidence")}
        return plain | {"applies_to": limits}
