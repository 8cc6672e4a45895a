"""Forms of a round about poverty: what is new in a family's economy, and a pupil who was not on the list."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from caretrack.web.forms import CareForm, Section
from caretrack.web.versions import VersionedForm
from children.census import poverty
from children.forms.sections import ECONOMY, child_form
from children.forms.word_boxes import WORDS, WordBoxes, words_of
from children.models import CensusRow, Child


class _EconomyForm(WordBoxes, VersionedForm, forms.ModelForm):
    """The economy as the dossier has it, with what was proposed before; only what differs is put forward."""

    button = "提交给档案管理员确认"
    remark = forms.CharField(label="说明", required=False, max_length=200, help_text="怎样核实的，如家访、村里证明。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_words()

    def layout(self) -> list[Any]:
        return [Section("家庭经济", *ECONOMY), Section("说明", "remark")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.join_words()
        return given

    def proposed(self, child: Child) -> dict[str, Any]:
        """The facts that differ from `child`, with what stands there, for children.census.answers.propose."""
        given, now = self.cleaned_data, poverty.economy_of(child)
        stated = {name: given[name] for name in poverty.FIELDS}
        # A roster may have put other signs between the words.
        tidy = now | {name: "、".join(words_of(now[name])) for name in WORDS}
        found: dict[str, Any] = {"remark": given["remark"]} if given["remark"] else {}
        if economy := poverty.changed(tidy, stated):
            found |= {"economy": economy, "economy_before": {name: now[name] for name in economy}}
        return found

    @staticmethod
    def initial_of(row: CensusRow, child: Child) -> dict[str, Any]:
        """The economy with what the row proposes."""
        known = poverty.economy_of(child) | row.proposed.get("economy", {})
        return known | {name: words_of(known[name]) for name in WORDS} | {"remark": row.proposed.get("remark", "")}


EconomyForm: Any = child_form(_EconomyForm, list(poverty.FIELDS))


class AskTooForm(CareForm, forms.Form):
    """A pupil of the class whose family has become poor."""

    button = "加入名单"
    child = forms.ModelChoiceField(label="学生", queryset=Child.objects.none(), empty_label="请选择学生")

    def __init__(self, *args: Any, children: QuerySet[Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["child"].queryset = children  # type: ignore[attr-defined]
