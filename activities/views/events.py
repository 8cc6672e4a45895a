"""Activities: list, one, add and change, who comes, the roll, paper."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from activities.forms.gatherings import ActivityChange, ActivityForm
from activities.gathering_photos import photos_for
from activities.gatherings import OUTLINES, WITHOUT_PUPILS, attendance, invite
from activities.models import Activity, InterestGroup
from activities.papers import activity_paper
from activities.views.gatherings import (
    GatheringAdd,
    GatheringDelete,
    GatheringEdit,
    GatheringList,
    event_tabs,
    find_to_enter,
    may_change,
    may_enter,
    named_participants,
    record_response,
    roll_url,
    show_url,
    sign_in_response,
    whose,
)
from activities.views.name_lists import invite_page
from activities.views.rolls import RollPage
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.numbers import number
from children.models import Child


@allows(Act.EVENT_VIEW)
class EventList(GatheringList):
    """What was and will be done with the children."""

    heading = "活动"
    template_name = "activities/events/list.html"
    rows_template = "activities/events/_event_rows.html"
    queryset = Activity.objects.select_related("leader", "group")
    unit = "次活动"
    empty_text = "还没有登记活动。"
    empty_hint = "班队会、讲座、游览、集体生日等都登记在这里，参加的学生会写进各自的档案。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {"tabs": event_tabs("activities:event_list")}
        if context["may_write"]:
            context |= {"empty_url": reverse("activities:event_add"), "empty_action": "登记活动"}
        return context


@allows(Act.EVENT_VIEW)
@require_safe
def event_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One activity with who came; children out of sight are only counted."""
    rows = Activity.objects.visible_to(request.user).select_related("school_class__school", "leader", "group")
    activity = get_object_or_404(rows, pk=pk)
    listed, hidden = named_participants(activity, request.user)
    note(request, Event.VIEW, detail=f"activity {activity.pk}")
    heads, today = attendance(activity), timezone.localdate()
    context = {
        "activity": activity,
        "of": whose(activity),
        "heads": heads,
        "photos": photos_for(activity, request.user),  # type: ignore[arg-type]
        "early": activity.on > today,
        "awaits_roll": activity.on > today or not heads.roll_called,
        "listed": listed,
        "hidden": hidden,
        "may_change": may_change(Activity, request.user, pk),
        "may_enter": may_enter(activity, request.user),
        "with_pupils": activity.kind not in WITHOUT_PUPILS or bool(listed or hidden),
        "roll_url": roll_url(activity),
        "crumbs": [Crumb("活动", reverse("activities:event_list")), Crumb(activity.name)],
    }
    return render(request, "activities/events/event.html", context)


@allows(Act.EVENT_EDIT)
class EventAdd(GatheringAdd):
    """Add an activity; a session of a group expects the group's members."""

    model = Activity
    form_class = ActivityForm
    what = "活动"
    heading = "登记活动"
    template_name = "activities/events/add.html"
    crumbs = (("活动", "activities:event_list"),)
    cancel_url = "activities:event_list"

    def get_instance(self) -> Activity:
        asked = self.request.GET
        activity = Activity(leader=self.staff, kind=asked.get("kind", "") if asked.get("kind") in Activity.Kind else "")
        if pk := number(asked.get("group")):
            group = InterestGroup.objects.changeable_by(self.staff).filter(pk=pk).first()
            if group:
                activity.group, activity.kind, activity.name = group, Activity.Kind.GROUP, f"{group.name}活动"
                activity.place = group.place
        if activity.kind in OUTLINES:
            activity.name, activity.process = Activity.Kind(activity.kind).label, OUTLINES[activity.kind]
        if words := asked.get("name", "").strip():
            activity.name = words[:80]
        return activity

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outlines = [(kind, Activity.Kind(kind).label) for kind in OUTLINES]
        return super().get_context_data(**{"outlines": outlines, **kwargs})

    @transaction.atomic
    def save(self, form: Any) -> Activity:
        activity: Activity = super().save(form)
        if activity.group is not None and not activity.participants.exists():
            bring_members(activity)
        return activity

    def get_redirect_url(self, result: Any) -> str:
        done = result.kind in WITHOUT_PUPILS or result.participants.exists()
        return show_url(result) if done else reverse("activities:event_invite", args=[result.pk])


@allows(Act.EVENT_EDIT)
class EventEdit(GatheringEdit):
    """Change an activity."""

    model = Activity
    form_class = ActivityChange
    what = "活动"
    crumbs = (("活动", "activities:event_list"),)


def bring_members(activity: Activity) -> None:
    """A session of a group expects the group's members."""
    members = activity.group.members.on(activity.on).values("child")  # type: ignore[union-attr]
    invite(activity, Child.objects.on_roll().filter(pk__in=members), today=timezone.localdate())


@allows(Act.EVENT_EDIT)
class EventDelete(GatheringDelete):
    model = Activity
    what = "活动"
    list_url = "activities:event_list"
    consequence = "学生的参加记录一起删除，月报和档案里不再有这次活动。"


@allows(Act.EVENT_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def event_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is asked to come."""
    return invite_page(request, *find_to_enter(Activity, request.user, pk))


@allows(Act.EVENT_EDIT)
class EventRoll(RollPage):
    """Who came."""

    model = Activity


@allows(Act.EVENT_VIEW)
@require_safe
def event_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """签到表."""
    return sign_in_response(request, get_object_or_404(Activity.objects.visible_to(request.user), pk=pk))


@allows(Act.EVENT_VIEW)
@require_safe
def event_print(request: HttpRequest, pk: int) -> HttpResponse:
    """活动记录表."""
    rows = Activity.objects.visible_to(request.user).select_related("school_class__school", "school", "leader")
    activity = get_object_or_404(rows, pk=pk)
    return record_response(request, activity, activity_paper(activity, request.user))  # type: ignore[arg-type]
