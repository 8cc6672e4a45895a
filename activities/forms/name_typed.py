"""An input for the name of a pupil whom one need not see: while it is typed, names and classes are offered under it."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


class NameTyped(forms.TextInput):
    """A text input that asks the URL called `offers` for names; without scripts name and class are typed in full."""

    def __init__(self, offers: str, attrs: dict[str, Any] | None = None) -> None:
        self.offers = offers
        super().__init__({"autocomplete": "off", "data-care-draft-along": True, **(attrs or {})})

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The input, and the place where the names come."""
        attrs = dict(attrs or {})
        field_id = attrs.get("id", name)
        asking = {
            "hx-post": reverse(self.offers),
            "hx-trigger": "input changed delay:250ms",
            "hx-target": f"#{field_id}_found",
            "hx-params": f"{name},csrfmiddlewaretoken",
            "hx-sync": "this:replace",
        }
        field = super().render(name, value, attrs | asking, renderer)
        place = '{}<div class="care-found care-found-below" id="{}_found" data-care-for="{}" aria-live="polite"></div>'
        return format_html(place, field, field_id, field_id)
