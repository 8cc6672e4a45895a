"""Filters, answers and settings of warnings and support levels."""

from datetime import date, timedelta
from typing import Any

from django import forms

from activities.alerts.rules import all_rules
from activities.forms.filters import SeenClasses
from activities.models import AlertAnswer, CareRules
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.models import Child, codes

HANDLED_FOR = timedelta(days=14)


class ClassFilter(FilterForm):
    """Which class."""

    school_class = SeenClasses(label="班级", required=False)

    def __init__(self, *args: Any, children: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].fill(children, today)

    def narrow(self, rows: Any) -> Any:
        return rows if self.is_valid() else []

    def children_asked(self, children: Any) -> Any:
        """The children of the class that was asked for; nobody for a wrong address."""
        if not self.is_valid():
            return children.none()
        asked = self.cleaned_data["school_class"]
        return children.filter(school_class=asked) if asked else children


class AlertFilter(ClassFilter):
    """Which warnings: one rule, one class, only the gravest. Filters what was computed, not a table."""

    rule = forms.ChoiceField(label="预警", required=False)
    tone = forms.ChoiceField(
        label="轻重", required=False, choices=[("", "全部"), ("urgent", "紧急"), ("bad", "严重"), ("warn", "提醒")]
    )
    field_order = ("rule", "school_class", "tone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [("", "全部预警"), *((r.code, r.name) for r in all_rules())]

    def wants(self, code: str, tone: str) -> bool:
        """Whether a warning is asked for."""
        asked = self.cleaned_data
        return asked["rule"] in ("", code) and asked["tone"] in ("", tone)


class AnswerForm(CareForm, forms.Form):
    """What was done about a warning, or why nothing needs to be done, and until when it stays quiet."""

    button = "保存"
    state = forms.ChoiceField(label="答复", choices=AlertAnswer.State.choices, widget=PillRadios)
    reason = forms.CharField(
        label="说明", max_length=300, widget=forms.Textarea(attrs={"rows": "3"}),
        help_text="做了什么，或为什么不需要处理。",
    )  # fmt: skip
    until = forms.DateField(label="在这一天以前不再提示", help_text="这以前又发生，或者过后情况还在，都会再次提示。")

    def layout(self) -> list[Any]:
        return ["state", "reason", "until"]


class SettledForm(CareForm, forms.Form):
    """Nothing to be told: what was warned of is not so any more."""

    button = "已解决，从名单里去掉"


class AcceptForm(CareForm, forms.Form):
    """Take up a suggestion in one's own words."""

    button = "认定"
    level = forms.ChoiceField(label="帮扶级别", choices=codes.SupportLevel.choices, widget=PillRadios)
    reason = forms.CharField(
        label="认定理由", max_length=300, widget=forms.Textarea(attrs={"rows": "3"}),
        help_text="规则的提示已放在这里，请按了解的情况改成自己的话。",
    )  # fmt: skip
    review_on = forms.DateField(label="复核日期")


class DeclineForm(CareForm, forms.Form):
    button = "不采纳"
    reason = forms.CharField(label="不采纳的理由", max_length=300, widget=forms.Textarea(attrs={"rows": "3"}))
    until = forms.DateField(label="在这一天以前不再建议")


class LevelFilter(FilterForm):
    """Which of the children under care: by level, by class, without a mentor, due for review."""

    level = forms.ChoiceField(
        label="级别",
        required=False,
        choices=[("", "重点和紧急"), ("emergency", "紧急"), ("key", "重点"), ("watch", "关注")],
    )
    school_class = SeenClasses(label="班级", required=False)
    show = forms.ChoiceField(
        label="只看", required=False, choices=[("", "全部"), ("unpaired", "没有代理家长"), ("due", "到期要复核")]
    )

    def __init__(self, *args: Any, children: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["school_class"].fill(children, today)

    def narrow_valid(self, rows: Any) -> Any:
        asked = self.cleaned_data
        if asked["show"] != "due":
            rows = rows.filter(support_level__in=[asked["level"]] if asked["level"] else codes.KEY_LEVELS)
        elif asked["level"]:
            rows = rows.filter(support_level=asked["level"])
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if asked["show"] == "unpaired":
            rows = rows.filter(paired=False)
        if asked["show"] == "due":
            rows = rows.filter(review_on__lte=self.today).exclude(support_level=codes.SupportLevel.GENERAL)
        return rows


class RulesForm(VersionedForm, forms.ModelForm):
    """The school's own limits; a warning that is not wanted is switched off."""

    wide = True
    off = forms.MultipleChoiceField(
        label="停用的预警", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="勾选的不再提示。法律要求的几条不能停用。",
    )  # fmt: skip

    class Meta:
        model = CareRules
        fields = (
            "silence_days", "contact_gap_days", "phone_days", "entrust_days", "alone_age", "living_alone_age",
            "fall_percent", "absence_days", "carer_age", "review_days", "off", "minutes_to_head",
            "minutes_to_education", "hours_to_written", "education_phone", "civil_phone", "township_phone",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["off"].choices = [(r.code, r.name) for r in all_rules() if r.tone != "urgent"]

    def layout(self) -> list[Any]:
        return [
            Section(
                "预警条件",
                Side("silence_days", "contact_gap_days"), Side("phone_days", "entrust_days"),
                Side("alone_age", "living_alone_age"), Side("fall_percent", "absence_days"),
                Side("carer_age", "review_days"),
            ),
            Section("停用", "off"),
            Section(
                "事件时限", Side("minutes_to_head", "minutes_to_education", "hours_to_written"),
                note="报告公安和民政在强制报告情形下是立即，不设时限。",
            ),
            Section("报告电话", Side("education_phone", "civil_phone", "township_phone"),
                    note="派出所、卫生院和值班电话在“学校信息和规则”里设置。"),
        ]  # fmt: skip


def named(child: Child, today: date) -> str:
    """A child as headings call it."""
    return f"{child.name}（{child.class_name(today)}）"
