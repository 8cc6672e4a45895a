"""Forms of reports: which month, why a report goes back, the written parts, the snapshot of a term."""

from __future__ import annotations

from typing import Any

from django import forms

from caretrack.web.forms import CareForm, Section, Side
from caretrack.web.versions import VersionedForm
from children.left_behind import Definition
from reports.builders.semester import SECTIONS

SECTION_HEADS = {
    "measures": "二、主要措施",
    "results": "三、取得的成绩",
    "problems": "四、存在的问题",
    "plans": "五、下步打算",
}


class ReasonForm(CareForm, forms.Form):
    """Why a report goes back to whoever wrote it."""

    note = forms.CharField(
        label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="写明要改什么，编报人会看到。"
    )


class MonthTextForm(VersionedForm):
    """The text part of a month, one page on paper (domain §10.2)."""

    button = "保存文字"
    work_done = forms.CharField(
        label="本月工作", required=False, max_length=1500, widget=forms.Textarea(attrs={"rows": 5})
    )
    highlights = forms.CharField(label="亮点", required=False, max_length=800, widget=forms.Textarea(attrs={"rows": 3}))
    problems = forms.CharField(
        label="存在问题", required=False, max_length=800, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_steps = forms.CharField(
        label="下月打算", required=False, max_length=800, widget=forms.Textarea(attrs={"rows": 3})
    )

    def layout(self) -> list[Any]:
        return ["work_done", "highlights", "problems", "next_steps", "version"]


class MonthlyFormForm(VersionedForm):
    """What the mentor adds to the records of the month (domain §7.18)."""

    button = "保存"
    conduct = forms.CharField(
        label="本月表现", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )
    problems = forms.CharField(
        label="存在问题", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_steps = forms.CharField(
        label="下月打算", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    handed_in = forms.BooleanField(
        label="已写完，上交", required=False, help_text="上交后计入月报表四的“记录表已交”，仍可修改。"
    )

    def layout(self) -> list[Any]:
        return ["conduct", "problems", "next_steps", "handed_in", "version"]


class SnapshotForm(CareForm, forms.Form):
    """As of which day and by which definition the term's figures are counted."""

    button = "固定学期数据"
    cut_off = forms.DateField(label="数据截止日期", widget=forms.DateInput)
    definition = forms.ChoiceField(label="统计口径", choices=Definition.choices, widget=forms.RadioSelect)

    def layout(self) -> list[Any]:
        return [Side("cut_off"), "definition"]


class SemesterTextForm(VersionedForm):
    """The sections that people write (domain §10.4)."""

    button = "保存文字"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section, key, heading, asks in SECTIONS:
            self.fields[key] = forms.CharField(
                label=heading or SECTION_HEADS[section].partition("、")[2],
                required=False,
                max_length=4000,
                help_text=asks,
                widget=forms.Textarea(attrs={"rows": 6}),
            )

    def layout(self) -> list[Any]:
        groups: dict[str, list[str]] = {}
        for section, key, _heading, _asks in SECTIONS:
            groups.setdefault(section, []).append(key)
        return [*(Section(SECTION_HEADS[section], *keys) for section, keys in groups.items()), "version"]

    def texts(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for _section, key, _heading, _asks in SECTIONS}
