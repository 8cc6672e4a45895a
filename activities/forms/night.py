"""Counting a room in the evening."""

from django import forms

from activities.forms.away import AwayForm
from activities.models import NightAbsence
from activities.night import Missing
from caretrack.web.forms import CareForm


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


class VerifyForm(CareForm, forms.Form):
    button = "登记核实结果"
    result = forms.CharField(label="核实结果", max_length=200, help_text="如：奶奶接回家，今早已到校。")
