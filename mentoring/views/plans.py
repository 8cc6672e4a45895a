"""结对方案: drafted from the suggestion, changed by hand, handed in, published or given back."""

from datetime import date
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.picking import classes_of
from activities.queries import cared_for
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FilteredListView
from caretrack.web.numbers import number
from caretrack.web.templatetags.care import cn_date
from children.models import codes
from children.queries import roll_order
from mentoring.forms.plans import PlanFilter, PlanForm, PublishForm, ReturnForm, scope
from mentoring.hearing import unheard
from mentoring.models import Mentor, Pairing, PairingPlan, PlannedPairing, PlanState
from mentoring.planning import (
    Fault,
    add_lines,
    burdens,
    change_lines,
    drop_line,
    drop_plan,
    faults,
    left_without,
    make_plan,
    plan_figures,
    publish_plan,
    return_plan,
    submit_plan,
)
from mentoring.queries import unpaired
from mentoring.standing import standings
from mentoring.views.reach import AtOneSchool, reached, schools_of
from mentoring.views.tabs import tabs

LINES_A_PAGE = 50
HOME = (("结对", "mentoring:board"), ("结对方案", "mentoring:plan_list"))


def plan_for(request: HttpRequest, pk: int, act: Act) -> PairingPlan:
    """The plan of a school at which this person may do `act`; raises Http404 otherwise."""
    plans = PairingPlan.objects.filter(school__in=schools_of(request.user, act))
    return get_object_or_404(plans.select_related("school", "made_by", "published_by"), pk=pk)


@allows(Act.PAIRING_EDIT)
class PlanList(FilteredListView):
    """Every round of pairing of the school, the newest first."""

    heading = "结对方案"
    lead = "学期初成批安排：系统按规则推荐，德育主任调整，校长公布；公布前不影响任何人。"
    template_name = "mentoring/plan_list.html"
    rows_template = "mentoring/_plan_rows.html"
    unit = "份"
    empty_text = "还没有结对方案。"
    empty_hint = "生成草稿后可以逐个调整，打印出来签字，再由校长公布。"
    empty_url, empty_action = "mentoring:plan_add", "新建方案"

    def get_queryset(self, staff: Any) -> "QuerySet[PairingPlan]":
        plans = PairingPlan.objects.visible_to(staff).select_related("school", "made_by", "published_by")
        counted = plans.annotate(heads=Count("lines"), blank=Count("lines", filter=Q(lines__mentor__isnull=True)))
        return counted.order_by("-made_at", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"tabs": tabs("plan_list", self.request.user)}


@allows(Act.PAIRING_EDIT)
class PlanAdd(AtOneSchool):
    """A new draft: for whom, from when."""

    form_class = PlanForm
    heading = "新建结对方案"
    crumbs = HOME
    cancel_url = "mentoring:plan_list"
    lead = "按空位、班级、村、兄弟姐妹、以前的代理家长等推荐，每一条都写明理由；生成后仍可改。"

    def get_form_kwargs(self) -> dict[str, Any]:
        staff, today = self.request.user, timezone.localdate()
        self.children = reached(staff, Act.PAIRING_EDIT).of_school(self.school)  # type: ignore[attr-defined]
        return super().get_form_kwargs() | {"today": today, "classes": classes_of(self.children, today)}

    def save(self, form: Any) -> PairingPlan:
        told = form.cleaned_data
        children = unpaired(scope(self.children, told["who"]), told["starts_on"])
        if told["classes"]:
            children = children.filter(school_class__in=told["classes"])
        return make_plan(
            school=self.school,
            children=children,
            title=told["title"],
            starts_on=told["starts_on"],
            by=self.request.user,  # type: ignore[arg-type]
        )

    def get_saved_text(self, result: PairingPlan) -> str:
        return f"“{result}”的草稿已生成，请逐条看过。"

    def get_redirect_url(self, result: PairingPlan) -> str:
        return reverse("mentoring:plan_show", args=[result.pk])


