"""Two windows on one record: what each says, and what it was before, field by field."""

from collections.abc import Mapping
from typing import Any

from django import forms

from activities.forms.kind_fields import DETAIL, NOTE
from caretrack.web.components import Difference
from caretrack.web.versions import shown


def differing(form: forms.Form, theirs: Mapping[str, Any], before: Mapping[str, Any], mine: Any) -> list[Difference]:
    """The fields of a bound form that differ from what is stored now; `before` is the state both began with."""
    found = []
    for name, field in form.fields.items():
        if field.widget.is_hidden or name == "whole":
            continue
        typed = shown(field, field.widget.value_from_datadict(mine, {}, form.add_prefix(name)))
        stored = shown(field, theirs.get(name))
        if typed != stored:
            found.append(Difference(str(field.label), typed, stored, shown(field, _was(name, before))))
    return found


def _was(name: str, before: Mapping[str, Any]) -> Any:
    if name.startswith(NOTE) or not before:
        return None
    if name.startswith(DETAIL):
        return (before.get("detail") or {}).get(name.removeprefix(DETAIL))
    if name == "reached":
        return "yes" if before.get("reached") in (True, 1) else "no"
    return before.get(name)
