"""The matrix on paper and in a workbook."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.compliance.matrix import Sheet, class_names, mentor_names, sheet_of
from activities.compliance.words import BY_OTHERS, LEGEND
from activities.views.duty_asking import asked_of, board_for, pupils_of, units_of
from caretrack import sheets
from caretrack.access.gates import allows
from caretrack.access.log import note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from children.life.papers import imprint

#: Above this a paper with names would be a book: figures by class are printed instead.
PAPER_MOST = 400


def _paper(request: HttpRequest) -> tuple[Sheet, list[int]]:
    """The sheet, and the ids of the children on it."""
    asked = asked_of(request)
    if asked is None:
        raise Http404
    board = board_for(asked)
    pupils, _ = pupils_of(asked, board)
    names = class_names(board)
    unit = names.get(asked.school_class or 0, "") or ("全校" if asked.reach.leads else "")
    if not unit:
        unit = "、".join(names[pk] for pk in asked.reach.classes if pk in names) or f"{request.user}结对学生"
    if asked.mentor:
        unit = f"{mentor_names(board).get(asked.mentor, '')}结对学生"
    title = "、".join(dict.fromkeys(column.rule.programme for column in board.columns)) or "关爱项目"
    listed = list(pupils)
    return sheet_of(board, listed, unit, title, units_of(asked, board)), [pupil.pk for pupil in listed]


@require_safe
@allows(Act.PROGRAMME_VIEW)
def duty_print(request: HttpRequest) -> HttpResponse:
    """The matrix on A4 or, with ?paper=a3 or many items, on A3 landscape, with lines to sign on."""
    sheet, named = _paper(request)
    if len(sheet.lines) > PAPER_MOST:
        return render(request, "activities/duties/too_long.html", {"number": len(sheet.lines), "most": PAPER_MOST})
    wide = request.GET.get("paper") == "a3" or len(sheet.heads) > 10
    note_each(request, Event.PRINT, named, f"duties:{len(sheet.lines)}")
    now = timezone.localtime()
    context = {
        "sheet": sheet,
        "wide": wide,
        "legend": LEGEND,
        "also": BY_OTHERS,
        "on": timezone.localdate(),
        "imprint": imprint(request.user, now),
    }
    name = f"{sheet.unit}{sheet.title}完成情况"
    pdf = render_pdf("print/duties.html", context, title=name, stylesheets=(PRINT_SHEET, "print/duties.css"))
    return pdf_response(pdf, f"{name}.pdf")


@require_safe
@allows(Act.PROGRAMME_VIEW)
def duty_export(request: HttpRequest) -> HttpResponse:
    """The matrix as a workbook: one sheet of children, one of classes and the school."""
    sheet, named = _paper(request)
    note_each(request, Event.EXPORT, named, f"duties:{len(sheet.lines)}")
    book = sheets.new_book()
    columns = [
        "序号",
        "姓名",
        "班级",
        "代理家长",
        *(f"{name}（{often}）" for name, often in sheet.heads),
        "应",
        "实",
        "率",
    ]
    rows: list[list[Any]] = [
        [line.number, line.name, line.class_name, line.mentor, *line.marks, line.due, line.done, line.rate]
        for line in sheet.lines
    ]
    rows.append([None, "合计（实/应）", None, None, *(f"{done}/{due}" for due, done, _ in sheet.totals), sheet.due, sheet.done, sheet.rate])  # fmt: skip
    title = f"{sheet.school}{sheet.unit}{sheet.title}完成情况"
    notes = (
        sheet.span,
        f"截至{timezone.localdate()}",
        *filter(None, [sheet.starts]),
        f"{LEGEND}　由代理家长或班主任做的，{BY_OTHERS}",
    )
    sheets.add_table(book, "学生", columns, rows, title=title, notes=notes, kept=2)
    if sheet.units:
        sheets.add_table(book, "班级和学校", ["对象", "内容", "情况"], sheet.units)
    return xlsx_response(sheets.saved(book), f"{sheet.unit}{sheet.title}完成情况{timezone.localdate()}.xlsx")
