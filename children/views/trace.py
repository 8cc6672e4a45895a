"""What was changed in a dossier, and who looked at it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.models import AccessEntry
from caretrack.access.policy import Act, DataClass, Level
from caretrack.web.components import Crumb
from children.history_text import sentences
from children.models import Child
from children.views.page import child_or_404, demand

A_PAGE = 30


def _crumbs(child: Child, here: str) -> list[Crumb]:
    return [
        Crumb("学生", reverse("children:child_list")),
        Crumb(child.name, reverse("children:child_show", args=[child.pk])),
        Crumb(here),
    ]


@allows(Act.CHILD_EDIT)
@require_safe
def child_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what and when, in sentences, for those who may change it themselves."""
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.IDENTITY)
    page = Paginator(sentences(child, sight, request.user), A_PAGE).get_page(request.GET.get("page"))
    given = {"child": child, "page": page, "crumbs": _crumbs(child, "修改记录")}
    return render(request, "children/child_history.html", given)


@allows(Act.ACCESS_LOG)
@require_safe
def child_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Who looked at this child's dossier or changed it, for the principal."""
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.ACCOUNTS, Level.READ, Act.ACCESS_LOG)
    entries = AccessEntry.objects.filter(child_id=child.pk).order_by("-at", "-pk")
    page = Paginator(entries, A_PAGE).get_page(request.GET.get("page"))
    given = {"child": child, "page": page, "crumbs": _crumbs(child, "谁看过")}
    return render(request, "children/child_access.html", given)
