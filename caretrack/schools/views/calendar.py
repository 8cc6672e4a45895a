"""校历: what the school does otherwise than the national calendar, and what the calendar knows of the term."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.periods import school_year
from caretrack.schools.calendar import announced, calendar_of, holidays
from caretrack.schools.forms import SchoolDaysForm
from caretrack.schools.models import School, SchoolDay, Term
from caretrack.schools.services import set_school_days
from caretrack.schools.views.people import managed_schools
from caretrack.web.lists import FormPage


@allows(Act.SCHOOL_SETTINGS)
class SchoolCalendar(FormPage):
    """Terms with their number of school days, national holidays of the school year, the school's own days."""

    template_name = "schools/school_calendar.html"
    form_class = SchoolDaysForm
    crumbs = (("学校、学期和班级", "schools:school_show"),)
    keeps_draft = False
    school: School

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.school = get_object_or_404(managed_schools(request.user), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.school.label}校历"

    def save(self, form: Any) -> Sequence[SchoolDay]:
        return set_school_days(school=self.school, **form.cleaned_data)

    def get_saved_text(self, result: Sequence[SchoolDay]) -> str:
        days = f"{result[0].on.month}月{result[0].on.day}日"
        if len(result) > 1:
            days += f"至{result[-1].on.month}月{result[-1].on.day}日"
        return f"{days}已登记为{result[0].get_kind_display()}。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("schools:school_calendar", args=[self.school.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        begin = date(school_year(timezone.localdate()), 8, 1)
        terms = list(Term.objects.filter(school=self.school, ends_on__gte=begin).order_by("starts_on"))
        end = max([term.ends_on for term in terms], default=date(begin.year + 1, 7, 31))
        calendar = calendar_of(self.school)
        return super().get_context_data(
            terms=[{"term": term, "days": calendar.count(term.starts_on, term.ends_on)} for term in terms],
            own_days=list(SchoolDay.objects.filter(school=self.school).between(begin, date.max).order_by("on")),
            national=[h for h in holidays(begin, end) if calendar.term_on(h.on)],
            unknown=[year for year in range(begin.year, end.year + 1) if not announced(year)],
            **kwargs,
        )


@require_POST
@allows(Act.SCHOOL_SETTINGS)
def school_day_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one of the school's own days: the national calendar holds again."""
    day = get_object_or_404(SchoolDay, pk=pk, school__in=managed_schools(request.user))
    day.delete()
    messages.success(request, f"{day.on.month}月{day.on.day}日的{day.get_kind_display()}安排已撤销，按国家日历执行。")
    return redirect("schools:school_calendar", pk=day.school_id)
