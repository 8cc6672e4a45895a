"""The grids of results and awards, and what those of one day share."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.schools.models import Term
from caretrack.web.forms import PillRadios, Side
from caretrack.web.suggesting import Suggesting
from children.forms.life.entry import FUTURE, LEVEL_CHOICES
from children.forms.life.grid import GridForm
from children.life.days import before_birth
from children.life.words import TITLES
from children.models import Award, Child, Result
from children.models.life import LEVELS


class DatedGrid(GridForm):
    """A grid whose rows happened on one day."""

    def __init__(self, *args: Any, today: date, initial: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, today=today, initial={"on": today, **(initial or {})}, **kwargs)

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError(FUTURE)
        return day

    def check_row(self, child: Child, values: dict[str, Any]) -> None:
        day = self.cleaned_data.get("on")
        if day and (words := before_birth(child.name, child.birth_text, day)):
            self.refuse_row(child, words)


class ResultGrid(GridForm):
    """The marks of a class in one subject; term, subject and examination stand in the address."""

    model = Result
    shared = ("full_mark",)
    columns = ("mark", "level")
    full_mark = forms.IntegerField(label="满分", min_value=1, max_value=300, initial=100)

    def __init__(self, *args: Any, term: Term, subject: str, occasion: str, taken: set[int], **kwargs: Any) -> None:
        self.examination = {"term": term, "subject": subject, "occasion": occasion}
        self.entered_by_others = taken
        super().__init__(*args, **kwargs)
        self.fields["full_mark"].help_text = "等级不选时按分数算：达到满分的85%为优，70%为良，60%为合格。"
        if self.present:
            self.initial["full_mark"] = next(iter(self.present.values())).full_mark

    @classmethod
    def cell(cls, name: str) -> forms.Field:
        if name == "level":
            return forms.ChoiceField(label="等级", required=False, choices=LEVEL_CHOICES)
        return super().cell(name)

    def value_of(self, row: Any, name: str) -> Any:
        value = getattr(row, name)
        if name == "level" and value and value not in LEVELS:
            field = self.base_fields[f"level_{row.child_id}"]
            field.choices = [*LEVEL_CHOICES, (value, value)]  # type: ignore[attr-defined]
        return value

    def check_row(self, child: Child, values: dict[str, Any]) -> None:
        full, mark = self.cleaned_data.get("full_mark"), values["mark"]
        if mark is not None and full is not None and not 0 <= mark <= full:
            self.add_error(f"mark_{child.pk}", f"分数应在0到{full}之间。")
        if child.pk in self.entered_by_others:
            self.add_error(f"mark_{child.pk}", "这名学生的这一科已由别的老师登记，请与班主任核对。")

    def left_empty(self, child: Child, standing: Any) -> None:
        self.add_error(f"mark_{child.pk}", "已登记的成绩不在这里清空；登记错了请从成绩列表里删除。")

    def row_changed(self, child: Child, standing: Any) -> bool:
        full = self.cleaned_data.get("full_mark")
        return super().row_changed(child, standing) or standing.full_mark != full

    def new_row(self, child: Child, values: dict[str, Any]) -> Any:
        return super().new_row(child, values | self.examination | {"entered_by": self.by})

    def update_row(self, standing: Any, values: dict[str, Any]) -> Any:
        return super().update_row(standing, values | self.shared_values())


class AwardGrid(DatedGrid):
    """One honour for several pupils."""

    model = Award
    ticks = "获奖"
    shared = ("title", "scope", "on", "evidence")
    columns = ("reason",)
    title = forms.CharField(label="称号", max_length=60, widget=Suggesting(TITLES))
    scope = forms.ChoiceField(label="级别", choices=Award.Scope.choices, widget=PillRadios)
    on = forms.DateField(label="日期")
    evidence = forms.CharField(
        label="依据", max_length=200, required=False, help_text="文件号或表彰决定，对所有人相同。"
    )

    @classmethod
    def cell(cls, name: str) -> forms.Field:
        return forms.CharField(label="个人说明", max_length=100, required=False)

    def layout(self) -> list[Any]:
        return [Side("title", "on"), "scope", "evidence"]

    def new_row(self, child: Child, values: dict[str, Any]) -> Any:
        words = "；".join(filter(None, [self.cleaned_data.get("evidence"), values["reason"]]))
        return Award(child=child, **self.shared_values() | {"evidence": words[:200]})
