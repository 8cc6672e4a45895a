"""Papers of pairing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from children.life.papers import imprint
from mentoring.plan_paper import plan_paper
from mentoring.views.plans import plan_for

SHEETS = (PRINT_SHEET, "print/pairing.css")


def paper_response(request: HttpRequest, template: str, context: dict[str, Any], title: str) -> HttpResponse:
    """A paper of pairing as PDF, with who printed it at its foot."""
    told = context | {"imprint": imprint(request.user, timezone.localtime())}
    return pdf_response(render_pdf(template, told, title=title, stylesheets=SHEETS), f"{title}.pdf")


@require_safe
@allows(Act.PAIRING_EDIT)
def plan_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of a plan for signature; before it is published marked as a draft."""
    plan = plan_for(request, pk, Act.PAIRING_EDIT)
    paper = plan_paper(plan, timezone.localdate())
    for child in plan.lines.values_list("child", flat=True):
        note(request, Event.PRINT, child, f"pairing plan {plan.pk}")
    return paper_response(request, "print/pairing_plan.html", {"paper": paper}, plan.title)
