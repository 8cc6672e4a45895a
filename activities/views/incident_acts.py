"""What is done in an incident file: report, add to its course, put right, name people, close, print."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST, require_safe

from activities.forms.incidents import AmendForm, AnonymousForm, CloseForm, MemberForm, ReopenForm, StepForm, TellForm
from activities.incidents.chain import WRITTEN, Clock, still_owed
from activities.incidents.paper import IncidentPaper, incident_paper, minute
from activities.incidents.retelling import passages, retold
from activities.incidents.services import (
    AMENDABLE,
    add_step,
    amend,
    close_incident,
    end_member,
    name_member,
    reopen,
    report_to,
)
from activities.incidents.situations import words_of
from activities.models import Incident, IncidentReport, rules_of
from activities.views.incidents import incident_or_404, leads_file, note_file
from caretrack.access.gates import allows
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.schools.models import Staff
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.versions import KeepsVersion
from children.life.papers import imprint

NOT_YOURS = "这份事件档案由学校的德育主任和校长处理；您是知情人，可以登记报告和经过。"
LEADS_PRINT = "书面报告和匿名材料由德育主任或校长打印。"


class FilePage(FormPage):
    """A form in one file and the service that it calls (`does`). `steering` pages are for those who lead it."""

    steering = False
    refusal = NOT_YOURS
    does: ClassVar[Callable[..., Any]]
    incident: Incident

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.incident = incident_or_404(request, kwargs["pk"])
        if self.steering and not leads_file(request.user, self.incident):
            raise PermissionDenied(self.refusal)
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("事件档案", reverse("activities:incident_list")),
            Crumb(self.incident.number, self.get_cancel_url()),
        ]

    def get_lead(self) -> str:
        return f"{self.incident.what}，{minute(self.incident.found_at)}发现"

    def draft_key(self) -> str:
        return f"incident:{self.incident.pk}:{type(self).__name__}"

    def get_cancel_url(self) -> str:
        return reverse("activities:incident_show", args=[self.incident.pk])

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def answers(self, given: dict[str, Any], now: datetime) -> dict[str, Any]:
        """What the form said, as the act takes it."""
        return given

    def save(self, form: Any) -> Any:
        now = timezone.now()
        given = self.answers(form.cleaned_data, now)
        done = type(self).does(incident=self.incident, by=self.request.user, now=now, **given)
        note_file(self.request, Event.WRITE, self.incident)
        return done


@allows(Act.INCIDENT_VIEW)
class IncidentTell(FilePage):
    heading = "登记报告"
    form_class = TellForm

    def get_initial(self) -> dict[str, Any]:
        to = self.request.GET.get("to", "")
        known: dict[str, Any] = {"to": to} if to in IncidentReport.To.values else {}
        if "written" in self.request.GET:
            known["way"] = WRITTEN
        return known | {"at": timezone.localtime(), "about": self.request.GET.get("about", "")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"involved": self.incident.involved.select_related("child")}

    does = report_to

    def get_saved_text(self, result: IncidentReport) -> str:
        if result.skipped_reason:
            return "已记下没有通知监护人的原因。"
        return f"已记下：{timezone.localtime(result.at):%H:%M} 报告{result.get_to_display()}。"


@allows(Act.INCIDENT_VIEW)
class IncidentStep(FilePage):
    heading = "登记处置经过"
    form_class = StepForm

    def get_initial(self) -> dict[str, Any]:
        return {"at": timezone.localtime()}

    does = add_step

    def answers(self, given: dict[str, Any], now: datetime) -> dict[str, Any]:
        # The box shows minutes; the running minute is not in the future.
        running = given["at"] > now >= given["at"].replace(second=0)
        return given | {"at": now} if running else given

    def get_saved_text(self, result: Any) -> str:
        return "已记入经过。"


@allows(Act.INCIDENT_EDIT)
class IncidentAmend(FilePage, KeepsVersion):
    """Facts put right; what stood before stays in the course. Of two people the second is shown both texts."""

    heading = "更正事件要素"
    form_class = AmendForm
    steering = True

    def find_row(self) -> Incident:
        return self.incident

    def stored(self, row: Incident) -> dict[str, Any]:
        known = {name: getattr(row, name) for name in AMENDABLE}
        for name in ("found_at", "happened_at"):
            known[name] = known[name] and timezone.localtime(known[name]).replace(second=0, microsecond=0)
        return known

    does = amend

    def answers(self, given: dict[str, Any], now: datetime) -> dict[str, Any]:
        values = {name: given[name] for name in AMENDABLE if name in given}
        for name in ("found_at", "happened_at"):
            before = getattr(self.incident, name)
            if values[name] and before and values[name] == before.replace(second=0, microsecond=0):
                values[name] = before
        words = {
            name: f"{Incident._meta.get_field(name).verbose_name}：原为“{_told(name, getattr(self.incident, name))}”，"
            f"改为“{_told(name, value)}”"
            for name, value in values.items()
        }
        # The course is read by all who may open the file, and printed: who found it is for those who lead it.
        words["found_by"] = "发现人：已更正（姓名保密）"
        return {"values": values, "words": words, "reason": given["reason"], "version": given["version"]}

    def get_saved_text(self, result: Any) -> str:
        return "已更正，原来的内容保留在经过里。" if result else "没有改动。"


def _told(name: str, value: Any) -> str:
    """A fact as people read it, for the line that says what was put right."""
    if name == "situations":
        return "；".join(words_of(value)) or "无"
    if name == "legal_aid":
        return str(Incident.LegalAid(value).label) if value else "还不清楚"
    if name == "kind":
        return str(Incident.Kind(value).label)
    if isinstance(value, bool):
        return "是" if value else "否"
    if name in ("found_at", "happened_at") and value:
        return minute(value)
    return str(value or "未填")


@allows(Act.INCIDENT_EDIT)
class MemberAdd(FilePage):
    heading = "增加知情人"
    form_class = MemberForm
    steering = True
    keeps_draft = False

    def get_form_kwargs(self) -> dict[str, Any]:
        people = Staff.objects.of_school(self.incident.school, timezone.localdate()).filter(is_active=True)
        return super().get_form_kwargs() | {"staff_choices": people.order_by("pinyin", "pk")}

    def get_lead(self) -> str:
        return "只列必须知道的人。列入的人可以打开这份档案、登记报告和经过；每次打开都有记录。"

    does = name_member

    def get_saved_text(self, result: Any) -> str:
        return f"{result.staff}已列入知情人名单。"


@require_POST
@allows(Act.INCIDENT_EDIT)
def member_end(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Somebody need not know any longer."""
    incident = incident_or_404(request, pk)
    if not leads_file(request.user, incident):
        raise PermissionDenied(NOT_YOURS)
    row = get_object_or_404(incident.members.filter(ended_at__isnull=True).select_related("staff"), pk=member)
    try:
        end_member(member=row, now=timezone.now())
        messages.success(request, f"{row.staff}已退出知情人名单。")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("activities:incident_show", pk)


