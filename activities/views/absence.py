"""Daily rolls of the classes, and who stays away."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.absence import away_now, enter_day, note_call, pupils_on
from activities.dropout_month import COLUMNS, DropoutMonth, dropout_month
from activities.forms.absence import MonthChoice, RollForm
from activities.models import Absence, ClassDay
from activities.views.safety import day_asked, safety_tabs
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.periods import CLOSING_DAY
from caretrack.schools.calendar import calendar_of
from caretrack.schools.class_names import class_labels
from caretrack.schools.models import SchoolClass
from caretrack.sheets import table_book
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.origin import form_page
from children.life.papers import imprint
from children.models import Child
from children.queries import places_of

LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)
SHOWN = 5


def rolled_classes(staff: Any, on: date) -> list[SchoolClass]:
    """The classes whose roll this person takes: the own one, or all of the school that one leads."""
    own = [c.pk for c in staff.classes_as(Role.HOMEROOM)]
    schools = staff.schools_as(*LEADS)
    found = SchoolClass.objects.taught_on(on).select_related("school")
    return list(found.filter(pk__in=own) | found.filter(school__in=schools))


def absences_rolled(staff: Any) -> QuerySet[Absence]:
    """The absences without leave in the classes whose roll this person takes."""
    classes = rolled_classes(staff, timezone.localdate())
    return Absence.objects.unexcused().filter(school_class__in=[c.pk for c in classes])


def absence_to_call(staff: Any, child: Child) -> Absence | None:
    """The last day of the run that `child` stays away, for who takes the roll of the class: what came of the call?"""
    away = away_now(Child.objects.filter(pk=child.pk), timezone.localdate())
    return absences_rolled(staff).filter(child=child, on=away[0].last).first() if away else None


def _class_or_404(request: HttpRequest, pk: int, on: date) -> SchoolClass:
    found = next((c for c in rolled_classes(request.user, on) if c.pk == pk), None)
    if found is None:
        raise Http404
    return found


@require_safe
@allows(Act.ABSENCE)
def absence_home(request: HttpRequest) -> HttpResponse:
    """Today's rolls by class, and everybody who stays away with the step that is due."""
    staff: Any = request.user
    today = timezone.localdate()
    on = day_asked(request.GET.get("on", ""), today)
    classes = rolled_classes(staff, on)
    ids = [c.pk for c in classes]
    days = {
        d.school_class_id: d for d in ClassDay.objects.filter(school_class__in=ids, on=on).select_related("entered_by")
    }
    missing: dict[int, list[Absence]] = {}
    rows = Absence.objects.filter(school_class__in=ids, on=on).select_related("child").order_by("child__pinyin", "pk")
    for row in rows:
        missing.setdefault(row.school_class_id, []).append(row)
    children = Child.objects.filter(school_class__in=ids)
    away = away_now(children, today)
    known = children.select_related("school_class__school").in_bulk([a.child_id for a in away])
    lessons = {pk: calendar_of(pk).is_school_day(on) for pk in {c.school_id for c in classes}}
    names, places = class_labels(classes, on), places_of(known.values(), today)
    context = {
        "tabs": safety_tabs(staff, "activities:absence_home"),
        "on": on,
        "today": today,
        "future": on > today,
        "classes": [
            {
                "school_class": c,
                "name": names[c.pk],
                "day": days.get(c.pk),
                "missing": missing.get(c.pk, []),
                "lessons": lessons[c.school_id],
            }
            for c in classes
        ],
        "open": sum(c.pk not in days and lessons[c.school_id] for c in classes),
        "lessons": any(lessons.values()),
        "away": [(a, known[a.child_id], places[a.child_id]) for a in away],
    }
    return render(request, "activities/absence_home.html", context)


@require_safe
@allows(Act.ABSENCE)
def absence_panel(request: HttpRequest) -> HttpResponse:
    """For the start page, asked for by the page itself: classes without a roll today, and who stays away."""
    if request.headers.get("HX-Request") != "true":
        return redirect("activities:absence_home")
    staff: Any = request.user
    today = timezone.localdate()
    classes = rolled_classes(staff, today)
    ids = [c.pk for c in classes]
    done = set(ClassDay.objects.filter(school_class__in=ids, on=today).values_list("school_class", flat=True))
    lessons = {pk: calendar_of(pk).is_school_day(today) for pk in {c.school_id for c in classes}}
    children = Child.objects.filter(school_class__in=ids)
    away = [a for a in away_now(children, today) if not a.done][:SHOWN]
    known = children.select_related("school_class__school").in_bulk([a.child_id for a in away])
    names, places = class_labels(classes, today), places_of(known.values(), today)
    context = {
        "today": today,
        "open": [(c, names[c.pk]) for c in classes if c.pk not in done and lessons[c.school_id]][:SHOWN],
        "left": sum(c.pk not in done and lessons[c.school_id] for c in classes),
        "lessons": any(lessons.values()),
        "away": [(a, known[a.child_id], places[a.child_id]) for a in away],
    }
    return render(request, "activities/_absence_panel.html", context)


