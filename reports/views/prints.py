"""The print centre: everything that can be printed, from one place; every print is logged."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.kinds import COMMON
from activities.models import CareRecord
from activities.record_papers import title_of
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.downloads import pdf_response
from caretrack.periods import Month
from caretrack.schools.models import School, SchoolClass, Staff
from caretrack.web.components import Crumb
from children.left_behind import Definition
from children.models import Child
from children.models.child import ChildQuerySet
from children.queries import left_behind_ids
from children.sight import sight_of
from mentoring.duties import FIVE_GOODS
from mentoring.models import Mentor, Pairing, PaperKind, SupportPlan
from reports.access import CARD_NEEDS, DOSSIER_NEEDS, FORM_NEEDS, may_bind_class, printable, units_for
from reports.builders.card_states import CardState, card_lines
from reports.builders.dossier import build_dossier
from reports.builders.monthly_form import build_forms
from reports.bulk_papers import CARDS
from reports.papers import dossier_paper, form_paper
from reports.views.bulk import print_children
from reports.views.units import imprint_for

MONTHS_OFFERED = 6


def _loaded(children: ChildQuerySet) -> list[Child]:
    return list(children.select_related("school", "school_class__school").by_name())


def _child_or_404(request: HttpRequest, pk: int, needs: tuple) -> Child:
    """The child if this person may print this about it."""
    found = _loaded(printable(request.user, *needs).filter(pk=pk))  # type: ignore[arg-type]
    if not found:
        raise Http404
    return found[0]


def _class_or_404(request: HttpRequest, pk: int) -> SchoolClass:
    """The class if there is a child in it whose card or dossier this person may print."""
    school_class = SchoolClass.objects.select_related("school").filter(pk=pk).first()
    if school_class is None or not printable(request.user, *DOSSIER_NEEDS).filter(school_class=pk).exists():  # type: ignore[arg-type]
        raise Http404
    return school_class


def _left_behind(children: ChildQuerySet, on: date) -> ChildQuerySet:
    """Those whom the school's own definition counts; cards and forms are for them."""
    return children.filter(pk__in=left_behind_ids(children, Definition.SEED, on))


def _month(school: School, key: str) -> Month:
    month = Month.parse(key, school.closing_day)
    if month.first > timezone.localdate():
        raise Http404
    return month


@require_safe
@allows(Act.PRINT)
def print_centre(request: HttpRequest) -> HttpResponse:
    """What this person may print, by class; reports of units and terms for those who may open them."""
    staff, today = request.user, timezone.localdate()
    classes = SchoolClass.objects.filter(
        pk__in=printable(staff, *DOSSIER_NEEDS).on_roll().order_by().values("school_class")  # type: ignore[arg-type]
    ).select_related("school")
    rows = [
        {"school_class": one, "name": one.name_on(today)}
        for one in classes.order_by("school_id", "-entry_year", "number")
    ]
    closing = rows[0]["school_class"].school.closing_day if rows else 25
    context = {
        "classes": rows,
        "several": len({row["school_class"].school_id for row in rows}) > 1,
        "month": Month.of(today, closing),
        "units": [(unit.code, unit.name(today)) for unit in units_for(staff, today)],  # type: ignore[arg-type]
        "may_statistics": staff.may(Act.STATISTICS),  # type: ignore[union-attr]
        "may_civil": bool(staff.schools_as(Role.REGISTRAR, Role.CARE_LEAD, Role.PRINCIPAL)),  # type: ignore[union-attr]
        "may_months": staff.may(Act.MONTH_VIEW),  # type: ignore[union-attr]
        "may_semesters": staff.may(Act.SEMESTER_VIEW),  # type: ignore[union-attr]
        "is_mentor": Role.MENTOR in staff.roles(),  # type: ignore[union-attr]
        "may_bind": staff.may(Act.WORKBOOK),  # type: ignore[union-attr]
        "blanks": _blanks(staff),  # type: ignore[arg-type]
    }
    return render(request, "reports/print_centre.html", context)


def _blanks(staff: Staff) -> list[tuple[str, str]]:
    """(name, address) of the empty forms that this person may print."""
    found = [("农村留守儿童基本情况登记表", reverse("reports:registration_blank"))]
    if staff.may(Act.RECORD_LIST):
        address = reverse("activities:record_card_blank")
        found += [(title_of(kind), f"{address}?{urlencode({'kind': kind})}") for kind in COMMON]
    if staff.may(Act.PLAN_VIEW):
        found += [(label, reverse("activities:support_blank", args=[kind])) for kind, label in SupportPlan.Kind.choices]
    if staff.may(Act.PAPER_VIEW):
        papers = ((label, reverse("mentoring:paper_print", args=[kind])) for kind, label in PaperKind.choices)
        found += [(label, f"{address}?blank=1") for label, address in papers]
    return found


@require_safe
@allows(Act.PRINT)
def print_class(request: HttpRequest, pk: int) -> HttpResponse:
    """A class: which cards are missing, void or unchecked; cards, forms and dossiers to print."""
    school_class = _class_or_404(request, pk)
    today = timezone.localdate()
    children = _loaded(_left_behind(printable(request.user, *DOSSIER_NEEDS).filter(school_class=pk), today))  # type: ignore[arg-type]
    with_card = frozenset(
        printable(request.user, *CARD_NEEDS).filter(school_class=pk).values_list("pk", flat=True)  # type: ignore[arg-type]
    )
    with_form = frozenset(
        printable(request.user, *FORM_NEEDS).filter(school_class=pk).values_list("pk", flat=True)  # type: ignore[arg-type]
    )
    month = Month.of(today, school_class.school.closing_day)
    context = {
        "school_class": school_class,
        "name": school_class.name_on(today),
        "crumbs": [Crumb("打印", reverse("reports:print_centre")), Crumb(school_class.name_on(today))],
        "rows": _rows(children, with_card, with_form, today),
        "may_bind": may_bind_class(request.user, school_class, today),  # type: ignore[arg-type]
        "cards": bool(with_card),
        "forms": bool(with_form),
        "months": _months(month),
        "month": month,
        "may_write": request.user.may(Act.RECORD_WRITE),  # type: ignore[union-attr]
    }
    return render(request, "reports/print_class.html", context)


