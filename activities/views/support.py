"""Support plans: list, one with its reviews and what was done, making, ending, paper."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.forms.gatherings import colleagues
from activities.forms.support import EndForm, PlanChange, PlanFilter, PlanForm, ReaderForm, ReviewForm
from activities.picking import classes_of
from activities.support import SHOWN, blank_plan, carried_out, plan_paper, times_carried_out
from activities.views.links import add_url, dossier_url
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.periods import chinese_date
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.versions import KeepsVersion
from children.life.papers import imprint
from children.models import Child
from children.sight import sight_of
from mentoring import support
from mentoring.models import PlanReader, SupportPlan

SHEETS = (PRINT_SHEET, "print/events.css")


def plan_or_404(request: HttpRequest, pk: int) -> SupportPlan:
    """The plan, if this person reads it; the look is noted. Raises Http404 otherwise."""
    rows = SupportPlan.objects.visible_to(request.user).select_related(
        "child__school", "child__school_class__school", "made_by", "term", "helper", "change"
    )
    plan: SupportPlan = get_object_or_404(rows, pk=pk)
    note(request, Event.VIEW, plan.child_id, f"plan {plan.pk}")
    return plan


def plan_to_change(request: HttpRequest, pk: int) -> SupportPlan:
    """The plan, for its author and the leads. Raises PermissionDenied for readers."""
    plan = plan_or_404(request, pk)
    if not support.may_change(plan, request.user):
        raise PermissionDenied(f"这份计划由责任人{plan.made_by}和德育主任、校长修改。")
    return plan


@allows(Act.PLAN_VIEW)
class SupportList(FilteredListView):
    """Plans that this person reads; those to be reviewed first."""

    heading = "帮扶计划"
    lead = "学习帮扶计划和个别教育管理方案；个别方案只有责任人、心理教师、德育主任、校长和指定的知情人看得到。"
    template_name = "activities/support/list.html"
    rows_template = "activities/support/_rows.html"
    unit = "份"
    empty_text = "还没有帮扶计划。"
    empty_hint = "在学生档案的“帮扶”里可以制订计划。"
    empty_url = "children:child_list"
    empty_action = "选择学生"

    def get_filter(self) -> PlanFilter:
        staff, today = self.request.user, timezone.localdate()
        planned = SupportPlan.objects.visible_to(staff).order_by().values("child")
        children = Child.objects.visible_to(staff).filter(pk__in=planned)
        return PlanFilter(self.request.GET, staff=staff, today=today, classes=classes_of(children, today))

    def get_queryset(self, staff: Any) -> Any:
        rows = SupportPlan.objects.visible_to(staff).select_related("child__school_class__school", "made_by")
        return rows.order_by("state", "review_on", "-starts_on", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, plans = timezone.localdate(), list(context["rows"])
        done = times_carried_out(plans)
        return context | {
            "rows": [(plan, plan.child.class_name(today), done.get(plan.pk)) for plan in plans],
            "today": today,
            "due": SupportPlan.objects.visible_to(self.request.user).due_by(today).count(),
            "kinds": SupportPlan.Kind.choices,
        }


@allows(Act.PLAN_VIEW)
@require_safe
def support_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan with its reviews; a learning plan with the tutoring that carries it out."""
    plan = plan_or_404(request, pk)
    staff: Any = request.user
    changes = support.may_change(plan, staff)
    open_ = plan.state == SupportPlan.State.OPEN
    records = [] if plan.is_individual else list(carried_out(plan, staff)[: SHOWN + 1])
    today = timezone.localdate()
    context = {
        "plan": plan,
        "child": plan.child,
        "class_name": plan.child.class_name(today),
        "dossier": dossier_url(plan.child),
        "reviews": list(plan.reviews.select_related("reviewed_by").order_by("-on", "-pk")),
        "records": records[:SHOWN],
        "more": len(records) > SHOWN,
        "record_list": f"{reverse('activities:record_list')}?child={plan.child_id}&kind=tutoring",
        "tutor": add_url(children=[plan.child_id], kind="tutoring", next_page=request.path) if open_ else "",
        "readers": list(plan.readers.select_related("staff")) if plan.is_individual else [],
        "may_change": changes,
        "open": open_,
        "due": open_ and plan.review_on is not None and plan.review_on <= today,
        "reader_form": ReaderForm(people=colleagues(plan.child.school, today)) if changes else None,
        "crumbs": [
            Crumb("帮扶计划", reverse("activities:support_list")),
            Crumb(f"{plan.child.name}的{plan.get_kind_display()}"),
        ],
    }
    return render(request, "activities/support/show.html", context)


