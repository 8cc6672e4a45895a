"""The form of a class's homecomings: the days of most families on top, below them a line for each child."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from activities.campaigns import check_stay
from activities.models import Homecoming
from caretrack.web.forms import CareForm, SaveHelper, Side
from children.models import Child

COLUMNS = ("who", "came_on", "left_on", "note")
LABELS = {"who": "团聚情况", "came_on": "开始日期", "left_on": "结束日期", "note": "备注"}


@dataclass(frozen=True)
class HomeLine:
    """One child: what is noted already, and the cells to note more."""

    child: Child
    noted: Homecoming | None
    cells: list[tuple[str, BoundField]]

    @property
    def wrong(self) -> bool:
        """Whether something in the line was refused."""
        return any(box.errors for _, box in self.cells)


class HomecomingsForm(CareForm, forms.Form):
    """
    Who came home to each of `children`; a line without a choice is not written, one without days takes those on top.

    After a clean form `rows` are the new rows, not saved. `noted` is child id → the row that stands already.
    """

    wide = True
    button = "全部保存"
    came_on = forms.DateField(label="开始日期", required=False)
    left_on = forms.DateField(label="结束日期", required=False)

    def __init__(
        self, *args: Any, children: Sequence[Child], noted: dict[int, Homecoming], taken: Iterable[tuple[int, date]],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.children, self.noted, self.taken = list(children), noted, set(taken)
        self.rows: list[Homecoming] = []
        for child in self.children:
            for name in COLUMNS:
                self.fields[f"{name}_{child.pk}"] = _cell(name, child)
        self.dress()

    def layout(self) -> list[Any]:
        return [Side("came_on", "left_on")]

    @property
    def helper(self) -> SaveHelper:
        """The days on top only: the page draws the lines, the form tag and the button."""
        helper = super().helper
        helper.form_tag = False
        return helper

    @property
    def lines(self) -> list[HomeLine]:
        """The lines in the order of the children."""
        return [
            HomeLine(child, self.noted.get(child.pk), [(LABELS[name], self[f"{name}_{child.pk}"]) for name in COLUMNS])
            for child in self.children
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.rows = []
        for child in self.children:
            told = {name: given.get(f"{name}_{child.pk}") for name in COLUMNS}
            if told["who"]:
                self._take(child, told)
            elif any(told.values()):
                self.add_error(f"who_{child.pk}", "请选择团聚情况。")
        if not self.rows and not self.errors:
            self.add_error(None, "还没有登记内容。请至少为一名学生选择团聚情况。")
        return given

    def _take(self, child: Child, told: dict[str, Any]) -> None:
        """Make the row of a line, or say at its cells what cannot be."""
        nobody = told["who"] == Homecoming.Who.NOBODY
        came_on = told["came_on"] or self.cleaned_data.get("came_on")
        left_on = told["left_on"] or (None if nobody or told["came_on"] else self.cleaned_data.get("left_on"))
        if any(f"{name}_{child.pk}" in self.errors for name in COLUMNS):
            return
        if came_on is None:
            if "came_on" not in self.errors:
                self.add_error(f"came_on_{child.pk}", "请填写开始日期，或在最上面填写。")
            return
        if (child.pk, came_on) in self.taken:
            words = f"{came_on.month}月{came_on.day}日已经登记过。要改，请点姓名下面的“更改”。"
            self.add_error(f"who_{child.pk}", words)
            return
        try:
            check_stay(told["who"], came_on, left_on)
        except ValidationError as refusal:
            for name, errors in refusal.error_dict.items():
                self.add_error(f"{name}_{child.pk}", errors)
            return
        row = Homecoming(child=child, who=told["who"], came_on=came_on, left_on=left_on, note=told["note"] or "")
        self.rows.append(row)


def _cell(name: str, child: Child) -> forms.Field:
    label = f"{child.name}：{LABELS[name]}"
    if name == "who":
        return forms.ChoiceField(label=label, required=False, choices=[("", "请选择"), *Homecoming.Who.choices],
                                 widget=forms.Select({"aria-label": label}))  # fmt: skip
    if name == "note":
        widget = forms.TextInput({"aria-label": label})
        return forms.CharField(label=label, required=False, max_length=100, widget=widget)
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"aria-label": label}))
