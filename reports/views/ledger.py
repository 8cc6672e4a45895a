"""The ledger as of any day: page without phones, print and workbook with them, for a purpose that is logged."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.sheets import table_book
from children.sight import sights
from reports.builders.ledger import Ledger, LedgerRow, build_ledger, register_ids
from reports.builders.statistics import basis_line
from reports.forms.statistics import BasisForm, LedgerForm, PurposeForm
from reports.papers import ledger_paper
from reports.views.statistics import basis_form, tabs
from reports.views.units import imprint_for

PAGE_SIZE = 50
COLUMNS = (
    "序号", "姓名", "性别", "出生年月", "班级", "外出情况", "父亲", "父亲务工地或状况", "父亲电话", "母亲",
    "母亲务工地或状况", "母亲电话", "实际监护人", "关系", "监护人电话", "监护类型", "监护情况", "家庭住址", "就读方式",
    "代理家长", "帮扶级别", "建档",
)  # fmt: skip


def _ledger(request: HttpRequest) -> tuple[BasisForm, Ledger | None]:
    form = basis_form(request, LedgerForm)
    if not form.is_valid():
        return form, None
    ids = register_ids(form.chosen, **form.basis)
    seen = sights(request.user, ids)  # type: ignore[arg-type]
    return form, build_ledger(form.chosen, ask=form.ask, sights=seen, **form.basis)  # type: ignore[attr-defined]


@require_safe
@allows(Act.STATISTICS)
def ledger(request: HttpRequest) -> HttpResponse:
    """The ledger, fifty to a page."""
    form, found = _ledger(request)
    page = Paginator(found.rows if found else (), PAGE_SIZE).get_page(request.GET.get("page"))
    for row in page.object_list:
        note(request, Event.VIEW, row.child_id, "管理台账")
    context: dict[str, Any] = {
        "form": form,
        "ledger": found,
        "page": page,
        "rows": page.object_list,
        "tabs": tabs(form, "ledger"),
        "basis": basis_line(found.definition, found.on) if found else "",
        "kept": [(name, form.data.get(name, "")) for name in form.fields],
        "from_cell": bool(form.data.get("mark")),
    }
    return render(request, "reports/ledger.html", context)


def _for_a_purpose(request: HttpRequest, event: Event) -> Ledger | HttpResponse:
    """The ledger that the posted conditions ask for, noted child by child; a way back without a purpose."""
    form, found = _ledger(request)
    if found is None:
        raise Http404
    said = PurposeForm(request.POST)
    if not said.is_valid():
        messages.warning(request, "请填写用途（不超过 100 字），再打印或导出。")
        kept = {name: form.data.get(name, "") for name in form.fields}
        return redirect(f"{reverse('reports:ledger')}?{urlencode(kept)}")
    if not found.rows:
        messages.info(request, "没有符合条件的学生。")
        return redirect("reports:ledger")
    for row in found.rows:
        note(request, event, row.child_id, f"管理台账，用途：{said.cleaned_data['purpose']}")
    return found


@require_POST
@allows(Act.STATISTICS)
def ledger_print(request: HttpRequest) -> HttpResponse:
    """The ledger on paper, A3 across; A4 on wish."""
    found = _for_a_purpose(request, Event.PRINT)
    if isinstance(found, HttpResponse):
        return found
    paper = ledger_paper(found, imprint_for(request), large=request.POST.get("paper") != "A4")
    return pdf_response(paper.pdf, paper.filename)


@require_POST
@allows(Act.STATISTICS)
def ledger_export(request: HttpRequest) -> HttpResponse:
    """The ledger as a workbook; phones are text."""
    found = _for_a_purpose(request, Event.EXPORT)
    if isinstance(found, HttpResponse):
        return found
    rows = [_cells(number, row) for number, row in enumerate(found.rows, start=1)]
    notes = [basis_line(found.definition, found.on), f"用途：{request.POST['purpose'].strip()}"]
    if found.narrowed:
        notes.append(f"范围：{found.narrowed}")
    title = f"{found.school}{found.title}"
    return xlsx_response(table_book(title, COLUMNS, rows, notes=notes), f"{title}{found.on}.xlsx")


def _cells(number: int, row: LedgerRow) -> list[Any]:
    return [
        number, row.name, row.sex, row.birth, row.class_name, row.kind, row.father.name, row.father.place,
        row.father.phone, row.mother.name, row.mother.place, row.mother.phone, row.carer, row.carer_relation,
        row.carer_phone, row.care_type, row.rating, row.address, row.boarding, row.mentor, row.level,
        "是" if row.filed else "否",
    ]  # fmt: skip
