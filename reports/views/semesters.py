"""The semester summary: a snapshot of figures, the texts that people write, the paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, refusal
from caretrack.downloads import pdf_response
from caretrack.schools.models import Term
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FormPage
from caretrack.web.versions import KeepsVersion
from children.left_behind import Definition
from reports.access import LEADS, leads
from reports.builders.draw import drawn
from reports.builders.semester import SECTIONS, narratives
from reports.forms.texts import SECTION_HEADS, ReasonForm, SemesterTextForm, SnapshotForm
from reports.models import ReportState, SemesterSummary
from reports.papers import semester_paper
from reports.services import MOVES, move_summary, save_summary_texts, summary_figures, take_snapshot
from reports.views.marks import state_badge
from reports.views.units import imprint_for

# A summary is submitted by who may write it; a month's report by the care lead alone.
ACTS = {name: Act.SEMESTER_EDIT if name == "submit" else step.act for name, step in MOVES.items()}


def term_or_404(request: HttpRequest, pk: int) -> Term:
    """The term of a school that this person leads."""
    schools = request.user.schools_as(*LEADS)  # type: ignore[union-attr]
    term = Term.objects.filter(pk=pk, school__in=schools).select_related("school").first()
    if term is None:
        raise Http404
    return term


def summary_of(term: Term) -> SemesterSummary | None:
    return SemesterSummary.objects.filter(school=term.school, term=term).select_related("change").first()


def summary_or_404(request: HttpRequest, pk: int, act: Act) -> SemesterSummary:
    """The summary, for who holds the act's role at this very school."""
    term = term_or_404(request, pk)
    if not leads(request.user, act, term.school):  # type: ignore[arg-type]
        raise PermissionDenied(refusal(act))
    summary = summary_of(term)
    if summary is None:
        raise Http404
    return summary


@require_safe
@allows(Act.SEMESTER_VIEW)
def semester_list(request: HttpRequest) -> HttpResponse:
    """The terms of the schools that this person leads, with the state of each summary."""
    schools = request.user.schools_as(*LEADS)  # type: ignore[union-attr]
    terms = Term.objects.filter(school__in=schools, starts_on__lte=timezone.localdate()).select_related("school")
    summaries = {row.term_id: row for row in SemesterSummary.objects.visible_to(request.user).filter(term__in=terms)}
    rows = [
        {"term": term, "badge": state_badge(summaries.get(term.pk)), "summary": summaries.get(term.pk)}
        for term in terms
    ]
    return render(request, "reports/semester_list.html", {"rows": rows, "several": len(schools) > 1})


@require_safe
@allows(Act.SEMESTER_VIEW)
def semester(request: HttpRequest, pk: int) -> HttpResponse:
    """The summary as it will be printed: frozen figures, charts, what is written and what is still missing."""
    term = term_or_404(request, pk)
    summary = summary_of(term)
    figures = summary_figures(summary) if summary else None
    written = narratives(summary.texts if summary else {})
    gaps = sum(not part.text for parts in written.values() for part in parts)
    history = list(summary.moves.select_related("made_by")) if summary else []
    open_still = summary is None or summary.state in MOVES["submit"].sources
    may_take = open_still and leads(request.user, Act.SEMESTER_EDIT, term.school)  # type: ignore[arg-type]
    context = {
        "term": term,
        "summary": summary,
        "badge": state_badge(summary),
        "figures": figures,
        "charts": drawn(figures.charts) if figures else (),
        "sections": [(SECTION_HEADS[section], parts) for section, parts in written.items()],
        "gaps": gaps,
        "moves": [name for name in MOVES if summary and _may_move(request, summary, name)],
        "may_take": may_take,
        "may_write": bool(summary) and _may_move(request, summary, "submit"),
        "submit_url": reverse("reports:semester_submit", args=[pk]),
        "approve_url": reverse("reports:semester_approve", args=[pk]),
        "submit_question": f"还有 {gaps} 处文字没有填写，确定提交吗？" if gaps else "确定提交审定吗？",
        "gaps_text": f"还有 {gaps} 处文字没有填写，打印时会留出注明的空白框。系统不会代写成绩和评价。",
        "warnings_title": f"这些资料不全，会影响数字；{'补登后可重新固定数据' if may_take else '打印时注在表 1 下面'}",
        "last_note": history[-1].note if summary and summary.state == ReportState.RETURNED and history else "",
        "history": history,
        "crumbs": [Crumb("学期总结", reverse("reports:semester_list")), Crumb(str(term))],
    }
    return render(request, "reports/semester.html", context)


def _may_move(request: HttpRequest, summary: SemesterSummary, name: str) -> bool:
    return summary.state in MOVES[name].sources and leads(request.user, ACTS[name], summary.school)  # type: ignore[arg-type]


