"""An input that offers the usual words and takes any other."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class Suggesting(forms.TextInput):
    """A text input with a list of usual words under it; without the list it is a plain input."""

    def __init__(self, words: Sequence[str], attrs: dict[str, Any] | None = None) -> None:
        self.words = tuple(words)
        super().__init__({"autocomplete": "off", **(attrs or {})})

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The input and its words."""
        attrs = dict(attrs or {})
        words_id = f"{attrs.get('id', name)}_words"
        field = super().render(name, value, {**attrs, "list": words_id}, renderer)
        words = format_html_join("", '<option value="{}"></option>', ((word,) for word in self.words))
        return format_html('{}<datalist id="{}">{}</datalist>', field, words_id, words)
