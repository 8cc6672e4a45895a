"""线路和值班: the lines with their hours, who is on duty, which numbers a child may call, the public notice, the check."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.calls import callables, calls_by_class, decide_number, set_duty, silent_key_children, week_of
from activities.forms.calls import CheckForm, DutyForm, LineChange, LineForm, NumberForm
from activities.models import CallCheck, CallDuty, CallLine
from activities.queries import cared_for
from activities.views.calls.frame import day_asked, school_of, tabs_for
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, Act, DataClass, Level
from caretrack.downloads import pdf_response
from caretrack.pdf import render_pdf
from caretrack.periods import Month
from caretrack.schools.models import Appointment, SchoolClass, Staff, Term
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.versions import KeepsVersion
from children.life.papers import imprint
from children.models import Child, Phone
from children.sight import sight_of


@allows(Act.CALL_SETUP)
class CallSetup(FormPage):
    """The lines of the school, and who is on duty in a week."""

    form_class = DutyForm
    template_name = "activities/calls/setup.html"
    heading = "线路和值班"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.school = school_of(request)
        self.week = week_of(day_asked(request, timezone.localdate()))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        on = max(self.week[0], timezone.localdate())
        writers = Appointment.objects.current(on).filter(school=self.school, role__in=ACTS[Act.RECORD_WRITE])
        people = Staff.objects.filter(pk__in=writers.values("staff"), is_active=True).order_by("pinyin", "pk")
        return super().get_form_kwargs() | {"days": self.week, "people": people}

    def get_initial(self) -> dict[str, Any]:
        duties = CallDuty.objects.filter(school=self.school, on__in=self.week)
        return {f"day_{duty.on:%Y%m%d}": duty.staff_id for duty in duties}

    def save(self, form: Any) -> Any:
        set_duty(school=self.school, duties=form.duties())
        return self.week

    def get_saved_text(self, result: Any) -> str:
        return f"{result[0].month}月{result[0].day}日这一周的值班已保存。"

    def get_redirect_url(self, result: Any) -> str:
        return f"{reverse('activities:call_setup')}?on={result[0]}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        monday = self.week[0]
        context = {
            "tabs": tabs_for(self.request.user, "activities:call_setup"),
            "lines": list(CallLine.objects.filter(school=self.school)),
            "week": self.week,
            "before": f"?on={monday.fromordinal(monday.toordinal() - 7)}",
            "after": f"?on={monday.fromordinal(monday.toordinal() + 7)}",
        }
        return super().get_context_data(**{**context, **kwargs})


@allows(Act.CALL_SETUP)
class LineAdd(FormPage):
    """A new phone or camera."""

    form_class = LineForm
    heading = "添加线路"
    success_url = "activities:call_setup"
    cancel_url = "activities:call_setup"
    crumbs = (("线路和值班", "activities:call_setup"),)

    def get_instance(self) -> CallLine:
        return CallLine(school=school_of(self.request))

    def save(self, form: Any) -> CallLine:
        return form.save()  # type: ignore[no-any-return]

    def get_saved_text(self, result: CallLine) -> str:
        return f"{result}已保存：{result.hours}。"


@allows(Act.CALL_SETUP)
class LineEdit(KeepsVersion):
    """Hours, place and number of a line; switched off it takes no more bookings."""

    form_class = LineChange
    heading = "修改线路"
    success_url = "activities:call_setup"
    cancel_url = "activities:call_setup"
    crumbs = (("线路和值班", "activities:call_setup"),)

    def find_row(self) -> CallLine:
        lines = CallLine.objects.select_related("change")
        found: CallLine = get_object_or_404(lines, pk=self.kwargs["pk"], school=school_of(self.request))
        return found

    def get_saved_text(self, result: CallLine) -> str:
        return f"{result}已保存：{result.hours}。"


def _child_for_numbers(request: HttpRequest, pk: int) -> Child:
    """The child whose numbers these are, for those who write its family data."""
    child = get_object_or_404(Child.objects.visible_to(request.user, DataClass.CONTACT, Level.WRITE), pk=pk)
    if not sight_of(request.user, child).may(Act.CHILD_EDIT):  # type: ignore[arg-type]
        raise PermissionDenied("孩子可以拨打哪些号码，由班主任、德育主任和校长决定。")
    note(request, Event.VIEW, child)
    return child


@require_safe
@allows(Act.CHILD_EDIT)
def number_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Which numbers of its family a child may call."""
    child = _child_for_numbers(request, pk)
    return render(
        request,
        "activities/calls/numbers.html",
        {"child": child, "rows": callables(child, request.user), "reason_form": NumberForm()},  # type: ignore[arg-type]
    )


