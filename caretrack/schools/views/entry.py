"""The way in: set-up, log-in, own password, who may see what."""

from typing import Any

from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from caretrack.access.gates import allows
from caretrack.access.history import change_by
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, SIGHT, Act, DataClass, Role
from caretrack.schools.forms import ChangePasswordForm, LoginForm, OwnPasswordForm, SetUpForm
from caretrack.schools.models import School, Staff, Term
from caretrack.schools.services import set_up
from caretrack.web.lists import FormPage, PageHead


class LogIn(LoginView):
    """登录. Failures and successes are lines of the access log."""

    form_class = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        note(self.request, Event.LOGIN)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        tried = Staff.objects.filter(username__iexact=self.request.POST.get("username", "")[:40]).first()
        note(self.request, Event.LOGIN_FAILED, staff=tried)
        return super().form_invalid(form)


@method_decorator(login_not_required, name="dispatch")
class LogOut(LogoutView):
    """退出. The browser forgets what it kept of the pages."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            note(request, Event.LOGOUT, staff=request.user)
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


@method_decorator(login_not_required, name="dispatch")
class SetUp(FormPage):
    """The first visit of a new installation; gone for ever once an account exists."""

    template_name = "web/alone_form_page.html"
    form_class = SetUpForm
    heading = "欢迎使用关爱留守儿童工作平台"
    lead = "只需设置一次：学校、本学期和第一位管理员。以后都可以修改。"
    keeps_draft = False
    success_url = "workbench"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if Staff.objects.exists():
            return redirect("login")
        return super().dispatch(request, *args, **kwargs)

    def save(self, form: SetUpForm) -> Staff:
        data = form.cleaned_data
        with change_by(None, "首次设置"):
            admin = set_up(
                school=School(code=data["school_code"], name=data["school_name"], stage=data["stage"]),
                term=Term(
                    year=data["term_year"],
                    season=data["season"],
                    starts_on=data["starts_on"],
                    ends_on=data["ends_on"],
                ),
                admin=Staff(username=data["username"], name=data["name"]),
                password=data["password1"],
                classes_per_grade=data["classes_per_grade"],
                on=timezone.localdate(),
            )
        login(self.request, admin)
        note(self.request, Event.ADMIN, detail="首次设置")
        return admin

    def get_saved_text(self, result: Staff) -> str:
        return "设置完成。下一步：在“人员”里建立老师账号并任命岗位，再导入花名册。"


@allows(Act.ACCOUNT)
class ChangePassword(FormPage):
    """Choose a password: on the first visit without, later with the present one."""

    heading = "修改密码"
    keeps_draft = False
    success_url = "workbench"
    saved_text = "密码已修改。其他地方的登录已全部退出。"

    def get_template_names(self) -> list[str]:
        first = self.request.user.must_change_password
        return ["registration/password_change_form.html" if first else "web/form_page.html"]

    def get_form_class(self) -> Any:
        return OwnPasswordForm if self.request.user.must_change_password else ChangePasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def save(self, form: Any) -> Staff:
        staff: Staff = self.request.user  # type: ignore[assignment]
        staff.set_password(form.cleaned_data["new_password1"])
        staff.must_change_password = False
        staff.password_set_at = timezone.now()
        staff.save(update_fields=["password", "must_change_password", "password_set_at"])
        update_session_auth_hash(self.request, staff)
        note(self.request, Event.PASSWORD)
        return staff


@allows(Act.ACCOUNT)
class Policy(PageHead, TemplateView):
    """谁能看什么: the policy tables of the code, for everybody to read."""

    template_name = "schools/policy.html"
    heading = "谁能看什么、做什么"
    lead = "系统按这张表控制权限。岗位结束或结对结束，权限同时结束；每次查看学生档案都有记录。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sight = [(role.label, [SIGHT[role][data].label for data in DataClass]) for role in Role]
        acts = [(str(act), [role in ACTS[act] for role in Role]) for act in Act]
        return super().get_context_data(
            **kwargs,
            **self.head_context(),
            data_classes=[str(data) for data in DataClass],
            sight=sight,
            roles=[role.label for role in Role],
            acts=acts,
        )
