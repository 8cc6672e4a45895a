"""Forms of pairing: whom with whom, the end of it, who is a mentor."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from caretrack.schools.models import School, Staff
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.models import Child
from mentoring.models import Mentor, Pairing
from mentoring.queries import limit_of, unpaired

EXTERNAL = [(value, label) for value, label in Mentor.Kind.choices if value != Mentor.Kind.STAFF]


class PairingFilter(FilterForm):
    """Which children: of a class, only those without a 代理家长, by name."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = forms.ChoiceField(label="班级", required=False)
    mentor = forms.ChoiceField(label="代理家长", required=False)
    who = forms.ChoiceField(label="范围", required=False, choices=[("", "留守和重点学生"), ("all", "全部在校学生")])
    missing = forms.BooleanField(label="还没有代理家长", required=False)

    def __init__(
        self,
        *args: Any,
        today: date,
        classes: list[tuple[int, str]],
        mentors: list[Mentor],
        cared: "QuerySet[Child]",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.cared = today, cared
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]
        self.fields["mentor"].choices = [("", "全部"), *((str(m.pk), m.name) for m in mentors)]

    def narrow_valid(self, rows: "QuerySet[Child]") -> "QuerySet[Child]":
        asked = self.cleaned_data
        if not asked["who"]:
            rows = rows.filter(pk__in=self.cared.order_by().values("pk"))
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if asked["mentor"]:
            rows = rows.filter(mentor_id=asked["mentor"])
        if q := asked["q"].strip():
            rows = rows.filter(name__contains=q) | rows.filter(pinyin__startswith=q.lower())
        return unpaired(rows, self.today) if asked["missing"] else rows


class ChildrenByClass(forms.ModelMultipleChoiceField):
    """Children to tick, class by class."""

    def offer(self, children: "QuerySet[Child]", on: date) -> None:
        """Offer these children (class and school loaded)."""
        self.queryset = children
        listed = sorted(children, key=lambda c: (c.class_name(on), c.pinyin))
        self.choices = [(c.pk, f"{c.name} {c.class_name(on)}") for c in listed]


class MentorChoice(forms.ModelChoiceField):
    """A mentor, with the load and whether the yearly check still holds."""

    on: date

    def label_from_instance(self, obj: Any) -> str:
        load, limit = obj.load, limit_of(obj)
        words = f"{obj.name}（已带 {load} 人，建议不超过 {limit} 人）"
        if not obj.checked_on(self.on):
            return f"{words}——从业查询已过期"
        return f"{words}——已满" if load >= limit else words


class PairForm(CareForm, forms.Form):
    """One or several children to one mentor."""

    button = "安排结对"
    children = ChildrenByClass(
        label="学生",
        queryset=Child.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一名学生。", "invalid_choice": "有一名学生已经有代理家长，请重新选择。"},
    )
    mentor = MentorChoice(label="代理家长", queryset=Mentor.objects.none(), empty_label="请选择")
    on = forms.DateField(label="结对日期")
    child_view = forms.CharField(
        label="儿童意见", max_length=200, required=False, help_text="学生自己愿不愿意、有什么想法。"
    )

    def __init__(
        self, *args: Any, children: "QuerySet[Child]", mentors: "QuerySet[Mentor]", today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["children"].offer(children, today)  # type: ignore[attr-defined]
        mentor = self.fields["mentor"]
        mentor.on, mentor.queryset = today, mentors  # type: ignore[attr-defined]
        self.fields["on"].initial = today

    def layout(self) -> list[Any]:
        return ["mentor", "on", "children", "child_view"]


class EndForm(CareForm, forms.Form):
    """The last day and the reason."""

    on = forms.DateField(label="最后一天", help_text="这一天以后，代理家长不再看到这名学生；写过的记录仍然署名。")
    reason = forms.ChoiceField(label="原因", choices=Pairing.EndReason.choices, widget=PillRadios)
    note = forms.CharField(label="说明", max_length=200, required=False)


class MentorForm(CareForm, forms.ModelForm):
    """A member of staff, or somebody from outside with the date of the check for offences."""

    button = "保存"

    class Meta:
        model = Mentor
        fields = ["staff", "kind", "name", "title", "phone", "unit", "background_checked_on", "soft_limit"]

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
            Section("是谁", "kind", "staff", Side("name", "phone"), Side("title", "unit")),
            Section("从业查询和人数", Side("background_checked_on", "soft_limit")),
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
        if staff is not None:
            told["name"] = staff.name
            told["phone"] = told.get("phone") or staff.phone
            told["background_checked_on"] = told.get("background_checked_on") or staff.background_checked_on
        return told


class MentorEditForm(VersionedForm, MentorForm):
    """The same for a mentor on the list."""
