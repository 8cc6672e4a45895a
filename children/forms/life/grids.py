"""The grids of results, aid and awards, and what those of one day share."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.schools.models import Term
from caretrack.web.forms import PillRadios, Side
from caretrack.web.suggesting import Suggesting
from children.forms.life.entry import FUTURE, LEVEL_CHOICES
from children.forms.life.grid import GridForm
from children.life.words import PROGRAMMES, SOURCES, TITLES
from children.models import AidGrant, Award, Child, Result
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


class AidGrid(DatedGrid):
    """One grant for many pupils; an amount of a pupil's own goes before the one for all."""

    model = AidGrant
    ticks = "发放"
    shared = ("programme", "source", "each", "goods", "on", "term", "batch")
    columns = ("amount", "received_by")
    programme = forms.CharField(label="资助项目", max_length=40, widget=Suggesting(PROGRAMMES))
    source = forms.CharField(label="资金来源", max_length=60, required=False, widget=Suggesting(SOURCES))
    each = forms.DecimalField(label="每人金额（元）", max_digits=9, decimal_places=2, required=False)
    goods = forms.CharField(label="每人物资", max_length=100, required=False, help_text="如“棉被1床”；只发钱可以不填。")
    on = forms.DateField(label="发放日期")
    term = forms.ModelChoiceField(label="学期", queryset=Term.objects.none(), required=False)
    batch = forms.CharField(label="批次", max_length=30, required=False)

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"].queryset = terms  # type: ignore[attr-defined]
        self.initial.setdefault("term", terms.filter(starts_on__lte=self.today).first())

    @classmethod
    def column_labels(cls) -> list[str]:
        return ["金额不同时填（元）", "签收人"]

    def layout(self) -> list[Any]:
        return [Side("programme", "source"), Side("each", "goods"), Side("on", "term", "batch")]

    def clean_each(self) -> Any:
        amount = self.cleaned_data["each"]
        if amount is not None and amount <= 0:
            raise ValidationError("金额要大于0；发的是物资请只填物资。")
        return amount

    def check_row(self, child: Child, values: dict[str, Any]) -> None:
        amount = values["amount"]
        if amount is not None and amount <= 0:
            self.add_error(f"amount_{child.pk}", "金额要大于0。")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        nothing = not given.get("each") and not given.get("goods") and "each" not in self.errors
        if nothing and any(row.amount is None for row in self.new):
            self.add_error("each", "请填写每人金额或物资；金额各不相同的，请给每名勾选的学生填上金额。")
        return given

    def new_row(self, child: Child, values: dict[str, Any]) -> Any:
        shared = {name: value for name, value in self.shared_values().items() if name != "each"}
        own = values["amount"]
        amount = own if own is not None else self.cleaned_data.get("each")
        return AidGrant(child=child, **shared, amount=amount, received_by=values["received_by"] or "")


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
