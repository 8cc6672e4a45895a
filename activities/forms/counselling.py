"""Asking for a talk with the counsellor, and giving it a time."""

from typing import Any

from django import forms

from activities.models import CounsellingNote
from caretrack.web.forms import CareForm, ClientKeyForm, PillRadios, Section, Side


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


class NextStepForm(ClientKeyForm, forms.Form):
    """What follows a talk that found a high risk."""

    button = "确定下一步"
    step = forms.ChoiceField(label="下一步", choices=CounsellingNote.Step.choices, widget=PillRadios)
    next_on = forms.DateField(label="下次辅导", help_text="风险高的，约在 7 天之内；到期会在您的工作台提醒。")
    words = forms.CharField(
        label="报告里写什么",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": "3"}),
        help_text="只在报告时送出。德育主任和校长看得到这段话，不要写辅导的内容，写希望学校做什么。",
    )
    urgent = forms.BooleanField(label="现在就有危险：报告的同时建立事件档案，开始计时", required=False)

    def layout(self) -> list[Any]:
        return ["step", "next_on", Section("报告学校", "words", "urgent")]


class TimeForm(CareForm, forms.Form):
    """When and where."""

    button = "约定"
    on = forms.DateField(label="日期")
    at = forms.TimeField(label="时间")
    minutes = forms.IntegerField(label="时长（分钟）", min_value=10, max_value=180, initial=40)
    place = forms.CharField(label="地点", max_length=40, required=False, initial="心理辅导室")

    def layout(self) -> list[Any]:
        return [Side("on", "at", "minutes"), "place"]
