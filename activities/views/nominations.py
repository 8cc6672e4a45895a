"""Candidates with what the records say about them, nominating, deciding, objections."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.forms.honours import (
    CHANGED_MEANWHILE,
    CandidateFilter,
    MentorFilter,
    NominationChange,
    NominationForm,
    ObjectionForm,
    VerdictForm,
)
from activities.honours.facts import Fact, child_facts, facts_of, mentor_facts
from activities.honours.rounds import (
    Stage,
    Verdict,
    candidates,
    decide,
    may_change,
    may_nominate,
    mentors_to_nominate,
    nominate,
    settle_objection,
)
from activities.models import AwardKind, AwardNomination, AwardRound
from activities.picking import classes_of
from activities.views.family.frame import in_roll_order
from activities.views.honours import crumbs_of, leads, led_kind_or_404, open_or_refused, show_url
from caretrack.access.gates import allows
from caretrack.access.history import Stale
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.versions import KeepsVersion

VERDICT_TONES = {Verdict.PENDING: "warn", Verdict.GRANTED: "good", Verdict.REFUSED: "neutral"}


def kind_or_refused(staff: Any, pk: int) -> AwardKind:
    """An honour for which `staff` may nominate. Http404 out of sight, PermissionDenied with the reason otherwise."""
    kinds = AwardKind.objects.filter(round__in=AwardRound.objects.visible_to(staff))
    kind: AwardKind = get_object_or_404(kinds.select_related("round__school", "round__term"), pk=pk)
    if not may_nominate(kind, staff):
        raise PermissionDenied(f"“{kind}”由{kind.get_nominators_display()}推荐。")
    return kind


@allows(Act.HONOUR_VIEW)
class CandidateList(FilteredListView):
    """Whom one may nominate for an honour, each with what the records of the term say."""

    template_name = "activities/honours/candidates.html"
    rows_template = "activities/honours/_candidate_rows.html"
    unit = "人"
    empty_text = "这里没有您可以推荐的人。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = kind_or_refused(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"推荐“{self.kind}”"

    def get_lead(self) -> str:
        return f"条件：{self.kind.criteria}"

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.kind.round)

    def get_filter(self) -> Any:
        staff, today = self.request.user, timezone.localdate()
        if self.kind.for_mentors:
            return MentorFilter(self.request.GET, staff=staff)
        mine = candidates(self.kind, staff)  # type: ignore[arg-type]
        return CandidateFilter(self.request.GET, staff=staff, classes=classes_of(mine, today))

    def get_queryset(self, staff: Any) -> Any:
        if self.kind.for_mentors:
            return mentors_to_nominate(self.kind, staff, timezone.localdate())
        return in_roll_order(candidates(self.kind, staff))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        today, rows, term = timezone.localdate(), list(context["rows"]), self.kind.round.term
        if self.kind.for_mentors:
            facts = mentor_facts(rows, term, staff, today)
            standing = {row.mentor_id: row for row in self.kind.nominations.filter(mentor__in=rows)}
            page = "activities:award_nominate_mentor"
        else:
            facts = child_facts([row.pk for row in rows], term, staff, today)
            standing = {row.child_id: row for row in self.kind.nominations.filter(child__in=rows)}
            page = "activities:award_nominate_child"
            for row in rows:
                note(self.request, Event.VIEW, row, f"award candidates {self.kind.pk}")
        takes = self.kind.round.nominates_on(today)
        return context | {
            "kind": self.kind,
            "takes": takes,
            "rows": [
                {
                    "name": row.name,
                    "where": row.title if self.kind.for_mentors else row.class_name(today),
                    "facts": facts[row.pk],
                    "standing": standing.get(row.pk),
                    "url": reverse(page, args=[self.kind.pk, row.pk]) if takes else "",
                }
                for row in rows
            ],
        }


class NominatePage(FormPage):
    """Put one candidate forward, beside what the records say."""

    form_class = NominationForm
    template_name = "activities/honours/nominate.html"
    kind: AwardKind
    #: What the records say about the candidate.
    facts: Sequence[Fact]

    def get_crumbs(self) -> list[Crumb]:
        here = reverse("activities:award_candidates", args=[self.kind.pk])
        return [*crumbs_of(self.kind.round), Crumb(f"推荐“{self.kind}”", here)]

    def get_cancel_url(self) -> str:
        return reverse("activities:award_candidates", args=[self.kind.pk])

    def get_redirect_url(self, result: AwardNomination) -> str:
        return show_url(self.kind.round)

    def get_saved_text(self, result: AwardNomination) -> str:
        return f"已推荐{result.name}为“{self.kind}”。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"facts": self.facts, "kind": self.kind, **kwargs})


@allows(Act.HONOUR_VIEW)
class NominateChild(NominatePage):
    """Put a pupil forward."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = kind_or_refused(request.user, kwargs["pk"])
        rows = candidates(self.kind, request.user).select_related("school_class__school")  # type: ignore[arg-type]
        self.child = get_object_or_404(rows, pk=kwargs["child"])
        note(request, Event.VIEW, self.child, f"award candidate {self.kind.pk}")
        told = child_facts([self.child.pk], self.kind.round.term, request.user, timezone.localdate())  # type: ignore[arg-type]
        self.facts = told[self.child.pk]
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"推荐{self.child.class_name(timezone.localdate())}{self.child.name}为“{self.kind}”"

    def save(self, form: Any) -> AwardNomination:
        staff: Any = self.request.user
        reason, today = form.cleaned_data["reason"], timezone.localdate()
        row = nominate(self.kind, child=self.child, reason=reason, by=staff, on=today)
        note(self.request, Event.WRITE, self.child, f"nomination {row.pk}")
        return row


