"""After a counselling: the next step of a high risk, and next talks that have passed by."""

from datetime import date
from typing import Any

from django.db.models import Case, QuerySet, When
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from activities.counselling import take_step
from activities.forms.counselling import NextStepForm
from activities.models import CareRecord, CounsellingNote, Kind, Worry
from activities.views.links import add_url
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.workbench import Line, Panel

SHOWN = 8
ASKS_LEADERS = "心理辅导中发现需要学校马上配合保护的情况，请德育主任和校长尽快当面找我商量。"


def next_step_url(record: CareRecord) -> str:
    """The page that asks for the next step, if this counselling found a high risk and none was taken; else nothing."""
    if record.kind != Kind.COUNSELLING:
        return ""
    found = CounsellingNote.objects.filter(record=record, risk=CounsellingNote.HIGH, step="").exists()
    return reverse("activities:counselling_step", args=[record.pk]) if found else ""


@allows(Act.COUNSELLING)
class CounsellingStep(FormPage):
    """A talk found a high risk: when one talks again, and whether the school's leaders are told."""

    form_class = NextStepForm
    heading = "风险高：下一步"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        own = CounsellingNote.objects.visible_to(request.user).filter(record__author=request.user)  # type: ignore[misc]
        high = own.filter(risk=CounsellingNote.HIGH).select_related("record__child")
        self.note = get_object_or_404(high, record=kwargs["pk"])
        note(request, Event.VIEW, self.note.record.child_id, "counselling step")
        return super().dispatch(request, *args, **kwargs)

    def get_lead(self) -> str:
        return f"{self.note.record.child}，{self.note.record.on.month}月{self.note.record.on.day}日的辅导。辅导内容不会随报告送出。"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("心理辅导预约", reverse("activities:appointment_list"))]

    def get_initial(self) -> dict[str, Any]:
        after = self.note.next_on
        ahead = after if after and after >= timezone.localdate() else None
        return {"step": self.note.step, "next_on": ahead, "words": ASKS_LEADERS}

    def get_cancel_url(self) -> str:
        return reverse("activities:record_show", args=[self.note.record_id])

    def get_redirect_url(self, result: Any) -> str:
        if result is not None:
            return reverse("activities:worry_own", args=[result.pk])
        return self.get_cancel_url()

    def save(self, form: Any) -> Worry | None:
        made = take_step(
            note=self.note,
            by=self.request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
            now=timezone.now(),
            **form.cleaned_data,
        )
        note(self.request, Event.WRITE, self.note.record.child_id, "counselling step")
        return made

    def get_saved_text(self, result: Worry | None) -> str:
        return "已报告德育主任和校长，下次辅导已约定。" if result else "下一步已定，到期会在您的工作台提醒。"


def unsettled(staff: Any, today: date) -> Panel | None:
    """The counsellor: own talks that found a high risk and nothing followed, next talks that have passed by."""
    if not staff.may(Act.COUNSELLING) or not (notes := _unsettled(staff, today)):
        return None
    lines = [
        Line(one.record.child.name, "风险高，还没定下一步", reverse("activities:counselling_step", args=[one.record_id]),
             "urgent", f"{one.record.on.month}月{one.record.on.day}日辅导")
        if one.risk == CounsellingNote.HIGH and not one.step
        else Line(one.record.child.name, "下次辅导已过",
                  add_url(children=[one.record.child_id], kind="counselling", next_page=reverse("workbench")), "bad",
                  f"原定{one.next_on.month}月{one.next_on.day}日，之后没有辅导记录")
        for one in notes
    ]  # fmt: skip
    return Panel(
        "辅导后要做的",
        "web/_panel_lines.html",
        {"lines": lines},
        url=reverse("activities:appointment_list"),
        link="预约",
    )


@fixed
def _unsettled(staff: Staff, today: date) -> QuerySet[CounsellingNote]:
    undecided = Case(When(risk=CounsellingNote.HIGH, step="", then=0), default=1)
    waiting = CounsellingNote.objects.waiting_for(staff, today).select_related("record__child")
    return waiting.only("risk", "step", "next_on", "record__on", "record__child__name").order_by(
        undecided, "next_on", "pk"
    )[:SHOWN]


def register_all() -> None:
    """Put the panel on the workbench."""
    workbench.register(unsettled, 12)