@allows(Act.INCIDENT_EDIT)
class IncidentClose(FilePage):
    heading = "结案"
    template_name = "activities/incident_close.html"
    form_class = CloseForm
    steering = True

    @cached_property
    def untold(self) -> list[Clock]:
        return still_owed(self.incident, rules_of(self.incident.school), timezone.now())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"left_out": [clock.whom for clock in self.untold if clock.waivable]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(incident=self.incident, untold=self.untold, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"outcome": self.incident.outcome, "aftercare": self.incident.aftercare}

    does = close_incident

    def get_saved_text(self, result: Any) -> str:
        return "已结案。档案继续保存，有新情况可以重新处理。"


@allows(Act.INCIDENT_EDIT)
class IncidentReopen(FilePage):
    heading = "重新处理"
    form_class = ReopenForm
    steering = True

    does = reopen

    def get_saved_text(self, result: Any) -> str:
        return "已重新处理，原处置结果保留在经过里。"


@require_safe
@allows(Act.INCIDENT_VIEW)
def incident_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The written report."""
    incident = incident_or_404(request, pk)
    if not leads_file(request.user, incident):
        raise PermissionDenied(LEADS_PRINT)
    paper = incident_paper(incident, rules_of(incident.school), anonymous=False, on=timezone.localdate())
    note_file(request, Event.PRINT, incident)
    return _printed(paper, f"{paper.title}{incident.number}", imprint(request.user, timezone.localtime()))


@allows(Act.INCIDENT_VIEW)
class IncidentAnonymous(FilePage):
    """
    匿名材料 for training and talks (未保法 art. 103): what the program made of the texts is read and put right first.

    The answer is the paper itself; what was changed here is printed, not kept.
    """

    heading = "匿名材料"
    template_name = "activities/incident_anonymous.html"
    form_class = AnonymousForm
    steering = True
    refusal = LEADS_PRINT
    keeps_draft = False

    @cached_property
    def paper(self) -> IncidentPaper:
        return incident_paper(self.incident, rules_of(self.incident.school), anonymous=True, on=timezone.localdate())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"texts": passages(self.paper)}

    def form_valid(self, form: Any) -> HttpResponse:
        note_file(self.request, Event.PRINT, self.incident, "anonymous")
        return _printed(retold(self.paper, form.told()), self.paper.title)


def _printed(paper: IncidentPaper, name: str, imprint: str = "") -> HttpResponse:
    sheets = (PRINT_SHEET, "print/safety.css")
    context = {"paper": paper, "imprint": imprint}
    return pdf_response(
        render_pdf("print/incident.html", context, title=paper.title, stylesheets=sheets), f"{name}.pdf"
    )
