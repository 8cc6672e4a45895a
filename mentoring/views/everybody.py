"""Pages over all the staff: who is due for the yearly check, which teacher has no child yet."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from activities.queries import cared_for
from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.schools.models import School, Staff
from mentoring.forms.many import ChecksForm, TeachersForm
from mentoring.models import Mentor
from mentoring.services import list_teachers, record_checks
from mentoring.standing import CheckState, check_state, expected_share, teachers_without_child
from mentoring.views.reach import mentors_of, reached, schools_of
from mentoring.views.tabs import tabs

ORDER = {CheckState.NONE: 0, CheckState.EXPIRED: 1, CheckState.SOON: 2, CheckState.VALID: 3}


@require_http_methods(["GET", "HEAD", "POST"])
@allows(Act.PAIRING_EDIT)
def check_list(request: HttpRequest) -> HttpResponse:
    """从业查询: who has none, whose has ended or ends soon; the day is entered for many at once (P-22)."""
    staff: Any = request.user
    today = timezone.localdate()
    mentors = mentors_of(staff, Act.PAIRING_EDIT, today)
    form = ChecksForm(request.POST if request.method == "POST" else None, mentors=mentors, today=today)
    if form.is_bound and form.is_valid():
        try:
            number = record_checks(mentors=list(form.cleaned_data["mentors"]), on=form.cleaned_data["on"], today=today)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"已登记 {number} 人的查询日期。")
            return redirect("mentoring:check_list")
    rows = [{"mentor": m, "state": check_state(m, today), "ticked": _ticked(request, "mentors", m.pk)} for m in mentors]
    rows.sort(key=lambda row: (ORDER[row["state"]], row["mentor"].check_ends_on or today))  # type: ignore[index,attr-defined]
    due = sum(row["state"] != CheckState.VALID for row in rows)
    context = {"rows": rows, "form": form, "tabs": tabs("mentor_list", staff), "due": due}
    return render(request, "mentoring/check_list.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@allows(Act.PAIRING_EDIT)
def teacher_list(request: HttpRequest) -> HttpResponse:
    """全员育人: every teacher without a child (system 3), how many each would have (system 29), onto the list."""
    staff: Any = request.user
    today = timezone.localdate()
    schools = schools_of(staff, Act.PAIRING_EDIT)
    groups, known = [], Staff.objects.none()
    for school in schools:
        free = teachers_without_child(school, today)
        known = known | Staff.objects.filter(pk__in=free.order_by().values("pk"))
        groups.append(_group(request, school, list(free)))
    form = TeachersForm(request.POST if request.method == "POST" else None, staff=known.distinct())
    if form.is_bound and form.is_valid():
        chosen = set(form.cleaned_data["staff"])
        made = sum(
            list_teachers(
                school=group["school"], staff=[row["staff"] for row in group["rows"] if row["staff"] in chosen]
            )
            for group in groups
        )
        messages.success(request, f"{made} 位教师列入了代理家长名单，可以在工作台安排学生。")
        return redirect("mentoring:teacher_list")
    context = {"groups": groups, "form": form, "tabs": tabs("mentor_list", staff)}
    return render(request, "mentoring/teacher_list.html", context, status=422 if form.errors else 200)


def _group(request: HttpRequest, school: School, free: list[Staff]) -> dict[str, Any]:
    """The teachers of one school without a child, and what an even share would be."""
    today = timezone.localdate()
    listed = set(Mentor.objects.of_school(school).active().exclude(staff=None).values_list("staff", flat=True))
    children = cared_for(reached(request.user, Act.PAIRING_EDIT).of_school(school)).count()  # type: ignore[attr-defined]
    caring = Mentor.objects.of_school(school).working(today).filter(staff__isnull=False).exclude(staff__in=free).count()
    posts: dict[int, list[str]] = {}
    for post in _posts(school, free):
        posts.setdefault(post.staff_id, []).append(
            f"{post.school_class.name_on(today) if post.school_class else ''}{post.get_role_display()}"
        )
    return {
        "school": school,
        "rows": [
            {
                "staff": person,
                "posts": "、".join(posts.get(person.pk, [])),
                "listed": person.pk in listed,
                "ticked": _ticked(request, "staff", person.pk),
            }
            for person in free
        ],
        "children": children,
        "teachers": caring + len(free),
        "share": expected_share(children, caring + len(free)),
    }


def _posts(school: School, people: list[Staff]) -> Any:
    posts = school.appointments.current(timezone.localdate()).filter(staff__in=people)
    return posts.select_related("school_class__school").order_by("role", "pk")


def _ticked(request: HttpRequest, name: str, pk: int) -> bool:
    return str(pk) in request.POST.getlist(name)
