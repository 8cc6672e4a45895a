"""督查: who was not checked this term, a check written down, the register of checks on paper."""

from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.check_ins import check_in, mentor_on, to_check
from activities.compliance.access import LEADS
from activities.forms.check_ins import CheckInFilter, CheckInForm
from activities.mistakes import may_take_back
from activities.models import CareRecord, CheckIn, Kind
from activities.views.links import dossier_url, way_back
from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.schools.models import Appointment, School, Staff
from caretrack.web.components import Crumb
from caretrack.web.drafts import Sheet, keep
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.models import Draft
from children.life.papers import imprint
from children.models import Child
from children.queries import roll_order, term_start
from mentoring.queries import with_mentor

LATELY = 8


def led_children(staff: Any) -> "QuerySet[Child]":
    """The children of the schools that this person leads."""
    return Child.objects.visible_to(staff).filter(school__in=staff.schools_as(*LEADS))


def led_school(staff: Any) -> School:
    """The school whose term bounds the list: the first that this person leads."""
    return staff.schools_as(*LEADS)[0]


@allows(Act.CHECK_IN)
class CheckInList(FilteredListView):
    """Children by their last check of the term, those not checked yet first."""

    heading = "督查"
    lead = (
        "向代理家长、学生和监护人核实：记下来的关爱是不是真的做了。谁问的、问了谁、发现什么，只有德育主任和校长看得到。"
    )
    crumbs = (("关爱项目", "activities:duty_matrix"),)
    template_name = "activities/check_ins/list.html"
    rows_template = "activities/check_ins/_rows.html"
    unit = "人"
    empty_text = "没有要督查的学生。"
    empty_hint = "留守、重点和有代理家长的学生列在这里。"

    def get_queryset(self, staff: Any) -> "QuerySet[Child]":
        today = timezone.localdate()
        rows = to_check(led_children(staff), term_start(led_school(staff), today), today)
        ordered = rows.order_by(F("last_check_on").asc(nulls_first=True), *roll_order())  # fmt: skip
        return with_mentor(ordered, today).select_related("school_class__school")

    def get_filter(self) -> CheckInFilter:
        today = timezone.localdate()
        seen = led_children(self.request.user)
        return CheckInFilter(self.request.GET, staff=self.request.user, children=seen, today=today)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        every = self.get_queryset(self.request.user).order_by()
        checked = every.filter(last_check_on__isnull=False).count()
        rows = [
            {
                "child": child,
                "class_name": child.class_name(today),
                "mentor": child.mentor_name,
                "on": child.last_check_on,
                "finding": CheckIn.Finding(child.last_finding).label if child.last_finding else "",
                "tone": {"as_written": "good", "partly": "warn", "not_so": "bad"}.get(
                    child.last_finding or "", "neutral"
                ),
            }
            for child in context["rows"]
        ]
        return context | {"rows": rows, "checked": checked, "total": every.count()}


def written_for(child: Child, row: CheckIn, staff: Any) -> Draft | None:
    """What a check says in the form for another child, to be looked through and saved there."""
    sheet = Sheet(staff.pk, _form_about(child), reverse("activities:check_in_add", args=[child.pk]), _heading_of(child))
    told = {name: getattr(row, name) for name in CheckInForm._meta.fields}
    # A box that is not ticked sends nothing.
    return keep(sheet, {name: ["on" if value is True else str(value)] for name, value in told.items() if value})


def _form_about(child: Child) -> str:
    return f"check_in:child:{child.pk}"


def _heading_of(child: Child) -> str:
    return f"督查：{child}"


