"""Forms of leader charge."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, FilterForm
from children.models import Child
from mentoring.charging import without_leader

NOBODY = "none"
CHOSEN, EVENLY = "chosen", "evenly"


class ChargeFilter(FilterForm):
    """Which children: of a class, of a leader, without one."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = forms.ChoiceField(label="班级", required=False)
    leader = forms.ChoiceField(label="包干领导", required=False)

    def __init__(
        self, *args: Any, classes: list[tuple[int, str]], leaders: list[Staff], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]  # type: ignore[attr-defined]
        named = [(str(person.pk), person.name) for person in leaders]
        self.fields["leader"].choices = [("", "全部"), (NOBODY, "还没有"), *named]  # type: ignore[attr-defined]

    def narrow_valid(self, rows: "QuerySet[Child]") -> "QuerySet[Child]":
        asked = self.cleaned_data
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if asked["leader"] == NOBODY:
            rows = without_leader(rows, self.today)
        elif asked["leader"]:
            rows = rows.filter(leader_id=asked["leader"])
        return rows.named(asked["q"].strip())  # type: ignore[attr-defined]


class ChargeForm(CareForm, forms.Form):
    """The ticked children to one leader, or everybody without a leader shared out."""

    children = forms.ModelMultipleChoiceField(label="学生", queryset=Child.objects.none(), required=False)
    use = forms.ChoiceField(choices=[(CHOSEN, "选定"), (EVENLY, "平均")])
    leader = forms.ModelChoiceField(label="包干领导", queryset=Staff.objects.none(), required=False)
    on = forms.DateField(label="开始日期")

    def __init__(
        self, *args: Any, children: "QuerySet[Child]", leaders: "QuerySet[Staff]", today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["children"].queryset = children  # type: ignore[attr-defined]
        self.fields["leader"].queryset = leaders  # type: ignore[attr-defined]
        self.fields["on"].initial = today

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("use") == CHOSEN:
            if not told.get("children") and "children" not in self.errors:
                self.add_error("children", "请先勾选学生。")
            if not told.get("leader") and "leader" not in self.errors:
                self.add_error("leader", "请选择包干领导。")
        return told
