"""Forms about mentors: who is one."""

from datetime import date
from typing import Any

from django import forms

from caretrack.schools.models import School, Staff
from caretrack.web.forms import CareForm, Section, Side
from caretrack.web.versions import VersionedForm
from mentoring.models import Mentor

EXTERNAL = [(value, label) for value, label in Mentor.Kind.choices if value != Mentor.Kind.STAFF]


class MentorForm(CareForm, forms.ModelForm):
    """A member of staff, or somebody from outside with the date of the check for offences."""

    button = "保存"

    class Meta:
        model = Mentor
        fields = [
            "staff",
            "kind",
            "name",
            "sex",
            "title",
            "phone",
            "unit",
            "village",
            "consented_on",
            "background_checked_on",
            "soft_limit",
        ]

    def __init__(self, *args: Any, school: School, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = Mentor.objects.of_school(school).active().exclude(pk=self.instance.pk).exclude(staff=None)
        staff = Staff.objects.of_school(school, today).filter(is_active=True).exclude(pk__in=listed.values("staff"))
        self.instance.school = school
        self.fields["staff"].queryset = staff.distinct()  # type: ignore[attr-defined]
        self.fields["staff"].empty_label = "校外人员（没有账号）"  # type: ignore[attr-defined]
        self.fields["staff"].help_text = "本校教职工选账号，姓名、电话和查询日期自动带入。"
        self.fields["kind"].choices = [(Mentor.Kind.STAFF, "本校教职工"), *EXTERNAL]  # type: ignore[attr-defined]
        self.fields["name"].required = False
        self.fields["name"].help_text = "校外人员填写。"
        self.fields[
            "background_checked_on"
        ].help_text = "违法犯罪记录查询日期，12 个月内有效；没有查询不能安排结对（未成年人保护法第六十二条）。"
        self.fields["soft_limit"].help_text = f"不填就按学校的 {school.mentor_soft_limit} 人提示。"

    def layout(self) -> list[Any]:
        return [
            Section("是谁", "kind", "staff", Side("name", "sex", "phone"), Side("title", "unit", "village")),
            Section("从业查询、本人同意和人数", Side("background_checked_on", "consented_on", "soft_limit")),
        ]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        staff = told.get("staff")
        if told.get("kind") == Mentor.Kind.STAFF and staff is None:
            self.add_error("staff", "请选择这位教职工的账号。")
        if told.get("kind") != Mentor.Kind.STAFF and staff is not None:
            self.add_error("kind", "选了账号就是本校教职工；校外人员请把账号改为“校外人员”。")
        if staff is None and not (told.get("name") or "").strip() and told.get("kind") != Mentor.Kind.STAFF:
            self.add_error("name", "请填写姓名。")
        if told.get("kind") != Mentor.Kind.STAFF and not told.get("consented_on") and "kind" not in self.errors:
            self.add_error("consented_on", "校外人员请填写本人同意担任的日期。")
        if staff is not None:
            told["sex"] = told.get("sex") or staff.sex
            told["name"] = staff.name
            told["phone"] = told.get("phone") or staff.phone
            told["background_checked_on"] = told.get("background_checked_on") or staff.background_checked_on
        return told


class MentorEditForm(VersionedForm, MentorForm):
    """The same for a mentor on the list."""
