"""
Two people, one dossier (security requirements §5.1): a form that was opened before somebody else saved.

Fields that the other left alone are saved without a word. Where the other changed something that this form holds
otherwise, nothing is written and a page shows mine, theirs and what it was; a choice for each, and save again.
"""

import copy
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.http import HttpResponse
from django.shortcuts import render

from caretrack.access.history import Stale
from caretrack.access.states import row_at
from caretrack.masking import mask_id_number
from caretrack.web import drafts
from caretrack.web.lists import FormPage
from children.forms.guarded import GuardedForm
from children.history_text import text_of
from children.sight import NUMBERS
from children.views.page import AboutChild

CHOICE = "choice-"
NOT_SENT_AGAIN = ("csrfmiddlewaretoken", drafts.SHEET_FIELD)


@dataclass(frozen=True)
class Difference:
    """One field that the two differ in; `chosen` is "mine", "theirs", or empty when a person must choose."""

    name: str
    label: str
    mine: str
    theirs: str
    before: str
    chosen: str
    both: bool


class GuardedPage(AboutChild, FormPage):
    """A FormPage over a row of the dossier; `form_class` is a GuardedForm, `row` the row (None for a new one)."""

    row: Any = None
    version: int | None = None

    def get_instance(self) -> Any:
        # The form writes into its instance; what the row holds now must stay to be compared with.
        return copy.copy(self.row) if self.row is not None else None

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        post = self.request.POST
        kwargs["keep_theirs"] = {
            name.removeprefix(CHOICE) for name in post if name.startswith(CHOICE) and post[name] == "theirs"
        }
        return kwargs

    def form_valid(self, form: GuardedForm) -> HttpResponse:  # type: ignore[override]
        if self.row is None:
            return super().form_valid(form)
        self.version = self.row.version
        if differences := self.differences(form):
            return self.ask(form, differences)
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except Stale as stale:
            # Saved by the other between our look and our write: look again.
            self.row = stale.current
            return self.ask(form, self.differences(form))

    def differences(self, form: GuardedForm) -> list[Difference]:
        """The fields that the other changed and that this form holds otherwise; empty when nothing is in the way."""
        opened = form.cleaned_data.get("opened_version")
        post = self.request.POST
        unanswered = {n for n in post.getlist("asked") if post.get(CHOICE + n) not in ("mine", "theirs")}
        if (opened is None or opened == self.row.version) and not unanswered:
            return []
        before = row_at(self.row, opened) if opened else None
        found = [d for name in form.compared if (d := self._difference(form, name, before)) is not None]
        if not unanswered and not any(self._touched(form, d.name, before) for d in found):
            return []
        return found

    def _touched(self, form: GuardedForm, name: str, before: dict[str, Any] | None) -> bool:
        return before is None or _same_key(form.row_value(before, name)) != _same_key(form.row_value(self.row, name))

    def _difference(self, form: GuardedForm, name: str, before: dict[str, Any] | None) -> Difference | None:
        mine, theirs = form.cleaned_data.get(name), form.row_value(self.row, name)
        if _same_key(mine) == _same_key(theirs):
            return None
        was = form.row_value(before, name) if before is not None else None
        i_changed, they_changed = _same_key(mine) != _same_key(was), _same_key(theirs) != _same_key(was)
        both = before is None or (i_changed and they_changed)
        answer = self.request.POST.get(CHOICE + name, "")
        chosen = answer or ("" if both else "mine" if i_changed else "theirs")
        told = [self.told(form, name, value) for value in (mine, theirs, was)]
        return Difference(name, str(form.fields[name].label), *told, chosen=chosen, both=both)

    def told(self, form: GuardedForm, name: str, value: Any) -> str:
        """A value in words; numbers stay masked."""
        if name in NUMBERS:
            return mask_id_number(str(value or ""))
        if isinstance(value, bool):
            return "是" if value else "否"
        try:
            field = form._meta.model._meta.get_field(name)  # type: ignore[attr-defined]
        except FieldDoesNotExist:
            return str(value or "")
        if field.is_relation and not isinstance(value, models.Model) and value is not None:
            value = field.related_model._base_manager.filter(pk=value).first()
        return text_of(field, value)

    def ask(self, form: GuardedForm, differences: list[Difference]) -> HttpResponse:
        """Nothing is written; both texts on a page, and a choice for each field. What was typed is also a draft."""
        self.keep_refused(form)
        by = self.row.change
        context = {
            "child": self.child,
            "differences": differences,
            "who": by.staff_name,
            "at": by.made_at,
            "kept": self._sent_again(),
            "version": self.row.version,
            "unanswered": bool(self.request.POST.getlist("asked")),
            "cancel_url": self.get_cancel_url(),
            **self.head_context(),
        }
        return render(self.request, "children/conflict.html", context, status=409)

    def _sent_again(self) -> list[tuple[str, str]]:
        left_out = (*NOT_SENT_AGAIN, "opened_version", "asked")
        return [
            (name, value)
            for name, values in self.request.POST.lists()
            if name not in left_out and not name.startswith(CHOICE)
            for value in values
        ]


def _same_key(value: Any) -> Any:
    """What two equal values have in common: nothing is nothing, a row is its id."""
    if isinstance(value, models.Model):
        return value.pk
    return None if value in ("", None, []) else value
