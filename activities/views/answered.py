"""The warnings and suggestions that somebody answered: by whom, why, and when they may come back."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.alerts.access import watched
from activities.alerts.findings import ask_again
from activities.alerts.levels import name_of
from activities.forms.alerts import ClassFilter
from activities.models import AlertAnswer
from activities.views.safety import SafetyTabs
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.lists import FilteredListView


def _quiet(staff: Any) -> "QuerySet[AlertAnswer]":
    return AlertAnswer.objects.quiet_on(timezone.localdate()).about(watched(staff))


@allows(Act.ALERT_VIEW)
class AnsweredList(SafetyTabs, FilteredListView):
    """What is quiet for now; nothing answered is hidden for good."""

    heading = "已答复的预警和建议"
    lead = "答复过的到期前不再提示；到期后如果情况还在，会再次出现。"
    crumbs = (("预警", "activities:alert_list"),)
    place = "activities:alert_list"
    template_name = "activities/safety_list.html"
    rows_template = "activities/_answered_rows.html"
    unit = "条"
    empty_text = "没有还在停提示期内的答复。"

    def get_filter(self) -> ClassFilter:
        staff = self.request.user
        return ClassFilter(self.request.GET, staff=staff, children=watched(staff), today=timezone.localdate())  # type: ignore[arg-type]

    def get_queryset(self, staff: Any) -> "QuerySet[AlertAnswer]":
        asked = self.get_filter().children_asked(watched(staff))
        return _quiet(staff).about(asked).select_related("child__school_class__school", "by").order_by("until", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        context["rows"] = [
            {
                "answer": row,
                "name": name_of(row.rule),
                "class_name": row.child.class_name(today),
                "back_on": row.until + timedelta(days=1),
            }
            for row in context["rows"]
        ]
        return context


@require_POST
@allows(Act.ALERT_VIEW)
def answer_recall(request: HttpRequest, pk: int) -> HttpResponse:
    """The warning is told again from now on; the answer stays in the history."""
    row = get_object_or_404(_quiet(request.user).select_related("child"), pk=pk)
    ask_again(row=row, on=timezone.localdate())
    note(request, Event.WRITE, row.child_id, "alert asked again")
    messages.success(request, f"{row.child.name}的“{name_of(row.rule)}”恢复提示，情况还在就会出现在预警里。")
    return redirect("activities:alert_answered")
