"""学年更替: one page on which the new school year is prepared, shown exactly before it is carried out."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, Act
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.workbench import Figure, Panel
from children.models import Child
from reports.turn_forms import YearTurnForm
from reports.turn_left import unprepared
from reports.year_turn import GRADUATE, Step, carry_out, fingerprint, situation, steps, turn_year

#: From this day on nobody prepares the year any more; what was forgotten is made good.
WELL_BEGUN = (10, 1)
CHANGED = "核对以后情况有了变化，下面是现在要办的事，请重新核对。"


@allows(Act.YEAR_TURN)
class YearTurn(FormPage):
    """First what stands and what is to be decided; then every step in words; then, after the confirm, all of them."""

    template_name = "reports/year_turn.html"
    form_class = YearTurnForm
    cancel_url = "workbench"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        staff: Any = request.user
        self.today = timezone.localdate()
        self.schools = {str(school.pk): school for school in staff.schools_as(*ACTS[Act.YEAR_TURN])}
        asked = request.GET.get("school", "")
        if not self.schools or (asked and asked not in self.schools):
            raise Http404
        self.school = self.schools[asked] if asked else next(iter(self.schools.values()))
        self.now = situation(self.school, turn_year(self.today), self.today)
        return super().dispatch(request, *args, **kwargs)

    def draft_key(self) -> str:
        return f"year-turn:{self.school.pk}:{self.now.year}"

    def get_heading(self) -> str:
        return f"{self.now.year}—{self.now.year + 1}学年更替"

    def get_lead(self) -> str:
        if self.today >= date(self.now.year, *WELL_BEGUN):
            return f"{self.school}。这个学年已经开始，一般不用再办；没办完的可以在这里补办。下一学年从5月起在这里准备。"
        return f"{self.school}。各班年级到8月1日自动升一级；这里办毕业、建新班、定班主任和学期。没办完的以后可以再来，已办的不会重复。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"now": self.now, "today": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"now": self.now, "schools": self.schools, "school": self.school}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "back" in request.POST:
            form = self.get_form()
            form.full_clean()
            return self.render_to_response(self.get_context_data(form=form))
        return super().post(request, *args, **kwargs)

    planned: list[Step]

    def form_valid(self, form: Any) -> HttpResponse:
        staff: Any = self.request.user
        try:
            self.planned = steps(self.now, form.decisions(), staff, self.today)
        except ValidationError as refusal:
            form.add_refusal(refusal)
            return self.form_invalid(form)
        mark, asked = fingerprint(self.planned), self.request.POST.get("confirm", "")
        if not asked or asked != mark:
            return self._preview(form, self.planned, mark, changed=bool(asked))
        return super().form_valid(form)

    def save(self, form: Any) -> int:
        staff: Any = self.request.user
        number = carry_out(self.now, self.planned, staff)
        note(self.request, Event.ADMIN, detail=f"学年更替 {self.now.year} {number}项")
        return number

    def get_saved_text(self, result: int) -> str:
        graduates = any(step.act == GRADUATE for step in self.planned)
        onward = "毕业生的档案可以在“档案移交”的“毕业生档案”里整班移交给升入的学校。" if graduates else ""
        return f"{self.get_heading()}：{result}件事已办好。{onward}"

    def get_redirect_url(self, result: int) -> str:
        return f"{reverse('reports:year_turn')}?school={self.school.pk}"

    def _preview(self, form: Any, planned: list[Step], mark: str, *, changed: bool) -> HttpResponse:
        given = [(name, form.data.get(name, "")) for name in form.fields]
        context = {
            "school": self.school,
            "heading": self.get_heading(),
            "groups": [(group, list(found)) for group, found in groupby(planned, key=lambda step: step.group)],
            "number": len(planned),
            "mark": mark,
            "changed": CHANGED if changed else "",
            "given": given,
            "action": self.request.get_full_path(),
            "crumbs": [Crumb(self.get_heading(), reverse("reports:year_turn")), Crumb("核对")],
        }
        return render(self.request, "reports/year_turn_preview.html", context)


def turn_due(staff: Any, today: date) -> Panel | None:
    """For the workbench from July to September: what of the coming year is not prepared yet, each with its number."""
    if not staff.may(Act.YEAR_TURN) or not 7 <= today.month <= 9:
        return None
    schools = staff.schools_as(*ACTS[Act.YEAR_TURN])
    left = unprepared(schools, Child.objects.visible_to(staff), turn_year(today), today)
    if not left.anything:
        return None
    address = reverse("reports:year_turn")
    figures = (Figure("毕业待确认", left.graduates, address, "人", tone="warn"),) if left.graduates else ()
    return Panel(
        title=f"{turn_year(today)}—{turn_year(today) + 1}学年更替",
        template="reports/_turn_panel.html",
        data={"left": left, "url": address},
        url=address,
        link="去办理",
        figures=figures,
    )
