"""Forms of support plans: the plan, a review, its end, who may read it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.name_search import name_matches
from mentoring.models import SupportPlan
from mentoring.support import helpers_for


class PlanForm(CareForm, forms.ModelForm):
    """A plan; the two kinds ask for different things (domain §6.2)."""

    button = "保存计划"
    criteria = forms.ChoiceField(
        label="适用情形", choices=[(word, word) for word in SupportPlan.CRITERIA], widget=PillRadios
    )

    class Meta:
        model = SupportPlan
        fields = (
            "subject", "criteria", "situation", "causes", "goals", "measures", "schedule", "helper", "child_view",
            "guardian_told_on", "guardian_note", "starts_on", "review_on",
        )  # fmt: skip

    def __init__(self, *args: Any, individual: bool, today: date, **kwargs: Any) -> None:
        self.individual = individual
        super().__init__(*args, **kwargs)
        left_out = ("subject", "helper") if individual else ("criteria", "guardian_told_on", "guardian_note")
        for name in left_out:
            del self.fields[name]
        self.fields["situation"].label = "基本情况与主要问题" if individual else "学业分析"
        self.fields["causes"].help_text = "从家庭、学校、本人三方面写。" if individual else ""
        self.fields["schedule"].help_text = "如：每周二、四下午第三节"
        self.fields["measures"].label = "措施" if individual else "帮扶内容"
        self.fields["child_view"].help_text = "用孩子自己的话写。"
        if not self.instance.pk:
            self.suggest("starts_on", today)
        if not individual:
            self.fields["subject"].required = True
            self._offer_helpers()

    def _offer_helpers(self) -> None:
        helper: Any = self.fields["helper"]
        helper.queryset = found = helpers_for(self.instance)
        helper.empty_label, helper.label_from_instance = "没有", lambda child: child.name
        helper.help_text = "从这名学生的学习小老师、一帮一同学里选；还没有的，先在“同伴结对”里安排。"
        if not self.instance.pk and (first := found.first()):
            self.suggest("helper", first.pk)

    def layout(self) -> list[Any]:
        if not self.individual:
            return [
                Side("subject", "schedule"), "situation", "goals", "measures", "helper", Side("starts_on", "review_on"),
                Section("更多", "causes", "child_view", folded=True),
            ]  # fmt: skip
        return [
            "criteria",
            Section("情况", "situation", "causes"),
            Section("方案", "goals", "measures", "schedule", Side("starts_on", "review_on")),
            Section("知情和意见", "child_view", Side("guardian_told_on", "guardian_note")),
        ]


class PlanChange(VersionedForm, PlanForm):
    """A plan that stands."""


class ReviewForm(CareForm, forms.Form):
    """How far it has come."""

    button = "保存评估"
    on = forms.DateField(label="评估日期")
    effect = forms.CharField(label="阶段效果", max_length=1000, widget=forms.Textarea)
    next_step = forms.CharField(label="下一步", max_length=200, required=False)
    review_on = forms.DateField(label="下次评估日期", required=False, help_text="不再评估就不填。")

    def layout(self) -> list[Any]:
        return ["effect", "next_step", Side("on", "review_on")]


class EndForm(CareForm, forms.Form):
    """What it brought."""

    button = "结束计划"
    state = forms.ChoiceField(
        label="结果",
        choices=[(SupportPlan.State.DONE.value, "目标达到，完成"), (SupportPlan.State.STOPPED.value, "停止")],
        widget=PillRadios,
    )
    effect = forms.CharField(label="效果评价", max_length=1000, widget=forms.Textarea)


class ReaderForm(CareForm, forms.Form):
    """One colleague who must know."""

    button = "加入知情人"
    staff = forms.ModelChoiceField(label="老师", queryset=Staff.objects.none())
    reason = forms.CharField(label="知情原因", max_length=60, help_text="如：负责每周谈话")

    def __init__(self, *args: Any, people: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = people

    def layout(self) -> list[Any]:
        return [Side("staff", "reason")]


class PlanFilter(FilterForm):
    """Which plans: by name, kind, class, state."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *SupportPlan.Kind.choices])
    school_class = forms.ChoiceField(label="班级", required=False)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "执行中"), ("due", "到期要评估"), ("done", "已完成"), ("stopped", "已停止"), ("all", "全部")],
    )

    def __init__(self, *args: Any, classes: Sequence[tuple[int, str]], today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        if q := asked["q"].strip():
            rows = rows.filter(name_matches(q, "child__"))
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        if asked["school_class"]:
            rows = rows.filter(child__school_class=asked["school_class"])
        if asked["state"] == "due":
            return rows.due_by(self.today)  # type: ignore[attr-defined, no-any-return]
        if asked["state"] in ("done", "stopped"):
            return rows.filter(state=asked["state"])
        return rows if asked["state"] == "all" else rows.open()  # type: ignore[attr-defined, no-any-return]