@require_safe
@allows(Act.SEMESTER_VIEW)
def semester_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The summary on paper; a draft says that it is one."""
    term = term_or_404(request, pk)
    summary = summary_of(term)
    figures = summary_figures(summary) if summary else None
    if summary is None or figures is None:
        messages.info(request, "还没有固定学期数据，先选定截止日期，再打印总结。")
        return redirect("reports:semester", pk)
    note(request, Event.PRINT, detail=f"学期总结 {term.pk}")
    made = semester_paper(summary, figures, imprint_for(request))
    return pdf_response(made.pdf, made.filename)


class _SummaryPage:
    """Crumbs and the way back of the pages below a summary."""

    kwargs: dict[str, Any]
    request: HttpRequest

    def get_cancel_url(self) -> str:
        return reverse("reports:semester", kwargs=self.kwargs)

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_crumbs(self) -> list[Crumb]:
        term = term_or_404(self.request, self.kwargs["pk"])
        return [Crumb("学期总结", reverse("reports:semester_list")), Crumb(str(term), self.get_cancel_url())]


@allows(Act.SEMESTER_EDIT)
class SemesterTake(_SummaryPage, FormPage):
    """Fix the figures of the term as of a day; may be repeated while the summary is a draft."""

    form_class = SnapshotForm
    heading = "固定学期数据"
    lead = "按选定的日期和口径计算一次并保存下来，以后档案里的更改不会改变总结里的数字；总结提交前可以重新固定。"
    saved_text = "学期数据已固定。"
    keeps_draft = False

    def get_term(self) -> Term:
        term = term_or_404(self.request, self.kwargs["pk"])
        if not leads(self.request.user, Act.SEMESTER_EDIT, term.school):  # type: ignore[arg-type]
            raise PermissionDenied(refusal(Act.SEMESTER_EDIT))
        return term

    def get_initial(self) -> dict[str, Any]:
        term = self.get_term()
        summary = summary_of(term)
        day = min(term.ends_on, timezone.localdate())
        return {
            "cut_off": summary.cut_off if summary else day,
            "definition": summary.definition if summary else Definition.SEED,
        }

    def save(self, form: Any) -> SemesterSummary:
        term = self.get_term()
        if form.cleaned_data["cut_off"] > timezone.localdate():
            raise ValidationError({"cut_off": "截止日期不能在今天以后。"})
        return take_snapshot(
            school=term.school,
            term=term,
            cut_off=form.cleaned_data["cut_off"],
            definition=form.cleaned_data["definition"],
            by=self.request.user,  # type: ignore[arg-type]
        )


@allows(Act.SEMESTER_EDIT)
class SemesterText(_SummaryPage, KeepsVersion):
    """The sections that people write; the figures beside them are never changed here."""

    form_class = SemesterTextForm
    heading = "学期总结文字部分"
    lead = "写事实，不写学生姓名。没有填写的部分，打印时留出空白框并注明由学校填写。"
    saved_text = "文字部分已保存。"

    def find_row(self) -> SemesterSummary:
        return summary_or_404(self.request, self.kwargs["pk"], Act.SEMESTER_EDIT)

    def stored(self, row: SemesterSummary) -> dict[str, str]:
        return {key: row.texts.get(key, "") for _section, key, _heading, _asks in SECTIONS}

    def draft_key(self) -> str:
        return f"semester_text:{self.row.pk}"

    def save(self, form: Any) -> SemesterSummary:
        return save_summary_texts(summary=self.row, texts=form.texts(), version=form.cleaned_data["version"])


def _move(request: HttpRequest, pk: int, move: str, done: str) -> HttpResponse:
    summary = summary_or_404(request, pk, ACTS[move])
    try:
        move_summary(summary=summary, move=move, by=request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, done)
    return redirect("reports:semester", pk)


@require_POST
@allows(Act.SEMESTER_EDIT)
def semester_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the summary to the principal."""
    return _move(request, pk, "submit", "学期总结已提交，等待校长审定。")


@require_POST
@allows(Act.MONTH_APPROVE)
def semester_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The principal's approval; the day of it is printed under the summary."""
    return _move(request, pk, "approve", "学期总结已审定，可以打印盖章。")


class _BackPage(_SummaryPage, ConfirmPage):
    form_class = ReasonForm
    move = ""

    def get_summary(self) -> SemesterSummary:
        return summary_or_404(self.request, self.kwargs["pk"], ACTS[self.move])

    def get_question(self) -> str:
        summary = self.get_summary()
        return f"{summary.term}的总结现在是“{summary.get_state_display()}”。"

    def get_consequences(self) -> list[str]:
        return ["已固定的数据保留，编写人可以重新固定数据、修改文字，再次提交。"]

    def save(self, form: Any) -> SemesterSummary:
        return move_summary(
            summary=self.get_summary(),
            move=self.move,
            by=self.request.user,
            note=form.cleaned_data["note"],  # type: ignore[arg-type]
        )

    def get_saved_text(self, result: Any) -> str:
        return "学期总结已退回，编写人可以修改。"


@allows(Act.MONTH_APPROVE)
class SemesterReturn(_BackPage):
    move, heading, button = "return", "退回学期总结", "退回"


@allows(Act.MONTH_APPROVE)
class SemesterReopen(_BackPage):
    move, heading, button, tone = "reopen", "重新打开已审定的学期总结", "重新打开", "danger"
