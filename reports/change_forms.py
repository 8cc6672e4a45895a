"""The filter over the register of changes."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from caretrack.web.forms import FilterForm
from children.models import codes
from reports.builders.changes import BASES


class ChangeFilter(FilterForm):
    """Whose register, which days, counted how; and which of its lines."""

    unit = forms.ChoiceField(label="范围")
    first = forms.DateField(label="从")
    last = forms.DateField(label="到")
    basis = forms.ChoiceField(
        label="统计", choices=[(key, label.partition("：")[0].partition("（")[0]) for key, label in BASES.items()]
    )
    kind = forms.ChoiceField(label="变动类型", required=False, choices=[("", "全部"), *codes.ChangeKind.choices])
    q = forms.CharField(
        label="姓名",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "placeholder": "姓名、拼音或首字母"}),
    )

    def __init__(self, data: Any = None, *, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("first"), given.get("last")
        if first and last and first > last:
            self.add_error("last", "结束日期不能早于开始日期。")
        return given

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        given = self.cleaned_data
        if given["kind"]:
            rows = rows.filter(kind=given["kind"])
        if text := given["q"].strip():
            low = text.lower().replace(" ", "")
            rows = rows.filter(
                Q(child__name__contains=text) | Q(child__pinyin__startswith=low) | Q(child__initials__startswith=low)
            )
        return rows
