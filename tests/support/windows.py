"""A form as a browser holds it after opening its page: what pressing save at once would send."""

from typing import Any

from django.test import Client


def opened(client: Client, url: str) -> dict[str, Any]:
    """The values of every field of the page's form, hidden ones too."""
    form = client.get(url).context["form"]
    values = {box.html_name: box.value() for box in form}
    return {
        name: getattr(value, "pk", value) for name, value in values.items() if value is not None and value is not False
    }
