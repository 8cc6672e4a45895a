"""
Addresses with numbers in them, put together from a pattern that is looked up once.

A dossier holds some seventy addresses, and looking each up took a tenth of the page.
"""

from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.urls import get_script_prefix, get_urlconf, reverse

register = template.Library()

# Stand for the numbers while the pattern is looked up; no address holds them otherwise.
_FIRST = 8_471_055_000


@lru_cache(maxsize=2000)
def _pattern(name: str, words: tuple[str, ...], urlconf: str | None, prefix: str) -> str:
    marks = [word or _FIRST + place for place, word in enumerate(words)]
    pattern = reverse(name, args=marks).replace("%", "%%")
    for mark in marks:
        if isinstance(mark, int):
            pattern = pattern.replace(str(mark), "%d", 1)
    return pattern


def address(name: str, *parts: int | str) -> str:
    """
    What `django.urls.reverse` answers for a URL with these arguments in their order.

    A pattern is kept for each text, so texts are words of the program ("up"), never what somebody typed.
    Raises NoReverseMatch as `reverse` does.
    """
    words = tuple(["" if type(part) is int else str(part) for part in parts])
    numbers = tuple([part for part in parts if type(part) is int])
    return _pattern(name, words, get_urlconf(), get_script_prefix()) % numbers


class AddressNode(URLNode):
    """Django's `{% url %}`, the short way where the arguments are whole numbers."""

    def render(self, context: Context) -> str:
        """The address; stored under a name where one is given."""
        if self.kwargs or self.asvar:
            return super().render(context)
        numbers: list[Any] = [arg.resolve(context) for arg in self.args]
        if all(type(number) is int and number >= 0 for number in numbers):
            return address(self.view_name.resolve(context), *numbers)
        return super().render(context)


@register.tag
def url(parser: Parser, token: Token) -> AddressNode:
    """Takes the place of Django's tag, with the same words: {% url "children:child_show" child.pk %}."""
    node = parse_url(parser, token)
    return AddressNode(node.view_name, node.args, node.kwargs, node.asvar)