@allows(Act.PAIRING_EDIT)
class PlanShow(FilteredListView):
    """The lines of one plan: who, whom, why; to be changed by hand while it is open."""

    template_name = "mentoring/plan_show.html"
    rows_template = "mentoring/_plan_lines.html"
    page_size = LINES_A_PAGE
    unit = "人"
    empty_text = "方案里没有学生。"
    crumbs = HOME
    problems: tuple[str, ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.plan = plan_for(request, kwargs["pk"], Act.PAIRING_EDIT)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return self.plan.title

    def get_filter(self) -> PlanFilter:
        today = timezone.localdate()
        self.standing = standings(Mentor.objects.of_school(self.plan.school).active().order_by("pinyin", "pk"), today)
        children = reached(self.request.user, Act.PAIRING_EDIT).filter(planned_pairings__plan=self.plan)
        mentors = [(row.mentor.pk, row.mentor.name) for row in self.standing]
        return PlanFilter(
            self.request.GET, staff=self.request.user, classes=classes_of(children, today), mentors=mentors
        )

    def _unheard(self, today: date) -> int:
        """Of the pairings that the plan has made, how many the children were not asked about."""
        if self.plan.state != PlanState.PUBLISHED:
            return 0
        mine = reached(self.request.user, Act.PAIRING_HEAR)
        return unheard(mine, today).filter(planned_as__plan=self.plan).count()

    def get_queryset(self, staff: Any) -> "QuerySet[PlannedPairing]":
        lines = self.plan.lines.select_related(
            "child__school_class__school", "mentor__staff", "suggested", "changed_by"
        )
        return lines.order_by(*roll_order("child__"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        today = timezone.localdate()
        lines = list(context["rows"])
        wrong = {f.line.pk: f.why for f in faults(self.plan, lines)} if self.plan.is_open else {}
        loads = burdens(self.plan, self.standing)
        heavy = {b.standing.mentor.pk: b for b in loads if b.key_load > b.key_limit}
        full = {b.standing.mentor.pk: b for b in loads if b.over}
        free = left_without(lines, reached(staff, Act.PAIRING_EDIT), today)
        return context | {
            "tabs": tabs("plan_list", staff),
            "plan": self.plan,
            "rows": [
                {
                    "line": n,
                    "class_name": n.child.class_name(today),
                    "why": wrong.get(n.pk, ""),
                    "free": n.child_id in free,
                    # The suggestion fills nobody beyond the limit: it is told where somebody chose by hand.
                    "full": full.get(n.mentor_id) if n.changed_by_id else None,
                    "heavy": heavy.get(n.mentor_id) if n.child.support_level in codes.KEY_LEVELS else None,
                }
                for n in lines
            ],
            "choices": [burden for burden in loads if burden.standing.fit],
            "loads": sorted((b for b in loads if b.given), key=lambda burden: burden.standing.mentor.pinyin),
            "figures": plan_figures(self.plan),
            "problems": self.problems,
            "unheard": self._unheard(today),
            "may_publish": staff.may(Act.PAIRING_PUBLISH),
            "may_change": self.plan.open_to(staff),
            "query": self.request.GET.urlencode(),
            "submitted": self.plan.state == PlanState.SUBMITTED,
        }


@allows(Act.PAIRING_EDIT)
class PlanSave(PlanShow):
    """The mentors chosen on the page that was shown."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        staff: Any = request.user
        try:
            changed = change_lines(plan=self.plan, chosen=self.chosen(), by=staff)
        except ValidationError as refusal:
            self.problems = tuple(refusal.messages)
            response = self.render_to_response(self.get_context_data())
            response.status_code = 422
            return response
        messages.success(request, f"已保存，改了 {changed} 条。" if changed else "没有改动。")
        query = request.GET.urlencode()
        return redirect(reverse("mentoring:plan_show", args=[self.plan.pk]) + (f"?{query}" if query else ""))

    def chosen(self) -> dict[int, int | None]:
        """Line → mentor, as the selects say; what is no number is refused."""
        found: dict[int, int | None] = {}
        for name, value in self.request.POST.items():
            head, _, pk = name.partition("-")
            if head == "line" and (line := number(pk)) is not None:
                if value and number(value) is None:
                    raise ValidationError("请从列出的代理家长里选择。")
                found[line] = number(value)
        return found


@require_POST
@allows(Act.PAIRING_EDIT)
def plan_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the children who have come to be without 代理家长 since the draft was made."""
    plan = plan_for(request, pk, Act.PAIRING_EDIT)
    back = redirect("mentoring:plan_show", pk=plan.pk)
    if not plan.open_to(request.user):
        messages.error(request, f"方案{plan.get_state_display()}，现在不能再补学生。")
        return back
    children = reached(request.user, Act.PAIRING_EDIT).of_school(plan.school)  # type: ignore[attr-defined]
    added = add_lines(plan=plan, children=unpaired(cared_for(children), plan.starts_on))
    messages.success(request, f"补上了 {added} 名没有代理家长的学生。" if added else "没有要补的学生。")
    return back


@require_POST
@allows(Act.PAIRING_EDIT)
def plan_line_drop(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Take one child out of the plan."""
    plan = plan_for(request, pk, Act.PAIRING_EDIT)
    found = get_object_or_404(plan.lines.select_related("child", "plan"), pk=line)
    try:
        drop_line(line=found, by=request.user)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    else:
        messages.success(request, f"{found.child}已移出方案。")
    return redirect("mentoring:plan_show", pk=plan.pk)


class PlanStep(ConfirmPage):
    """One step of a plan, asked before it is taken."""

    act = Act.PAIRING_EDIT

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.plan = plan_for(request, kwargs["pk"], self.act)
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [*super().get_crumbs(), Crumb(self.plan.title, self.get_success_url())]

    crumbs = HOME

    def get_success_url(self) -> str:
        return reverse("mentoring:plan_show", args=[self.plan.pk])

    def get_cancel_url(self) -> str:
        return self.get_success_url()


class CheckedStep(PlanStep):
    """A step before which the lines that cannot be published are named, with the reason."""

    template_name = "mentoring/plan_check.html"
    wrong_title = ""

    @cached_property
    def lines(self) -> list[PlannedPairing]:
        return list(self.plan.lines.select_related("child", "mentor__staff"))

    @cached_property
    def wrong(self) -> list[Fault]:
        return faults(self.plan, self.lines)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        by_reason: dict[str, list[str]] = {}
        for fault in self.wrong:
            by_reason.setdefault(fault.why, []).append(fault.line.child.name)
        return super().get_context_data(**kwargs) | {"wrong": by_reason, "wrong_title": self.wrong_title}


@allows(Act.PAIRING_EDIT)
class PlanSubmit(CheckedStep):
    heading = button = "交校长公布"
    wrong_title = "这些学生现在还不能公布，建议先改好再交"

    def get_question(self) -> str:
        return f"把“{self.plan}”交给校长？"

    def get_consequences(self) -> list[str]:
        skipped = [f"照现在这样交，校长公布时上面 {len(self.wrong)} 名学生只能跳过。"] if self.wrong else []
        return [*skipped, "校长可以公布，也可以退回修改；公布以前不影响任何人。"]

    def save(self, form: Any) -> None:
        submit_plan(plan=self.plan, by=self.request.user)  # type: ignore[arg-type]

    def get_saved_text(self, result: Any) -> str:
        return f"“{self.plan}”已交校长。"


@allows(Act.PAIRING_EDIT)
class PlanDrop(PlanStep):
    heading = button = "作废方案"
    tone = "danger"

    def get_question(self) -> str:
        return f"作废“{self.plan}”？"

    def get_consequences(self) -> list[str]:
        return ["方案留着可以查看，不能再公布。", "学生现有的结对不受影响。"]

    def save(self, form: Any) -> None:
        drop_plan(plan=self.plan, by=self.request.user)  # type: ignore[arg-type]

    def get_saved_text(self, result: Any) -> str:
        return f"“{self.plan}”已作废。"


@allows(Act.PAIRING_PUBLISH)
class PlanReturn(PlanStep):
    act = Act.PAIRING_PUBLISH
    form_class = ReturnForm
    heading = button = "退回修改"

    def get_question(self) -> str:
        return f"把“{self.plan}”退回给{self.plan.made_by}修改？"

    def save(self, form: Any) -> None:
        return_plan(plan=self.plan, note=form.cleaned_data["note"], by=self.request.user)  # type: ignore[arg-type]

    def get_saved_text(self, result: Any) -> str:
        return f"“{self.plan}”已退回。"


@allows(Act.PAIRING_PUBLISH)
class PlanPublish(CheckedStep):
    """Publish: all or none, but for the lines that have become wrong: they are named, and left out unless unticked."""

    act = Act.PAIRING_PUBLISH
    form_class = PublishForm
    heading = button = "公布结对方案"
    wrong_title = "这些学生不能照方案公布"

    def get_question(self) -> str:
        return f"公布“{self.plan}”，结对从 {cn_date(self.plan.starts_on)} 开始？"

    def get_consequences(self) -> list[str]:
        wrong = {fault.line.pk for fault in self.wrong}
        good = [line for line in self.lines if line.pk not in wrong]
        mentors = {line.mentor_id for line in good}
        listed = Mentor.objects.of_school(self.plan.school).active().filter(pk__in=mentors).order_by("pinyin", "pk")
        heavy = [burden.too_much() for burden in burdens(self.plan, standings(listed, timezone.localdate()))]
        return [
            f"共 {len(good)} 名学生、{len(mentors)} 位代理家长，一次生效：全部成功才算公布。",
            "公布后，代理家长登录就能看到自己的学生；方案不能再改，个别调整走更换代理家长。",
            *(f"公布后{words}" for found in heavy for words in found),
        ]

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if not self.wrong and not form.is_bound:
            del form.fields["skip_faulty"]
        return form

    def save(self, form: Any) -> list[Pairing]:
        made = publish_plan(
            plan=self.plan,
            by=self.request.user,  # type: ignore[arg-type]
            on=timezone.localdate(),
            skip_faulty=form.cleaned_data.get("skip_faulty", False),
        )
        note(self.request, Event.WRITE, None, f"pairing plan {self.plan.pk} published, {len(made)}")
        return made

    def get_saved_text(self, result: list[Pairing]) -> str:
        left = len(self.lines) - len(result)
        skipped = f"{left} 名没有公布，原因见下面各行。" if left else ""
        return f"“{self.plan}”已公布，{len(result)} 名学生有了代理家长，请逐个听取孩子的意见。{skipped}"
