"""Which families came to no meeting for carers this term: by class, on the page and on paper."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.family.turnout import ClassTurnout, turnout
from activities.views.gatherings import SHEETS
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.pdf import render_pdf
from caretrack.web.components import Crumb
from children.life.papers import imprint
from children.models import Child
from children.queries import term_start

TITLE = "家长到会情况"


@dataclass(frozen=True)
class Sheet:
    """The families whom one person sees, over the term so far."""

    school: str
    first: date
    last: date
    lines: tuple[ClassTurnout, ...]

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """Pupils, families who came, who never came, who were not asked."""
        parts = ((line.pupils, len(line.came), len(line.never), len(line.not_asked)) for line in self.lines)
        return tuple(map(sum, zip(*parts, strict=True))) or (0, 0, 0, 0)  # type: ignore[return-value]


def _sheet(request: HttpRequest) -> Sheet:
    staff: Any = request.user
    school, today = staff.home_school(), timezone.localdate()
    first = term_start(school, today)
    return Sheet(
        school.name if school else "", first, today, tuple(turnout(Child.objects.visible_to(staff), first, today))
    )


@allows(Act.EVENT_VIEW)
@require_safe
def meeting_families(request: HttpRequest) -> HttpResponse:
    """By class: how many families came, and the names of the others."""
    note(request, Event.VIEW, detail="meeting families")
    crumbs = [Crumb("会议", reverse("activities:meeting_list")), Crumb(TITLE)]
    return render(request, "activities/events/families.html", {"sheet": _sheet(request), "crumbs": crumbs})


@allows(Act.EVENT_VIEW)
@require_safe
def meeting_families_print(request: HttpRequest) -> HttpResponse:
    """The same on paper."""
    note(request, Event.PRINT, detail="meeting families")
    context = {"paper": _sheet(request), "imprint": imprint(request.user, timezone.localtime())}
    pdf = render_pdf("print/meeting_families.html", context, title=TITLE, stylesheets=SHEETS)
    return pdf_response(pdf, f"{TITLE}.pdf")
