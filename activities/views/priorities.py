"""三个优先: the evidence of a term by class, on the screen, on paper, as a workbook."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.priorities import COLUMNS, Evidence, evidence_of, summed
from activities.views.gatherings import SHEETS, terms_of
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import render_pdf
from caretrack.schools.class_names import class_labels
from caretrack.schools.models import SchoolClass, Term
from caretrack.sheets import table_book
from caretrack.web.components import Crumb, Tab
from children.life.papers import imprint
from children.models import Child

TERMS_SHOWN = 4
TITLE = "三个优先落实情况"


def _asked(request: HttpRequest) -> tuple[list[Term], Term | None]:
    """The latest terms, and the one that the address names (else the newest that has begun)."""
    today = timezone.localdate()
    terms = [term for term in terms_of(request.user) if term.starts_on <= today][:TERMS_SHOWN]
    chosen = next((term for term in terms if str(term.pk) == request.GET.get("term")), None)
    return terms, chosen or next(iter(terms), None)


def _context(request: HttpRequest) -> dict[str, Any]:
    """The lines (class, evidence) in the order of the classes, of those whose care this person reads, and their sum."""
    terms, term = _asked(request)
    if term is None:
        return {"terms": terms, "term": None, "lines": [], "whole": Evidence()}
    until = min(term.ends_on, timezone.localdate())
    children = Child.objects.visible_to(request.user, DataClass.CARE, Level.READ)
    found = evidence_of(children, term.school_id, term.starts_on, until)
    classes = SchoolClass.objects.filter(pk__in=found).select_related("school").order_by("-entry_year", "number")
    lines = [(name, found[pk]) for pk, name in class_labels(classes, until).items()]
    return {"terms": terms, "term": term, "lines": lines, "whole": summed(found.values()), "until": until}


@require_safe
@allows(Act.EVENT_VIEW)
def priorities(request: HttpRequest) -> HttpResponse:
    """By class: the pupils put first, what they got, beside what the others got."""
    context = _context(request)
    here = reverse("activities:priorities")
    context |= {
        "tabs": [Tab(str(term), f"{here}?term={term.pk}", term == context["term"]) for term in context["terms"]],
        "crumbs": [Crumb("兴趣小组", reverse("activities:group_list")), Crumb("三个优先")],
    }
    return render(request, "activities/events/priorities.html", context)


@require_safe
@allows(Act.EVENT_VIEW)
def priorities_print(request: HttpRequest) -> HttpResponse:
    """The table on paper, with lines to sign on."""
    context = _context(request)
    if context["term"] is None:
        raise Http404
    note(request, Event.PRINT, detail=f"priorities {context['term'].pk}")
    context |= {"title": TITLE, "imprint": imprint(request.user, timezone.localtime())}
    return pdf_response(render_pdf("print/priorities.html", context, title=TITLE, stylesheets=SHEETS), f"{TITLE}.pdf")


@require_safe
@allows(Act.EVENT_VIEW)
def priorities_export(request: HttpRequest) -> HttpResponse:
    """The table as a workbook."""
    context = _context(request)
    if context["term"] is None:
        raise Http404
    note(request, Event.EXPORT, detail=f"priorities {context['term'].pk}")
    rows = [(name, *one.row) for name, one in context["lines"]] + [("合计", *context["whole"].row)]
    notes = [f"{context['term']}，截至{context['until']}"]
    return xlsx_response(table_book(TITLE, ("班级", *COLUMNS), rows, notes=notes), f"{TITLE}.xlsx")