@require_POST
@allows(Act.CHILD_EDIT)
def number_decide(request: HttpRequest, pk: int, phone: int, answer: str) -> HttpResponse:
    """`answer` is allow or refuse; a refusal carries its reason."""
    child = _child_for_numbers(request, pk)
    offered = [row.number.phone for row in callables(child, request.user) if not row.barred]  # type: ignore[arg-type]
    row = get_object_or_404(Phone, pk=phone, pk__in=offered)
    try:
        decide_number(phone=row, allowed=answer == "allow", reason=request.POST.get("reason", "")[:100])
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, child, "call number")
        messages.success(request, "已允许拨打。" if answer == "allow" else "已设为不允许拨打。")
    return redirect(reverse("activities:call_numbers", args=[pk]))


@require_safe
@allows(Act.RECORD_LIST)
def call_notice(request: HttpRequest) -> HttpResponse:
    """The public notice: numbers, hours, rules; for the door and for parents."""
    school = school_of(request)
    lines = list(CallLine.objects.filter(school=school, active=True))
    context = {
        "school": school,
        "lines": lines,
        "minutes": max((line.minutes for line in lines), default=0),
        "imprint": imprint(request.user, timezone.localtime()),
        "on": timezone.localdate(),
    }
    content = render_pdf(
        "print/call_notice.html", context, title="亲情电话公示", stylesheets=("print/print.css", "print/records.css")
    )
    return pdf_response(content, "亲情电话公示.pdf")


@allows(Act.CALL_SETUP)
class CallCheckPage(FormPage):
    """The leaders' look once a term: who spoke with the family and who did not, and what was found."""

    form_class = CheckForm
    template_name = "activities/calls/check.html"
    heading = "亲情电话学期检查"
    success_url = "activities:call_check"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.school, self.today = school_of(request), timezone.localdate()
        self.term = Term.objects.current(self.school, self.today)
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return []

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today}

    def save(self, form: Any) -> CallCheck:
        if self.term is None:
            raise ValidationError("学校还没有建立学期，请先请系统管理员建立。")
        row: CallCheck = form.save(commit=False)
        row.school, row.term, row.by = self.school, self.term, self.request.user  # type: ignore[assignment]
        if row.on > self.today:
            raise ValidationError({"on": "检查日期不能在今天以后。"})
        row.save()
        return row

    def get_saved_text(self, result: CallCheck) -> str:
        return f"{result.on.month}月{result.on.day}日的检查已登记。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        month = Month.of(self.today, self.school.closing_day)
        wanted = cared_for(Child.objects.visible_to(self.request.user, DataClass.CARE).filter(school=self.school))
        first = self.term.starts_on if self.term else month.first
        rows = calls_by_class(wanted, first, self.today, month)
        classes = SchoolClass.objects.filter(pk__in=[r.class_id for r in rows]).select_related("school")
        names = {c.pk: (c.grade_on(self.today), c.number, c.name_on(self.today)) for c in classes}
        silent = list(silent_key_children(wanted, month).select_related("school_class__school").by_name()[:30])  # type: ignore[attr-defined]
        context = {
            "tabs": tabs_for(self.request.user, "activities:call_check"),
            "term": self.term,
            "month": month,
            "classes": [(names[r.class_id][2], r) for r in sorted(rows, key=lambda r: names[r.class_id])],
            "children": sum(r.children for r in rows),
            "called": sum(r.called for r in rows),
            "calls": sum(r.calls for r in rows),
            "silent": [(child, child.class_name(self.today)) for child in silent],
            "checks": list(CallCheck.objects.filter(school=self.school).select_related("by", "term")[:12]),
        }
        return super().get_context_data(**{**context, **kwargs})
