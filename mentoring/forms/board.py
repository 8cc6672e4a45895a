"""Forms of the pairing board: which children to look at, and who shall have those that are ticked."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from caretrack.web.forms import CareForm, FilterForm
from children.models import Child, codes
from mentoring.forms.pairing import MentorChoice
from mentoring.models import Mentor

ALL, KEY = "all", "key"
SUGGESTED, CHOSEN = "suggested", "chosen"
PROPOSED = "proposed"  # and the child's id: whom the page has shown as its mentor


def scope(rows: "QuerySet[Child]", who: str, cared: "QuerySet[Child]") -> "QuerySet[Child]":
    """Of `rows` those whom 范围 asks for; `cared` are the left-behind and key-support ones."""
    if who == KEY:
        return rows.filter(support_level__in=codes.KEY_LEVELS)
    return rows if who == ALL else rows.filter(pk__in=cared.order_by().values("pk"))


class BoardFilter(FilterForm):
    """Which of the children without 代理家长."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = forms.ChoiceField(label="班级", required=False)
    village = forms.ChoiceField(label="村（社区）", required=False)
    who = forms.ChoiceField(
        label="范围",
        required=False,
        choices=[("", "留守和重点学生"), (KEY, "只看重点和紧急"), (ALL, "全部在校学生")],
    )

    def __init__(
        self,
        *args: Any,
        classes: list[tuple[int, str]],
        villages: dict[str, list[int]],
        cared: "QuerySet[Child]",
        levels: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.villages, self.cared = villages, cared
        if not levels:
            self.fields["who"].choices = [(v, label) for v, label in self.fields["who"].choices if v != KEY]  # type: ignore[attr-defined]
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]
        self.fields["village"].choices = [
            ("", "全部"),
            *((name, f"{name} {len(ids)} 人") for name, ids in villages.items()),
        ]

    def narrow_valid(self, rows: "QuerySet[Child]") -> "QuerySet[Child]":
        asked = self.cleaned_data
        rows = scope(rows, asked["who"], self.cared)
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if asked["village"]:
            rows = rows.filter(pk__in=self.villages[asked["village"]])
        return rows.named(asked["q"].strip())  # type: ignore[attr-defined]


class BoardForm(CareForm, forms.Form):
    """The ticked children, and either one mentor for all or the proposal for each."""

    children = forms.ModelMultipleChoiceField(
        label="学生",
        queryset=Child.objects.none(),
        error_messages={
            "required": "请先勾选学生。",
            "invalid_choice": "有一名学生刚刚已经安排了代理家长，请看看刷新后的名单。",
        },
    )
    use = forms.ChoiceField(choices=[(CHOSEN, "选定的代理家长"), (SUGGESTED, "按推荐")], required=False)
    mentor = MentorChoice(
        label="代理家长", queryset=Mentor.objects.none(), required=False, empty_label="请选择代理家长"
    )
    on = forms.DateField(label="结对日期")

    def __init__(
        self, *args: Any, children: "QuerySet[Child]", mentors: "QuerySet[Mentor]", today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["children"].queryset = children  # type: ignore[attr-defined]
        mentor = self.fields["mentor"]
        mentor.on, mentor.queryset = today, mentors  # type: ignore[attr-defined]
        self.fields["on"].initial = today

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("use") == SUGGESTED and "children" in told:
            told["shown"] = self._shown(told["children"])
        elif told.get("use") != SUGGESTED and not told.get("mentor") and "mentor" not in self.errors:
            self.add_error("mentor", ValidationError("请选择代理家长，或者按“按推荐安排”。"))
        return told

    def _shown(self, children: "QuerySet[Child]") -> dict[Child, Mentor]:
        """Child → the mentor that stood beside it on the page; a child without one is an error."""
        mentors = {str(mentor.pk): mentor for mentor in self.fields["mentor"].queryset}  # type: ignore[attr-defined]
        listed = list(children.select_related("school"))
        found = {child: mentors.get(self.data.get(f"{PROPOSED}-{child.pk}", "")) for child in listed}
        if without := [child.name for child, mentor in found.items() if mentor is None]:
            words = f"{'、'.join(without)}没有可用的推荐，请取消勾选，或选一位代理家长另行安排。"
            self.add_error("children", ValidationError(words))
        return {child: mentor for child, mentor in found.items() if mentor is not None}
