"""Forms about what a meeting decided: writing a task down, giving it to somebody else, closing it, finding it."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from activities.forms.gatherings import colleagues
from activities.left_open import has_left
from caretrack.schools.models import School, Staff
from caretrack.web.forms import CareForm, FilterForm, Side


class TaskForm(CareForm, forms.Form):
    """What the meeting decided: what, who, until when."""

    button = "添加事项"
    what = forms.CharField(label="落实事项", max_length=120)
    owner = forms.ModelChoiceField(label="落实人", queryset=Staff.objects.none())
    due_on = forms.DateField(label="期限")

    def __init__(self, *args: Any, school: School, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = colleagues(school, on)

    def layout(self) -> list[Any]:
        return ["what", Side("owner", "due_on")]


class MoveTaskForm(TaskForm):
    """Another day, another person; what was decided stays."""

    button = "保存"
    what = None  # type: ignore[assignment]

    def layout(self) -> list[Any]:
        return [Side("owner", "due_on")]


class TaskFilter(FilterForm):
    """Whose open tasks: everybody's, one's own, or those of people who have left the school."""

    owner = forms.ChoiceField(
        label="落实人",
        required=False,
        choices=[("", "所有人"), ("me", "我"), ("gone", "已离岗的")],
    )

    def narrow_valid(self, rows: Any) -> Any:
        if self.cleaned_data["owner"] == "me":
            return rows.filter(owner=self.staff)
        return rows.filter(has_left(timezone.localdate())) if self.cleaned_data["owner"] == "gone" else rows


class DoneForm(CareForm, forms.Form):
    """What came of a task."""

    button = "办结"
    outcome = forms.CharField(label="落实情况", max_length=200)
