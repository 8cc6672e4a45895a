"""关爱项目: what the school follows, what ships with CareTrack, and changing it with effect from a day."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.compliance.access import LEADS, reaches
from activities.compliance.evidence import evidence_words
from activities.compliance.occasions import occasion_words
from activities.compliance.sources import rules_of
from activities.compliance.words import also_by_others, for_whom, how_often, who
from activities.forms.programmes import EndItemForm, FoundForm, FromDayForm, ItemForm, StopForm
from activities.models import Programme, ProgrammeItem
from activities.programme_acts import (
    add_item,
    change_item,
    check_begins,
    found_programme,
    keep_item,
    may_keep,
    may_resume,
    next_month,
    remove_item,
    resume_programme,
    stop_programme,
)
from activities.programmes import SHIPPED, Shipped, adopt, shipped
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.schools.models import School, Term
from caretrack.web.lists import ConfirmPage, FormPage

CRUMBS = (("关爱项目", "activities:duty_matrix"), ("项目和内容", "activities:programme_list"))


def led_schools(staff: Any) -> list[School]:
    """The schools whose programmes this person changes."""
    return staff.schools_as(*LEADS)


@require_safe
@allows(Act.PROGRAMME_VIEW)
def programme_list(request: HttpRequest) -> HttpResponse:
    """The programmes of the person's schools with their items; for leads also what can be adopted."""
    today = timezone.localdate()
    led = {school.pk for school in led_schools(request.user)}
    blocks = []
    for reach in reaches(request.user):  # type: ignore[arg-type]
        programmes = list(Programme.objects.filter(school=reach.school).order_by("ends_on", "-starts_on", "pk"))
        for programme in programmes:
            programme.school = reach.school
        running = [p for p in programmes if p.ends_on is None or p.ends_on >= today]
        known = {p.code for p in running}
        blocks.append(
            {
                "school": reach.school,
                "leads": reach.school.pk in led,
                "running": [_told(p) for p in running],
                "past": [(p, may_resume(p, today)) for p in programmes if p.ends_on is not None and p.ends_on < today],
                "offers": [_offer(plan) for plan in SHIPPED if plan.code not in known] if reach.school.pk in led else [],
            }
        )  # fmt: skip
    return render(request, "activities/programmes/list.html", {"blocks": blocks, "today": today})


def _told(programme: Programme) -> dict[str, Any]:
    """A programme with the items that are or will be asked for, newest version last in its place."""
    today = timezone.localdate()
    last = programme.ends_on or today.replace(year=today.year + 2)
    rules = {rule.pk: rule for rule in rules_of(programme.school, min(programme.starts_on, today), last)}
    items = []
    for item in programme.items.order_by("order", F("starts_on").asc(nulls_first=True), "pk"):
        item.programme = programme
        rule = rules.get(item.pk)
        if rule is None or (rule.last is not None and rule.last < today):
            continue
        items.append(
            {
                "item": item,
                "often": how_often(rule),
                "who": who(rule),
                "whom": item.get_subject_display(),
                "limits": for_whom(rule),
                "evidence": evidence_words(item.evidence),
                "also": also_by_others(rule),
                "from": rule.first if rule.first > today else None,
                "until": item.ends_on,
                "may_keep": item.ends_on is not None and may_keep(item, today),
            }
        )
    return {
        "programme": programme,
        "items": items,
        "to_come": programme.starts_on > today,
        "may_resume": may_resume(programme, today),
    }


def _offer(plan: Shipped) -> dict[str, Any]:
    return {"code": plan.code, "name": plan.name, "source": plan.source, "items": "；".join(i.name for i in plan.items)}


