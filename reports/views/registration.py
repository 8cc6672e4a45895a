"""The official registration form: for one child, a class, all classes, or blank."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.web.components import Crumb
from children.left_behind import Definition
from children.models import Child
from children.models.child import ChildQuerySet
from children.queries import left_behind_ids
from reports.access import REGISTRATION_NEEDS, printable
from reports.builders.registration import blank_form
from reports.bulk import chosen
from reports.bulk_papers import REGISTRATION
from reports.forms.papers import RegistrationPrintForm
from reports.papers import registration_paper
from reports.views.bulk import print_children
from reports.views.units import imprint_for


def _registered(children: ChildQuerySet) -> list[int]:
    """Whom the form is for: children whom any definition may count, that is with a parent away to work."""
    return left_behind_ids(children, Definition.SEED, timezone.localdate())


@require_http_methods(["GET", "HEAD", "POST"])
@allows(Act.PRINT)
def registration(request: HttpRequest) -> HttpResponse:
    """Choose class and kind of numbers; POST prints. Whole numbers are logged child by child with their purpose."""
    seen = printable(request.user, *REGISTRATION_NEEDS).on_roll()  # type: ignore[arg-type]
    return _answer(request, seen, None)


@require_http_methods(["GET", "HEAD", "POST"])
@allows(Act.PRINT)
def child_registration(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for one child, left behind or not."""
    seen = printable(request.user, *REGISTRATION_NEEDS)  # type: ignore[arg-type]
    child = seen.filter(pk=pk).first()
    if child is None:
        raise Http404
    return _answer(request, seen, child)


def _answer(request: HttpRequest, seen: ChildQuerySet, child: Child | None) -> HttpResponse:
    asked = request.POST if request.method == "POST" else None
    form = RegistrationPrintForm(asked, children=seen, child=child)
    if asked is not None and form.is_valid():
        picked = form.chosen()
        one = child is not None and form.cleaned_data["scope"].startswith("child-")
        ids = [child.pk] if one and child else _registered(picked)  # type: ignore[arg-type]
        children = chosen(REGISTRATION[form.whole], request.user, ids)  # type: ignore[arg-type]
        if form.whole:
            for each in children:
                note(request, Event.REVEAL, each, f"登记表完整身份证号：{form.cleaned_data['purpose']}")
        return print_children(request, REGISTRATION[form.whole], children, "reports:registration")
    crumbs = [Crumb("打印", reverse("reports:print_centre")), Crumb("基本情况登记表")]
    context = {"form": form, "child": child, "crumbs": crumbs, "any": bool(form.fields["scope"].choices)}
    return render(request, "reports/registration.html", context, status=422 if asked is not None else 200)


@require_safe
@allows(Act.PRINT)
def registration_blank(request: HttpRequest) -> HttpResponse:
    """The blank form, with the name of one's school."""
    schools = {post.school.name for post in request.user.posts() if post.school}  # type: ignore[union-attr]
    school = schools.pop() if len(schools) == 1 else ""
    paper = registration_paper([blank_form(school)], "空白", imprint_for(request))
    return pdf_response(paper.pdf, paper.filename)
