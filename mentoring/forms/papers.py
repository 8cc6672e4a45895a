"""Forms of pledges and agreements: who signed, and the text itself."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.web.forms import CareForm, PillCheckboxes
from children.models import Child
from mentoring.agreements import SIGNATORIES, Part, last_party
from mentoring.models import PaperText
from mentoring.signing import EXPIRING


class SignForm(CareForm, forms.Form):
    """Those of a class who have signed on one day."""

    button = "登记签订"
    on = forms.DateField(label="签订日期")
    until = forms.DateField(label="到期日期", required=False, help_text="没有约定就不填。")
    parties = forms.MultipleChoiceField(
        label="这次签字（盖章）的",
        widget=PillCheckboxes,
        help_text="都签了才算签好；只签了一方的先登记一方，其余的以后再登记。",
        error_messages={"required": "请勾选这次由谁签字。"},
    )
    children = forms.MultipleChoiceField(label="签好的学生", error_messages={"required": "请勾选已经签好的学生。"})

    def __init__(
        self, *args: Any, kind: str, listed: Sequence[Child], parts: Mapping[int, Part], today: date, **kwargs: Any
    ) -> None:
        self.kind, self.today = kind, today
        super().__init__(*args, **kwargs)
        self.fields["children"].choices = [(str(child.pk), child.name) for child in listed]
        self.initial.setdefault("on", today)
        if kind not in EXPIRING:
            del self.fields["until"], self.fields["parties"]
            return
        parties: Any = self.fields["parties"]
        parties.choices = list(SIGNATORIES[kind].items())
        self.initial.setdefault("parties", last_party(kind, [child.pk for child in listed], parts))

    def who_signed(self) -> str:
        """The parties that were ticked, in brackets; nothing where one person signs."""
        chosen = self.cleaned_data.get("parties", [])
        return f"（{'、'.join(SIGNATORIES[self.kind][field] for field in chosen)}）" if chosen else ""

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError("签订日期不能在今天以后。")
        return day


class TextForm(CareForm, forms.ModelForm):
    """The next version of a text; `seen` is the version that was on the page."""

    button = "保存为新版本"
    wide = True
    seen = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = PaperText
        fields = ("title", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": "22"})}  # noqa: RUF012