class _SchoolPage(FormPage):
    """A form about a school that this person leads."""

    crumbs = CRUMBS
    cancel_url = "activities:programme_list"
    success_url = "activities:programme_list"
    keeps_draft = False
    school: School

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.prepare()
        return super().dispatch(request, *args, **kwargs)

    def prepare(self) -> None:
        """Find what the page is about; Http404 where this person does not lead the school."""
        found = {school.pk: school for school in led_schools(self.request.user)}
        if self.kwargs["school"] not in found:
            raise Http404
        self.school = found[self.kwargs["school"]]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"on": self.default_day()}

    def default_day(self) -> Any:
        return next_month(self.school, timezone.localdate())

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        note(self.request, Event.ADMIN, detail=f"programme {self.kwargs}"[:80])
        return response


@allows(Act.PROGRAMME_EDIT)
class ProgrammeAdopt(_SchoolPage):
    """Let the school follow a shipped programme from a day on."""

    form_class = FromDayForm
    template_name = "activities/programmes/adopt.html"

    def prepare(self) -> None:
        super().prepare()
        if self.kwargs["code"] not in {plan.code for plan in SHIPPED}:
            raise Http404
        self.plan = shipped(self.kwargs["code"])

    def get_heading(self) -> str:
        return f"启用“{self.plan.name}”"

    def default_day(self) -> Any:
        today = timezone.localdate()
        term = Term.objects.current(self.school, today)
        # A school that begins anew begins with the term; one that has programmes already, with the next month.
        fresh = not Programme.objects.filter(school=self.school).exists()
        return term.starts_on if term and fresh else next_month(self.school, today)

    def save(self, form: Any) -> Programme:
        check_begins(self.school, form.cleaned_data["on"], timezone.localdate())
        return adopt(self.plan.code, self.school, form.cleaned_data["on"], self.request.user)  # type: ignore[arg-type]

    def get_saved_text(self, result: Programme) -> str:
        return f"“{result.name}”从{chinese_date(result.starts_on)}起启用。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(plan=self.plan, offer=_plan_items(self.plan), **kwargs)


def _plan_items(plan: Shipped) -> list[dict[str, str]]:
    found = []
    for item in plan.items:
        row = ProgrammeItem(subject=item.subject, period=item.period, count=item.count)
        found.append(
            {
                "name": item.name,
                "whom": row.get_subject_display(),
                "often": f"每逢{occasion_words(item.occasions)}" if item.occasions else row.get_period_display(),
                "evidence": evidence_words(list(item.evidence)),
            }
        )
    return found


@allows(Act.PROGRAMME_EDIT)
class ProgrammeFound(_SchoolPage):
    """A programme of the school's own."""

    heading = "新建本校自己的项目"
    lead = "先定名称和启用日期，再一项一项加内容。"
    form_class = FoundForm

    def save(self, form: Any) -> Programme:
        check_begins(self.school, form.cleaned_data["on"], timezone.localdate())
        return found_programme(school=self.school, **form.cleaned_data)

    def get_saved_text(self, result: Programme) -> str:
        return f"“{result.name}”已建立，请加上第一项内容。"

    def get_redirect_url(self, result: Programme) -> str:
        return reverse("activities:item_add", args=[result.pk])


class _ProgrammePage(_SchoolPage):
    """A form about a programme of a school that this person leads."""

    programme: Programme

    def prepare(self) -> None:
        seen: QuerySet[Programme] = Programme.objects.filter(school__in=led_schools(self.request.user))
        self.programme = get_object_or_404(seen.select_related("school"), pk=self.kwargs["pk"])
        self.school = self.programme.school


@allows(Act.PROGRAMME_EDIT)
class ProgrammeStop(_ProgrammePage):
    """Let a programme end on a day."""

    form_class = StopForm

    def get_heading(self) -> str:
        return f"停用“{self.programme.name}”"

    lead = "停用后不再产生新的任务；以前的完成情况、月报和记录都保留。"

    def default_day(self) -> Any:
        return max(timezone.localdate(), self.programme.starts_on)

    def save(self, form: Any) -> Programme:
        return stop_programme(programme=self.programme, on=form.cleaned_data["on"], today=timezone.localdate())

    def get_saved_text(self, result: Programme) -> str:
        return f"“{result.name}”到{chinese_date(result.ends_on)}为止。"


