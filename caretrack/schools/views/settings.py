"""School, terms and classes, by the system administrator; the access log, by the principal."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.models import AccessEntry
from caretrack.access.policy import Act, Role
from caretrack.schools.forms import ClassForm, LogFilter, SchoolForm, TermEditForm, TermForm
from caretrack.schools.models import Appointment, School, SchoolClass, Term
from caretrack.schools.views.people import managed_schools
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.versions import KeepsVersion


@allows(Act.SCHOOL_SETTINGS)
def school_show(request: HttpRequest) -> HttpResponse:
    """Schools with their terms and classes on one page."""
    today = timezone.localdate()
    schools = managed_schools(request.user).order_by("code")
    classes = (
        SchoolClass.objects.filter(school__in=schools)
        .taught_on(today)
        .select_related("school")
        .annotate(pupils=Count("children"))
    )
    homerooms = {
        post.school_class_id: post.staff.name
        for post in Appointment.objects.current(today)
        .filter(role=Role.HOMEROOM, school__in=schools)
        .select_related("staff")
    }
    rows: dict[int, list[dict[str, Any]]] = {}
    for school_class in classes:
        rows.setdefault(school_class.school_id, []).append(
            {
                "school_class": school_class,
                "name": school_class.name_on(today),
                "teacher": homerooms.get(school_class.pk, ""),
            }
        )
    terms = Term.objects.filter(school__in=schools).select_related("school").order_by("school", "-starts_on")
    blocks = [
        {
            "school": school,
            "classes": rows.get(school.pk, []),
            "terms": [term for term in terms if term.school_id == school.pk],
        }
        for school in schools
    ]
    return render(request, "schools/school_show.html", {"blocks": blocks, "today": today})


class _SettingsPage(FormPage):
    """What the set-up forms share."""

    crumbs = (("学校、学期和班级", "schools:school_show"),)
    cancel_url = "schools:school_show"
    success_url = "schools:school_show"

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if self.form_class is not SchoolForm:
            kwargs["schools"] = managed_schools(self.request.user)
        return kwargs

    def save(self, form: Any) -> Any:
        return form.save()


@allows(Act.SCHOOL_SETTINGS)
class SchoolEdit(KeepsVersion, _SettingsPage):
    heading = "学校信息和规则"
    form_class = SchoolForm

    def find_row(self) -> School:
        return get_object_or_404(managed_schools(self.request.user), pk=self.kwargs["pk"])


@allows(Act.SCHOOL_SETTINGS)
class TermAdd(_SettingsPage):
    heading = "新建学期"
    form_class = TermForm


@allows(Act.SCHOOL_SETTINGS)
class TermEdit(KeepsVersion, _SettingsPage):
    heading = "修改学期"
    form_class = TermEditForm

    def find_row(self) -> Term:
        return get_object_or_404(Term, pk=self.kwargs["pk"], school__in=managed_schools(self.request.user))


@allows(Act.SCHOOL_SETTINGS)
class ClassAdd(_SettingsPage):
    heading = "新建班级"
    form_class = ClassForm

    def get_saved_text(self, result: SchoolClass) -> str:
        return f"已新建{result.name_on(timezone.localdate())}。"


@allows(Act.ACCESS_LOG)
class AccessLog(FilteredListView):
    """访问日志: who, when, what; without content."""

    heading = "访问日志"
    lead = "谁在什么时候查看、打印、导出了什么。只增不改，被改动会被发现。"
    rows_template = "schools/_log_rows.html"
    filter_class = LogFilter
    page_size = 50
    empty_text = "还没有日志。"

    def get_queryset(self, staff: Any) -> "QuerySet[AccessEntry]":
        schools = staff.schools_as(Role.PRINCIPAL)
        people = Appointment.objects.filter(school__in=schools).values("staff")
        return AccessEntry.objects.filter(staff_id__in=people).order_by("-pk")