@allows(Act.CHECK_IN)
class CheckInAdd(FormPage):
    """Write down a check of one child, beside what its records say."""

    form_class = CheckInForm
    template_name = "activities/check_ins/add.html"
    child: Child

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        seen = led_children(request.user).select_related("school_class__school", "school")
        self.child = get_object_or_404(seen, pk=kwargs["pk"])
        note(request, Event.VIEW, self.child)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return _heading_of(self.child)

    def get_crumbs(self) -> list[Crumb]:
        return [
            Crumb("关爱项目", reverse("activities:duty_matrix")),
            Crumb("督查", reverse("activities:check_in_list")),
        ]

    def draft_key(self) -> str:
        return _form_about(self.child)

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        mentor = mentor_on(self.child, today)
        homeroom = Appointment.objects.current(today).filter(role=Role.HOMEROOM, school_class=self.child.school_class)
        found = Q(pk=self.request.user.pk) | Q(pk__in=homeroom.values("staff"))
        if mentor and mentor.staff_id:
            found |= Q(pk=mentor.staff_id)
        return super().get_form_kwargs() | {"today": today, "owners": Staff.objects.filter(found, is_active=True)}

    def get_cancel_url(self) -> str:
        return way_back(self.request, reverse("activities:check_in_list"))

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def save(self, form: Any) -> CheckIn:
        row = check_in(
            child=self.child,
            by=self.request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
            facts=form.facts(),
            promise=form.promise(),
        )
        note(self.request, Event.WRITE, self.child, f"check_in {row.pk}")
        return row

    def get_saved_text(self, result: CheckIn) -> str:
        return f"{self.child}的督查已记下：{result.get_finding_display()}。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        records = CareRecord.objects.visible_to(self.request.user).filter(child=self.child)
        lately = records.exclude(kind=Kind.COUNSELLING).select_related("author").newest_first()[:LATELY]
        return super().get_context_data(
            child=self.child,
            class_name=self.child.class_name(today),
            mentor=mentor_on(self.child, today),
            records=list(lately),
            before=list(CheckIn.objects.visible_to(self.request.user).filter(child=self.child).select_related("checked_by")[:5]),
            dossier=dossier_url(self.child),
            **kwargs,
        )  # fmt: skip


@require_safe
@allows(Act.CHECK_IN)
def check_in_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One check with what each side said."""
    row = get_object_or_404(
        CheckIn.objects.visible_to(request.user).select_related(
            "child__school_class__school", "child__school", "mentor", "checked_by", "change"
        ),
        pk=pk,
    )
    note(request, Event.VIEW, row.child_id)
    said = [
        (label, text or "问过，没有另外记录")
        for label, was, text in (
            ("代理家长说", row.asked_mentor, row.mentor_said),
            ("学生说", row.asked_child, row.child_said),
            ("监护人说", row.asked_carer, row.carer_said),
        )
        if was
    ]
    context = {
        "row": row,
        "said": said,
        "class_name": row.child.class_name(row.on),
        "dossier": dossier_url(row.child),
        "may_take_back": bool(may_take_back([row], request.user, today=timezone.localdate())),  # type: ignore[arg-type]
    }
    return render(request, "activities/check_ins/show.html", context)


@require_safe
@allows(Act.CHECK_IN)
def check_in_print(request: HttpRequest) -> HttpResponse:
    """The register of the term's checks, with how many children are still to be checked."""
    staff: Any = request.user
    today, school = timezone.localdate(), led_school(staff)
    first = term_start(school, today)
    rows = CheckIn.objects.visible_to(staff).filter(school=school).between(first, today)
    rows = rows.select_related("child__school_class__school", "mentor", "checked_by").order_by("on", "pk")
    every = to_check(led_children(staff).filter(school=school), first, today)
    note_each(request, Event.PRINT, [row.child_id for row in rows], f"check_ins:{len(rows)}")
    context = {
        "school": school.name,
        "lines": [_line(row, number) for number, row in enumerate(rows, start=1)],
        "total": every.count(),
        "checked": every.filter(last_check_on__isnull=False).count(),
        "first": first,
        "on": today,
        "imprint": imprint(staff, timezone.localtime()),
    }
    pdf = render_pdf(
        "print/check_ins.html", context, title="关爱工作督查登记表", stylesheets=(PRINT_SHEET, "print/duties.css")
    )
    return pdf_response(pdf, f"关爱工作督查登记表{today}.pdf")


def _line(row: CheckIn, number: int) -> dict[str, Any]:
    on: date = row.on
    return {
        "number": number,
        "on": on,
        "name": row.child.name,
        "class_name": row.child.class_name(on),
        "mentor": row.mentor.name if row.mentor else "",
        "asked": row.asked,
        "finding": row.get_finding_display(),
        "note": row.note,
        "by": row.checked_by.name,
    }
