"""Booking a turn at the family phone, its lines and duty, what the leaders found."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.db.models import QuerySet

from activities.calls import Callable
from activities.forms.filters import SeenClasses
from activities.models import CallCheck, CallLine
from activities.models.call import LONGEST, WEEKDAYS
from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, FilterForm, PillCheckboxes, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.models import Child, Phone
from children.name_search import name_matches


class BookingForm(CareForm, forms.Form):
    """Who is called in a turn: one of the numbers that are allowed, or somebody without a number here."""

    button = "预约"
    phone = forms.ModelChoiceField(
        label="拨打谁的号码",
        queryset=Phone.objects.none(),
        required=False,
        widget=PillRadios,
        empty_label=None,
        error_messages={"invalid_choice": "这个号码没有允许孩子拨打，请换一个。"},
    )
    with_whom = forms.CharField(
        label="和谁通话",
        max_length=60,
        required=False,
        help_text="选了号码可以不写；用微信视频等没有号码的，请写称呼。",
    )
    reason = forms.CharField(
        label="为什么现在打", max_length=100, help_text="如：孩子想妈妈，主动来的。德育主任、校长和班主任会看到。"
    )
    at = forms.TypedChoiceField(label="时间", choices=(), coerce=time.fromisoformat, widget=PillRadios)

    def __init__(
        self, *args: Any, numbers: Sequence[Callable], turns: Sequence[time], whole: bool, explain: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not explain:
            del self.fields["reason"]
        allowed = {row.number.phone: row.label(whole=whole) for row in numbers if row.allowed}
        phones = self.fields["phone"]
        phones.queryset = Phone.objects.filter(pk__in=allowed)  # type: ignore[attr-defined]
        phones.label_from_instance = lambda phone: allowed[phone.pk]  # type: ignore[attr-defined]
        if not allowed:
            del self.fields["phone"]
        elif len(allowed) == 1:
            phones.initial = next(iter(allowed))
        self.fields["at"].choices = [(f"{at:%H:%M}", f"{at:%H:%M}") for at in turns]  # type: ignore[attr-defined]


class LineForm(CareForm, forms.ModelForm):
    """One phone or one place at a camera."""

    weekdays = forms.TypedMultipleChoiceField(
        label="开放星期",
        choices=[(number, f"星期{name}") for number, name in enumerate(WEEKDAYS, start=1)],
        coerce=int,
        widget=PillCheckboxes,
        error_messages={"required": "请选择开放的星期。"},
    )

    class Meta:
        model = CallLine
        fields = (
            "name", "kind", "number", "place", "weekdays", "opens", "closes", "opens_again", "closes_again", "minutes",
            "active",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].help_text = "会印在公示上，让家长知道往哪里打。"
        self.fields["minutes"].help_text = f"最长 {LONGEST} 分钟。"
        self.fields["minutes"].widget.attrs["max"] = LONGEST

    def layout(self) -> list[Any]:
        return [
            Section("线路", Side("name", "kind"), Side("number", "place")),
            Section(
                "开放时间",
                "weekdays",
                Side("opens", "closes"),
                Side("opens_again", "closes_again"),
                "minutes",
                "active",
            ),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("opens_again"), cleaned.get("closes_again")
        if (first is None) != (last is None):
            self.add_error("closes_again" if first else "opens_again", "第二段要么两个时间都填，要么都不填。")
        elif first and last and (last <= first or (cleaned.get("closes") and first < cleaned["closes"])):
            self.add_error("opens_again", "第二段要在第一段之后，结束要晚于开始。")
        return cleaned


class LineChange(VersionedForm, LineForm):
    """A line that stands."""


class DutyForm(CareForm, forms.Form):
    """Who is on duty on the days of a week."""

    button = "保存值班"

    def __init__(self, *args: Any, days: Sequence[date], people: "QuerySet[Staff]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = days
        for day in days:
            label = f"{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"
            self.fields[f"day_{day:%Y%m%d}"] = forms.ModelChoiceField(label=label, queryset=people, required=False)
        self.dress()

    def duties(self) -> dict[date, Staff | None]:
        """Day → who is on duty."""
        return {day: self.cleaned_data[f"day_{day:%Y%m%d}"] for day in self.days}


class NumberForm(CareForm, forms.Form):
    """Why a child may not call a number."""

    button = "不允许拨打"
    button_tone = "danger"
    reason = forms.CharField(label="原因", max_length=100, help_text="如：法院禁止接触、号码已换人。")


class CheckForm(CareForm, forms.ModelForm):
    """What the leaders found at their look at the family phone."""

    button = "登记检查"

    class Meta:
        model = CallCheck
        fields = ("on", "found", "advice")
        widgets = {"found": forms.Textarea(attrs={"rows": "3"}), "advice": forms.Textarea(attrs={"rows": "2"})}


class LookFilter(FilterForm):
    """Which calls of the duty: of whom, of which class, on which days."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = SeenClasses(label="班级", required=False)
    first = forms.DateField(label="从", required=False)
    last = forms.DateField(label="到", required=False)

    def __init__(self, *args: Any, children: "QuerySet[Child]", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].fill(children, today)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        asked = self.cleaned_data
        if asked.get("first") and asked.get("last") and asked["first"] > asked["last"]:
            self.add_error("last", "结束日期不能早于开始日期。")
        return asked

    def narrow_valid(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        asked = self.cleaned_data
        if q := asked["q"].strip():
            rows = rows.filter(name_matches(q, "child__"))
        if asked["school_class"]:
            rows = rows.filter(child__school_class=asked["school_class"])
        if asked["first"]:
            rows = rows.filter(on__gte=asked["first"])
        if asked["last"]:
            rows = rows.filter(on__lte=asked["last"])
        return rows
