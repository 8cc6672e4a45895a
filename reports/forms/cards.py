"""Forms of the contact cards: which ones to show, how many copies to print."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from caretrack.schools.class_names import class_choices
from caretrack.web.forms import CareForm, FilterForm
from children.queries import classes_among
from children.search import search
from reports.access import CARD_NEEDS, printable
from reports.builders.card_states import LABELS, TO_PRINT, CardLine, CardState, card_lines, no_more
from reports.printing import FOUR, THREE

STATES = [
    ("", "全部"),
    ("to_print", "要打印的（未打印、须换发）"),
    *((state.value, label) for state, label in LABELS.items()),
    ("void_out", "旧卡未收回"),
]


class CardFilter(FilterForm):
    """Cards by name, class and state. After `narrow`, `lines` holds every card of the class, whatever its state."""

    q = forms.CharField(label="查找", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = forms.ChoiceField(label="班级", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)

    def __init__(self, data: Any = None, *, staff: Any = None, **kwargs: Any) -> None:
        super().__init__(data, staff=staff, **kwargs)
        self.lines: dict[int, CardLine] = {}
        today = timezone.localdate()
        classes = classes_among(printable(staff, *CARD_NEEDS))
        self.fields["school_class"].choices = [("", "全部班级"), *class_choices(classes, today)]

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        data = self.cleaned_data
        if data["school_class"]:
            rows = rows.filter(school_class=data["school_class"])
        rows = search(rows, self.staff, data["q"])
        children = list(rows)
        self.lines = card_lines(children, on=timezone.localdate(), not_needed=no_more(children))
        state = data["state"]
        if not state:
            return rows
        return rows.filter(pk__in=[pk for pk, line in self.lines.items() if _is(line, state)])

    def listed(self, states: Collection[CardState]) -> list[int]:
        """The children on the list (after `narrow`, on all its pages) whose card is in one of the states."""
        asked = self.cleaned_data["state"] if self.is_valid() else ""
        return [pk for pk, line in self.lines.items() if line.state in states and (not asked or _is(line, asked))]

    def state_urls(self) -> dict[str, str]:
        """State → the address of the same list narrowed to it."""
        chosen = {name: self.data[name] for name in ("q", "school_class") if self.data.get(name, "").strip()}
        return {state or "all": f"?{urlencode(chosen | {'state': state})}" for state, _ in STATES}

    def query(self) -> str:
        """The same choice as an address's query, empty without any."""
        chosen = {name: value for name in self.fields if (value := self.data.get(name, "").strip())}
        return f"?{urlencode(chosen)}" if self.is_valid() and chosen else ""


def _is(line: CardLine, state: str) -> bool:
    if state == "to_print":
        return line.state in TO_PRINT
    if state == "void_out":
        return bool(line.void_out)
    return line.state == CardState(state)


class CardPrintForm(CareForm, forms.Form):
    """How many copies; the same choice says whose copies were handed out."""

    copies = forms.TypedChoiceField(
        label="份数",
        coerce=int,
        choices=[(3, "一式三份（学校、班主任、代理家长）"), (4, "一式四份（另加家庭）"), (1, "每人一份")],
        initial=3,
    )

    def holders(self) -> tuple[str, ...]:
        """Who gets a copy by the choice; a single print goes to the school."""
        return {1: THREE[:1], 3: THREE, 4: FOUR}[self.cleaned_data["copies"]]
