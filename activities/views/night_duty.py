"""Who is on duty in the dormitories on which evening."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from activities.forms.night import DutyForm
from activities.models import NightDuty
from activities.night import evening
from activities.night_duty import AHEAD, assign, may_be_on_duty, next_free, on_duty
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.schools.models import School
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage

LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)


def _school(request: HttpRequest) -> School:
    """The school that this person leads. Raises Http404 without one."""
    schools = request.user.schools_as(*LEADS)  # type: ignore[union-attr]
    if not schools:
        raise Http404
    return schools[0]


@allows(Act.NIGHT_DUTY)
class NightDutyPage(FormPage):
    """The duties to come, and one more."""

    heading = "查夜值班"
    lead = "值班的人从当天中午到次日中午可以给所有宿舍查夜、打紧急联系电话，看不到住校生的档案；过了这一晚自动收回。"
    template_name = "activities/night_duty.html"
    form_class = DutyForm
    keeps_draft = False

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("查夜", reverse("activities:night_home"))]

    def get_initial(self) -> dict[str, Any]:
        return {"on": next_free(_school(self.request))}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff_choices": may_be_on_duty(_school(self.request), evening())}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        duties = on_duty(_school(self.request), evening(), evening() + 2 * AHEAD)
        return super().get_context_data(**kwargs, duties=duties)

    def get_cancel_url(self) -> str:
        return reverse("activities:night_home")

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:night_duty")

    def save(self, form: Any) -> tuple[list[NightDuty], list[date]]:
        given = form.cleaned_data
        made, left = assign(
            school=_school(self.request), staff=given["staff"], first=given["on"], last=given["until"],
            beside=given["beside"],
        )  # fmt: skip
        note(self.request, Event.WRITE, detail=f"night duty {given['staff'].pk} {given['on']} {len(made)}")
        return made, left

    def get_saved_text(self, result: tuple[list[NightDuty], list[date]]) -> str:
        made, left = result
        others = f"另有 {len(left)} 晚已有别的老师值班，没有重复安排。" if left else ""
        return (f"已安排{made[0].staff}值班 {len(made)} 晚。" if made else "这几晚已经安排了这位老师。") + others


@require_POST
@allows(Act.NIGHT_DUTY)
def night_duty_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody is not on duty after all; what was counted stays."""
    duty = get_object_or_404(on_duty(_school(request), evening(), evening() + 2 * AHEAD), pk=pk)
    duty.delete()
    note(request, Event.WRITE, detail=f"night duty {duty.staff_id} {duty.on} ended")
    messages.success(request, f"{duty.on.month}月{duty.on.day}日晚不再由{duty.staff}值班。")
    return redirect("activities:night_duty")
