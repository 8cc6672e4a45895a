"""A line a pupil: there, or why not, and what the call said. The roll of a class and of a room in the evening."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from caretrack.web.forms import CareForm
from children.models import Child


class AwayForm(CareForm, forms.Form):
    """The lines of `pupils`; `known` are the absences that stand already (child id → row)."""

    wide = True
    model: ClassVar[Any]
    there = ""
    called = ""
    #: Reasons on which the call is asked for at once: the cell with it opens.
    unfolding: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, pupils: Sequence[Child], known: Mapping[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pupils = list(pupils)
        for child in self.pupils:
            row = known.get(child.pk)
            self.fields[f"reason_{child.pk}"] = forms.ChoiceField(
                label=child.name,
                required=False,
                choices=[("", self.there), *self.model.Reason.choices],
                initial=row.reason if row else "",
                widget=forms.Select(attrs={"data-care-unfolds": " ".join(self.unfolding)}),
            )
            self.fields[f"called_{child.pk}"] = forms.ChoiceField(
                label=f"{child.name}：{self.called}",
                required=False,
                choices=self.model.Called.choices,
                initial=row.called if row else "",
            )
            self.fields[f"note_{child.pk}"] = forms.CharField(
                label=f"{child.name}：说明", required=False, max_length=200, initial=row.note if row else ""
            )
        self.dress()

    @property
    def rows(self) -> list[tuple[Child, Any, Any, Any, bool]]:
        """(pupil, reason, call, note, whether call and note are open) in their order."""
        found = []
        for child in self.pupils:
            reason, called, note = (self[f"{name}_{child.pk}"] for name in ("reason", "called", "note"))
            unfolded = reason.value() in self.unfolding or called.value() or note.value() or note.errors
            found.append((child, reason, called, note, bool(unfolded)))
        return found

    def away(self) -> dict[int, tuple[str, str, str]]:
        """Child id → reason, call, note of those who are not there."""
        given = self.cleaned_data
        return {
            child.pk: (given[f"reason_{child.pk}"], given[f"called_{child.pk}"], given[f"note_{child.pk}"].strip())
            for child in self.pupils
            if given[f"reason_{child.pk}"]
        }
