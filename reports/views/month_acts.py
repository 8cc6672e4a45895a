"""What happens to a month's report: opened, written, submitted, approved, sent back. Each act is one address."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.policy import Act, refusal
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage
from caretrack.web.versions import KeepsVersion
from children.left_behind import Definition
from reports.access import leads
from reports.forms.texts import MonthTextForm, ReasonForm
from reports.models import MonthlyReport
from reports.services import MOVES, REPORT_TEXTS, move_report, open_month, save_report_texts
from reports.views.units import month_or_404, report_or_404, unit_or_404


@require_POST
@allows(Act.MONTH_SUBMIT)
def month_open(request: HttpRequest, unit: str, month: str) -> HttpResponse:
    """Begin the report of a month as a draft."""
    about = unit_or_404(request, unit)
    when = month_or_404(about, month)
    if not leads(request.user, Act.MONTH_SUBMIT, about.school):  # type: ignore[arg-type]
        raise PermissionDenied(refusal(Act.MONTH_SUBMIT))
    try:
        definition = request.GET.get("definition", Definition.SEED)
        open_month(unit=about, month=when, definition=definition, by=request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, f"{about.name(when.last)}{when.label}的月报已建立，可以填写文字部分，到期后提交。")
    return redirect("reports:month", unit, month)


def _move(request: HttpRequest, unit: str, month: str, move: str, done: str) -> HttpResponseRedirect:
    report = report_or_404(request, unit, month, MOVES[move].act)
    try:
        move_report(report=report, move=move, by=request.user, on=timezone.localdate())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, done)
    return redirect("reports:month", unit, month)


@require_POST
@allows(Act.MONTH_SUBMIT)
def month_submit(request: HttpRequest, unit: str, month: str) -> HttpResponse:
    """Freeze the figures and hand the report to the principal."""
    return _move(request, unit, month, "submit", "月报已提交，数字已固定，等待校长审定。")


@require_POST
@allows(Act.MONTH_APPROVE)
def month_approve(request: HttpRequest, unit: str, month: str) -> HttpResponse:
    """The principal's approval."""
    return _move(request, unit, month, "approve", "月报已审定。")


class _BackPage(ConfirmPage):
    """A report goes back with a reason."""

    form_class = ReasonForm
    move = ""

    def get_report(self) -> MonthlyReport:
        return report_or_404(self.request, self.kwargs["unit"], self.kwargs["month"], MOVES[self.move].act)

    def get_question(self) -> str:
        report = self.get_report()
        return f"{report.school_class or report.school} {report.month} 的月报现在是“{report.get_state_display()}”。"

    def get_consequences(self) -> list[str]:
        return ["固定的数字会取消，月报重新显示最新数字。", "编报人修改后要再次提交。"]

    def save(self, form: Any) -> MonthlyReport:
        return move_report(
            report=self.get_report(),
            move=self.move,
            by=self.request.user,  # type: ignore[arg-type]
            on=timezone.localdate(),
            note=form.cleaned_data["note"],
        )

    def get_saved_text(self, result: Any) -> str:
        return "月报已退回，编报人可以修改。"

    def get_cancel_url(self) -> str:
        return reverse("reports:month", kwargs=self.kwargs)

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("月报", reverse("reports:month_list")), Crumb(self.kwargs["month"], self.get_cancel_url())]


@allows(Act.MONTH_APPROVE)
class MonthReturn(_BackPage):
    move, heading, button = "return", "退回月报", "退回"


@allows(Act.MONTH_APPROVE)
class MonthReopen(_BackPage):
    move, heading, button, tone = "reopen", "重新打开已审定的月报", "重新打开", "danger"


@allows(Act.MONTH_SUBMIT)
class MonthText(KeepsVersion):
    """The text part of a month, written while it is a draft."""

    form_class = MonthTextForm
    heading = "月报文字部分"
    saved_text = "文字部分已保存。"

    def find_row(self) -> MonthlyReport:
        return report_or_404(self.request, self.kwargs["unit"], self.kwargs["month"], Act.MONTH_SUBMIT)

    def stored(self, row: MonthlyReport) -> dict[str, str]:
        return {name: getattr(row, name) for name in REPORT_TEXTS}

    def draft_key(self) -> str:
        return f"month_text:{self.row.pk}"

    def save(self, form: Any) -> MonthlyReport:
        data = form.cleaned_data
        return save_report_texts(report=self.row, texts=data, version=data["version"])

    def get_cancel_url(self) -> str:
        return reverse("reports:month", kwargs=self.kwargs)

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("月报", reverse("reports:month_list")), Crumb(self.kwargs["month"], self.get_cancel_url())]
