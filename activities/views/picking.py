"""Choosing one child before a page about it opens: by class or name, the left-behind first."""

from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString

from activities.picking import picker
from activities.views.writing import number
from caretrack.web.components import Crumb
from children.models import Child


def pick_child(
    request: HttpRequest,
    allowed: Any,
    *,
    heading: str,
    lead: str,
    crumbs: list[Crumb],
    link: Callable[[Child], str],
    kept: dict[str, str] | None = None,
    busy: Callable[[list[int]], Collection[int]] | None = None,
    taken: str = "",
    below: str = "",
) -> HttpResponse:
    """
    A page that leads on with one of the `allowed` children; `link` gives the address for a child.

    `busy` tells of the children shown which cannot be chosen, `taken` why; `kept` are answers in the address.
    """
    found = picker(
        allowed,
        request.user,  # type: ignore[arg-type]
        on=timezone.localdate(),
        class_id=number(request.GET.get("class")),
        q=request.GET.get("q", "").strip()[:20],
    )
    shown = [child.pk for group in found.groups for child in group.children]
    out = set(busy(shown)) if busy else set()
    context = {
        "picker": found,
        "groups": [
            (group.title, [(child, "" if child.pk in out else link(child)) for child in group.children])
            for group in found.groups
        ],
        "heading": heading,
        "lead": lead,
        "crumbs": [*crumbs, Crumb(heading)],
        "kept": kept or {},
        "taken": taken,
        "below": below or SafeString(""),
    }
    return render(request, "activities/pick_child.html", context)
