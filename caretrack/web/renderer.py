"""
The plain inputs of forms, drawn without a template an option: a list's filter alone has a hundred options.

Same marks as Django's own templates (a test compares them); whatever is not plain is left to those.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

_FOLDER = "django/forms/widgets/"
_INPUTS = ("input", "text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox")
_OPTION = f"{_FOLDER}select_option.html"


def _attrs(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    value = widget["value"]
    given = "" if value is None else f' value="{conditional_escape(str(value))}"'
    name = conditional_escape(widget["name"])
    return f'<input type="{widget["type"]}" name="{name}"{given}{_attrs(widget["attrs"])}>'


def _textarea(widget: Mapping[str, Any]) -> str:
    value = conditional_escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{conditional_escape(widget["name"])}"{_attrs(widget["attrs"])}>\n{value}</textarea>'


def _options(options: Iterable[Mapping[str, Any]]) -> str:
    return "".join(
        f'<option value="{conditional_escape(str(option["value"]))}"{_attrs(option["attrs"])}>'
        f"{conditional_escape(option['label'])}</option>"
        for option in options
    )


def _select(widget: Mapping[str, Any]) -> str:
    groups = "".join(
        f'<optgroup label="{conditional_escape(name)}">{_options(options)}</optgroup>' if name else _options(options)
        for name, options, _ in widget["optgroups"]
    )
    return f'<select name="{conditional_escape(widget["name"])}"{_attrs(widget["attrs"])}>{groups}</select>'


_DRAWN: dict[str, Callable[[Mapping[str, Any]], str]] = {
    f"{_FOLDER}textarea.html": _textarea,
    f"{_FOLDER}select.html": _select,
    **{f"{_FOLDER}{name}.html": _input for name in (*_INPUTS, "radio_option", "checkbox_option")},
}


def _plain(widget: Mapping[str, Any]) -> bool:
    """A select whose options have a template of their own and a button inside its label are not ours to draw."""
    return not widget.get("wrap_label") and all(
        option["template_name"] == _OPTION for _, options, _ in widget.get("optgroups", ()) for option in options
    )


class CareRenderer(DjangoTemplates):
    """Django's form renderer, with the plain inputs drawn here."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        """The markup of a widget, form or list of errors."""
        draw = _DRAWN.get(template_name)
        if draw is None or not _plain(context["widget"]):
            return super().render(template_name, context, request)
        return mark_safe(draw(context["widget"]))  # noqa: S308  put together from escaped parts
