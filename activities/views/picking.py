"""Choosing one child before a page about it opens: by class or name, the left-behind first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString

from activities.picking import Busy, Link, choices, picker
from caretrack.web.components import Crumb
from caretrack.web.numbers import number


def pick_child(
    request: HttpRequest,
    allowed: Any,
    *,
    heading: str,
    lead: str,
    crumbs: list[Crumb],
    link: Link,
    kept: dict[str, str] | None = None,
    busy: Busy | None = None,
    taken: str = "",
    below: str = "",
    names_only: bool = False,
) -> HttpResponse:
    """
    A page that leads on with one of the `allowed` children; `link` gives the address for a child.

    `names_only`: nothing shows whose parents are away. `busy` tells of the children shown which cannot be chosen, `taken` why; `kept` are answers in the address.
    """
    found = picker(
        allowed,
        request.user,  # type: ignore[arg-type]
        on=timezone.localdate(),
        class_id=number(request.GET.get("class")),
        q=request.GET.get("q", "").strip()[:20],
        names_only=names_only,
    )
    context = {
        "picker": found,
        "groups": choices(found, link=link, busy=busy),
        "heading": heading,
        "lead": lead,
        "crumbs": [*crumbs, Crumb(heading)],
        "kept": kept or {},
        "taken": taken,
        "below": below or SafeString(""),
    }
    return render(request, "activities/pick_child.html", context)
