"""The emergency calls of one child on one page: masked until asked for, and the asking is logged."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.call_tree import call_tree
from activities.incidents.numbers import first_numbers
from activities.incidents.suspects import warning
from activities.models import rules_of
from activities.night_duty import callable_by
from activities.views.absence import absence_to_call
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.web.components import Crumb
from children.access import sees
from children.life.papers import imprint
from children.models import Child
from children.sight import sight_of


def child_to_call(request: HttpRequest, pk: int) -> Child:
    """A child whose family this person may call. Raises Http404 or PermissionDenied."""
    staff: Any = request.user
    child = get_object_or_404(callable_by(staff).select_related("school", "school_class__school"), pk=pk)
    if not sight_of(staff, child).may(Act.EMERGENCY_CALL):
        raise PermissionDenied("您对这名学生没有查看家庭电话的权限。紧急时请找班主任、德育主任或校长。")
    return child


def _way_here(seen: bool, child: Child) -> list[Crumb]:
    """From the dossier, or from the night roll for who is on duty and has none of the dossiers."""
    if not seen:
        return [Crumb("查夜", reverse("activities:night_home")), Crumb(child.name)]
    return [
        Crumb("学生", reverse("children:child_list")),
        Crumb(child.name, reverse("children:child_show", args=[child.pk])),
    ]


@allows(Act.EMERGENCY_CALL)
def call_tree_show(request: HttpRequest, pk: int) -> HttpResponse:
    """The steps in order; after a press (POST) the whole numbers, ready to dial."""
    staff: Any = request.user
    child = child_to_call(request, pk)
    shown = request.method == "POST"
    note(request, Event.REVEAL if shown else Event.VIEW, child, detail="call tree")
    context = {
        "child": child,
        "class_name": child.class_name(timezone.localdate()),
        "branches": call_tree(child, staff),
        "shown": shown,
        "absence": absence_to_call(staff, child),
        "warning": warning(child, staff),
        "numbers": first_numbers(child.school, rules_of(child.school)),
        "crumbs": [*_way_here(sees(staff, child, DataClass.IDENTITY), child), Crumb("紧急联系")],
    }
    return render(request, "activities/call_tree.html", context)


@require_safe
@allows(Act.EMERGENCY_CALL)
def call_tree_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The same on paper, for the duty room."""
    staff: Any = request.user
    child = child_to_call(request, pk)
    note(request, Event.PRINT, child, detail="call tree")
    context = {
        "child": child.name,
        "school": child.school.name,
        "class_name": child.class_name(timezone.localdate()),
        "address": child.address,
        "branches": call_tree(child, staff),
        "warning": warning(child, staff),
        "numbers": first_numbers(child.school, rules_of(child.school)),
        "on": timezone.localdate(),
        "imprint": imprint(request.user, timezone.localtime()),
    }
    pdf = render_pdf(
        "print/call_tree.html", context, title="紧急联系顺序", stylesheets=(PRINT_SHEET, "print/safety.css")
    )
    return pdf_response(pdf, f"{child.name}紧急联系顺序.pdf")
