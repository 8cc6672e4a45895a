"""Accounts, slips and appointments, by the system administrator."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.periods import chinese_date
from caretrack.schools.forms import AppointmentForm, EndAppointmentForm, StaffEditForm, StaffFilter, StaffForm
from caretrack.schools.models import Appointment, School, Staff
from caretrack.schools.services import Slip, appoint, end_appointment, issue_slip
from caretrack.schools.succession import in_words, left_open, pass_on
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from caretrack.web.versions import KeepsVersion


def managed_schools(staff: Any) -> "QuerySet[School]":
    """The schools whose accounts `staff` manages: those of the appointment as 系统管理员, and the ones below."""
    own = staff.schools_as(Role.SYSADMIN)
    return School.objects.filter(pk__in=[s.pk for s in own]) | School.objects.filter(parent__in=own)


def managed_staff(staff: Any) -> "QuerySet[Staff]":
    """Accounts with any appointment, past or present, at a managed school, and accounts without any."""
    schools = managed_schools(staff)
    return Staff.objects.filter(
        pk__in=Appointment.objects.filter(school__in=schools).values("staff")
    ) | Staff.objects.filter(appointments__isnull=True)


@allows(Act.STAFF_MANAGE)
class StaffList(FilteredListView):
    heading = "人员"
    lead = "每人一个账号；能看什么、做什么由任职决定。"
    template_name = "schools/staff_list.html"
    rows_template = "schools/_staff_rows.html"
    filter_class = StaffFilter
    unit = "人"
    empty_text = "还没有人员。"
    empty_url = "schools:staff_add"
    empty_action = "新建账号"

    def get_queryset(self, staff: Any) -> "QuerySet[Staff]":
        current = Appointment.objects.current(timezone.localdate()).select_related("school", "school_class__school")
        posts = Prefetch("appointments", queryset=current, to_attr="current_posts")
        return managed_staff(staff).distinct().order_by("pinyin", "pk").prefetch_related(posts)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs, today=timezone.localdate())
        for person in context["rows"]:
            name_classes(person.current_posts)
        return context


def name_classes(posts: Iterable[Appointment]) -> None:
    """Give each post `class_name`, as its class is called today; empty for a post at the whole school."""
    today = timezone.localdate()
    for post in posts:
        post.class_name = post.school_class.name_on(today) if post.school_class else ""  # type: ignore[attr-defined]


class _StaffPage(FormPage):
    """What the pages about one account share."""

    crumbs = (("人员", "schools:staff_list"),)

    @property
    def person(self) -> Staff:
        return get_object_or_404(managed_staff(self.request.user).distinct(), pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("schools:staff_show", args=[self.kwargs["pk"]])


@allows(Act.STAFF_MANAGE)
class StaffAdd(FormPage):
    heading = "新建账号"
    lead = "保存后会给出一张登录条，请打印或抄给本人；第一次登录时由本人改成自己的密码。"
    form_class = StaffForm
    button = "保存并出登录条"
    cancel_url = "schools:staff_list"
    crumbs = (("人员", "schools:staff_list"),)

    def save(self, form: StaffForm) -> Slip:
        staff: Staff = form.save(commit=False)
        staff.set_unusable_password()
        staff.save()
        note(self.request, Event.ADMIN, detail=f"新建账号 {staff.pk}")
        return issue_slip(staff)

    def form_valid(self, form: Any) -> HttpResponse:
        slip = self.save(form)
        self.forget_draft(form)
        return show_slip(self.request, slip)


@allows(Act.STAFF_MANAGE)
class StaffEdit(KeepsVersion, _StaffPage):
    heading = "修改账号"
    form_class = StaffEditForm

    def find_row(self) -> Staff:
        return self.person

    def save(self, form: Any) -> Staff:
        staff: Staff = super().save(form)
        note(self.request, Event.ADMIN, detail=f"修改账号 {staff.pk}")
        return staff


def show_slip(request: HttpRequest, slip: Slip) -> HttpResponse:
    """The slip is shown once, with the answer that made it; it is stored nowhere."""
    return render(request, "schools/slip.html", {"slip": slip, "address": request.build_absolute_uri("/")})


@allows(Act.STAFF_MANAGE)
def staff_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One account with its appointments, present and past."""
    person = get_object_or_404(managed_staff(request.user).distinct(), pk=pk)
    posts = list(person.appointments.select_related("school", "school_class__school").order_by("ends_on", "-starts_on"))
    name_classes(posts)
    return render(
        request,
        "schools/staff_show.html",
        {"person": person, "posts": posts, "today": timezone.localdate()},
    )


