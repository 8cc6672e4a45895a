"""All papers of one child: the timeline in three ways, the growth file with its twelve kinds, and the rest in one place."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.periods import Month
from caretrack.web.components import Crumb
from children.left_behind import Definition
from children.models import Child
from children.queries import left_behind_ids
from children.sight import sight_of
from reports.access import CARD_NEEDS, DOSSIER_NEEDS, FORM_NEEDS, OUTSIDE_NEEDS, REGISTRATION_NEEDS, printable
from reports.builders.growth_file import build_growth_file
from reports.builders.history import Variant, build_history
from reports.bulk import chosen, kind_called
from reports.bulk_papers import DOSSIERS, GROWTH_FILES
from reports.forms.papers import HistoryForm
from reports.papers import history_paper
from reports.views.bulk import print_children
from reports.views.units import imprint_for

BY_CHILD = {kind.code for kind in (GROWTH_FILES, DOSSIERS)}


def _child_or_404(request: HttpRequest, pk: int) -> Child:
    found = printable(request.user, *DOSSIER_NEEDS).filter(pk=pk)  # type: ignore[arg-type]
    child = found.select_related("school", "school_class__school").first()
    if child is None:
        raise Http404
    return child


@require_http_methods(["GET", "HEAD", "POST"])
@allows(Act.PRINT)
def child_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """The child's papers with the checklist of the growth file; POST prints the timeline as chosen."""
    child = _child_or_404(request, pk)
    staff, today = request.user, timezone.localdate()
    sight = sight_of(staff, child)  # type: ignore[arg-type]
    outside = printable(staff, *OUTSIDE_NEEDS).filter(pk=pk).exists()  # type: ignore[arg-type]
    asked = request.POST if request.method == "POST" else None
    form = HistoryForm(asked, outside=outside, today=today)
    if asked is not None:
        if asked.get("variant") == Variant.OUTSIDE and not outside:
            raise PermissionDenied("对外的隐名记录只有班主任、德育主任和校长可以打印。")
        if form.is_valid():
            return _history(request, child, form)
    growth = build_growth_file(child, staff=staff, sight=sight, on=today)  # type: ignore[arg-type]
    note(request, Event.VIEW, child, "打印")
    context = {
        "child": child,
        "form": form,
        "growth": growth,
        "month": Month.of(today, child.school.closing_day),
        "may_card": printable(staff, *CARD_NEEDS).filter(pk=pk).exists(),  # type: ignore[arg-type]
        "may_form": printable(staff, *FORM_NEEDS).filter(pk=pk).exists(),  # type: ignore[arg-type]
        "may_register": printable(staff, *REGISTRATION_NEEDS).filter(pk=pk).exists(),  # type: ignore[arg-type]
        "crumbs": [Crumb("打印", reverse("reports:print_centre")), Crumb(child.name)],
    }
    return render(request, "reports/child_papers.html", context, status=422 if asked is not None else 200)


def _history(request: HttpRequest, child: Child, form: HistoryForm) -> HttpResponse:
    data = form.cleaned_data
    variant = Variant(data["variant"])
    staff = request.user
    history = build_history(
        child,
        staff=staff,  # type: ignore[arg-type]
        sight=sight_of(staff, child),  # type: ignore[arg-type]
        variant=variant,
        first=data["first"],
        last=data["last"],
        kinds=data["kinds"] or None,
    )
    purpose = f"，用途：{data['purpose']}" if variant == Variant.OUTSIDE else ""
    note(request, Event.PRINT, child, f"{history.title}{purpose}")
    paper = history_paper(history, imprint_for(request))
    return pdf_response(paper.pdf, paper.filename)


@require_safe
@allows(Act.PRINT)
def child_growth_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The binder of one child as one PDF."""
    child = _child_or_404(request, pk)
    return print_children(request, GROWTH_FILES, [child], "reports:child_papers", pk)


@require_POST
@allows(Act.PRINT)
def class_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Binders or dossiers of all left-behind children of a class, in the background, a file for each child."""
    members = printable(request.user, *DOSSIER_NEEDS).filter(school_class=pk)  # type: ignore[arg-type]
    if not members.exists():
        raise Http404
    code = request.POST.get("paper", GROWTH_FILES.code)
    if code not in BY_CHILD:
        messages.warning(request, "请选择要打印的材料。")
        return redirect("reports:print_class", pk)
    ids = left_behind_ids(members, Definition.SEED, timezone.localdate())
    kind = kind_called(code)
    return print_children(request, kind, chosen(kind, request.user, ids), "reports:print_class", pk)  # type: ignore[arg-type]
