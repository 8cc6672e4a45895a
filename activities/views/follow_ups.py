"""跟进事项: the list, promising something, moving it or handing it on, closing it with a word."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.follow_ups import close_follow_up, may_manage, move_follow_up, promise, staff_who_see, ways_to_keep
from activities.forms.filters import FollowUpFilter
from activities.forms.follow_ups import CloseForm, FollowUpForm, MoveForm
from activities.models import CareRecord, FollowUp
from activities.models.record import Visibility
from activities.views.links import add_url, dossier_url, way_back
from activities.views.reading import care_children
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from children.models import Child


@allows(Act.RECORD_LIST)
class FollowUpList(FilteredListView):
    """What was promised: overdue first. Each is closed by a record or with a word."""

    heading = "跟进事项"
    template_name = "activities/follow_up_list.html"
    rows_template = "activities/_follow_up_rows.html"
    unit = "项"
    empty_text = "没有要跟进的事。"
    empty_hint = "记谈心时选“一周后”或“两周后”跟进，到期会在这里和工作台提醒。没联系上的，三个上学日内会提醒再试一次。"
    queryset = FollowUp.objects.select_related(
        "child__school_class__school", "owner", "given_by", "record", "closed_by"
    ).order_by("due_on", "pk")

    def get_filter(self) -> FollowUpFilter:
        return FollowUpFilter(self.request.GET, staff=self.request.user, today=timezone.localdate())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, here = timezone.localdate(), self.request.get_full_path()
        rows = follow_up_rows(context["rows"], today, here, self.request.user)
        return context | {"rows": rows, "here": here, "close_form": CloseForm()}


def follow_up_rows(follow_ups: Sequence[FollowUp], today: date, here: str, staff: Any) -> list[dict[str, Any]]:
    """
    What a list says about each follow-up; they have child, owner, giver and record loaded.

    Who may do what a restricted record promised may not read that record for it, and is led to none.
    """
    records = [record for one in follow_ups for record in (one.record, one.closed_by) if record]
    hidden = {record.pk for record in records if record.visibility == Visibility.RESTRICTED}
    if hidden:
        hidden -= set(CareRecord.objects.visible_to(staff).filter(pk__in=hidden).values_list("pk", flat=True))
    return [
        _row(one, today, here, staff)
        | {"may_read": one.record_id not in hidden, "may_read_end": one.closed_by_id not in hidden}
        for one in follow_ups
    ]


def _row(follow_up: FollowUp, today: date, here: str, staff: Any) -> dict[str, Any]:
    ways = [
        (kind.label, add_url(children=[follow_up.child_id], kind=kind, next_page=here, follow_up=follow_up.pk))
        for kind in ways_to_keep(follow_up, staff)
    ]
    return {
        "follow_up": follow_up,
        "class_name": follow_up.child.class_name(today),
        "overdue": today > follow_up.due_on,
        "late_words": f"已过期 {(today - follow_up.due_on).days} 天",
        "due": follow_up.due_on <= today,
        "dossier": dossier_url(follow_up.child),
        "may_manage": may_manage(follow_up, staff),
        "first_way": ways[0],
        "other_ways": ways[1:],
    }


@require_POST
@allows(Act.RECORD_WRITE)
def follow_up_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a follow-up with a word; without one the list opens again and says so."""
    follow_up = get_object_or_404(FollowUp.objects.visible_to(request.user).select_related("child"), pk=pk)
    form = CloseForm(request.POST)
    back = way_back(request, reverse("activities:follow_up_list"))
    if not form.is_valid():
        words = "；".join(text for texts in form.errors.values() for text in texts)
        messages.error(request, f"{follow_up.child}的跟进还没有办结：结果{words}")
        return redirect(back)
    try:
        close_follow_up(
            follow_up=follow_up,
            on=timezone.localdate(),
            by=request.user,  # type: ignore[arg-type]
            outcome=form.cleaned_data["outcome"],
        )
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
        return redirect(back)
    note(request, Event.WRITE, follow_up.child_id, f"follow_up {follow_up.pk}")
    messages.success(request, f"{follow_up.child}的跟进“{follow_up.what}”已办结。")
    return redirect(back)


class _FollowUpPage(FormPage):
    """What promising and moving share: the child, the colleagues who see it, the way back."""

    child: Child

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("跟进事项", reverse("activities:follow_up_list"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        return super().get_form_kwargs() | {"owners": self.get_owners(today), "today": today}

    def get_owners(self, today: date) -> Any:
        return staff_who_see(self.child, today, and_also=self.kept_owners())

    def kept_owners(self) -> list[int | None]:
        """Who stands in the list in any case."""
        return [self.request.user.pk]

    def get_cancel_url(self) -> str:
        return way_back(self.request, reverse("activities:follow_up_list"))

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()


@allows(Act.RECORD_WRITE)
class FollowUpAdd(_FollowUpPage):
    """Promise something for a child without a record."""

    form_class = FollowUpForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        seen = care_children(request.user).select_related("school", "school_class__school")
        self.child = get_object_or_404(seen, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"登记跟进：{self.child}"

    def get_initial(self) -> dict[str, Any]:
        return {"owner": self.request.user.pk}

    def save(self, form: Any) -> FollowUp:
        made = promise(
            child=self.child,
            by=self.request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
            **form.cleaned_data,
        )
        note(self.request, Event.WRITE, self.child, f"follow_up {made.pk}")
        return made

    def get_saved_text(self, result: FollowUp) -> str:
        return f"已登记：{result.owner}在{result.due_on.month}月{result.due_on.day}日前跟进“{result.what}”。"


@allows(Act.RECORD_WRITE)
class FollowUpMove(_FollowUpPage):
    """Another day or another person."""

    form_class = MoveForm
    heading = "改期或转交"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        seen = FollowUp.objects.visible_to(request.user).open()
        self.follow_up = get_object_or_404(seen.select_related("child__school_class__school", "owner"), pk=kwargs["pk"])
        self.child = self.follow_up.child
        if not may_manage(self.follow_up, request.user):  # type: ignore[arg-type]
            raise PermissionDenied("跟进事项由负责人、交办人和德育主任、校长改期或转交。")
        return super().dispatch(request, *args, **kwargs)

    def get_lead(self) -> str:
        return f"{self.child}：{self.follow_up.what}"

    def kept_owners(self) -> list[int | None]:
        return [self.request.user.pk, self.follow_up.owner_id]

    def get_initial(self) -> dict[str, Any]:
        return {"owner": self.follow_up.owner_id, "due_on": self.follow_up.due_on}

    def save(self, form: Any) -> FollowUp:
        moved = move_follow_up(
            follow_up=self.follow_up,
            by=self.request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
            **form.cleaned_data,
        )
        note(self.request, Event.WRITE, moved.child_id, f"follow_up {moved.pk}")
        return moved

    def get_saved_text(self, result: FollowUp) -> str:
        return f"“{result.what}”由{result.owner}在{result.due_on.month}月{result.due_on.day}日前跟进。"
