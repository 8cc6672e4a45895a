"""
The start page: what is due today and why, by role. Each app registers its panels; a page never knows the apps.

A panel is a function (staff, today) → Panel or None. It asks its own act first, keeps to `visible_to`, and costs a
constant number of statements. Panels are registered from an app's web floor (urls.py), never from its domain.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.periods import Month


@dataclass(frozen=True)
class Panel:
    """
    One sheet of the workbench. `template` is drawn with `panel` and the names in `data`.

    `figures` stand above all sheets as numbers that open: (label, number, url, unit, hint, tone).
    """

    title: str = ""
    template: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    link: str = ""
    side: bool = False
    figures: tuple["Figure", ...] = ()


@dataclass(frozen=True)
class Figure:
    """A number of the workbench; `url` is the list behind it."""

    label: str
    number: int | None
    url: str
    unit: str = ""
    hint: str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class Line:
    """One line of a panel that lists what waits: words that open a page, how many, and names or days below."""

    text: str
    badge: str
    url: str
    tone: str = "warn"
    note: str = ""


def lines_panel(title: str, lines: list[Line], url: str, link: str) -> Panel | None:
    """A sheet in the side column with these lines; None without any."""
    return Panel(title, "web/_panel_lines.html", {"lines": lines}, url=url, link=link, side=True) if lines else None


PanelMaker = Callable[[Any, date], Panel | None]
_makers: dict[str, tuple[int, PanelMaker]] = {}


def register(maker: PanelMaker, order: int = 100) -> PanelMaker:
    """Put a panel on the workbench; the same function again only moves it. Lower orders stand higher."""
    _makers[f"{maker.__module__}.{maker.__qualname__}"] = (order, maker)
    return maker


def panels_for(staff: Any, today: date) -> list[Panel]:
    """The panels that have something to say to this person today, in their order."""
    ordered = sorted(_makers.items(), key=lambda item: (item[1][0], item[0]))
    return [panel for _, (_, maker) in ordered if (panel := maker(staff, today)) is not None]


def sheet(request: HttpRequest, panel: Panel) -> dict[str, Any]:
    """A panel with its inside drawn: its template sees nothing but its own data."""
    return {"panel": panel, "body": render_to_string(panel.template, dict(panel.data), request)}


@require_safe
@allows(Act.HOME)
def workbench(request: HttpRequest) -> HttpResponse:
    """The start page."""
    today, staff = timezone.localdate(), request.user
    panels = panels_for(staff, today)
    school = staff.home_school()  # type: ignore[union-attr]
    month = Month.of(today, school.closing_day) if school else None
    context = {
        "today": today,
        "month": month,
        "days_left": (month.last - today).days if month else 0,
        "figures": [figure for panel in panels for figure in panel.figures],
        "main": [sheet(request, panel) for panel in panels if panel.template and not panel.side],
        "side": [sheet(request, panel) for panel in panels if panel.template and panel.side],
        "may_write": staff.may(Act.RECORD_WRITE),  # type: ignore[union-attr]
    }
    return render(request, "workbench.html", context)
