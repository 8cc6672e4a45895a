"""Forms of the monthly feedback: the teacher's words, that it was sent, which families."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from activities.family.feedback import SENT_AS, month_asked, with_state
from activities.models import FamilyFeedback
from caretrack.periods import Month
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Side
from caretrack.web.versions import VersionedForm
from children.name_search import name_matches

MONTHS = 12


class FeedbackForm(VersionedForm, forms.ModelForm):
    """What the teacher adds to the facts."""

    button = "保存"

    class Meta:
        model = FamilyFeedback
        fields = ("words", "next_step")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].widget = forms.Textarea(attrs={"rows": 3})
        self.fields["words"].help_text = "一两句就好，如：这个月上课敢举手了，字也写得工整了。"
        self.fields["next_step"].help_text = "学校接下来做什么、请家长做什么，如：请每周五晚上和孩子视频一次。"
        self.dress()


class SentForm(CareForm, forms.Form):
    """That the feedback of a month was sent."""

    button = "标记为已反馈"
    sent_as = forms.ChoiceField(label="方式", choices=[(word, word) for word in SENT_AS], widget=PillRadios)
    on = forms.DateField(label="日期")
    to = forms.CharField(
        label="发给谁", max_length=40, required=False, help_text="不填就按档案登记为外出的父亲或母亲；如：继父、姑姑。"
    )

    def layout(self) -> list[Any]:
        return ["sent_as", Side("on", "to")]


class FeedbackFilter(FilterForm):
    """Which families: the month, by name, class, how far it has come."""

    month = forms.ChoiceField(label="月份", required=False)
    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = forms.ChoiceField(label="班级", required=False)
    state = forms.ChoiceField(
        label="情况",
        required=False,
        choices=[("", "全部"), ("waiting", "教师还没联系家长"), ("contacted", "联系过，没发反馈"), ("told", "已反馈")],
    )

    def __init__(
        self, *args: Any, classes: Sequence[tuple[int, str]], today: date, closing_day: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        months = [Month.of(today, closing_day)]
        while len(months) < MONTHS:
            months.append(months[-1].previous())
        self.month = months[0]
        # A month that does not exist is told by its field.
        with suppress(ValidationError):
            self.month = month_asked((self.data or {}).get("month", ""), today, closing_day)
        if self.month not in months:
            months.append(self.month)
        now = (months[0].key, f"本月（{months[0].label}）")
        self.fields["month"].choices = [now, *((m.key, m.label) for m in months[1:])]
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]

    def of_class(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """The families of the class that is looked at, whatever their state: what the figures count."""
        asked = self.cleaned_data.get("school_class") if self.is_valid() else ""
        return rows.filter(school_class=asked) if asked else rows

    def narrow_valid(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        asked = self.cleaned_data
        if q := asked["q"].strip():
            rows = rows.filter(name_matches(q))
        rows = with_state(self.of_class(rows), self.month)  # type: ignore[arg-type]
        if asked["state"] == "told":
            return rows.filter(told=True)
        if asked["state"] == "contacted":
            return rows.filter(told=False, contacted=True)
        return rows.filter(told=False, contacted=False) if asked["state"] == "waiting" else rows
