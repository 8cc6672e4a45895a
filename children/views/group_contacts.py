"""The contact list of a class for its group of parents: on the page masked, on paper and in the workbook whole."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, Act
from caretrack.access.scopes import children_reached_by
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.schools.class_names import class_choices
from caretrack.schools.models import SchoolClass
from caretrack.sheets import table_book
from caretrack.web.components import Crumb
from caretrack.web.numbers import number
from children.group_contacts import GroupContacts, group_contacts
from children.models import Child
from children.queries import classes_among
from reports.builders.paper import Imprint

NOTE = "只列家长或监护人已同意“加入班级家长联系群”的学生。只用于建立和管理班级家长群，不得转发或张贴。"


@dataclass(frozen=True)
class _Asked:
    classes: list[SchoolClass]
    chosen: SchoolClass | None
    name: str
    contacts: GroupContacts


def _asked(request: HttpRequest) -> _Asked:
    """The class asked for, else the first that this person keeps. Raises Http404 for a class that they do not."""
    staff: Any = request.user
    reached = Child.objects.visible_to(staff).filter(children_reached_by(staff, ACTS[Act.CHILD_EXPORT]))
    classes = classes_among(reached)
    wanted = request.GET.get("school_class")
    if not wanted:
        chosen = next(iter(classes), None)
    elif (chosen := next((place for place in classes if place.pk == number(wanted)), None)) is None:
        raise Http404
    children = list(reached.filter(school_class=chosen).order_by("pinyin", "pk")) if chosen else []
    name = chosen.name_on(timezone.localdate()) if chosen else ""
    return _Asked(classes, chosen, name, group_contacts(children))


def _nobody(request: HttpRequest) -> HttpResponse:
    messages.info(request, "这个班还没有家长同意加入家长群，没有可以打印或导出的名单。")
    return redirect("children:group_contact_list")


@require_safe
@allows(Act.CHILD_EXPORT)
def group_contact_list(request: HttpRequest) -> HttpResponse:
    """Who is on the list, and who still has to be asked."""
    asked = _asked(request)
    note(request, Event.VIEW, detail=f"group contacts {asked.name}")
    context = {
        "asked": asked,
        "choices": class_choices(asked.classes, timezone.localdate()),
        "chosen": str(asked.chosen.pk) if asked.chosen else "",
        "crumbs": [Crumb("学生", reverse("children:child_list"))],
    }
    return render(request, "children/group_contacts.html", context)


def _note(request: HttpRequest, event: Event, asked: _Asked) -> None:
    named = dict.fromkeys(line.child.pk for line in asked.contacts.lines)
    note_each(request, event, named, f"group contacts {asked.name}")


@require_safe
@allows(Act.CHILD_EXPORT)
def group_contact_print(request: HttpRequest) -> HttpResponse:
    """The list on paper, with whole numbers."""
    asked = _asked(request)
    if not asked.contacts.lines:
        return _nobody(request)
    _note(request, Event.PRINT, asked)
    title = f"{asked.name}家长群联系名单"
    context = {
        "title": title,
        "school": asked.chosen.school.name if asked.chosen else "",
        "contacts": asked.contacts,
        "note": NOTE,
        "on": timezone.localdate(),
        "imprint": Imprint(str(request.user), timezone.localtime()),
    }
    pdf = render_pdf("print/group_contacts.html", context, title=title, stylesheets=(PRINT_SHEET, "print/safety.css"))
    return pdf_response(pdf, f"{title}.pdf")


@require_safe
@allows(Act.CHILD_EXPORT)
def group_contact_export(request: HttpRequest) -> HttpResponse:
    """The list as a workbook, with whole numbers."""
    asked = _asked(request)
    if not asked.contacts.lines:
        return _nobody(request)
    _note(request, Event.EXPORT, asked)
    rows = [(line.child.name, line.who, line.phone, line.online) for line in asked.contacts.lines]
    title = f"{asked.name}家长群联系名单"
    book = table_book(title, ("学生", "家长或监护人", "电话", "微信或QQ"), rows, notes=(NOTE,))
    return xlsx_response(book, f"{title}.xlsx")