@allows(Act.HONOUR_VIEW)
class NominateMentor(NominatePage):
    """Put a mentor forward."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = kind_or_refused(request.user, kwargs["pk"])
        rows = mentors_to_nominate(self.kind, request.user, timezone.localdate())  # type: ignore[arg-type]
        self.mentor = get_object_or_404(rows, pk=kwargs["mentor"])
        told = mentor_facts([self.mentor], self.kind.round.term, request.user, timezone.localdate())  # type: ignore[arg-type]
        self.facts = told[self.mentor.pk]
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"推荐{self.mentor.name}为“{self.kind}”"

    def save(self, form: Any) -> AwardNomination:
        staff: Any = self.request.user
        reason, today = form.cleaned_data["reason"], timezone.localdate()
        row = nominate(self.kind, mentor=self.mentor, reason=reason, by=staff, on=today)
        note(self.request, Event.WRITE, detail=f"nomination {row.pk}")
        return row


def nomination_or_404(staff: Any, pk: int) -> AwardNomination:
    """A nomination that `staff` may read."""
    rows = AwardNomination.objects.visible_to(staff).select_related(
        "kind__round__school", "kind__round__term", "child__school_class__school", "mentor", "nominated_by",
        "decided_by", "change",
    )  # fmt: skip
    found: AwardNomination = get_object_or_404(rows, pk=pk)
    return found


def nomination_url(row: AwardNomination) -> str:
    """The page of a nomination."""
    return reverse("activities:nomination_show", args=[row.pk])


@allows(Act.HONOUR_VIEW)
@require_safe
def nomination_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One nomination: the nominator's words, what the records say, what was decided."""
    staff: Any = request.user
    row, today = nomination_or_404(staff, pk), timezone.localdate()
    round_ = row.kind.round
    led = leads(staff, round_)
    if row.child is not None:
        note(request, Event.VIEW, row.child, f"nomination {pk}")
    context = {
        "row": row,
        "round": round_,
        "class_name": row.child.class_name(today) if row.child else "",
        "facts": facts_of([row], round_.term, staff, today)[pk],
        "tone": VERDICT_TONES[Verdict(row.verdict)],
        "mine": may_change(row, staff, today),
        "leads": led,
        "may_decide": led and round_.stage == Stage.NOMINATING,
        "may_object": led and round_.stage == Stage.PUBLIC and (row.verdict == Verdict.GRANTED or bool(row.objection)),
        "certificate": round_.stage == Stage.AWARDED and row.verdict == Verdict.GRANTED,
        "crumbs": [*crumbs_of(round_), Crumb(row.name)],
    }
    return render(request, "activities/honours/nomination.html", context)


@allows(Act.HONOUR_VIEW)
class NominationEdit(KeepsVersion):
    """Other words for one's own nomination, until it is decided."""

    form_class = NominationChange

    def find_row(self) -> AwardNomination:
        return own_or_refused(nomination_or_404(self.request.user, self.kwargs["pk"]), self.request.user)

    def get_heading(self) -> str:
        return f"修改{self.row.name}的推荐理由"

    def get_crumbs(self) -> list[Crumb]:
        return [*crumbs_of(self.row.kind.round), Crumb(self.row.name, nomination_url(self.row))]

    def save(self, form: Any) -> Any:
        note(self.request, Event.WRITE, self.row.child_id, f"nomination {self.row.pk}")
        return super().save(form)

    def get_saved_text(self, result: Any) -> str:
        return f"{result.name}的推荐理由已保存。"

    def get_cancel_url(self) -> str:
        return nomination_url(self.row)

    def get_redirect_url(self, result: Any) -> str:
        return nomination_url(self.row)


