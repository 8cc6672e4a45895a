"""Forms of excuses and of pupils' goals."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from activities.models import ChildGoal, ProgrammeItem
from caretrack.schools.models import SchoolClass
from caretrack.web.forms import CareForm, Side
from caretrack.web.versions import VersionedForm
from children.models import Child


class Several(forms.ModelMultipleChoiceField):
    """Children or classes by their names."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def label_from_instance(self, obj: Any) -> str:
        if isinstance(obj, Child):
            return f"{obj.name}（{obj.class_name(self.on)}）"
        return obj.name_on(self.on)


class WaiverForm(CareForm, forms.Form):
    """From when to when, why, and for whom."""

    button = "批准免做"

    first = forms.DateField(label="从")
    last = forms.DateField(label="到")
    reason = forms.CharField(label="原因", max_length=200, help_text="如：学生住院、父亲接到务工地过年、流感停课")

    def __init__(
        self,
        *args: Any,
        item: ProgrammeItem,
        children: "QuerySet[Child]",
        classes: "QuerySet[SchoolClass]",
        on: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if item.subject in (ProgrammeItem.Subject.CHILD, ProgrammeItem.Subject.CARER):
            self.fields["children"] = Several(label="哪些学生", queryset=children, on=on)
        elif item.subject == ProgrammeItem.Subject.CLASS:
            self.fields["classes"] = Several(label="哪些班级", queryset=classes, on=on)
        self.dress()

    def layout(self) -> list[Any]:
        return [Side("first", "last"), "reason", *(name for name in ("children", "classes") if name in self.fields)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", "结束日期不能早于开始日期。")
        return data


class GoalForm(CareForm, forms.ModelForm):
    """What a pupil resolves, and how it went."""

    class Meta:
        model = ChildGoal
        fields = ["aim", "set_on", "reached_on", "result"]

    def layout(self) -> list[Any]:
        return ["aim", Side("set_on", "reached_on"), "result"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["reached_on"].help_text = "达成以后再来填。"

    def clean_set_on(self) -> date:
        day: date = self.cleaned_data["set_on"]
        if self.instance.looked_on and day > self.instance.looked_on:
            raise forms.ValidationError(f"这个目标{self.instance.looked_on}已回顾，定目标日期不能更晚。")
        return day

    def clean_reached_on(self) -> date | None:
        reached = self.cleaned_data["reached_on"]
        if reached and reached > self.today:
            raise forms.ValidationError("达成日期不能晚于今天。")
        return reached


class GoalChange(VersionedForm, GoalForm):
    """A goal that stands."""
