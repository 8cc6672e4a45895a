"""Promising something without a record, moving it to another day or another person, closing it with a word."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from activities.remarks import LONGEST
from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, Side


class CloseForm(CareForm, forms.Form):
    """Close a follow-up with a word."""

    button = "办结"
    outcome = forms.CharField(label="结果", max_length=200, help_text="一句话：怎么样了。")


class FollowUpForm(CareForm, forms.Form):
    """What is to be done for a child, by whom and until when."""

    button = "登记跟进"
    what = forms.CharField(label="跟进什么", max_length=200)
    due_on = forms.DateField(label="跟进日期")
    owner = forms.ModelChoiceField(
        label="谁来跟进",
        queryset=Staff.objects.none(),
        empty_label=None,
        help_text="只列出看得到这名学生的老师。",
        error_messages={"invalid_choice": "这位老师看不到这名学生，请换一位。"},
    )

    def __init__(self, *args: Any, owners: "QuerySet[Staff]", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.fields["due_on"].initial = today + timedelta(days=7)
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()

    def layout(self) -> list[Any]:
        return ["what", Side("due_on", "owner")]


class MoveForm(FollowUpForm):
    """Another day, another person; what was promised stays."""

    button = "保存"
    what = None  # type: ignore[assignment]

    def layout(self) -> list[Any]:
        return [Side("due_on", "owner")]


class RemarkForm(CareForm, forms.Form):
    """A question on a record, or its answer."""

    text = forms.CharField(label="内容", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": "3"}))
