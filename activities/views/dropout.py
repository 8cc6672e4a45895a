"""Cases against dropping out: opened, brought forward step by step, closed; their letters."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.absence import away_now
from activities.dropout import NOT_WITHDRAWN, add_case_step, close_case, may_be_withdrawn, open_case, withdraw_case
from activities.forms.absence import CaseCloseForm, CaseFilter, CaseForm, CaseStepForm, CaseWithdrawForm
from activities.models import DropoutCase, DropoutStep
from activities.views.safety import SafetyTabs
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.periods import chinese_date
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from children.life.papers import imprint
from children.models import Child
from children.queries import carers_of

LETTERS = {"notice": "劝返通知书", "visit": "控辍家访记录", "report": "关于学生未到校情况的书面报告"}


def written_about(staff: Any) -> "QuerySet[Child]":
    """Children whose care this person writes."""
    return Child.objects.visible_to(staff, DataClass.CARE, Level.WRITE).select_related("school", "school_class__school")


@allows(Act.ABSENCE)
class CaseList(SafetyTabs, FilteredListView):
    heading = "控辍个案"
    lead = "连续无故缺勤三天以上立案：劝返、书面报告，返校或登记辍学后结案。"
    place = "activities:absence_home"
    template_name = "activities/safety_list.html"
    rows_template = "activities/_case_rows.html"
    filter_class = CaseFilter
    unit = "件"
    queryset = DropoutCase.objects.select_related("child__school_class__school", "school").prefetch_related("steps")
    empty_text = "没有正在劝返的个案。"
    no_match_text = "没有符合条件的个案。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        context["rows"] = [
            (case, case.child.class_name(today), list(case.steps.all())[-1:]) for case in context["rows"]
        ]
        return context | {"list_actions": [(reverse("activities:absence_home"), "今日点名")]}


def case_or_404(request: HttpRequest, pk: int) -> DropoutCase:
    """A case that this person may read; the look is noted. Raises Http404 otherwise."""
    found = DropoutCase.objects.visible_to(request.user).select_related(
        "child__school_class__school", "school", "opened_by", "register_line"
    )
    case = get_object_or_404(found, pk=pk)
    note(request, Event.VIEW, case.child_id, f"dropout case {case.pk}")
    return case


@require_safe
@allows(Act.ABSENCE)
def case_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One case with its steps and its letters."""
    case = case_or_404(request, pk)
    steps = list(case.steps.select_related("made_by"))
    done = {step.kind for step in steps}
    Step = DropoutStep.Kind
    wanted = (Step.CALL, Step.VISIT, Step.JOINT, Step.LETTER, Step.EDUCATION, Step.TOWNSHIP)
    context = {
        "case": case,
        "class_name": case.child.class_name(timezone.localdate()),
        "steps": steps,
        "open": case.state == DropoutCase.State.OPEN,
        "withdrawable": may_be_withdrawn(case),
        "wanted": [(kind.value, kind.label, kind in done) for kind in wanted],
        "letters": LETTERS.items(),
        "crumbs": [Crumb("控辍个案", reverse("activities:case_list")), Crumb(case.child.name)],
    }
    return render(request, "activities/case_show.html", context)


@allows(Act.ABSENCE)
class CaseOpen(FormPage):
    form_class = CaseForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.child = get_object_or_404(written_about(request.user).on_roll(), pk=kwargs["pk"])  # type: ignore[attr-defined]
        note(request, Event.VIEW, self.child, "dropout case")
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.child.name}：立控辍个案"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("控辍个案", reverse("activities:case_list"))]

    def get_initial(self) -> dict[str, Any]:
        away = away_now(Child.objects.filter(pk=self.child.pk), timezone.localdate())
        return {"away_since": away[0].since if away else timezone.localdate()}

    def get_cancel_url(self) -> str:
        return reverse("activities:absence_home")

    def save(self, form: Any) -> DropoutCase:
        staff: Any = self.request.user
        note(self.request, Event.WRITE, self.child, detail="dropout case")
        return open_case(child=self.child, by=staff, on=timezone.localdate(), **form.cleaned_data)

    def get_saved_text(self, result: DropoutCase) -> str:
        return f"{self.child.name}的控辍个案已建立，可以打印劝返通知书。"

    def get_redirect_url(self, result: DropoutCase) -> str:
        return reverse("activities:case_show", args=[result.pk])


