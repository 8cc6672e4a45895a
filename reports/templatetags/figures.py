"""Cells of a table of figures. A school's month has some eight hundred: the template language would take longer over
them than the database over the figures."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from reports.builders.tables import Row

register = template.Library()


@register.simple_tag
def figure_cells(row: Row, opens: str = "", query: str = "") -> SafeString:
    """
    The `<td>`s of a row.

    With `opens` (the start of the cells' address) a figure that has a list behind it is a link to it; `query` is kept
    in that address. A nought is quiet, a rate of nothing a dash.
    """
    start, end = escape(opens), escape(query)
    parts = []
    for cell in row.cells:
        shown: str = escape(cell.shown)
        if opens and cell.key and cell.value:
            shown = f'<a href="{start}{row.scope}/{escape(cell.key)}/{end}">{shown}</a>'
        elif cell.value == 0:
            shown = '<span class="care-quiet">0</span>'
        parts.append(f'<td class="care-num">{shown}</td>')
    return mark_safe("".join(parts))
