"""Forms of pairing plans: for whom, who instead, back with a word, published."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from activities.queries import cared_for
from caretrack.web.forms import CareForm, FilterForm, PillCheckboxes, PillRadios
from children.models import codes
from mentoring.models import PlannedPairing

CARED, KEY, ALL = "", "key", "all"
SCOPES = [(CARED, "留守和重点学生"), (KEY, "只要重点和紧急"), (ALL, "全部在校学生")]
OPEN, CAUTION, BY_HAND, SKIPPED = "open", "caution", "hand", "skipped"


class PlanForm(CareForm, forms.Form):
    """A new plan."""

    button = "生成方案草稿"
    title = forms.CharField(label="名称", max_length=60)
    starts_on = forms.DateField(label="结对日期", help_text="校长公布后，结对从这一天开始。")
    who = forms.ChoiceField(label="给谁安排", choices=SCOPES, required=False, widget=PillRadios)
    classes = forms.MultipleChoiceField(
        label="班级", required=False, widget=PillCheckboxes, help_text="不选就是全校。已有代理家长的学生不在方案里。"
    )

    def __init__(self, *args: Any, today: date, classes: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["classes"].choices = [(str(pk), name) for pk, name in classes]  # type: ignore[attr-defined]
        self.fields["title"].initial = f"{today.year}年{today.month}月代理家长结对安排"
        self.fields["starts_on"].initial = today


class PlanFilter(FilterForm):
    """Which lines of a plan."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = forms.ChoiceField(label="班级", required=False)
    mentor = forms.ChoiceField(label="代理家长", required=False)
    state = forms.ChoiceField(
        label="只看",
        required=False,
        choices=[
            ("", "全部"),
            (OPEN, "还没有选代理家长"),
            (CAUTION, "有提醒的"),
            (BY_HAND, "人工调整过的"),
            (SKIPPED, "没有公布"),
        ],
    )

    def __init__(
        self, *args: Any, classes: list[tuple[int, str]], mentors: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]  # type: ignore[attr-defined]
        self.fields["mentor"].choices = [("", "全部"), *((str(pk), name) for pk, name in mentors)]  # type: ignore[attr-defined]

    def narrow_valid(self, rows: "QuerySet[PlannedPairing]") -> "QuerySet[PlannedPairing]":
        asked = self.cleaned_data
        if q := asked["q"].strip():
            rows = rows.filter(child__name__contains=q) | rows.filter(child__pinyin__startswith=q.lower())
        if asked["school_class"]:
            rows = rows.filter(child__school_class=asked["school_class"])
        if asked["mentor"]:
            rows = rows.filter(mentor=asked["mentor"])
        if asked["state"] == OPEN:
            return rows.filter(mentor__isnull=True)
        if asked["state"] == CAUTION:
            return rows.exclude(cautions=[])
        if asked["state"] == SKIPPED:
            return rows.exclude(skipped="")
        return rows.filter(changed_by__isnull=False) if asked["state"] == BY_HAND else rows


class ReturnForm(CareForm, forms.Form):
    note = forms.CharField(label="退回意见", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class PublishForm(CareForm, forms.Form):
    skip_faulty = forms.BooleanField(
        label="上面列出的学生这次不公布，其余照常公布",
        required=False,
        initial=True,
        help_text="他们会记在方案里，之后在工作台单独安排。要一个也不落下，请先退回修改。",
    )


def key_only(children: Any) -> Any:
    """Of `children`, those of support level 重点 or 紧急."""
    return children.filter(support_level__in=codes.KEY_LEVELS)


def scope(children: Any, who: str) -> Any:
    """The children whom a plan is asked for."""
    return children if who == ALL else key_only(children) if who == KEY else cared_for(children)