@allows(Act.PLAN_EDIT)
class SupportAdd(FormPage):
    """Make a plan for a child."""

    form_class = PlanForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if kwargs["kind"] not in SupportPlan.Kind.values:
            raise Http404
        self.kind = SupportPlan.Kind(kwargs["kind"])
        children = Child.objects.visible_to(request.user).on_roll().select_related("school", "school_class__school")
        self.child = get_object_or_404(children, pk=kwargs["pk"])
        if not support.may_make(sight_of(request.user, self.child), self.kind):  # type: ignore[arg-type]
            raise PermissionDenied(f"您对这名学生没有制订{self.kind.label}的权限，请与班主任或德育主任联系。")
        note(request, Event.VIEW, self.child)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"制订{self.child.name}的{self.kind.label}"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("学生", reverse("children:child_list")), Crumb(self.child.name, dossier_url(self.child))]

    def draft_key(self) -> str:
        return f"plan:{self.child.pk}:{self.kind.value}"

    def get_instance(self) -> SupportPlan:
        return SupportPlan(child=self.child, kind=self.kind)

    def get_form_kwargs(self) -> dict[str, Any]:
        individual = self.kind == SupportPlan.Kind.INDIVIDUAL
        return super().get_form_kwargs() | {"individual": individual, "today": timezone.localdate()}

    def save(self, form: Any) -> SupportPlan:
        plan = support.make(form.instance, by=self.request.user)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.child, f"plan {plan.pk}")
        return plan

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}的{self.kind.label}已保存。"

    def get_cancel_url(self) -> str:
        return dossier_url(self.child)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(result)


@allows(Act.PLAN_EDIT)
class SupportEdit(KeepsVersion):
    """Change a plan."""

    form_class = PlanChange

    def find_row(self) -> SupportPlan:
        plan = plan_to_change(self.request, self.kwargs["pk"])
        if plan.state != SupportPlan.State.OPEN:
            raise PermissionDenied("这份计划已经结束，不能再修改。")
        return plan

    def get_heading(self) -> str:
        return f"修改{self.row.child.name}的{self.row.get_kind_display()}"

    def get_crumbs(self) -> list[Crumb]:
        name = f"{self.row.child.name}的{self.row.get_kind_display()}"
        return [Crumb("帮扶计划", reverse("activities:support_list")), Crumb(name, show_url(self.row))]

    def draft_key(self) -> str:
        return f"plan:{self.row.pk}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"individual": self.row.is_individual, "today": timezone.localdate()}

    def save(self, form: Any) -> Any:
        support.check(form.instance)
        form.instance.full_clean(exclude=["change"])
        note(self.request, Event.WRITE, self.row.child_id, f"plan {self.row.pk}")
        return super().save(form)

    def get_saved_text(self, result: Any) -> str:
        return f"{result.child.name}的{result.get_kind_display()}已保存。"

    def get_cancel_url(self) -> str:
        return show_url(self.row)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(result)


def show_url(plan: SupportPlan) -> str:
    return reverse("activities:support_show", args=[plan.pk])


