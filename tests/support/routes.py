"""The pages of the program, as the addresses lead to them."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


def pages(resolver: Any = None) -> Iterator[type]:
    """The class of every page that is one."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from pages(pattern)
        elif isinstance(pattern, URLPattern) and (view := getattr(pattern.callback, "view_class", None)):
            yield view