@require_POST
@allows(Act.ABSENCE)
def absence_full(request: HttpRequest, pk: int, on: str) -> HttpResponse:
    """One press: everybody is there."""
    today = timezone.localdate()
    day = day_asked(on, today)
    school_class = _class_or_404(request, pk, day)
    try:
        enter_day(school_class=school_class, on=day, absent={}, by=request.user, today=today)  # type: ignore[arg-type]
        messages.success(request, f"{school_class.name_on(day)}{day.month}月{day.day}日全勤，已登记。")
        note(request, Event.WRITE, detail=f"roll {school_class.pk} {day}")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    home = f"{reverse('activities:absence_home')}?on={day}"
    return redirect(home if form_page(request) != reverse("workbench") else "workbench")


@require_POST
@allows(Act.ABSENCE)
def absence_called(request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
    """The family of a pupil who is away was called: reached or not, noted for that day; back to the page of the press."""
    if outcome not in (Absence.Called.REACHED, Absence.Called.NO_ANSWER):
        raise Http404
    row = get_object_or_404(absences_rolled(request.user).select_related("child"), pk=pk)
    row = note_call(row=row, called=outcome, by=request.user)  # type: ignore[arg-type]
    note(request, Event.WRITE, row.child_id, detail=f"call {row.on}")
    messages.success(
        request, f"{row.child.name}{row.on.month}月{row.on.day}日缺勤：{row.get_called_display()}，已记下。"
    )
    return redirect(form_page(request))


@allows(Act.ABSENCE)
class AbsenceClass(FormPage):
    """The roll of one class: only those who are not there are touched."""

    template_name = "activities/absence_class.html"
    form_class = RollForm
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        self.on = day_asked(kwargs["on"], self.today)
        self.school_class = _class_or_404(request, kwargs["pk"], self.on)
        self.pupils = list(pupils_on(self.school_class, self.on))
        note(request, Event.VIEW, detail=f"roll {self.school_class.pk} {self.on}")
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.school_class.name_on(self.on)}点名"

    def get_lead(self) -> str:
        return f"{self.on.month}月{self.on.day}日，应到 {len(self.pupils)} 人。只改没有到的，其余都算到校。"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("缺勤控辍", self.get_cancel_url())]

    def get_cancel_url(self) -> str:
        return f"{reverse('activities:absence_home')}?on={self.on}"

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = Absence.objects.filter(child__in=[child.pk for child in self.pupils], on=self.on)
        return super().get_form_kwargs() | {"pupils": self.pupils, "known": {row.child_id: row for row in rows}}

    def save(self, form: Any) -> int:
        absent = form.absent()
        staff: Any = self.request.user
        enter_day(school_class=self.school_class, on=self.on, absent=absent, by=staff, today=self.today)
        note(self.request, Event.WRITE, detail=f"roll {self.school_class.pk} {self.on}")
        return len(absent)

    def get_saved_text(self, result: int) -> str:
        return f"点名已保存，缺勤 {result} 人。" if result else "点名已保存，全勤。"


def _month_of(request: HttpRequest) -> tuple[MonthChoice, DropoutMonth]:
    staff: Any = request.user
    today = timezone.localdate()
    school = staff.home_school()
    if school is None:
        raise Http404
    form = MonthChoice(request.GET, staff=staff, today=today, closing_day=school.closing_day or CLOSING_DAY)
    month = form.chosen()
    leads = staff.schools_as(*LEADS)
    if leads:
        return form, dropout_month(leads[0], month)
    classes = staff.classes_as(Role.HOMEROOM)
    if not classes:
        raise Http404
    return form, dropout_month(classes[0].school, month, classes)


@require_safe
@allows(Act.ABSENCE)
def absence_month(request: HttpRequest) -> HttpResponse:
    """控辍保学月报 on the page; `?as=print` the paper, `?as=xlsx` the workbook."""
    form, report = _month_of(request)
    wanted = request.GET.get("as", "")
    if wanted == "xlsx":
        note(request, Event.EXPORT, detail=f"dropout month {report.month.key}")
        rows = [line.cells for line in (*report.lines, report.total)]
        book = table_book(report.title, COLUMNS, rows, notes=[f"学校：{report.school}"])
        return xlsx_response(book, f"{report.title}.xlsx")
    if wanted == "print":
        note(request, Event.PRINT, detail=f"dropout month {report.month.key}")
        foot = imprint(request.user, timezone.localtime())
        context = {"report": report, "columns": COLUMNS, "imprint": foot}
        sheets = (PRINT_SHEET, "print/safety.css")
        return pdf_response(
            render_pdf("print/dropout_month.html", context, title=report.title, stylesheets=sheets),
            f"{report.title}.pdf",
        )
    context = {
        "form": form,
        "report": report,
        "columns": COLUMNS,
        "crumbs": [Crumb("缺勤控辍", reverse("activities:absence_home")), Crumb("月报")],
    }
    return render(request, "activities/absence_month.html", context)
