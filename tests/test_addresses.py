"""Addresses put together from patterns are those that Django finds."""

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse, set_script_prefix

from caretrack.web.addresses import address
from tests.support.routes import pages


def test_no_address_leads_to_a_page_that_cannot_be_made() -> None:
    """A page that leaves out what its base asks for fails at its first visitor."""
    assert {page.__name__: missing for page in pages() if (missing := getattr(page, "__abstractmethods__", None))} == {}


@pytest.mark.parametrize(
    "name, parts",
    [
        ("workbench", ()),
        ("children:child_show", (7,)),
        ("children:member_edit", (7, 8)),
        ("children:member_edit", (8, 7)),
        ("children:child_reveal", (7, "id_no")),
        ("children:phone_move", (7, 12, "up")),
    ],
)
def test_as_django_finds_it(name: str, parts: tuple) -> None:
    for _ in range(2):
        assert address(name, *parts) == reverse(name, args=parts)


def test_unknown_names_and_wrong_arguments_are_refused() -> None:
    for name, parts in (("children:nowhere", ()), ("children:child_show", ()), ("children:child_show", (1, 2))):
        with pytest.raises(NoReverseMatch):
            address(name, *parts)


def test_under_another_prefix() -> None:
    before = address("children:child_show", 7)
    set_script_prefix("/care/")
    try:
        assert address("children:child_show", 7) == "/care" + before
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize(
    "tag, shown",
    [
        ("{% url 'children:child_show' 7 %}", "children:child_show"),
        ("{% url 'children:child_show' pk=7 %}", "children:child_show"),
        ("{% url 'children:child_show' '7' %}", "children:child_show"),
        ("{% url 'children:child_show' 7 as here %}{{ here }}", "children:child_show"),
    ],
)
def test_the_tag_answers_as_djangos(tag: str, shown: str) -> None:
    assert Template(tag).render(Context()) == reverse(shown, args=[7])