@allows(Act.STAFF_MANAGE)
@require_POST
def staff_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """A new slip: the old password ends, and with it every session of the account."""
    person = get_object_or_404(managed_staff(request.user).distinct(), pk=pk)
    note(request, Event.ADMIN, detail=f"重发登录条 {person.pk}")
    return show_slip(request, issue_slip(person))


@allows(Act.STAFF_MANAGE)
class AppointmentAdd(_StaffPage):
    heading = "任命岗位"
    form_class = AppointmentForm

    def get_lead(self) -> str:
        return f"人员：{self.person}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"schools": managed_schools(self.request.user), "staff": self.person}

    def get_instance(self) -> None:
        return None

    def save(self, form: AppointmentForm) -> Appointment:
        data = form.cleaned_data
        if self.person.pk == self.request.user.pk and data["role"] != Role.SYSADMIN:
            raise ValidationError("不能给自己任命岗位，请由另一位系统管理员办理。")
        post = appoint(
            staff=self.person,
            role=data["role"],
            school=data["school"],
            school_class=data["school_class"],
            on=data["starts_on"],
            ends_on=data["ends_on"],
        )
        note(self.request, Event.ADMIN, detail=f"任命 {post.role} 人员 {post.staff_id}")
        return post

    def get_saved_text(self, post: Appointment) -> str:
        return f"任命已保存，下次打开页面即生效。{_passed_on(post)}"


@allows(Act.STAFF_MANAGE)
class AppointmentEnd(ConfirmPage):
    """End an appointment on a day."""

    heading = "结束任职"
    form_class = EndAppointmentForm
    button = "结束任职"
    crumbs = (("人员", "schools:staff_list"),)

    @property
    def post_held(self) -> Appointment:
        seen = Appointment.objects.filter(school__in=managed_schools(self.request.user))
        return get_object_or_404(seen.select_related("staff", "school", "school_class__school"), pk=self.kwargs["pk"])

    def get_question(self) -> str:
        post = self.post_held
        of_class = post.school_class.name_on(timezone.localdate()) if post.school_class else ""
        return f"结束{post.staff}在{post.school}的{of_class}{post.get_role_display()}任职。"

    def get_cancel_url(self) -> str:
        return self.get_success_url()

    def get_success_url(self) -> str:
        return reverse("schools:staff_show", args=[self.post_held.staff_id])

    def get_consequences(self) -> list[str]:
        post = self.post_held
        if not (left := left_open(post, timezone.localdate())):
            return []
        follows = [kept for kept in left if kept[0].pass_on is not None] if post.role == Role.HOMEROOM else []
        rest = [kept for kept in left if kept not in follows]
        told = []
        if follows:
            told.append(
                f"{post.staff}还有{in_words(follows)}：任命新班主任后自动转给新班主任，没有新班主任的由德育主任转交。"
            )
        if rest:
            told.append(f"{post.staff}还有{in_words(rest)}：请告诉德育主任另作安排，德育主任的工作台上也会列出。")
        return told

    def save(self, form: EndAppointmentForm) -> Appointment:
        post = end_appointment(appointment=self.post_held, on=form.cleaned_data["ends_on"])
        note(self.request, Event.ADMIN, detail=f"结束任职 {post.role} 人员 {post.staff_id}")
        return post

    def get_saved_text(self, post: Appointment) -> str:
        return f"任职已结束，{chinese_date(post.ends_on)}是最后一天。{_passed_on(post)}"


def _passed_on(post: Appointment) -> str:
    """What a class's new teacher takes over at once, as a sentence; the rest follows on the day when a post changes."""
    if post.role != Role.HOMEROOM or not (given := pass_on(timezone.localdate(), post.school_class)):
        return ""
    return f"原班主任留下的{in_words(given)}，已转给现任班主任。"
