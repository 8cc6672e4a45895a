"""The tabs over worries, incidents, warnings, levels, absences and night rolls: to each person those they may open."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web.components import Tab

PLACES: tuple[tuple[str, str, Act], ...] = (
    ("担心的事", "activities:worry_list", Act.WORRY_TRIAGE),
    ("预警", "activities:alert_list", Act.ALERT_VIEW),
    ("级别建议", "activities:level_suggestions", Act.LEVEL_DECIDE),
    ("重点对象", "activities:level_list", Act.ALERT_VIEW),
    ("事件档案", "activities:incident_list", Act.INCIDENT_VIEW),
    ("缺勤控辍", "activities:absence_home", Act.ABSENCE),
    ("查夜", "activities:night_home", Act.NIGHT_CHECK),
    ("我报告的", "activities:worry_mine", Act.WORRY_REPORT),
)


def safety_tabs(staff: Any, active: str) -> list[Tab]:
    """The tabs; `active` is the URL name of the page shown."""
    return [Tab(label, reverse(name), active=name == active) for label, name, act in PLACES if staff.may(act)]


def day_asked(text: str, otherwise: date) -> date:
    """The day of an address; `otherwise` for none. Raises Http404 for what is no day."""
    try:
        day = parse_date(text) if text else otherwise
    except ValueError:
        day = None
    if day is None:
        raise Http404
    return day


class SafetyTabs:
    """Mixin for the lists: puts the tabs on top. The page says its own URL name in `place`."""

    request: Any
    place = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"safety_tabs": safety_tabs(self.request.user, self.place)}


@require_safe
@allows(Act.WORRY_REPORT)
def safety(request: HttpRequest) -> HttpResponse:
    """The entry of the menu: the first of this person's tabs, but for the files, kept to few and empty to the others."""
    acts = [(name, act) for _, name, act in PLACES if act is not Act.INCIDENT_VIEW]
    return redirect(next(name for name, act in acts if request.user.may(act)))  # type: ignore[union-attr]
