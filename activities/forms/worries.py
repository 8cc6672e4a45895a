"""Reporting a worry, and deciding what becomes of one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from activities.forms.child_named import ChildNamed
from activities.forms.name_typed import NameTyped
from activities.incidents.situations import CHOICES
from activities.models import Worry
from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, ClientKeyForm, FilterForm, PillRadios, Section, Side
from children.models import Child

DANGER = [("", "不是马上有危险"), ("now", "现在就有危险")]


class WorryForm(ClientKeyForm, forms.Form):
    """Two fields. The rest has a default and needs no look."""

    button = "报告"
    who = forms.CharField(
        label="关于谁",
        max_length=60,
        required=False,
        widget=NameTyped("activities:worry_names"),
        help_text="写姓名，从下面选出是哪一名；说不清是谁，照看到的写，或者不填。",
    )
    what = forms.CharField(
        label="看到、听到了什么",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": "5"}),
        help_text="写事实就好，不用判断是不是真的，也不用先去核实。",
    )
    danger = forms.ChoiceField(label="急不急", required=False, choices=DANGER, widget=PillRadios, initial="")
    to = forms.ChoiceField(
        label="报给谁",
        choices=Worry.To.choices,
        initial=Worry.To.BOTH,
        widget=PillRadios,
        help_text="一般不用改。如果事情涉及其中一位，只报给另一位。",
    )
    situations = forms.MultipleChoiceField(
        label="属于哪种强制报告情形",
        required=False,
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple(attrs={"data-care-sentence": True}),
        help_text="疑似的也算，可以选几种。选了就按“现在就有危险”马上建立事件档案。",
    )
    guardian_suspected = forms.BooleanField(
        label="监护人有侵害嫌疑（不要通知其本人）",
        required=False,
        help_text="照看学生的父母或其他家人可能就是伤害他的人。选了也马上建立事件档案。",
    )

    def __init__(self, *args: Any, read_by: Mapping[Worry.To, Sequence[Staff]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(to, to.label) for to in Worry.To if to == Worry.To.BOTH or read_by[to]]

    def layout(self) -> list[Any]:
        return [
            "who", "what", "danger", "to",
            Section(
                "有人受伤害、失踪、没人管：请看看属于哪种情形", "guardian_suspected", "situations", folded=True,
                note="可以不选，不影响报告。不选的，由德育主任或校长判断；判断之前按强制报告处理。",
            ),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        named = given.get("situations") or given.get("guardian_suspected")
        return given | {"urgent": bool(given.get("danger") or named)}


class HandleForm(CareForm, forms.Form):
    """What was found and done; what is still to be done."""

    button = "保存处理情况"
    outcome = forms.CharField(
        label="核实的情况和做了什么", max_length=2000, widget=forms.Textarea(attrs={"rows": "5"}),
        help_text="只有处理的人看得到，报告人看不到。",
    )  # fmt: skip
    child = ChildNamed(label="是哪名学生", required=False)
    follow_up = forms.CharField(
        label="还要做什么", required=False, max_length=200,
        help_text="会出现在这名学生的跟进事项里，班主任和负责人都看得到，请不要写细节。如“每周聊一次，看看情绪”。",
    )  # fmt: skip
    due_on = forms.DateField(label="什么时候前", required=False)
    owner = forms.ModelChoiceField(label="由谁跟进", queryset=Staff.objects.none(), required=False)

    def __init__(
        self, *args: Any, children: "QuerySet[Child]", staff_choices: "QuerySet[Staff]", today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["child"].offer(children, today)
        self.fields["owner"].queryset = staff_choices

    def layout(self) -> list[Any]:
        return ["outcome", "child", Section("安排跟进（没有可以不填）", "follow_up", Side("due_on", "owner"))]


class DismissForm(CareForm, forms.Form):
    button = "确定不需跟进"
    outcome = forms.CharField(label="为什么不需要跟进", max_length=500, widget=forms.Textarea(attrs={"rows": "3"}))


class WorryFilter(FilterForm):
    """Those that wait, unless somebody asks for others."""

    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "没有着落的"), ("all", "全部"), *((s.value, s.label) for s in Worry.State)],
    )

    def narrow_valid(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        state = self.cleaned_data["state"]
        if state == "all":
            return rows
        return rows.filter(state=state) if state else rows.to_answer()  # type: ignore[attr-defined]
