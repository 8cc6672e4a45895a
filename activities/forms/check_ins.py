"""Forms of supervision."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from activities.check_ins import Promise
from activities.forms.filters import SeenClasses
from activities.models import CheckIn
from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Section, Side
from children.models import Child

SAID = {"rows": 2}


class CheckInForm(CareForm, forms.ModelForm):
    """Whom one asked, what they said, what was found, what follows."""

    wide = True
    button = "保存督查记录"

    follow_up = forms.CharField(label="要跟进的事", max_length=200, required=False)
    owner = forms.ModelChoiceField(label="由谁跟进", queryset=Staff.objects.none(), required=False)
    due_on = forms.DateField(label="跟进期限", required=False)

    class Meta:
        model = CheckIn
        fields = [
            "on", "asked_mentor", "mentor_said", "asked_child", "child_said", "asked_carer", "carer_said", "finding", "note",
        ]  # fmt: skip
        widgets = {
            "finding": PillRadios,
            "mentor_said": forms.Textarea(attrs=SAID),
            "child_said": forms.Textarea(attrs=SAID),
            "carer_said": forms.Textarea(attrs=SAID),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, today: date, owners: "QuerySet[Staff]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.fields["finding"].choices = CheckIn.Finding.choices  # type: ignore[attr-defined]

    def layout(self) -> list[Any]:
        return [
            "on",
            Section("问了谁，怎么说", "asked_mentor", "mentor_said", "asked_child", "child_said", "asked_carer", "carer_said"),
            Section("核实", "finding", "note"),
            Section("跟进", "follow_up", Side("owner", "due_on"), folded=True),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for side in ("mentor", "child", "carer"):
            # Whoever wrote down what somebody said has asked them.
            data[f"asked_{side}"] = data.get(f"asked_{side}") or bool(data.get(f"{side}_said", "").strip())
        given = [data.get("follow_up"), data.get("owner"), data.get("due_on")]
        if any(given) and not all(given):
            self.add_error("follow_up", "要跟进时，请写明跟进什么、由谁、到哪天。")
        return data

    def _post_clean(self) -> None:
        """The service makes the row: what the model says is asked there, with the child."""

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    def promise(self) -> Promise | None:
        data = self.cleaned_data
        return Promise(data["follow_up"], data["owner"], data["due_on"]) if data["follow_up"] else None


class CheckInFilter(FilterForm):
    """Which children: of which class, checked this term or not."""

    school_class = SeenClasses(label="班级", required=False)
    state = forms.ChoiceField(
        label="本学期督查",
        required=False,
        choices=[("", "全部"), ("open", "还没督查"), ("done", "已督查"), ("wrong", "与记录不符")],
    )

    def __init__(self, *args: Any, children: "QuerySet[Child]", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].fill(children, today)  # type: ignore[attr-defined]

    def narrow_valid(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        data = self.cleaned_data
        if data["school_class"]:
            rows = rows.filter(school_class=data["school_class"])
        if data["state"] == "open":
            rows = rows.filter(last_check_on__isnull=True)
        elif data["state"] == "done":
            rows = rows.filter(last_check_on__isnull=False)
        elif data["state"] == "wrong":
            rows = rows.filter(last_finding__in=[CheckIn.Finding.NOT_SO, CheckIn.Finding.PARTLY])
        return rows
