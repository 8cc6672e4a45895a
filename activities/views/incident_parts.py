"""The pupils and the attachments of an incident file: put in, put right, take out, open."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from activities.forms.incidents import AttachForm, InvolvedAmendForm, InvolvedForm, TakeOutForm
from activities.incidents.attachments import attach, detach
from activities.incidents.involved import involve, put_right, take_out
from activities.models import IncidentChild, IncidentFile
from activities.views.incident_acts import FilePage
from activities.views.incidents import incident_or_404, note_file
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import kept_response
from caretrack.web.lists import ConfirmPage
from caretrack.web.versions import KeepsVersion
from children.models import Child


@allows(Act.INCIDENT_EDIT)
class InvolvedAdd(FilePage):
    heading = "增加涉及学生"
    form_class = InvolvedForm
    steering = True

    def get_form_kwargs(self) -> dict[str, Any]:
        children = Child.objects.visible_to(self.request.user).filter(school=self.incident.school)
        return super().get_form_kwargs() | {"children": children, "today": timezone.localdate()}

    does = involve

    def save(self, form: Any) -> IncidentChild:
        # What is noted for the pupils of the file does not reach who was none of them when the page was asked for.
        row: IncidentChild = super().save(form)
        note(self.request, Event.WRITE, row.child_id, f"incident {self.incident.pk}")
        return row

    def get_saved_text(self, result: IncidentChild) -> str:
        return f"{result.child.name}已列为涉及学生。"


class OfInvolved(FilePage):
    """About one pupil of the file."""

    steering = True

    def answers(self, given: dict[str, Any], now: datetime) -> dict[str, Any]:
        return given | {"row": self.row}

    @cached_property
    def row(self) -> IncidentChild:
        return get_object_or_404(self.incident.involved.select_related("child"), pk=self.kwargs["one"])


@allows(Act.INCIDENT_EDIT)
class InvolvedAmend(OfInvolved, KeepsVersion):
    form_class = InvolvedAmendForm

    def find_row(self) -> IncidentChild:
        return self.row

    def get_heading(self) -> str:
        return f"更正{self.row.child.name}的涉及情况"

    def stored(self, row: IncidentChild) -> dict[str, Any]:
        return {"part": row.part, "guardian_suspected": row.guardian_suspected}

    does = put_right

    def get_saved_text(self, result: IncidentChild) -> str:
        return f"{result.child.name}的涉及情况已更正，原来的内容保留在经过里。"


@allows(Act.INCIDENT_EDIT)
class InvolvedOut(OfInvolved, ConfirmPage):
    form_class = TakeOutForm
    button = "移出"
    tone = "danger"

    def get_heading(self) -> str:
        return f"把{self.row.child.name}移出档案"

    def get_question(self) -> str:
        return f"{self.row.child.name}将不再是这份档案的涉及学生。"

    def get_consequences(self) -> list[str]:
        return ["这名学生的时间线里不再有这件事。", "处置经过里留下一条更正，写明移出的原因。"]

    does = take_out

    def get_saved_text(self, result: IncidentChild) -> str:
        return f"{result.child.name}已移出档案。"


@allows(Act.INCIDENT_VIEW)
class AttachmentAdd(FilePage):
    heading = "添加附件"
    form_class = AttachForm
    keeps_draft = False

    def save(self, form: Any) -> IncidentFile:
        staff: Any = self.request.user
        row = attach(incident=self.incident, by=staff, **form.cleaned_data)
        note_file(self.request, Event.WRITE, self.incident, f"attachment {row.pk}")
        return row

    def get_saved_text(self, result: IncidentFile) -> str:
        return f"“{result.title}”已存入事件档案。"


@require_safe
@allows(Act.INCIDENT_VIEW)
def attachment_open(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """The photo or PDF itself, for those who open the file; every look is logged."""
    incident = incident_or_404(request, pk)
    row = get_object_or_404(incident.files.filter(removed_on__isnull=True), pk=file)
    response = kept_response(row)
    note_file(request, Event.EXPORT, incident, f"attachment {row.pk}")
    return response


@allows(Act.INCIDENT_EDIT)
class AttachmentOut(FilePage, ConfirmPage):
    form_class = TakeOutForm
    steering = True
    button = "移除"
    tone = "danger"

    @cached_property
    def row(self) -> IncidentFile:
        return get_object_or_404(self.incident.files.filter(removed_on__isnull=True), pk=self.kwargs["file"])

    def get_heading(self) -> str:
        return f"移除“{self.row.title}”"

    def get_question(self) -> str:
        return f"附件“{self.row.title}”将从这份事件档案移除。"

    def get_consequences(self) -> list[str]:
        return ["文件内容会删除，不能恢复。", "修改记录里留下谁在什么时候、为什么移除。"]

    def save(self, form: Any) -> IncidentFile:
        detach(row=self.row, reason=form.cleaned_data["reason"], on=timezone.localdate())
        note_file(self.request, Event.WRITE, self.incident, f"attachment {self.row.pk} removed")
        return self.row

    def get_saved_text(self, result: IncidentFile) -> str:
        return f"“{result.title}”已从事件档案移除。"
