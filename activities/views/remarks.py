"""批阅: leaders ask about a record or thank for it, its author answers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.forms.follow_ups import RemarkForm
from activities.models import CareRecord, RecordRemark
from activities.remarks import answer, ask, may_review, take_back, thank
from activities.views.links import way_back
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage


class _RemarkPage(FormPage):
    """What asking and answering share: the record, the way back to it."""

    form_class = RemarkForm
    record: CareRecord

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("关爱记录", reverse("activities:record_list")),
            Crumb(f"{self.record.child} {self.record}", self.get_cancel_url()),
        ]

    def get_cancel_url(self) -> str:
        return reverse("activities:record_show", args=[self.record.pk])

    def get_redirect_url(self, result: Any) -> str:
        note(self.request, Event.WRITE, self.record.child_id, f"remark {result.pk}")
        return way_back(self.request, self.get_cancel_url())


@allows(Act.RECORD_REVIEW)
class RemarkAsk(_RemarkPage):
    """A leader's question to the author of a record."""

    button = "提问"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        seen = CareRecord.objects.visible_to(request.user).select_related("child", "author")
        self.record = get_object_or_404(seen, pk=kwargs["pk"])
        if not may_review(self.record, request.user):  # type: ignore[arg-type]
            raise PermissionDenied("自己写的记录和心理辅导记录不用批阅。")
        note(request, Event.VIEW, self.record.child_id)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"向{self.record.author}提问"

    def get_lead(self) -> str:
        return f"关于{self.record.child} {self.record}的记录。{self.record.author}会在工作台看到，答复后您也会看到。"

    def save(self, form: Any) -> RecordRemark:
        return ask(record=self.record, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]

    def get_saved_text(self, result: RecordRemark) -> str:
        return f"已向{self.record.author}提问。"


@allows(Act.RECORD_WRITE)
class RemarkAnswer(_RemarkPage):
    """The author of the record answers."""

    button = "答复"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        seen = RecordRemark.objects.visible_to(request.user).questions()
        self.question = get_object_or_404(seen.select_related("record__child", "author"), pk=kwargs["pk"])
        self.record = self.question.record
        if self.record.author_id != request.user.pk:
            raise PermissionDenied("提问由写这条记录的老师答复。")
        note(request, Event.VIEW, self.record.child_id)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"答复{self.question.author}"

    def get_lead(self) -> str:
        return f"{self.record.child} {self.record}：{self.question.text}"

    def save(self, form: Any) -> RecordRemark:
        return answer(question=self.question, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]

    def get_saved_text(self, result: RecordRemark) -> str:
        return f"已答复{self.question.author}。"


@require_POST
@allows(Act.RECORD_REVIEW)
def remark_thank(request: HttpRequest, pk: int) -> HttpResponse:
    """'Read, with thanks': one press, or with a line of one's own."""
    seen = CareRecord.objects.visible_to(request.user).select_related("author", "child")
    record = get_object_or_404(seen, pk=pk)
    try:
        _, fresh = thank(record=record, by=request.user, text=request.POST.get("text", ""))  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, record.child_id, f"record {record.pk} thanks")
        said = f"{record.author}会在工作台看到您的批阅。" if fresh else "这条记录您已经批阅过了。"
        messages.success(request, said)
    return redirect(way_back(request, reverse("activities:record_show", args=[record.pk])))


@require_POST
@allows(Act.RECORD_LIST)
def remark_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Said on the wrong record: its writer takes it back on the same day."""
    own = RecordRemark.objects.visible_to(request.user).filter(author=request.user)
    remark = get_object_or_404(own.select_related("record"), pk=pk)
    record = remark.record
    try:
        take_back(remark=remark, by=request.user, today=timezone.localdate())  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, record.child_id, f"remark {pk} taken back")
        messages.success(request, f"{remark.get_kind_display()}已撤回。")
    return redirect(way_back(request, reverse("activities:record_show", args=[record.pk])))
