"""What is missing in the dossiers: by class and item, as a workbook, and the phones that nobody called this term."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import xlsx_response
from caretrack.periods import chinese_date
from caretrack.schools.class_names import class_labels
from caretrack.schools.models import SchoolClass
from caretrack.sheets import table_book
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView
from children.completeness import ClassGaps, completeness, gaps_by_class, lacking, lacks
from children.contacts import carers_of
from children.forms.gaps import EVERYBODY, ContactFilter, WhomFilter, dossiers_kept
from children.models import Child, FamilyMember, Phone
from children.not_called import not_called
from children.queries import roll_order, term_start
from children.sight import sights
from children.views.family_cards import calling

CRUMBS = (("学生", "children:child_list"),)


def _list_url(whom: str, **more: Any) -> str:
    """The list of children behind a figure."""
    asked = {} if whom == EVERYBODY else {"away": "left", "definition": whom}
    return f"{reverse('children:child_list')}?{urlencode(asked | more)}"


@allows(Act.CHILD_EDIT)
@require_safe
def gap_table(request: HttpRequest) -> HttpResponse:
    """建档率 with both its numbers, and class by class how many dossiers lack what; every number opens its children."""
    staff: Any = request.user
    today = timezone.localdate()
    form = WhomFilter(request.GET, staff=staff)
    since = term_start(staff.home_school(), today)
    found = gaps_by_class(form.narrow(dossiers_kept(staff)), since=since)
    listed = lacks(since)
    columns = [lack for lack in listed if any(row.missing[lack.key] for row in found)]
    names = _names(found, today)
    whom = form.chosen
    rows = [
        {
            "name": names[row.class_id],
            "row": row,
            "todo": row.total - row.done,
            "url": _list_url(whom, school_class=row.class_id, incomplete="on"),
            "cells": [
                (lack.label, row.missing[lack.key], _list_url(whom, school_class=row.class_id, missing=lack.key))
                for lack in columns
            ],
        }
        for row in found
    ]
    total, done = sum(row.total for row in found), sum(row.done for row in found)
    context = {
        "filter_form": form,
        "crumbs": [Crumb("学生", reverse("children:child_list")), Crumb("建档情况")],
        "rows": rows,
        "columns": columns,
        "sums": [(lack.label, sum(r.missing[lack.key] for r in found), _list_url(whom, missing=lack.key)) for lack in columns],
        "total": total,
        "done": done,
        "todo": total - done,
        "words": form.words,
        "since": since,
        "today": today,
        "todo_url": _list_url(whom, incomplete="on"),
        "query": request.GET.urlencode(),
        "settled": [lack.label for lack in listed if lack not in columns],
    }  # fmt: skip
    return render(request, "children/gap_table.html", context)


def _names(found: list[ClassGaps], today: Any) -> dict[int, str]:
    classes = SchoolClass.objects.filter(pk__in=[row.class_id for row in found]).select_related("school")
    return class_labels(classes, today)


@allows(Act.CHILD_EDIT)
@require_safe
def gap_export(request: HttpRequest, what: str) -> HttpResponse:
    """The table (`classes`), or every child with what its dossier lacks (`children`), as a workbook."""
    staff: Any = request.user
    today = timezone.localdate()
    form = WhomFilter(request.GET, staff=staff)
    since = term_start(staff.home_school(), today)
    children = form.narrow(dossiers_kept(staff))
    if what == "classes":
        title, columns, rows = _class_rows(children, since, today)
    elif what == "children":
        title, columns, rows = _child_rows(children, since, today)
    else:
        raise Http404
    note(request, Event.EXPORT, detail=f"gaps {what} {len(rows)}")
    notes = [
        f"统计对象：{form.words}；截至{chinese_date(today)}；联系电话自{chinese_date(since)}以来打通过的才算核实。"
    ]
    return xlsx_response(table_book(title, columns, rows, notes=notes), f"{title}_{today}.xlsx")


def _class_rows(children: "QuerySet[Child]", since: Any, today: Any) -> tuple[str, list[str], list[list[Any]]]:
    found, listed = gaps_by_class(children, since=since), lacks(since)
    names = _names(found, today)
    columns = ["班级", "人数", "已建档", "未完成", "建档率", *(f"缺{lack.label}" for lack in listed)]

    def line(name: str, total: int, done: int, missing: list[int]) -> list[Any]:
        return [name, total, done, total - done, f"{100 * done / total:.1f}%" if total else "—", *missing]

    rows = [line(names[r.class_id], r.total, r.done, [r.missing[lack.key] for lack in listed]) for r in found]
    sums = [sum(r.missing[lack.key] for r in found) for lack in listed]
    rows.append(line("合计", sum(r.total for r in found), sum(r.done for r in found), sums))
    return "档案完整情况_按班级", columns, rows


def _child_rows(children: "QuerySet[Child]", since: Any, today: Any) -> tuple[str, list[str], list[list[Any]]]:
    listed = list(
        children.select_related("school_class__school").order_by(*roll_order())
    )  # fmt: skip
    answers = completeness(listed, since=since)
    rows: list[list[Any]] = [
        [
            child.class_name(today),
            child.name,
            f"{answers[child.pk].percent}%",
            len(answers[child.pk].gaps),
            "、".join(gap.label for gap in answers[child.pk].gaps),
        ]
        for child in listed
        if not answers[child.pk].done
    ]
    return "档案缺项名单", ["班级", "姓名", "完整程度", "缺几项", "缺少的内容"], rows


@allows(Act.CHILD_EDIT)
class ContactList(FilteredListView):
    """Children of whom nobody was reached this term: the numbers in calling order, and the outcome in one press."""

    heading = "核实联系电话"
    lead = "本学期还没有打通过任何一个电话的学生。照顺序拨打，按一下结果，日期自动记上。"
    crumbs = CRUMBS
    rows_template = "children/_contact_rows.html"
    filter_class = ContactFilter
    page_size = 12
    unit = "人"
    empty_text = "本学期的联系电话都核实过了。"
    no_match_text = "符合条件的学生，本学期的联系电话都核实过了。"
    no_match_hint = ""

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        self.since = term_start(staff.home_school(), timezone.localdate())
        children = lacking(dossiers_kept(staff), "verified", since=self.since).defer("id_no", "student_no")
        return children.select_related("school_class__school").order_by(*roll_order())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        children, today = list(context["page"].object_list), timezone.localdate()
        phones = Prefetch("phones", Phone.objects.order_by("order", "pk"))
        family: dict[int, list[FamilyMember]] = {}
        for member in FamilyMember.objects.filter(child__in=children).prefetch_related(phones):
            family.setdefault(member.child_id, []).append(member)
        barred, carers = not_called(child.pk for child in children), carers_of(children)
        seen = sights(self.request.user, [c.pk for c in children])  # type: ignore[arg-type]
        context["rows"] = [
            {
                "child": child,
                "class_name": child.class_name(today),
                "lines": calling(
                    child,
                    seen[child.pk],
                    family.get(child.pk, []),
                    carer=carers.get(child.pk),
                    since=self.since,
                    barred=barred,
                ),
            }
            for child in children
        ]
        return context
