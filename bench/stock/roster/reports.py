"""Three reports as a first attempt would write them: the database counts, nothing is judged."""

from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from roster.models import Child, Note, Parent, School

KINDS = ("talk", "homework", "tutoring", "home_visit", "call", "parent_contact")


def _notes(request: HttpRequest) -> Any:
    return Note.objects.filter(on__gte=request.GET["first"], on__lte=request.GET["last"])


def _page(request: HttpRequest, title: str, *tables: dict[str, Any]) -> HttpResponse:
    return render(request, "roster/report.html", {"title": title, "tables": tables})


@staff_member_required
def month(request: HttpRequest) -> HttpResponse:
    """Children by class with a parent away, records by kind, and by class who was talked to."""
    school = request.GET["school"]
    away = Parent.objects.filter(child__school=school, status="away_work").values("child")
    by_class = (
        Child.objects.filter(school=school)
        .values_list("school_class__name")
        .annotate(
            heads=Count("pk"), boys=Count("pk", filter=Q(sex="1")), girls=Count("pk", filter=Q(sex="2")),
            left=Count("pk", filter=Q(pk__in=away)), key=Count("pk", filter=Q(support_level="key")),
        )
        .order_by("school_class")
    )  # fmt: skip
    notes = _notes(request).filter(child__school=school).order_by()
    by_kind = notes.values_list("kind").annotate(Count("pk"), Count("child", distinct=True))
    talked = (
        notes.filter(kind="talk")
        .values_list("child__school_class__name")
        .annotate(Count("pk"), Count("child", distinct=True))
    )
    return _page(
        request, "月报",
        {"head": ("班级", "人数", "男", "女", "有家长外出", "重点"), "rows": by_class},
        {"head": ("类别", "次数", "人数"), "rows": by_kind},
        {"head": ("班级", "谈话次数", "谈话人数"), "rows": talked},
    )  # fmt: skip


@staff_member_required
def matrix(request: HttpRequest) -> HttpResponse:
    """Children with a parent away by kinds of record, counts of a span, forty-five a page."""
    school = request.GET["school"]
    away = Parent.objects.filter(status="away_work").values("child")
    children = (
        Child.objects.filter(school=school, pk__in=away).select_related("school_class").order_by("school_class", "name")
    )
    page = Paginator(children, 45).get_page(request.GET.get("page"))
    found: dict[tuple[int, str], int] = {}
    notes = _notes(request).order_by()
    for child, kind, number in notes.filter(child__in=list(page)).values_list("child", "kind").annotate(Count("pk")):
        found[child, kind] = number
    whole = dict(notes.filter(child__in=children.order_by()).values_list("kind").annotate(Count("pk")))
    rows = [
        (
            child.name,
            child.school_class.name if child.school_class else "",
            *(found.get((child.pk, kind), 0) for kind in KINDS),
        )
        for child in page
    ]
    rows.append(("合计", "", *(whole.get(kind, 0) for kind in KINDS)))
    return _page(request, "完成情况", {"head": ("姓名", "班级", *KINDS), "rows": rows})


@staff_member_required
def schools(request: HttpRequest) -> HttpResponse:
    """Every school: children, records of the month, children with a record."""
    heads = dict(School.objects.values_list("pk").annotate(Count("child")))
    done = {
        school: told
        for school, *told in _notes(request)
        .order_by()
        .values_list("child__school")
        .annotate(Count("pk"), Count("child", distinct=True))
    }
    rows = [(school.name, heads[school.pk], *done.get(school.pk, (0, 0))) for school in School.objects.order_by("name")]
    return _page(request, "各校", {"head": ("学校", "人数", "次数", "涉及人数"), "rows": rows})
