"""One record for several children: a line for each of them that the others' records do not hold."""

import re
from collections.abc import Mapping
from typing import Any

from crispy_forms.layout import LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from activities.picking import Picker

PREFIX = "line_"
LONGEST = 200
_NAME = re.compile(rf"{PREFIX}(\d{{1,9}})")


class LinesInput(forms.Widget):
    """Collects line_<child id>; PrivateLines draws the inputs."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[int, str]:
        named = ((_NAME.fullmatch(key), key) for key in data)
        return {int(found[1]): str(data[key]) for found, key in named if found and str(data[key]).strip()}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(_NAME.fullmatch(key) for key in data)


class LinesField(forms.Field):
    """Child id → the line for this child only."""

    widget = LinesInput

    def clean(self, value: Any) -> dict[int, str]:
        lines = {pk: line.strip() for pk, line in (value or {}).items()}
        if any(len(line) > LONGEST for line in lines.values()):
            raise ValidationError(f"写给一名学生的话最多 {LONGEST} 个字，请删减。")
        return lines


class PrivateLines(LayoutObject):
    """An input for every child that can be ticked; the page shows those of the ticked ones."""

    def __init__(self, picker: Picker) -> None:
        self.picker = picker

    def render(self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        """The inputs as HTML."""
        form.rendered_fields.add("lines")
        typed = form["lines"].value() or {}
        chosen = {str(getattr(value, "pk", value)) for value in form["children"].value() or ()}
        rows = [
            {"child": child, "line": typed.get(child.pk, ""), "chosen": str(child.pk) in chosen}
            for group in self.picker.groups
            for child in group.children
        ]
        if not rows:
            return SafeString("")
        shown = len(chosen) > 1 or bool(typed)
        given = {"rows": rows, "field": form["lines"], "longest": LONGEST, "shown": shown, "prefix": PREFIX}
        return render_to_string("activities/_private_lines.html", given)