class CasePage(FormPage):
    """A form in one case, for those who write the child's care or lead its school."""

    case: DropoutCase

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.case = case_or_404(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("控辍个案", reverse("activities:case_list")), Crumb(self.case.child.name, self.get_cancel_url())]

    def get_cancel_url(self) -> str:
        return reverse("activities:case_show", args=[self.case.pk])

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()


@allows(Act.ABSENCE)
class CaseStepAdd(CasePage):
    heading = "登记劝返步骤"
    form_class = CaseStepForm

    def get_initial(self) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        known = {"kind": kind} if kind in DropoutStep.Kind.values else {}
        return known | {"on": timezone.localdate()}

    def save(self, form: Any) -> DropoutStep:
        staff: Any = self.request.user
        note(self.request, Event.WRITE, self.case.child_id, detail="dropout step")
        return add_case_step(case=self.case, by=staff, today=timezone.localdate(), **form.cleaned_data)

    def get_saved_text(self, result: DropoutStep) -> str:
        return f"已登记：{result.get_kind_display()}。"


@allows(Act.ABSENCE)
class CaseClose(CasePage):
    heading = "结案"
    lead = "登记辍学后，学生退出在校名册，变动登记里记一笔“辍学”；须先送达劝返通知书并书面报告教育部门。"
    form_class = CaseCloseForm

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate(), "how": "back"}

    def save(self, form: Any) -> DropoutCase:
        staff: Any = self.request.user
        given = form.cleaned_data
        note(self.request, Event.WRITE, self.case.child_id, detail="dropout closed")
        return close_case(
            case=self.case, back=given["how"] == "back", on=given["on"], outcome=given["outcome"], by=staff,
            today=timezone.localdate(),
        )  # fmt: skip

    def get_saved_text(self, result: DropoutCase) -> str:
        return f"个案已结案：{result.get_state_display()}。"


@allows(Act.ABSENCE)
class CaseWithdraw(ConfirmPage):
    """Take back a case that was opened for the wrong pupil, or by mistake."""

    heading = "误立，撤销"
    button = "撤销个案"
    tone = "danger"
    form_class = CaseWithdrawForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.case = case_or_404(request, kwargs["pk"])
        if not may_be_withdrawn(self.case):
            messages.error(request, NOT_WITHDRAWN)
            return redirect(self.get_cancel_url())
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("控辍个案", reverse("activities:case_list")), Crumb(self.case.child.name, self.get_cancel_url())]

    def get_question(self) -> str:
        return f"撤销{self.case.child.name}{chinese_date(self.case.opened_on)}立的控辍个案？"

    def get_consequences(self) -> list[str]:
        return ["档案里不再有这个个案，控辍月报不再计入；是谁因为什么撤销的，变更记录里留着。"]

    def get_cancel_url(self) -> str:
        return reverse("activities:case_show", args=[self.case.pk])

    def save(self, form: Any) -> Child:
        staff: Any = self.request.user
        withdraw_case(case=self.case, reason=form.cleaned_data["reason"], by=staff)
        note(self.request, Event.WRITE, self.case.child_id, detail="dropout case withdrawn")
        return self.case.child

    def get_saved_text(self, result: Child) -> str:
        return f"{result.name}的控辍个案已撤销。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:case_list")


@require_safe
@allows(Act.ABSENCE)
def case_letter(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """劝返通知书, 家访记录 or 书面报告 on paper; `what` is notice, visit or report."""
    case = case_or_404(request, pk)
    if what not in LETTERS:
        raise Http404
    note(request, Event.PRINT, case.child_id, f"dropout {what}")
    child, today = case.child, timezone.localdate()
    context = {
        "what": what,
        "heading": LETTERS[what],
        "school": case.school,
        "child": child,
        "class_name": child.class_name(case.away_since),
        "carer": carers_of([child.pk]).get(child.pk, ""),
        "case": case,
        "steps": list(case.steps.all()),
        "visits": [s for s in case.steps.all() if s.kind in (DropoutStep.Kind.VISIT, DropoutStep.Kind.JOINT)],
        "on": today,
        "imprint": imprint(request.user, timezone.localtime()),
    }
    sheets = (PRINT_SHEET, "print/safety.css")
    pdf = render_pdf("print/dropout_letter.html", context, title=LETTERS[what], stylesheets=sheets)
    return pdf_response(pdf, f"{child.name}{LETTERS[what]}.pdf")
