"""Which person of the family is suspected: named in a file, taken back with a reason."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from activities.forms.incidents import SuspectClearForm, SuspectForm
from activities.incidents.suspects import clear, suspect
from activities.models import IncidentSuspect
from activities.views.incident_acts import FilePage
from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web.lists import ConfirmPage
from children.models import FamilyMember


@allows(Act.INCIDENT_EDIT)
class SuspectAdd(FilePage):
    heading = "写明有嫌疑的家人"
    form_class = SuspectForm
    steering = True
    keeps_draft = False

    def get_lead(self) -> str:
        return "能看这份档案的人，在紧急联系里看到不要打给谁；其他人的紧急联系里没有这个人，也看不到原因。"

    def get_form_kwargs(self) -> dict[str, Any]:
        family = FamilyMember.objects.filter(child__in=[one.child_id for one in self.incident.involved.all()])
        named = self.incident.suspects.values("member")
        choices = family.exclude(pk__in=named).select_related("child").order_by("child_id", "pk")
        return super().get_form_kwargs() | {"family": choices}

    does = suspect

    def get_saved_text(self, result: IncidentSuspect) -> str:
        return f"已写明{result}有嫌疑，紧急联系里不再打给这个人。"


@allows(Act.INCIDENT_EDIT)
class SuspectClear(FilePage, ConfirmPage):
    form_class = SuspectClearForm
    steering = True
    button = "不再列为有嫌疑"
    tone = "danger"

    @cached_property
    def row(self) -> IncidentSuspect:
        return get_object_or_404(self.incident.suspects.select_related("member__child"), pk=self.kwargs["one"])

    def get_heading(self) -> str:
        return f"{self.row}没有嫌疑"

    def get_question(self) -> str:
        return f"{self.row}将不再列为有嫌疑的家人。"

    def get_consequences(self) -> list[str]:
        return ["紧急联系里重新显示这个人和电话。", "处置经过里留下一条更正，写明怎样查明。"]

    def answers(self, given: dict[str, Any], now: datetime) -> dict[str, Any]:
        return given | {"row": self.row}

    does = clear

    def get_saved_text(self, result: IncidentSuspect) -> str:
        return f"{result}不再列为有嫌疑的家人。"
