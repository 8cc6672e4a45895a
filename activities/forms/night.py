"""Counting a room in the evening."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from activities.forms.absence import MonthChoice
from activities.forms.away import AwayForm
from activities.models import NightAbsence
from activities.night import Missing
from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, Side


class RoomForm(AwayForm):
    """The boarders of a room in the evening."""

    button = "保存查夜"
    model = NightAbsence
    there = "在"
    called = "联系结果"
    unfolding = (NightAbsence.Reason.MISSING.value,)

    def missing(self) -> dict[int, Missing]:
        """Who is not in bed."""
        return {pk: Missing(*said) for pk, said in self.away().items()}


class NightMonthChoice(MonthChoice):
    """Which reporting month, of the same school."""

    school = forms.IntegerField(required=False, widget=forms.HiddenInput)


class DutyForm(CareForm, forms.Form):
    """Who is on duty, on which evening, or on every one of a span."""

    button = "安排值班"
    staff = forms.ModelChoiceField(label="值班人", queryset=Staff.objects.none())
    on = forms.DateField(label="哪一晚")
    until = forms.DateField(
        label="到哪一晚", required=False, help_text="只值一晚的不填；假日、周末和已有人值班的晚上自动跳过。"
    )
    beside = forms.BooleanField(label="已有人值班的晚上也安排，两个人一起值", required=False)

    def __init__(self, *args: Any, staff_choices: "QuerySet[Staff]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = staff_choices

    def layout(self) -> list[Any]:
        return ["staff", Side("on", "until"), "beside"]


class VerifyForm(CareForm, forms.Form):
    button = "登记核实结果"
    result = forms.CharField(label="核实结果", max_length=200, help_text="如：奶奶接回家，今早已到校。")
