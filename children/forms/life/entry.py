"""Forms for one entry about one pupil."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.periods import chinese_date
from caretrack.schools.models import Term
from caretrack.web.forms import PillRadios, Section, Side
from caretrack.web.suggesting import Suggesting
from caretrack.web.versions import VersionedForm
from children.forms.guarded import GuardedForm
from children.life.days import before_birth
from children.life.words import OCCASIONS, SUBJECTS, TITLES
from children.models import Award, Child, HealthCheck, Result
from children.models.life import LEVELS

FUTURE = "日期不能在今天以后。"
LEVEL_CHOICES = [("", "按分数算")] + [(name, name) for name in LEVELS]


class EntryForm(GuardedForm, forms.ModelForm):
    """An entry about `child`, made on `today`; its `on` is never in the future nor before the child was born."""

    button = "保存"

    def __init__(self, *args: Any, child: Child, today: date, **kwargs: Any) -> None:
        self.child, self.today = child, today
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.instance.child = child
            for name in ("on", "starts_on"):
                if name in self.fields:
                    self.initial.setdefault(name, today)

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError(FUTURE)
        if words := before_birth(self.child.name, self.child.birth_text, day):
            raise ValidationError(words)
        return day


def within(form: Any, name: str, low: float, high: float, unit: str) -> None:
    """Refuse a measure that no pupil has: a slip of the keys."""
    value = form.cleaned_data.get(name)
    if value is not None and not low <= value <= high:
        form.add_error(name, f"请核对：应在{low:g}到{high:g}{unit}之间。")


#: What a pupil of 3 to 18 years can measure (A.6 of the health form's own ranges, generously).
MEASURES = {
    "height_cm": (60, 220, "厘米"),
    "weight_kg": (8, 180, "千克"),
    "sight_left": (0, 5.5, ""),
    "sight_right": (0, 5.5, ""),
    "lung_ml": (200, 8000, "毫升"),
    "chest_cm": (35, 160, "厘米"),
}
BLOOD_PRESSURE = r"^\d{2,3}/\d{2,3}$"


class HealthForm(EntryForm):
    """One check-up."""

    class Meta:
        model = HealthCheck
        fields = (
            "on", "place", "height_cm", "weight_kg", "sight_left", "sight_right", "blood_pressure", "lung_ml",
            "chest_cm", "face", "finding", "needs_follow_up", "followed_up_on", "follow_up_result",
        )  # fmt: skip

    blood_pressure = forms.RegexField(
        label="血压",
        required=False,
        regex=BLOOD_PRESSURE,
        max_length=10,
        error_messages={"invalid": "血压请按 110/70 的样子填写。"},
    )

    def layout(self) -> list[Any]:
        return [
            Section("检查", Side("on", "place")),
            Section("数值", Side("height_cm", "weight_kg"), Side("sight_left", "sight_right"),
                    Side("blood_pressure", "lung_ml"), Side("chest_cm", "face")),
            Section("结论", "finding", "needs_follow_up", Side("followed_up_on", "follow_up_result")),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name, (low, high, unit) in MEASURES.items():
            within(self, name, low, high, unit)
        if not HealthCheck.tells(given):
            self.add_error(None, "请至少填一项检查数值或结论。")
        done, on = given.get("followed_up_on"), given.get("on")
        if done and done > self.today:
            self.add_error("followed_up_on", FUTURE)
        elif done and on and done < on:
            self.add_error("followed_up_on", "复查日期不能早于检查日期。")
        if given.get("follow_up_result") and not done:
            self.add_error("followed_up_on", "写了复查结果，请填上复查日期。")
        return given


class FollowUpForm(VersionedForm):
    """The second look at what a check found."""

    button = "保存复查"
    followed_up_on = forms.DateField(label="复查日期")
    follow_up_result = forms.CharField(
        label="复查结果",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": "3"}),
        help_text="如“已配镜，矫正视力5.0”。",
    )

    def __init__(self, *args: Any, since: date, today: date, **kwargs: Any) -> None:
        self.since, self.today = since, today
        super().__init__(*args, **kwargs)

    def clean_followed_up_on(self) -> date:
        day: date = self.cleaned_data["followed_up_on"]
        if day > self.today:
            raise ValidationError(FUTURE)
        if day < self.since:
            raise ValidationError(f"复查日期不能早于检查日期{chinese_date(self.since)}。")
        return day


class ResultForm(EntryForm):
    """One subject of one examination."""

    level = forms.ChoiceField(label="等级", required=False, choices=LEVEL_CHOICES)

    class Meta:
        model = Result
        fields = ("term", "subject", "occasion", "mark", "full_mark", "level")
        widgets = {"subject": Suggesting(SUBJECTS), "occasion": Suggesting(OCCASIONS)}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = Term.objects.filter(school=self.child.school_id).order_by("-starts_on")
        self.fields["term"].queryset = terms
        if self.instance.pk is None:
            self.initial.setdefault("term", terms.filter(starts_on__lte=self.today).first())
        if self.instance.level and self.instance.level not in LEVELS:
            self.fields["level"].choices = [*LEVEL_CHOICES, (self.instance.level, self.instance.level)]
        self.fields["level"].help_text = "不选时：达到满分的85%为优，70%为良，60%为合格。"

    def layout(self) -> list[Any]:
        return ["term", Side("subject", "occasion"), Side("mark", "full_mark"), "level"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        mark, full = given.get("mark"), given.get("full_mark")
        if mark is not None and full is not None and not 0 <= mark <= full:
            self.add_error("mark", f"分数应在0到{full}之间。")
        if mark is None and not given.get("level") and "mark" not in self.errors:
            self.add_error("mark", "请填写分数，或者选择等级。")
        return given


class AwardForm(EntryForm):
    """One honour."""

    class Meta:
        model = Award
        fields = ("title", "scope", "on", "evidence")
        widgets = {"title": Suggesting(TITLES), "scope": PillRadios}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = Award.Scope.choices
        self.fields["evidence"].help_text = "文件号、证书编号或推荐理由，可以不填。"
