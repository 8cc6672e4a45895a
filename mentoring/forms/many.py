"""Forms over many: dates of the yearly check, teachers for the list of mentors."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm
from mentoring.models import Mentor


class ChecksForm(CareForm, forms.Form):
    """The ticked mentors were checked on a day."""

    mentors = forms.ModelMultipleChoiceField(
        label="代理家长", queryset=Mentor.objects.none(), error_messages={"required": "请先勾选已经查询过的人。"}
    )
    on = forms.DateField(label="查询日期")

    def __init__(self, *args: Any, mentors: "QuerySet[Mentor]", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["mentors"].queryset = mentors  # type: ignore[attr-defined]
        self.fields["on"].initial = today


class TeachersForm(CareForm, forms.Form):
    """The ticked teachers become mentors."""

    staff = forms.ModelMultipleChoiceField(
        label="教师", queryset=Staff.objects.none(), error_messages={"required": "请先勾选教师。"}
    )

    def __init__(self, *args: Any, staff: "QuerySet[Staff]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = staff  # type: ignore[attr-defined]
