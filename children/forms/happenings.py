"""Which part of the timeline is looked at: a kind, a span of days."""

from datetime import date
from typing import Any

from django import forms

from caretrack.web.forms import CareForm
from children.timeline import BEGINNING


class SpanForm(CareForm, forms.Form):
    """Days from … to …; both may be left open. Read from the address."""

    button = "查看"
    first = forms.DateField(label="从", required=False)
    last = forms.DateField(label="到", required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if (first := given.get("first")) and (last := given.get("last")) and first > last:
            self.add_error("last", "结束日期不能早于开始日期。")
        return given

    def span(self, today: date) -> tuple[date, date]:
        """The days asked for; what is left open reaches back to the beginning and up to today."""
        given = self.cleaned_data if self.is_valid() else {}
        return given.get("first") or BEGINNING, min(given.get("last") or today, today)
