"""What the export of a list of children asks: how much of the numbers, and what for."""

from typing import Any

from django import forms

from caretrack.web.forms import CareForm, PillRadios

FULL, MASKED = "full", "masked"
PURPOSES = [("report", "上报、核对"), ("mend", "补充更正后再导入"), ("school", "校内工作"), ("other", "其他工作需要")]


class RosterExportForm(CareForm, forms.Form):
    """Whole numbers can be imported again; masked ones are for looking only. The purpose goes into the access log."""

    button = "导出 Excel"
    numbers = forms.ChoiceField(
        label="证件号、学籍号和电话",
        choices=[(MASKED, "隐去中间几位（只供查看）"), (FULL, "完整（可以再导入）")],
        initial=MASKED,
        widget=PillRadios,
    )
    purpose = forms.ChoiceField(
        label="用途", choices=PURPOSES, widget=PillRadios, help_text="导出的时间、人数、用途和导出人记入访问日志。"
    )

    @property
    def purpose_words(self) -> str:
        """What for, as the log says it."""
        return dict(PURPOSES)[self.cleaned_data["purpose"]]

    @property
    def full(self) -> bool:
        """Whether whole numbers were asked for."""
        given: dict[str, Any] = self.cleaned_data
        return given["numbers"] == FULL
