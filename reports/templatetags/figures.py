"""Cells of a table of figures. A school's month has some eight hundred: the template language would take longer over
them than the database over the figures."""

from collections.abc import Iterable

from django import template
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from reports.builders.tables import Row

register = template.Library()


@register.simple_tag
def unit_options(units: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """The `<option>`s of (code, name); a large school has two hundred."""
    return format_html_join(
        "", '<option value="{}"{}>{}</option>',
        ((code, mark_safe(" selected") if code == chosen else "", name) for code, name in units),
    )  # fmt: skip


@register.simple_tag
def figure_cells(row: Row, opens: str = "", query: str = "") -> SafeString:
    """
    The `<td>`s of a row.

    With `opens` (the start of the cells' address) a figure that has a list behind it is a link to it; `query` is kept
    in that address. A nought is quiet, a rate of nothing a dash.
    """
    start, end = f"{escape(opens)}{row.scope}/", escape(query)
    parts = []
    for cell in row.cells:
        value, key = cell.value, cell.key
        if value == 0:
            parts.append('<td class="care-quiet">0</td>')
        elif opens and key and value:
            parts.append(
                f'<td><a href="{start}{escape(key)}/{end}">{value if type(value) is int else escape(value)}</a></td>'
            )
        else:
            parts.append(f"<td>{escape(cell.shown)}</td>")
    return mark_safe("".join(parts))