@require_POST
@allows(Act.PROGRAMME_EDIT)
def programme_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """The end was a mistake."""
    led = Programme.objects.filter(school__in=led_schools(request.user))
    programme = get_object_or_404(led, pk=pk)
    return _undone(request, lambda: resume_programme(programme=programme, today=timezone.localdate()))


@require_POST
@allows(Act.PROGRAMME_EDIT)
def item_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Its end was a mistake."""
    led = ProgrammeItem.objects.filter(programme__school__in=led_schools(request.user))
    item = get_object_or_404(led, pk=pk)
    return _undone(request, lambda: keep_item(item=item, today=timezone.localdate()))


def _undone(request: HttpRequest, act: Callable[[], Programme | ProgrammeItem]) -> HttpResponse:
    try:
        kept = act()
    except ValidationError as refused:
        messages.error(request, "".join(refused.messages))
    else:
        note(request, Event.ADMIN, detail=f"{kept._meta.model_name} {kept.pk} kept")
        messages.success(request, f"“{kept.name}”继续要求，和没有停过一样。")
    return redirect("activities:programme_list")


@allows(Act.PROGRAMME_EDIT)
class ItemAdd(_ProgrammePage):
    """One more promise."""

    form_class = ItemForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"stage": self.school.stage}

    def get_heading(self) -> str:
        return f"给“{self.programme.name}”加一项内容"

    def default_day(self) -> Any:
        return max(super().default_day(), self.programme.starts_on) if self.programme.items.exists() else self.programme.starts_on  # fmt: skip

    def save(self, form: Any) -> ProgrammeItem:
        return add_item(
            programme=self.programme, facts=form.facts(), on=form.cleaned_data["on"], today=timezone.localdate()
        )

    def get_saved_text(self, result: ProgrammeItem) -> str:
        return f"“{result.name}”从{chinese_date(result.starts_on)}起要求。"


class _ItemPage(_ProgrammePage):
    item: ProgrammeItem

    def prepare(self) -> None:
        seen = ProgrammeItem.objects.filter(programme__school__in=led_schools(self.request.user))
        self.item = get_object_or_404(seen.select_related("programme__school"), pk=self.kwargs["pk"])
        self.programme, self.school = self.item.programme, self.item.programme.school


@allows(Act.PROGRAMME_EDIT)
class ItemEdit(_ItemPage):
    """Ask for something else from a day on."""

    form_class = ItemForm

    def get_heading(self) -> str:
        return f"调整“{self.item.name}”"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"item": self.item, "stage": self.school.stage}

    def save(self, form: Any) -> ProgrammeItem:
        return change_item(item=self.item, facts=form.facts(), on=form.cleaned_data["on"], today=timezone.localdate())

    def get_saved_text(self, result: ProgrammeItem) -> str:
        return f"“{result.name}”已调整，从{result.starts_on or self.programme.starts_on}起按新的要求算，以前的不变。"


@allows(Act.PROGRAMME_EDIT)
class ItemRemove(_ItemPage, ConfirmPage):
    """Ask for an item no longer from a day on."""

    template_name = "web/confirm_page.html"
    form_class = EndItemForm
    button = "不再要求"
    tone = "danger"

    def get_heading(self) -> str:
        return f"不再要求“{self.item.name}”"

    def get_question(self) -> str:
        return f"从下面的日期起，“{self.programme.name}”不再要求“{self.item.name}”。"

    def get_consequences(self) -> list[str]:
        return ["以前各月的完成情况和记录都保留。"]

    def save(self, form: Any) -> ProgrammeItem:
        remove_item(item=self.item, on=form.cleaned_data["on"], today=timezone.localdate())
        return self.item

    def get_saved_text(self, result: ProgrammeItem) -> str:
        return f"“{result.name}”不再要求，以前的完成情况保留。"
