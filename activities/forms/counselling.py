"""Asking for a talk with the counsellor, and giving it a time."""

from typing import Any

from django import forms

from caretrack.web.forms import CareForm, Side


class AskForm(CareForm, forms.Form):
    """Why a teacher asks; for the counsellor's eyes and one's own."""

    button = "提交给心理教师"
    reason = forms.CharField(
        label="为什么",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": "4"}),
        help_text="只有心理教师和您自己看得到。",
    )
    by_child = forms.BooleanField(label="是学生自己提出的", required=False)


class TimeForm(CareForm, forms.Form):
    """When and where."""

    button = "约定"
    on = forms.DateField(label="日期")
    at = forms.TimeField(label="时间")
    minutes = forms.IntegerField(label="时长（分钟）", min_value=10, max_value=180, initial=40)
    place = forms.CharField(label="地点", max_length=40, required=False, initial="心理辅导室")

    def layout(self) -> list[Any]:
        return [Side("on", "at", "minutes"), "place"]
