"""Calls of the moment with their reasons, and numbers of the family that were shown for the duty at the phone."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from activities.forms.calls import LookFilter
from activities.models import CallBooking
from activities.views.calls.frame import tabs_for
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.web.lists import FilteredListView
from children.models import Child


@allows(Act.CALL_SETUP)
class CallLooks(FilteredListView):
    """For the leads: who called whose family outside the turns and why, and which numbers were shown for the duty."""

    heading = "现场通话"
    lead = "没有预约、当场登记的通话，和值班教师因值班看过完整号码的通话：谁、给谁、为什么。平时看不到这家号码的值班教师要写明原因，班主任在工作台上会看到；本来就能看号码的老师登记时不用写。"
    template_name = "activities/calls/looks.html"
    rows_template = "activities/calls/_look_rows.html"
    unit = "次"
    empty_text = "还没有当场登记的通话。"
    empty_hint = "在“值班登记”里点“现场登记”后，会出现在这里。"

    def get_filter(self) -> LookFilter:
        staff: Any = self.request.user
        known = Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)
        return LookFilter(self.request.GET, staff=staff, children=known, today=timezone.localdate())

    def get_queryset(self, staff: Any) -> QuerySet[CallBooking]:
        found = CallBooking.objects.visible_to(staff).of_the_moment()
        return found.select_related("child__school_class__school", "booked_by", "shown_to").order_by(
            "-on", "-at", "-pk"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = list(context["rows"])
        for row in rows:
            note(self.request, Event.VIEW, row.child_id)
        today = timezone.localdate()
        return context | {
            "tabs": tabs_for(self.request.user, "activities:call_looks"),
            "rows": [(row, row.child.class_name(today)) for row in rows],
        }
