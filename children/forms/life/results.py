"""Which examination is entered: class, term, subject, occasion."""

from collections.abc import Sequence
from typing import Any

from django import forms

from caretrack.schools.models import Term
from caretrack.web.forms import CareForm, Side
from caretrack.web.suggesting import Suggesting
from children.life.words import OCCASIONS, SUBJECTS, usual_occasion


class ResultChoice(CareForm, forms.Form):
    """Read from the address; valid when it says which examination of which class is meant."""

    button = "打开登记表"
    asks_only = True
    group = forms.ChoiceField(label="班级")
    term = forms.ModelChoiceField(label="学期", queryset=Term.objects.none())
    subject = forms.CharField(label="学科", max_length=20, widget=Suggesting(SUBJECTS))
    occasion = forms.CharField(label="考查", max_length=20, widget=Suggesting(OCCASIONS))

    def __init__(
        self, data: Any = None, *, groups: Sequence[Any], terms: Sequence[Term], start: dict[str, Any] | None = None
    ) -> None:
        initial: dict[str, Any] = {}
        if start is not None:
            current = next((term for term in terms if term.starts_on <= start["today"]), None)
            usual = usual_occasion(current, start["today"])
            initial = {"group": start["group"], "term": current, "occasion": usual}
        super().__init__(data, initial=initial)
        self.fields["group"].choices = [("", "请选择"), *((group.key, group.name) for group in groups)]  # type: ignore[attr-defined]
        self.fields["term"].queryset = Term.objects.filter(pk__in=[term.pk for term in terms])  # type: ignore[attr-defined]

    def layout(self) -> list[Any]:
        return [Side("group", "term"), Side("subject", "occasion")]

    def clean_subject(self) -> str:
        return str(self.cleaned_data["subject"]).strip()
