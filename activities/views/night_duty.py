"""Who is on duty in the dormitories on which evening."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
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
from caretrack.web.at_school import school_asked, school_tabs
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage

LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)


def _home(school: School) -> str:
    return f"{reverse('activities:night_duty')}?school={school.pk}"


@allows(Act.NIGHT_DUTY)
class NightDutyPage(FormPage):
    """The duties to come, and one more."""

    heading = "查夜值班"
    lead = "值班的人从当天中午到次日中午可以给所有宿舍查夜、打紧急联系电话，看不到住校生的档案；过了这一晚自动收回。"
    template_name = "activities/night_duty.html"
    form_class = DutyForm
    keeps_draft = False

    @cached_property
    def schools(self) -> list[School]:
        return self.request.user.schools_as(*LEADS)  # type: ignore[union-attr]

    @cached_property
    def school(self) -> School:
        return school_asked(self.request, self.schools)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("查夜", self.get_cancel_url())]

    def get_initial(self) -> dict[str, Any]:
        return {"on": next_free(self.school)}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff_choices": may_be_on_duty(self.school, evening())}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        duties = on_duty(self.school, evening(), evening() + 2 * AHEAD)
        places = school_tabs(self.schools, self.school)
        return super().get_context_data(**kwargs, duties=duties, places=places)

    def get_cancel_url(self) -> str:
        return f"{reverse('activities:night_home')}?school={self.school.pk}"

    def get_redirect_url(self, result: Any) -> str:
        return _home(self.school)

    def save(self, form: Any) -> tuple[list[NightDuty], list[date]]:
        given = form.cleaned_data
        made, left = assign(
            school=self.school, staff=given["staff"], first=given["on"], last=given["until"],
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
    led = request.user.schools_as(*LEADS)  # type: ignore[union-attr]
    duties = NightDuty.objects.filter(school__in=led, on__gte=evening()).select_related("school", "staff")
    duty = get_object_or_404(duties, pk=pk)
    duty.delete()
    note(request, Event.WRITE, detail=f"night duty {duty.staff_id} {duty.on} ended")
    messages.success(request, f"{duty.on.month}月{duty.on.day}日晚不再由{duty.staff}值班。")
    return redirect(_home(duty.school))
