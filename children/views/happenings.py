"""The timeline of a child: everything that happened, by kind and span, a page of it at a time."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.schools.models import Term
from caretrack.web.addresses import address
from caretrack.web.components import Crumb
from caretrack.web.templatetags.care import cn_date
from children.forms.happenings import SpanForm
from children.timeline import TimelineItem, counts, source_of, timeline, with_entry_days
from children.views.page import child_or_404

A_PAGE = 30
LATE_AFTER = 3


@dataclass(frozen=True)
class Line:
    """A line as the page draws it: the day it happened, beside it the day it was entered."""

    item: TimelineItem
    when: str
    meta: str
    mark: str
    url: str


def line_of(item: TimelineItem) -> Line:
    """The words of one line."""
    source = source_of(item.kind)
    meta = [source.label]
    if item.by:
        meta.append(item.by)
    if item.entered is not None and item.entered != item.on:
        meta.append(f"{item.entered.month}月{item.entered.day}日登记")
        if (item.entered - item.on).days > LATE_AFTER:
            meta.append("补登")
    url = address(*item.page) if item.page else ""
    return Line(item, cn_date(item.on), " · ".join(meta), item.mark or source.mark, url)


@allows(Act.CHILD_VIEW)
@require_safe
def child_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that this person may be told of the child's years here."""
    child, sight = child_or_404(request, pk)
    today = timezone.localdate()
    term = Term.objects.current(child.school, today)
    form = SpanForm(request.GET)
    first, last = form.span(today)
    everything = timeline([child], request.user, first=first, last=last)  # type: ignore[arg-type]
    present = counts(everything)
    kind = request.GET.get("kind", "")
    kind = kind if any(source.kind == kind for source, _ in present) else ""
    chosen = [item for item in everything if item.kind == kind] if kind else everything
    page = Paginator(chosen, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "child": child,
        "sight": sight,
        "form": form,
        "kinds": present,
        "kind": kind,
        "number": len(everything),
        "page": page,
        "lines": [line_of(item) for item in with_entry_days(list(page.object_list))],
        "spans": _spans(term),
        "crumbs": [
            Crumb("学生", reverse("children:child_list")),
            Crumb(child.name, reverse("children:child_show", args=[pk])),
            Crumb("成长经历"),
        ],
    }
    return render(request, "children/child_timeline.html", context)


def _spans(term: Term | None) -> list[tuple[str, str]]:
    """Spans that are asked for often: (words, query)."""
    spans = [("全部", "")]
    if term is not None:
        spans.append(("本学期", f"first={term.starts_on}"))
        year = term.year
        spans.append(("本学年", f"first={year}-08-01"))
    return spans
