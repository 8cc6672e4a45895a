"""Pledges and agreements of a whole school at once, a file for each class."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.policy import ACTS, Act
from caretrack.access.scopes import children_reached_by
from children.models import Child
from mentoring.models import PaperKind
from mentoring.signing import open_ones, owing
from reports.bulk import chosen
from reports.bulk_papers import SIGN_PAPERS
from reports.views.bulk import print_children


@require_POST
@allows(Act.PAPER_VIEW)
def sign_print(request: HttpRequest, kind: str) -> HttpResponse:
    """Print one kind of paper for every child who owes it; with `open` only for those not signed yet."""
    if kind not in PaperKind.values:
        raise Http404
    staff: Any = request.user
    today = timezone.localdate()
    children = owing(kind, Child.objects.filter(children_reached_by(staff, ACTS[Act.PAPER_VIEW])), today)
    listed = chosen(SIGN_PAPERS[PaperKind(kind)], staff, children.values_list("pk", flat=True))
    if "open" in request.POST:
        listed = open_ones(kind, listed, today)
    return print_children(request, SIGN_PAPERS[PaperKind(kind)], listed, "mentoring:paper_kind", kind)
