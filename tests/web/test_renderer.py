"""The inputs drawn without templates are those that Django would draw."""

import datetime as dt
import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from caretrack.web.renderer import CareRenderer

NASTY = "<b>\"'&"
CHOICES = [("", "全部"), ("a", NASTY), (1, "一"), ("组", [("b", "乙"), (NASTY, "丙")])]
WIDGETS: list[tuple[forms.Widget, Any]] = [
    (forms.TextInput(attrs={"class": "x", "required": True, "disabled": False, "data-n": 3}), NASTY),
    (forms.TextInput(), None),
    (forms.TextInput(), ""),
    (forms.NumberInput(), 0),
    (forms.EmailInput(), "a@example.org"),
    (forms.HiddenInput(), "1"),
    (forms.PasswordInput(), "secret"),
    (forms.DateInput(format="%Y-%m-%d"), dt.date(2026, 3, 5)),
    (forms.DateTimeInput(), dt.datetime(2026, 3, 5, 14, 30, tzinfo=dt.UTC)),
    (forms.TimeInput(), dt.time(14, 30)),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), False),
    (forms.Textarea(attrs={"rows": 4}), NASTY),
    (forms.Textarea(), None),
    (forms.Textarea(), mark_safe("<i>")),
    (forms.Select(choices=CHOICES), 1),
    (forms.Select(choices=CHOICES), NASTY),
    (forms.Select(choices=[]), None),
    (forms.SelectMultiple(choices=CHOICES), ["a", "b"]),
    (forms.NullBooleanSelect(), True),
    (forms.RadioSelect(choices=CHOICES), "a"),
    (forms.CheckboxSelectMultiple(choices=CHOICES), ["a"]),
    (forms.ClearableFileInput(), None),
]


@pytest.mark.parametrize("widget, value", WIDGETS)
def test_an_input_looks_as_django_draws_it(widget: forms.Widget, value: Any) -> None:
    drawn = [
        widget.render("field", value, attrs={"id": "id_field"}, renderer=renderer)
        for renderer in (CareRenderer(), DjangoTemplates())
    ]
    ours, theirs = (re.sub(r">\s+<", "><", text).strip() for text in drawn)
    assert ours == theirs