def _months(month: Month) -> list[Month]:
    months = [month]
    while len(months) < MONTHS_OFFERED:
        months.append(months[-1].previous())
    return months


def _rows(
    children: list[Child], with_card: frozenset[int], with_form: frozenset[int], today: date
) -> list[dict[str, object]]:
    lines = card_lines([child for child in children if child.pk in with_card], on=today)
    return [{"child": child, "card": lines.get(child.pk), "may_form": child.pk in with_form} for child in children]


@require_POST
@allows(Act.PRINT)
def class_cards(request: HttpRequest, pk: int) -> HttpResponse:
    """The cards of a class's left-behind children; writes a new version where facts have changed, so it is a POST."""
    _class_or_404(request, pk)
    today = timezone.localdate()
    children = _loaded(_left_behind(printable(request.user, *CARD_NEEDS).filter(school_class=pk), today))  # type: ignore[arg-type]
    if request.POST.get("which") == "needed":
        lines = card_lines(children, on=today)
        children = [child for child in children if lines[child.pk].state != CardState.CURRENT]
    return print_children(request, CARDS[1], children, "reports:print_class", pk)


@require_POST
@allows(Act.PRINT)
def child_card(request: HttpRequest, pk: int) -> HttpResponse:
    """One child's card, in three copies on one sheet: for the school, the class teacher and the mentor (domain §4)."""
    child = _child_or_404(request, pk, CARD_NEEDS)
    children = [child] if child.school_class_id else []
    return print_children(request, CARDS[3], children, "reports:card_show", pk)


@require_safe
@allows(Act.PRINT)
def child_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """One child's dossier, with what this person may see of it."""
    child = _child_or_404(request, pk, DOSSIER_NEEDS)
    today = timezone.localdate()
    dossier = build_dossier(
        child,
        sight=sight_of(request.user, child),  # type: ignore[arg-type]
        records=CareRecord.objects.visible_to(request.user),
        on=today,
    )
    note(request, Event.PRINT, child, "档案")
    paper = dossier_paper(child, dossier, imprint_for(request))
    return pdf_response(paper.pdf, paper.filename)


def _print_forms(request: HttpRequest, children: list[Child], month: Month, name: str) -> HttpResponse:
    sheets = build_forms(children, month, records=CareRecord.objects.visible_to(request.user), on=timezone.localdate())
    for child in children:
        note(request, Event.PRINT, child, f"月记录表 {month.key}")
    paper = form_paper(sheets, name, month.label, imprint_for(request))
    return pdf_response(paper.pdf, paper.filename)


@require_safe
@allows(Act.PRINT)
def class_forms(request: HttpRequest, pk: int, month: str) -> HttpResponse:
    """The month's forms of all left-behind children of a class."""
    school_class = _class_or_404(request, pk)
    when = _month(school_class.school, month)
    children = _loaded(
        _left_behind(printable(request.user, *FORM_NEEDS).filter(school_class=pk), min(when.last, timezone.localdate()))  # type: ignore[arg-type]
    )
    if not children:
        messages.info(request, f"{school_class.name_on(when.last)}没有需要打印的月记录表。")
        return redirect("reports:print_class", pk)
    return _print_forms(request, children, when, school_class.name_on(when.last))


@require_safe
@allows(Act.PRINT)
def child_form(request: HttpRequest, pk: int, month: str) -> HttpResponse:
    """One child's form of the month."""
    child = _child_or_404(request, pk, FORM_NEEDS)
    return _print_forms(request, [child], _month(child.school, month), child.name)


def _mentees(request: HttpRequest) -> ChildQuerySet:
    """Children whose 代理家长 this person is today."""
    own = Pairing.objects.on(timezone.localdate()).filter(mentor__staff=request.user)
    return printable(request.user, *FORM_NEEDS).filter(pk__in=own.values("child"))  # type: ignore[arg-type]


@require_safe
@allows(Act.PRINT)
def print_mentees(request: HttpRequest) -> HttpResponse:
    """A mentor's own mentees: cards and forms."""
    today = timezone.localdate()
    children = _loaded(_mentees(request))
    ids = frozenset(child.pk for child in children)
    month = Month.of(today, children[0].school.closing_day) if children else Month.of(today)
    context = {
        "rows": _rows(children, ids, ids, today),
        "duties": FIVE_GOODS,
        "mentor": Mentor.objects.active().filter(staff=request.user).first(),
        "months": _months(month),
        "month": month,
        "may_write": request.user.may(Act.RECORD_WRITE),  # type: ignore[union-attr]
        "crumbs": [Crumb("打印", reverse("reports:print_centre")), Crumb("我结对的学生")],
    }
    return render(request, "reports/print_mentees.html", context)


@require_safe
@allows(Act.PRINT)
def mentee_forms(request: HttpRequest, month: str) -> HttpResponse:
    """The month's forms of a mentor's own mentees."""
    children = _loaded(_mentees(request))
    if not children:
        messages.info(request, "您目前没有结对的学生。")
        return redirect("reports:print_mentees")
    return _print_forms(request, children, _month(children[0].school, month), str(request.user))
