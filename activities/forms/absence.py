"""The roll of a class, and the case of a pupil who stays away."""

from datetime import date
from typing import Any

from django import forms

from activities.absence import Entry
from activities.forms.away import AwayForm
from activities.models import Absence, DropoutStep
from caretrack.periods import Month
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Side


class RollForm(AwayForm):
    """The roll of a class on one day."""

    button = "保存点名"
    model = Absence
    there = "到校"
    called = "当天联系"
    unfolding = tuple(reason.value for reason in Absence.UNEXCUSED)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for child in self.pupils:
            said = given.get(f"called_{child.pk}") or given.get(f"note_{child.pk}")
            if said and not given.get(f"reason_{child.pk}"):
                self.add_error(f"reason_{child.pk}", "写了联系情况，请同时选择缺勤的原因。")
        return given

    def absent(self) -> dict[int, Entry]:
        """Who is not there."""
        return {pk: Entry(*said) for pk, said in self.away().items()}


class CaseForm(CareForm, forms.Form):
    button = "立案"
    away_since = forms.DateField(label="缺勤起始日")
    cause = forms.CharField(
        label="初步了解的原因", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": "3"})
    )


class CaseStepForm(CareForm, forms.Form):
    button = "登记这一步"
    kind = forms.ChoiceField(label="步骤", choices=DropoutStep.Kind.choices, widget=PillRadios)
    on = forms.DateField(label="日期")
    people = forms.CharField(label="参加人员", required=False, max_length=100, help_text="如：班主任、村儿童主任。")
    met = forms.CharField(label="见到谁", required=False, max_length=60)
    result = forms.CharField(label="情况和结果", max_length=500, widget=forms.Textarea(attrs={"rows": "3"}))

    def layout(self) -> list[Any]:
        return ["kind", Side("on", "people", "met"), "result"]


class CaseCloseForm(CareForm, forms.Form):
    button = "结案"
    how = forms.ChoiceField(
        label="结果", choices=[("back", "已返校"), ("left", "劝返无效，登记辍学")], widget=PillRadios
    )
    on = forms.DateField(label="返校或离校日期")
    outcome = forms.CharField(label="说明", max_length=300, widget=forms.Textarea(attrs={"rows": "3"}))


class CaseWithdrawForm(CareForm, forms.Form):
    """Why a case is taken back."""

    reason = forms.CharField(label="撤销原因", max_length=150, help_text="如：点名时点错了人。")


class CaseFilter(FilterForm):
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "劝返中"), ("back", "已返校"), ("left", "已办理变动"), ("all", "全部")],
    )

    def narrow_valid(self, rows: Any) -> Any:
        state = self.cleaned_data["state"]
        if state == "all":
            return rows
        return rows.filter(state=state) if state else rows.open()


class MonthChoice(FilterForm):
    """Which reporting month; the running one if none is asked for."""

    month = forms.ChoiceField(label="统计期", required=False)

    def __init__(self, *args: Any, today: date, closing_day: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = Month.of(today, closing_day)
        months = [self.now]
        while len(months) < 12:
            months.append(months[-1].previous())
        self.months = {month.key: month for month in months}
        self.fields["month"].choices = [(month.key, month.label) for month in months]

    def chosen(self) -> Month:
        """The month asked for."""
        return self.months[self.cleaned_data.get("month") or self.now.key] if self.is_valid() else self.now
