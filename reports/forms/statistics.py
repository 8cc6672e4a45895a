"""Forms of statistics and ledger: whose, as of which day, by which definition; why a list leaves the system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.web.forms import CareForm
from children.left_behind import Definition
from reports.builders.ledger import CARE_CHOICES, LedgerAsk
from reports.builders.unit import Unit


class BasisForm(CareForm, forms.Form):
    """Unit, day and definition, read from the address; what is not given stands at its first choice."""

    button = "统计"
    asks_only = True
    unit = forms.ChoiceField(label="范围")
    on = forms.DateField(label="截至日期", widget=forms.DateInput)
    definition = forms.ChoiceField(label="统计口径", choices=Definition.choices)

    def __init__(self, data: Any, *, units: Sequence[Unit], today: date, **kwargs: Any) -> None:
        self.units = {unit.code: unit for unit in units}
        self.today = today
        first = units[0].code if units else ""
        asked = {"unit": first, "on": str(today), "definition": Definition.SEED.value}
        super().__init__(asked | {name: value for name, value in data.items() if value}, **kwargs)
        self.fields["unit"].choices = [(unit.code, unit.name(today)) for unit in units]

    def clean_on(self) -> date:
        on = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError("截至日期不能晚于今天。")
        return on

    @property
    def chosen(self) -> Unit:
        return self.units[self.cleaned_data["unit"]]

    @property
    def basis(self) -> dict[str, Any]:
        """Day and definition as the builders take them."""
        return {"on": self.cleaned_data["on"], "definition": self.cleaned_data["definition"]}


class LedgerForm(BasisForm):
    """The same with what narrows a ledger; `mark` and `scope` come from a figure of the class table."""

    button = "查看"
    level = forms.ChoiceField(label="帮扶级别", required=False, choices=[("", "全部"), ("key", "重点和紧急")])
    care = forms.ChoiceField(label="监护类型", required=False, choices=CARE_CHOICES)
    hardship = forms.ChoiceField(label="困难类别", required=False, choices=[("", "全部"), ("any", "有困难的")])
    mark = forms.SlugField(required=False, widget=forms.HiddenInput)
    scope = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def ask(self) -> LedgerAsk:
        data = self.cleaned_data
        return LedgerAsk(
            data["level"] == "key", data["care"], data["mark"], data["scope"] or 0, data["hardship"] == "any"
        )


class SchoolForm(BasisForm):
    """A whole school for the summary of the civil affairs authority, whose definition is its own."""

    rows = forms.ChoiceField(label="每行", required=False, choices=[("", "一个村（社区）"), ("school", "全校一行")])

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        del self.fields["definition"]


class PurposeForm(forms.Form):
    """Why a list of children is printed or exported; kept in the access log."""

    purpose = forms.CharField(max_length=100)