class OfPlan(FormPage):
    """A page about an open plan that this person may change."""

    plan: SupportPlan

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.plan = plan_to_change(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        name = f"{self.plan.child.name}的{self.plan.get_kind_display()}"
        return [Crumb("帮扶计划", reverse("activities:support_list")), Crumb(name, show_url(self.plan))]

    def get_cancel_url(self) -> str:
        return show_url(self.plan)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(self.plan)


@allows(Act.PLAN_EDIT)
class SupportReview(OfPlan):
    """How far the plan has come."""

    form_class = ReviewForm
    heading = "评估"

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def draft_key(self) -> str:
        return f"plan-review:{self.plan.pk}"

    def save(self, form: Any) -> Any:
        row = support.review(self.plan, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.plan.child_id, f"plan {self.plan.pk} review")
        return row

    def get_saved_text(self, result: Any) -> str:
        later = f"下次评估{chinese_date(self.plan.review_on)}。" if self.plan.review_on else "没有定下次评估日期。"
        return f"评估已保存。{later}"


@allows(Act.PLAN_EDIT)
class SupportEnd(OfPlan):
    """The plan has done its work, or stops."""

    form_class = EndForm
    heading = "结束计划"

    def draft_key(self) -> str:
        return f"plan-end:{self.plan.pk}"

    def save(self, form: Any) -> SupportPlan:
        note(self.request, Event.WRITE, self.plan.child_id, f"plan {self.plan.pk} end")
        return support.end(self.plan, on=timezone.localdate(), **form.cleaned_data)

    def get_saved_text(self, result: Any) -> str:
        return f"{result.child.name}的{result.get_kind_display()}已结束：{result.get_state_display()}。"


@allows(Act.PLAN_EDIT)
@require_POST
def support_reader_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one colleague read an individual plan."""
    plan = plan_to_change(request, pk)
    if not plan.is_individual:
        raise Http404
    form = ReaderForm(request.POST, people=colleagues(plan.child.school, timezone.localdate()))
    try:
        if form.is_valid():
            reader = support.name_reader(plan, **form.cleaned_data)
            note(request, Event.WRITE, plan.child_id, f"plan {pk} reader {reader.staff_id}")
            messages.success(request, f"{reader.staff}可以查看这份方案。")
        else:
            messages.error(request, "；".join(text for texts in form.errors.values() for text in texts))
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    return redirect(f"{show_url(plan)}#readers")


@allows(Act.PLAN_EDIT)
@require_POST
def support_reader_off(request: HttpRequest, pk: int, reader: int) -> HttpResponse:
    """A colleague need not read it any more."""
    plan = plan_to_change(request, pk)
    row = get_object_or_404(PlanReader.objects.select_related("staff"), plan=plan, pk=reader)
    row.delete()
    note(request, Event.WRITE, plan.child_id, f"plan {pk} reader {row.staff_id} off")
    messages.success(request, f"{row.staff}不再能查看这份方案。")
    return redirect(f"{show_url(plan)}#readers")


@allows(Act.PLAN_VIEW)
@require_safe
def support_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as the school's form."""
    plan = plan_or_404(request, pk)
    paper = plan_paper(plan, request.user)  # type: ignore[arg-type]
    note(request, Event.PRINT, plan.child_id, f"plan {pk}")
    context = {"paper": paper, "imprint": imprint(request.user, timezone.localtime())}
    title = f"{plan.child.name}{paper.title}"
    return pdf_response(render_pdf("print/plan.html", context, title=title, stylesheets=SHEETS), f"{title}.pdf")


@allows(Act.PLAN_VIEW)
@require_safe
def support_blank(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty form, to fill in by hand."""
    if kind not in SupportPlan.Kind.values:
        raise Http404
    school = request.user.home_school()  # type: ignore[union-attr]
    paper = blank_plan(kind, school.name if school else "")
    context = {"paper": paper, "imprint": imprint(request.user, timezone.localtime())}
    title = f"{paper.title}（空白）"
    return pdf_response(render_pdf("print/plan.html", context, title=title, stylesheets=SHEETS), f"{title}.pdf")
