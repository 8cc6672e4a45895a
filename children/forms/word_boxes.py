"""Fields of the child that list several words, 打工、种养殖: boxes for the usual ones and a line for others."""

import re
from typing import Any

from django import forms

from caretrack.web.forms import PillCheckboxes
from children.models import Child

#: Several of these may hold (domain §3.3 G); what is none of them is written beside.
WORDS = {
    "income_sources": ("打工", "种养殖", "政府救助", "亲朋接济"),
    "aid_received": ("低保", "临时救助", "医疗救助", "住房救助"),
}


class WordBoxes:
    """Mixin for a ModelForm of Child: call `offer_words` once the fields are there, `join_words` in `clean`."""

    instance: Any
    fields: Any
    initial: Any
    cleaned_data: dict[str, Any]

    def offer_words(self) -> None:
        """Several of a few as boxes. What a roster wrote beside them is offered too, so that saving loses nothing."""
        for name in WORDS.keys() & self.fields.keys():
            present = words_of(getattr(self.instance, name))
            offered = [*WORDS[name], *(word for word in present if word not in WORDS[name])]
            label = self.fields[name].label
            self.fields[name] = forms.MultipleChoiceField(
                label=label, required=False, choices=[(word, word) for word in offered], widget=PillCheckboxes
            )
            self.initial[name] = present
            self.fields[f"{name}_other"] = forms.CharField(
                label=f"其他{label}", required=False, max_length=30, help_text="上面没有的写在这里，多项用顿号分开。"
            )

    def join_words(self) -> None:
        """The boxes and the line beside them become one text again; too long a text is refused at the line."""
        for name in WORDS.keys() & self.fields.keys():
            words = [*words_of(self.cleaned_data.get(name, "")), *words_of(self.cleaned_data.get(f"{name}_other", ""))]
            text = "、".join(dict.fromkeys(words))
            most = Child._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
            if len(text) > most:
                self.add_error(f"{name}_other", f"合起来最多 {most} 个字，请删减。")  # type: ignore[attr-defined]
            self.cleaned_data[name] = text


def words_of(text: str | list[str]) -> list[str]:
    """The words of a text that lists several: 打工、种养殖."""
    return text if isinstance(text, list) else [word for word in re.split(r"[、，,；;/\s]+", text or "") if word]
