"""Papers of pairing."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.models import CareRecord, Kind
from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import PRINT_SHEET, render_pdf, render_pdf_set
from caretrack.periods import chinese_date
from caretrack.sheets import table_book
from caretrack.web.printing import too_long
from children.life.papers import imprint
from mentoring.handover_paper import handover_paper
from mentoring.models import Mentor, Pairing
from mentoring.plan_paper import plan_paper
from mentoring.roll_paper import COLUMNS, PairingRoll, pairing_roll
from mentoring.sign_papers import SignPaper
from mentoring.views.mentor_page import mentor_at
from mentoring.views.pairings import filter_of, on_the_roll
from mentoring.views.plans import plan_for
from mentoring.views.reach import reached

ONE_DAY = timedelta(days=1)
CONTACTS, CONTACTS_OF = 4, timedelta(days=180)
#: A roll with more children is printed in parts.
ROLL_MOST = 600
ROLL = "代理家长结对名册"
SHEETS = (PRINT_SHEET, "print/pairing.css")


def paper_response(request: HttpRequest, template: str, context: dict[str, Any], title: str) -> HttpResponse:
    """A paper of pairing as PDF, with who printed it at its foot."""
    told = context | {"imprint": imprint(request.user, timezone.localtime())}
    return pdf_response(render_pdf(template, told, title=title, stylesheets=SHEETS), f"{title}.pdf")


def papers_response(request: HttpRequest, papers: list[SignPaper], title: str) -> HttpResponse:
    """Papers to sign in one PDF, each with pages of its own."""
    told = imprint(request.user, timezone.localtime())
    pages = [{"paper": paper, "imprint": told} for paper in papers]
    return pdf_response(render_pdf_set("print/sign.html", pages, title=title, stylesheets=SHEETS), f"{title}.pdf")


@require_safe
@allows(Act.PAIRING_EDIT)
def plan_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of a plan for signature; before it is published marked as a draft."""
    plan = plan_for(request, pk, Act.PAIRING_EDIT)
    paper = plan_paper(plan, timezone.localdate())
    for child in plan.lines.values_list("child", flat=True):
        note(request, Event.PRINT, child, f"pairing plan {plan.pk}")
    return paper_response(request, "print/pairing_plan.html", {"paper": paper}, plan.title)


def _roll(request: HttpRequest) -> tuple[list[int], PairingRoll]:
    """The ids of the children that the filter leaves, and their roll by mentor."""
    form, today = filter_of(request), timezone.localdate()
    children = list(form.narrow(on_the_roll(request.user)))
    return [child.pk for child in children], pairing_roll(children, form.in_words() if children else "", today)


def _nobody(request: HttpRequest) -> HttpResponse:
    messages.info(request, "没有符合条件的学生，没有可以打印或导出的名册。")
    return redirect(f"{reverse('mentoring:pairing_list')}?{request.GET.urlencode()}")


@require_safe
@allows(Act.PAIRING_VIEW)
def pairing_list_print(request: HttpRequest) -> HttpResponse:
    """The roll of pairings on paper, by mentor and as it is filtered, with a place for each mentor to sign."""
    children, roll = _roll(request)
    if not children:
        return _nobody(request)
    if len(children) > ROLL_MOST:
        return too_long(request, ROLL_MOST, "名学生", reverse("mentoring:pairing_list"))
    note_each(request, Event.PRINT, children, f"pairing roll {len(children)}")
    return paper_response(request, "print/pairing_roll.html", {"paper": roll}, ROLL)


@require_safe
@allows(Act.PAIRING_VIEW)
def pairing_list_export(request: HttpRequest) -> HttpResponse:
    """The same roll as a workbook, a child a row."""
    children, roll = _roll(request)
    if not children:
        return _nobody(request)
    note_each(request, Event.EXPORT, children, f"pairing roll {len(children)}")
    notes = [line for line in (roll.school, f"截至{chinese_date(roll.as_of)}", roll.filters) if line]
    return xlsx_response(table_book(ROLL, COLUMNS, roll.rows, notes=notes), f"{ROLL}{roll.as_of}.xlsx")


def last_contacts(request: HttpRequest, children: list[int]) -> dict[int, tuple[str, ...]]:
    """Child → the last contacts that took place, day and kind only; counselling is left out."""
    since = timezone.localdate() - CONTACTS_OF
    seen = CareRecord.objects.visible_to(request.user).reached().exclude(kind=Kind.COUNSELLING)
    found: dict[int, list[str]] = {}
    for record in seen.filter(child__in=children, on__gte=since).newest_first():
        said = found.setdefault(record.child_id, [])
        if len(said) < CONTACTS:
            said.append(f"{chinese_date(record.on)} {record.get_kind_display()}")
    return {child: tuple(said) for child, said in found.items()}


def _handover(request: HttpRequest, mentor: Mentor, pairings: list[Pairing]) -> HttpResponse:
    if not pairings:
        raise Http404
    ids = [pairing.child_id for pairing in pairings]
    paper = handover_paper(
        mentor=mentor, pairings=pairings, contacts=last_contacts(request, ids), on=timezone.localdate()
    )
    for child in ids:
        note(request, Event.PRINT, child, "hand-over book")
    return paper_response(request, "print/handover_book.html", {"paper": paper}, f"{mentor.name}代理家长工作移交书")


def _shown(request: HttpRequest) -> "QuerySet[Pairing]":
    children = reached(request.user, Act.PAIRING_EDIT).order_by().values("pk")
    pairings = Pairing.objects.filter(child__in=children).acting_parents()
    return pairings.select_related("child__school_class__school", "mentor__school").order_by("child__pinyin", "pk")


@require_safe
@allows(Act.PAIRING_EDIT)
def mentor_handover_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The hand-over book of all children that a mentor has, or had on the last day before leaving."""
    mentor = mentor_at(request, pk, active=False)
    mine = _shown(request).filter(mentor=mentor)
    last = mentor.ended_on
    wanted = (
        mine.not_over(timezone.localdate())
        if last is None
        else mine.filter(ends_on__gte=last - ONE_DAY, ends_on__lte=last)
    )
    return _handover(request, mentor, list(wanted))


@require_safe
@allows(Act.PAIRING_EDIT)
def pairing_handover_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The hand-over book of one child, from the mentor of this pairing to the next."""
    pairing = get_object_or_404(_shown(request), pk=pk)
    return _handover(request, pairing.mentor, [pairing])
