"""What meetings decided: the open tasks, writing one down, closing it, giving it to somebody else."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.forms.meeting_tasks import DoneForm, MoveTaskForm, TaskFilter, TaskForm
from activities.gatherings import add_task, close_task, move_task, tasks_open_to
from activities.models import Meeting, MeetingTask
from activities.views.gatherings import find_to_change, may_change, refuse, show_url
from activities.views.links import way_back
from activities.views.meetings import show_meeting
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.web.lists import FilteredListView, FormPage


@allows(Act.EVENT_EDIT)
@require_POST
def meeting_task_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what the meeting decided."""
    meeting = find_to_change(Meeting, request.user, pk)
    form = TaskForm(request.POST, school=meeting.school, on=timezone.localdate())
    if form.is_valid():
        try:
            task = add_task(meeting, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            note(request, Event.WRITE, detail=f"meeting {pk} task {task.pk}")
            messages.success(request, f"已记下：{task.what}（{task.owner}，{chinese_date(task.due_on)}前）。")
            return redirect(f"{show_url(meeting)}#tasks")
    return show_meeting(request, meeting, form)


@allows(Act.EVENT_VIEW)
@require_POST
def meeting_task_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of a task: its owner, or who keeps the meeting."""
    task = get_object_or_404(MeetingTask.objects.select_related("meeting", "owner"), pk=pk)
    if task.owner_id != request.user.pk and not may_change(Meeting, request.user, task.meeting_id):
        get_object_or_404(tasks_open_to(request.user), pk=pk)
        raise PermissionDenied("这件事由落实人或会议记录人办结。")
    form = DoneForm(request.POST)
    if form.is_valid():
        try:
            close_task(task, outcome=form.cleaned_data["outcome"], on=timezone.localdate())
        except ValidationError as refusal:
            messages.error(request, "；".join(refusal.messages))
        else:
            note(request, Event.WRITE, detail=f"task {pk}")
            messages.success(request, f"“{task.what}”已办结。")
    else:
        messages.error(request, f"“{task.what}”还没有办结：请写一句落实情况。")
    return redirect("activities:meeting_tasks")


@allows(Act.EVENT_EDIT)
class MeetingTaskMove(FormPage):
    """Another day or another person, by who keeps the meeting and by the leads."""

    form_class = MoveTaskForm
    heading = "改期或转交"
    crumbs = (("会议落实事项", "activities:meeting_tasks"),)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seen = Meeting.objects.visible_to(request.user).order_by().values("pk")
        rows = MeetingTask.objects.open().filter(meeting__in=seen).select_related("meeting__school", "owner")
        self.task = get_object_or_404(rows, pk=kwargs["pk"])
        if not may_change(Meeting, request.user, self.task.meeting_id):
            raise refuse(self.task.meeting)
        return super().dispatch(request, *args, **kwargs)

    def get_lead(self) -> str:
        return f"{self.task.meeting.name}：{self.task.what}（{self.task.owner}，{chinese_date(self.task.due_on)}前）"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"school": self.task.meeting.school, "on": timezone.localdate()}

    def get_initial(self) -> dict[str, Any]:
        return {"owner": self.task.owner_id, "due_on": self.task.due_on}

    def get_cancel_url(self) -> str:
        return way_back(self.request, reverse("activities:meeting_tasks"))

    def get_redirect_url(self, result: MeetingTask) -> str:
        return self.get_cancel_url()

    def save(self, form: Any) -> MeetingTask:
        moved = move_task(self.task, **form.cleaned_data, today=timezone.localdate())
        note(self.request, Event.WRITE, detail=f"task {moved.pk}")
        return moved

    def get_saved_text(self, result: MeetingTask) -> str:
        return f"“{result.what}”由{result.owner}在{result.due_on.month}月{result.due_on.day}日前落实。"


@allows(Act.EVENT_VIEW)
class MeetingTasks(FilteredListView):
    """Open tasks of meetings, nearest first."""

    heading = "会议落实事项"
    crumbs = (("会议", "activities:meeting_list"),)
    rows_template = "activities/events/_task_rows.html"
    unit = "项"
    empty_text = "没有要落实的事。"
    empty_hint = "会议上定下的事，在会议页面里记下落实人和期限，就会列在这里。"
    filter_class = TaskFilter

    def get_queryset(self, staff: Any) -> Any:
        return tasks_open_to(staff)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        given = {row.meeting_id for row in context["rows"]}
        own = Meeting.objects.changeable_by(self.request.user).filter(pk__in=given)
        changes = set(own.values_list("pk", flat=True)) if self.request.user.may(Act.EVENT_EDIT) else set()  # type: ignore[union-attr]
        return context | {
            "today": timezone.localdate(),
            "done_form": DoneForm(),
            "movable": changes,
            "here": self.request.get_full_path(),
        }
