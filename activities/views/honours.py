"""评优表彰: the rounds, one round with its honours and nominations, and the steps that leads take with it."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.compliance.access import LEADS
from activities.forms.honours import (
    KindChange,
    KindForm,
    NominationFilter,
    RoundChange,
    RoundForm,
)
from activities.honours.rounds import (
    TOO_LATE,
    Stage,
    found_round,
    kinds_of,
    may_nominate,
    remove_kind,
)
from activities.models import AwardKind, AwardNomination, AwardRound
from activities.views.gatherings import event_tabs
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.schools.models import Term
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.versions import KeepsVersion

CRUMBS = (("评优表彰", "activities:award_round_list"),)
TONES = {Stage.NOMINATING: "info", Stage.PUBLIC: "warn", Stage.AWARDED: "good"}


def show_url(round_: AwardRound) -> str:
    """The page of a round."""
    return reverse("activities:award_round_show", args=[round_.pk])


def crumbs_of(round_: AwardRound) -> list[Crumb]:
    """The way to what lies below a round."""
    return [Crumb("评优表彰", reverse("activities:award_round_list")), Crumb(round_.title, show_url(round_))]


def round_or_404(staff: Any, pk: int) -> AwardRound:
    """A round of a school where `staff` works."""
    rounds = AwardRound.objects.visible_to(staff).select_related("school", "term")
    found: AwardRound = get_object_or_404(rounds, pk=pk)
    return found


def led_round_or_404(staff: Any, pk: int) -> AwardRound:
    """A round of a school that `staff` leads."""
    rounds = AwardRound.objects.changeable_by(staff).select_related("school", "term", "change")
    found: AwardRound = get_object_or_404(rounds, pk=pk)
    return found


def leads(staff: Any, round_: AwardRound) -> bool:
    """Whether `staff` leads the school of a round."""
    return round_.school_id in {school.pk for school in staff.schools_as(*LEADS)}


@allows(Act.HONOUR_VIEW)
class RoundList(FilteredListView):
    """The rounds of the school, newest term first."""

    heading = "评优表彰"
    lead = "阳光少年、进步之星、先进代理家长等：推荐、评定、公示、表彰，奖状一次打印。"
    template_name = "activities/honours/rounds.html"
    rows_template = "activities/honours/_round_rows.html"
    queryset = AwardRound.objects.select_related("school", "term")
    unit = "次评优"
    empty_text = "还没有评优。"
    empty_hint = "每学期末由德育主任或校长发起，班主任推荐学生，德育处推荐代理家长。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        rows = list(context["rows"])
        seen = AwardNomination.objects.visible_to(staff).filter(kind__round__in=rows).order_by()
        counted: dict[int, Counter[str]] = {row.pk: Counter() for row in rows}
        for pk, verdict in seen.values_list("kind__round", "verdict"):
            counted[pk].update([verdict, "all"])
        may_lead = staff.may(Act.HONOUR_DECIDE)
        context |= {
            "rows": [
                {"round": row, "tone": TONES[row.stage], "all": of["all"], "granted": of["granted"]}
                for row in rows
                for of in [counted[row.pk]]
            ],
            "tabs": event_tabs("activities:award_round_list"),
            "may_lead": may_lead,
        }
        if may_lead:
            context |= {"empty_url": reverse("activities:award_round_add"), "empty_action": "发起评优"}
        return context


@allows(Act.HONOUR_VIEW)
class RoundShow(FilteredListView):
    """One round: its honours, and the nominations that this person may read."""

    template_name = "activities/honours/round.html"
    rows_template = "activities/honours/_nomination_rows.html"
    unit = "个人选"
    empty_text = "还没有您能看到的推荐。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.round = round_or_404(request.user, kwargs["pk"])
        self.kinds = kinds_of(self.round)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return self.round.title

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.round)[:1]

    def get_filter(self) -> NominationFilter:
        return NominationFilter(self.request.GET, staff=self.request.user, kinds=self.kinds)

    def get_queryset(self, staff: Any) -> Any:
        return AwardNomination.objects.visible_to(staff).filter(kind__round=self.round).in_order()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        today, round_, led = timezone.localdate(), self.round, leads(self.request.user, self.round)
        takes = round_.nominates_on(today)
        over = round_.objections_until is not None and today > round_.objections_until
        waiting = sum(kind.waiting for kind in self.kinds)  # type: ignore[attr-defined]
        return context | {
            "round": round_,
            "tone": TONES[round_.stage],
            "kinds": [(kind, takes and may_nominate(kind, staff)) for kind in self.kinds],
            "rows": [(row, row.child.class_name(today) if row.child else "") for row in context["rows"]],
            "leads": led,
            "nominating": round_.stage == Stage.NOMINATING,
            "public": round_.stage == Stage.PUBLIC,
            "awarded": round_.stage == Stage.AWARDED,
            "takes": takes,
            "over": over,
            "waiting": waiting,
            "ready": not waiting and any(kind.granted for kind in self.kinds),  # type: ignore[attr-defined]
        }


class AboutRound(FormPage):
    """What founding and changing a round share."""

    crumbs = CRUMBS

    def get_form_kwargs(self) -> dict[str, Any]:
        schools = self.request.user.schools_as(*LEADS)  # type: ignore[union-attr]
        terms = Term.objects.filter(school__in=[school.pk for school in schools]).order_by("-starts_on", "pk")
        return super().get_form_kwargs() | {"schools": schools, "terms": list(terms)}

    def get_saved_text(self, result: Any) -> str:
        return f"“{result}”已保存。"

    def get_redirect_url(self, result: Any) -> str:
        return show_url(result)


@allows(Act.HONOUR_DECIDE)
class RoundAdd(AboutRound):
    """Found a round with the usual honours."""

    form_class = RoundForm
    heading = "发起评优"
    cancel_url = "activities:award_round_list"

    def get_instance(self) -> AwardRound:
        return AwardRound()

    def get_initial(self) -> dict[str, Any]:
        today, school = timezone.localdate(), self.request.user.schools_as(*LEADS)[0]  # type: ignore[union-attr]
        term = Term.objects.current(school, today)
        given: dict[str, Any] = {"nominate_until": today + timedelta(days=14)}
        if term is not None:
            given |= {"term": term.pk, "title": f"{term}评优表彰"}
        return super().get_initial() | given

    def save(self, form: Any) -> AwardRound:
        found = found_round(form.instance, form.cleaned_data["usual"])
        note(self.request, Event.WRITE, detail=f"award round {found.pk}")
        return found


@allows(Act.HONOUR_DECIDE)
class RoundEdit(AboutRound, KeepsVersion):
    """Change a round while nominations are taken."""

    form_class = RoundChange

    def find_row(self) -> AwardRound:
        return open_or_refused(led_round_or_404(self.request.user, self.kwargs["pk"]))

    def get_heading(self) -> str:
        return f"修改“{self.row}”"

    def get_cancel_url(self) -> str:
        return show_url(self.row)

    def save(self, form: Any) -> Any:
        form.instance.full_clean(exclude=["change"])
        note(self.request, Event.WRITE, detail=f"award round {self.row.pk}")
        return super().save(form)


def open_or_refused(round_: AwardRound) -> AwardRound:
    """The round, if its list does not hang out yet. Raises PermissionDenied otherwise."""
    if round_.stage != Stage.NOMINATING:
        raise PermissionDenied(TOO_LATE)
    return round_


@allows(Act.HONOUR_DECIDE)
class KindAdd(FormPage):
    """One more honour in a round."""

    form_class = KindForm
    heading = "增加称号"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.round = open_or_refused(led_round_or_404(request.user, kwargs["pk"]))
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.round)

    def get_instance(self) -> AwardKind:
        return AwardKind(round=self.round)

    def save(self, form: Any) -> AwardKind:
        kind: AwardKind = form.instance
        kind.full_clean(exclude=["change"])
        kind.save()
        note(self.request, Event.WRITE, detail=f"award kind {kind.pk}")
        return kind

    def get_saved_text(self, result: Any) -> str:
        return f"“{result}”已保存。"

    def get_cancel_url(self) -> str:
        return show_url(self.round)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(self.round)


@allows(Act.HONOUR_DECIDE)
class KindEdit(KeepsVersion):
    """Change an honour while nominations are taken."""

    form_class = KindChange

    def find_row(self) -> AwardKind:
        kind = led_kind_or_404(self.request.user, self.kwargs["pk"])
        open_or_refused(kind.round)
        return kind

    def get_heading(self) -> str:
        return f"修改“{self.row}”"

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.row.round)

    def save(self, form: Any) -> Any:
        form.instance.full_clean(exclude=["change"])
        note(self.request, Event.WRITE, detail=f"award kind {self.row.pk}")
        return super().save(form)

    def get_saved_text(self, result: Any) -> str:
        return f"“{result}”已保存。"

    def get_cancel_url(self) -> str:
        return show_url(self.row.round)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(self.row.round)


def led_kind_or_404(staff: Any, pk: int) -> AwardKind:
    """An honour of a school that `staff` leads."""
    rounds = AwardRound.objects.changeable_by(staff)
    kinds = AwardKind.objects.filter(round__in=rounds).select_related("round__school", "round__term", "change")
    found: AwardKind = get_object_or_404(kinds, pk=pk)
    return found


@allows(Act.HONOUR_DECIDE)
@require_POST
def kind_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike an honour for which nobody was nominated."""
    kind = led_kind_or_404(request.user, pk)
    open_or_refused(kind.round)
    try:
        remove_kind(kind)
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, detail=f"award kind {pk} delete")
        messages.success(request, f"称号“{kind}”已删除。")
    return redirect(show_url(kind.round))
