"""One record for several children: a line and a state for each of them that the others' records do not hold."""

import re
from collections.abc import Mapping
from typing import Any

from crispy_forms.layout import LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from activities.models.record import ChildState
from activities.picking import Picker

PREFIX = "line_"
STATE_PREFIX = "state_"
LONGEST = 200


class OfEachInput(forms.Widget):
    """Collects <prefix><child id>; PrivateLines draws the inputs."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.named = re.compile(rf"{prefix}(\d{{1,9}})")

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[int, str]:
        named = ((self.named.fullmatch(key), key) for key in data)
        return {int(found[1]): str(data[key]) for found, key in named if found and str(data[key]).strip()}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(self.named.fullmatch(key) for key in data)


class OfEachField(forms.Field):
    """Child id → what is said of this child only."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or {}) != (data or {})


class LinesField(OfEachField):
    """Child id → the line for this child only."""

    widget = OfEachInput(PREFIX)

    def clean(self, value: Any) -> dict[int, str]:
        lines = {pk: line.strip() for pk, line in (value or {}).items()}
        if any(len(line) > LONGEST for line in lines.values()):
            raise ValidationError(f"写给一名学生的话最多 {LONGEST} 个字，请删减。")
        return lines


class StatesField(OfEachField):
    """Child id → how this child was, where it was not as the others."""

    widget = OfEachInput(STATE_PREFIX)

    def clean(self, value: Any) -> dict[int, str]:
        if any(state not in ChildState.values for state in (value or {}).values()):
            raise ValidationError("有一名学生的状态不在选项里，请重新选择。")
        return value or {}


class PrivateLines(LayoutObject):
    """A line, and a state where the kind asks for one, for every child that can be ticked; shown for the ticked."""

    def __init__(self, picker: Picker) -> None:
        self.picker = picker

    def render(self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        """The inputs as HTML."""
        form.rendered_fields.update({"lines", "states"})
        typed = form["lines"].value() or {}
        asks_state = "states" in form.fields
        states = (form["states"].value() or {}) if asks_state else {}
        chosen = {str(getattr(value, "pk", value)) for value in form["children"].value() or ()}
        rows = [
            {"child": child, "line": typed.get(child.pk, ""), "state": states.get(child.pk, "")}
            for group in self.picker.groups
            for child in group.children
        ]
        if not rows:
            return SafeString("")
        given = {
            "rows": rows,
            "field": form["lines"],
            "state_field": form["states"] if asks_state else None,
            "states": ChildState.choices if asks_state else (),
            "longest": LONGEST,
            "shown": len(chosen) > 1 or bool(typed) or bool(states),
            "prefix": PREFIX,
            "state_prefix": STATE_PREFIX,
        }
        return render_to_string("activities/_private_lines.html", given)
