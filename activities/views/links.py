"""Addresses that several pages lead to, and the way back to where one came from."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from caretrack.access.policy import Act
from caretrack.web.addresses import address
from caretrack.web.origin import own_page
from children.models import Child


def add_url(*, children: Any = (), kind: str = "talk", next_page: str = "", **more: Any) -> str:
    """The form for a new record, for these children (ids), returning to `next_page`."""
    asked: list[tuple[str, Any]] = [("child", pk) for pk in children]
    asked.append(("kind", kind))
    if next_page:
        asked.append(("next", next_page))
    asked += [(name, value) for name, value in more.items() if value]
    return f"{address('activities:record_add')}?{urlencode(asked)}"


def dossier_url(child: Child | int) -> str:
    """The child's dossier."""
    return address("children:child_show", getattr(child, "pk", child))


def children_url(query: str = "") -> str:
    """The list of children under a filter."""
    url = address("children:child_list")
    return f"{url}?{query}" if query else url


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page named by ?next= if it is one of ours, else `otherwise`."""
    asked = request.GET.get("next", "")
    return own_page(asked) if asked else otherwise


def after_saving(request: HttpRequest, child: Child) -> str:
    """Where a saved record leads: back, else to the dossier, else home."""
    may_open = request.user.may(Act.CHILD_VIEW)  # type: ignore[union-attr]
    return way_back(request, dossier_url(child) if may_open else address("workbench"))


def day_of(text: str | None) -> date | None:
    """A day from an address (2026-11-20); None for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
