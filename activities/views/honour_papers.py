"""评优 on paper and in Excel: the public list, certificates, the office's sheet."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.honours.papers import SHEET, certificates_of, public_paper, sheet_lines
from activities.honours.rounds import Stage
from activities.models import AwardNomination, AwardRound
from activities.views.honours import led_round_or_404, round_or_404
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.web.numbers import number
from children.life.workbook import workbook

SHEETS = (PRINT_SHEET, "print/honours.css")


def nominations_of(round_: AwardRound, staff: Any) -> Any:
    """The nominations of a round that `staff` may read, in the order of a list."""
    return AwardNomination.objects.visible_to(staff).filter(kind__round=round_).in_order()


@allows(Act.HONOUR_DECIDE)
@require_safe
def public_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The list to hang out; after the honour the result."""
    round_ = led_round_or_404(request.user, pk)
    if round_.stage == Stage.NOMINATING:
        raise PermissionDenied("名单还没有公示：评定完以后点“开始公示”。")
    paper = public_paper(round_, nominations_of(round_, request.user))
    note(request, Event.PRINT, detail=f"award list {pk}: {paper.people}")
    title = f"{round_.title}{'表彰名单' if paper.awarded else '公示'}"
    context = {"paper": paper, "imprint": ""}
    return pdf_response(render_pdf("print/honour_list.html", context, title=title, stylesheets=SHEETS), f"{title}.pdf")


@allows(Act.HONOUR_VIEW)
@require_safe
def certificates(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificates of those whom this person may read, a sheet each; ?one= a single nomination's."""
    round_ = round_or_404(request.user, pk)
    if round_.stage != Stage.AWARDED:
        raise PermissionDenied("确认表彰以后才能打印奖状。")
    rows = nominations_of(round_, request.user).granted()
    if "one" in request.GET:
        rows = rows.filter(pk=number(request.GET["one"]) or 0)
    listed = list(rows)
    if not listed:
        raise Http404
    for row in listed:
        note(request, Event.PRINT, row.child_id, f"certificate {row.pk}")
    title = f"{round_.title}奖状"
    context = {"certificates": certificates_of(round_, listed), "imprint": ""}
    sheets = render_pdf("print/certificates.html", context, title=title, stylesheets=SHEETS)
    return pdf_response(sheets, f"{title}.pdf")


@allows(Act.HONOUR_DECIDE)
@require_safe
def round_export(request: HttpRequest, pk: int) -> HttpResponse:
    """All nominations of a round with what became of them, as a workbook."""
    round_ = led_round_or_404(request.user, pk)
    rows = list(nominations_of(round_, request.user))
    lines = sheet_lines(round_, rows, timezone.localdate())
    note(request, Event.EXPORT, detail=f"award round {pk}: {len(lines)}")
    for row in rows:
        if row.child_id:
            note(request, Event.EXPORT, row.child_id, f"award round {pk}")
    return xlsx_response(workbook("评优表彰", SHEET, lines), f"{round_.title}.xlsx")
