"""Candidates with what the records say about them, nominating, one nomination."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.forms.honours import (
    CandidateFilter,
    MentorFilter,
    NominationChange,
    NominationForm,
)
from activities.honours.facts import child_facts, facts_of, mentor_facts
from activities.honours.rounds import (
    WITHDRAWS,
    Stage,
    Verdict,
    candidates,
    may_change,
    may_nominate,
    mentors_to_nominate,
    nominate,
    takes_objection,
    withdraw,
)
from activities.models import AwardKind, AwardNomination, AwardRound
from activities.picking import classes_of
from activities.views.family.frame import in_roll_order
from activities.views.honours import crumbs_of, leads, show_url
from caretrack.access.gates import allows
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
        return super().get_context_data(**{"kind": self.kind, **kwargs})


@allows(Act.HONOUR_VIEW)
class NominateChild(NominatePage):
    """Put a pupil forward."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = kind_or_refused(request.user, kwargs["pk"])
        rows = candidates(self.kind, request.user).select_related("school_class__school")  # type: ignore[arg-type]
        self.child = get_object_or_404(rows, pk=kwargs["child"])
        note(request, Event.VIEW, self.child, f"award candidate {self.kind.pk}")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        staff: Any = self.request.user
        told = child_facts([self.child.pk], self.kind.round.term, staff, timezone.localdate())
        return super().get_context_data(**{"facts": told[self.child.pk], **kwargs})

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
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        staff: Any = self.request.user
        told = mentor_facts([self.mentor], self.kind.round.term, staff, timezone.localdate())
        return super().get_context_data(**{"facts": told[self.mentor.pk], **kwargs})

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
        "may_object": led and takes_objection(row),
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
        raise PermissionDenied(WITHDRAWS)
    return row


@allows(Act.HONOUR_VIEW)
@require_POST
def nomination_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own nomination back, until it is decided."""
    staff: Any = request.user
    row = own_or_refused(nomination_or_404(staff, pk), staff)
    try:
        withdraw(row, by=staff, on=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, row.child_id, f"nomination {pk} withdrawn")
        messages.success(request, f"{row.name}的“{row.kind}”推荐已撤回。")
    return redirect(show_url(row.kind.round))