def own_or_refused(row: AwardNomination, staff: Any) -> AwardNomination:
    """The nomination, if `staff` may still change it. Raises PermissionDenied otherwise."""
    if not may_change(row, staff, timezone.localdate()):
        raise PermissionDenied("推荐由推荐人自己修改或撤回，评定以后和截止以后不能再改。")
    return row


@allows(Act.HONOUR_VIEW)
@require_POST
def nomination_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own nomination back, until it is decided."""
    row = own_or_refused(nomination_or_404(request.user, pk), request.user)
    note(request, Event.WRITE, row.child_id, f"nomination {pk} withdrawn")
    row.delete()
    messages.success(request, f"{row.name}的“{row.kind}”推荐已撤回。")
    return redirect(show_url(row.kind.round))


@allows(Act.HONOUR_DECIDE)
class KindDecide(FormPage):
    """All nominations for one honour on one page: yes or no, and why."""

    form_class = VerdictForm
    template_name = "activities/honours/decide.html"
    saves_at_once = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = led_kind_or_404(request.user, kwargs["pk"])
        open_or_refused(self.kind.round)
        self.rows = list(AwardNomination.objects.visible_to(request.user).filter(kind=self.kind).in_order())
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"评定“{self.kind}”"

    def get_lead(self) -> str:
        return f"条件：{self.kind.criteria}"

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.kind.round)

    def get_cancel_url(self) -> str:
        return show_url(self.kind.round)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(self.kind.round)

    def get_form_kwargs(self) -> dict[str, Any]:
        staff: Any = self.request.user
        today = timezone.localdate()
        facts = facts_of(self.rows, self.kind.round.term, staff, today)
        return super().get_form_kwargs() | {"rows": self.rows, "facts": facts, "today": today, "by": staff}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        for row in self.rows:
            if row.child is not None:
                note(self.request, Event.VIEW, row.child, f"award decide {self.kind.pk}")
        context = super().get_context_data(**kwargs)
        return context | {"kind": self.kind, "lines": context["form"].lines()}

    def save(self, form: VerdictForm) -> int:
        staff: Any = self.request.user
        for row in form.changed:
            note(self.request, Event.WRITE, row.child_id, f"nomination {row.pk} {row.verdict}")
        try:
            return decide(form.changed, by=staff, on=timezone.localdate())
        except Stale as stale:
            raise ValidationError(CHANGED_MEANWHILE.format(who=stale.current)) from stale

    def get_saved_text(self, result: int) -> str:
        return f"“{self.kind}”已评定 {result} 个人选。" if result else "没有改动，评定和原来一样。"


@allows(Act.HONOUR_DECIDE)
class NominationObjection(KeepsVersion):
    """An objection to somebody on the public list, and what came of it."""

    form_class = ObjectionForm

    def find_row(self) -> AwardNomination:
        row = nomination_or_404(self.request.user, self.kwargs["pk"])
        if not leads(self.request.user, row.kind.round) or row.kind.round.stage != Stage.PUBLIC:
            raise PermissionDenied("异议在公示期间由德育主任或校长登记、核实。")
        return row

    def stored(self, row: AwardNomination) -> dict[str, Any]:
        keeps = ("yes" if row.verdict == Verdict.GRANTED else "no") if row.finding else ""
        return super().stored(row) | {"keeps": keeps}

    def get_initial(self) -> dict[str, Any]:
        given = super().get_initial()
        return given | {"objected_on": given["objected_on"] or timezone.localdate()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"today": timezone.localdate()}

    def get_heading(self) -> str:
        return f"对{self.row.name}“{self.row.kind}”的异议"

    def get_crumbs(self) -> list[Crumb]:
        return [*crumbs_of(self.row.kind.round), Crumb(self.row.name, nomination_url(self.row))]

    def save(self, form: Any) -> AwardNomination:
        staff: Any = self.request.user
        given = form.cleaned_data
        note(self.request, Event.WRITE, self.row.child_id, f"nomination {self.row.pk} objection")
        return settle_objection(
            form.instance, version=given["version"], keeps=given["keeps"] == "yes", by=staff, on=timezone.localdate()
        )

    def get_saved_text(self, result: AwardNomination) -> str:
        return f"异议已登记，{'核实后' + result.get_verdict_display() if result.finding else '还没有核实'}。"

    def get_cancel_url(self) -> str:
        return nomination_url(self.row)

    def get_redirect_url(self, result: Any) -> str:
        return nomination_url(self.row)
