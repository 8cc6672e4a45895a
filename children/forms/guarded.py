"""A form over a row that others may save meanwhile: it remembers the version that it was opened at."""

from collections.abc import Collection
from typing import Any

from django import forms

from caretrack.web.forms import CareForm


class GuardedForm(CareForm):
    """
    Mixin for a ModelForm. `opened_version` travels hidden (0: there was no row yet); fields named in `keep_theirs` take what the row holds now.

    A field that is no field of the model says in `row_value` how it is read from the row.
    """

    instance: Any
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, keep_theirs: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep_theirs = frozenset(keep_theirs) & set(self.fields)
        self.fields["opened_version"] = forms.IntegerField(
            required=False,
            min_value=0,
            widget=forms.HiddenInput,
            initial=self.instance.version if self.instance.pk else 0,
        )
        self._theirs = {name: self.row_value(self.instance, name) for name in self.keep_theirs}

    @property
    def compared(self) -> list[str]:
        """The fields in which two people can differ."""
        return [name for name in self.fields if name != "opened_version" and name not in self.not_compared]

    #: Fields that ask something for this once and are no part of the row.
    not_compared: frozenset[str] = frozenset()

    def row_value(self, row: Any, name: str) -> Any:
        """What a row (an instance, or its fields as a dict) holds for a field of this form."""
        return row.get(name) if isinstance(row, dict) else getattr(row, name, None)

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name in self.keep_theirs:
            self.cleaned_data[name] = self._theirs[name]
            self.errors.pop(name, None)
