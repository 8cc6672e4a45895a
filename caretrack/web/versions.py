"""
A form that was opened before somebody else saved (security requirements §5.1): the second one is shown both texts.

What the other saved in fields that this form does not touch stays, and where nobody is in the way nothing is asked.
"""

import copy
from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.forms.models import model_to_dict
from django.http import HttpResponse, QueryDict

from caretrack.access.history import Stale, save_if_unchanged
from caretrack.access.states import instance_at
from caretrack.web.components import Difference
from caretrack.web.forms import CareForm
from caretrack.web.lists import FormPage

LEFT_ALONE = "没有改，下面已换成对方的"
FOLLOWS = "以您这次保存的为准"


class VersionedForm(CareForm, forms.Form):
    """A form that remembers which version of the row it was opened at, so that nobody overwrites unseen."""

    version = forms.IntegerField(widget=forms.HiddenInput)


def shown(field: forms.Field, value: Any) -> str:
    """A value as a reader knows it: the words of a choice, a day without its time, one kind of line break."""
    words = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(words.get(str(v), str(v)) for v in value)
    text = "" if value is None else str(value).replace("\r\n", "\n").strip()
    if isinstance(field, forms.TimeField):
        return text[:5]
    return words.get(text, text)


class KeepsVersion(FormPage):
    """
    A FormPage over one tracked row; `form_class` is a VersionedForm, `save` raises Stale when somebody was faster.

    A page says in `find_row` which row it is. `stored` gives what the form holds of a row; names in it that are no
    fields of the form are only told (`labels` words them), as what the next press puts aside.
    """

    template_name = "web/versioned_page.html"
    labels: Mapping[str, str] = {}
    clash: dict[str, Any] | None = None
    sent: QueryDict | None = None

    @abstractmethod
    def find_row(self) -> Any:
        """The row, fetched within what this person may see; raises Http404 otherwise."""

    @cached_property
    def row(self) -> Any:
        return self.find_row()

    def stored(self, row: Any) -> dict[str, Any]:
        """The answers that the form holds of a row; by default the fields of its model."""
        return model_to_dict(row, fields=self.get_form_class()._meta.fields)

    def get_instance(self) -> Any:
        # The form writes into its instance; what the row holds now must stay to be compared with.
        return copy.copy(self.row)

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), **self.stored(self.row), "version": self.row.version}

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return kwargs if self.sent is None else kwargs | {"data": self.sent}

    def save(self, form: Any) -> Any:
        save_if_unchanged(form.instance, version=form.cleaned_data["version"])
        return form.instance

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Stale as stale:
            return self.look_again(form, stale.current)

    def look_again(self, form: Any, current: Any) -> HttpResponse:
        """Save after all when the other touched nothing of this form; otherwise show both, and the press decides."""
        opened = instance_at(current, form.cleaned_data["version"])
        self.sent = form.data.copy()
        self.sent["version"] = str(current.version)  # type: ignore[index]
        differences = self.differences(form, self.stored(current), self.stored(opened) if opened else None)
        self.row = current
        again = self.get_form()
        if not differences:
            return self.form_valid(again) if again.is_valid() else self.form_invalid(again)
        self.keep_refused(form)
        self.clash = {"differences": differences, "who": current.change.staff_name}
        response = self.render_to_response(self.get_context_data(form=again))
        response.status_code = 409
        return response

    def differences(self, form: Any, theirs: dict[str, Any], before: dict[str, Any] | None) -> list[Difference]:
        """What the other changed and this form holds otherwise; a field left alone here takes theirs."""
        found = []
        for name, value in theirs.items():
            field = form.fields.get(name)
            told = [self.told(field, v) for v in (value, before[name] if before is not None else None)]
            if before is not None and told[0] == told[1]:
                continue
            label = self.labels.get(name) or str(field.label if field else name)
            if field is None:
                found.append(Difference(label, FOLLOWS, *told))
                continue
            mine = self.told(field, form.cleaned_data.get(name))
            if mine == told[0]:
                continue
            if before is not None and mine == told[1]:
                self._take_theirs(form, name, value)
                mine = LEFT_ALONE
            found.append(Difference(label, mine, *told))
        return found

    @staticmethod
    def told(field: forms.Field | None, value: Any) -> str:
        """A value in words."""
        return str(value or "") if field is None else shown(field, field.prepare_value(value))

    def _take_theirs(self, form: Any, name: str, value: Any) -> None:
        key, given = form.add_prefix(name), form.fields[name].prepare_value(value)
        sent: Any = self.sent
        if isinstance(given, list | tuple):
            sent.setlist(key, [str(item) for item in given])
        elif isinstance(given, bool):
            sent.pop(key, None)
            if given:
                sent[key] = "on"
        else:
            sent[key] = "" if given is None else str(given)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"clash": self.clash, **kwargs})
