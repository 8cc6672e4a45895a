"""The pages that the tests of the interface are made on: a form with a draft, a list, a confirmation, failures."""

from typing import Any

from django import forms
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from caretrack.schools.models import School
from caretrack.web.forms import CareForm, FilterForm, PillCheckboxes
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage

SAVED: list[dict[str, Any]] = []


class TalkForm(CareForm, forms.Form):
    said = forms.CharField(label="谈话记录", widget=forms.Textarea, max_length=50)
    on = forms.DateField(label="日期")
    topics = forms.MultipleChoiceField(
        label="内容", required=False, choices=[("study", "学习"), ("mood", "情绪")], widget=PillCheckboxes
    )
    follow = forms.BooleanField(label="跟进", required=False)
    photo = forms.FileField(label="照片", required=False)
    password = forms.CharField(label="密码", required=False)


class TalkPage(FormPage):
    form_class = TalkForm
    heading = "登记谈话"
    cancel_url = "workbench"
    success_url = "workbench"

    def draft_key(self) -> str:
        return f"record:child:{self.kwargs['child']}"

    def save(self, form: Any) -> Any:
        if form.cleaned_data["said"] == "拒绝":
            raise ValidationError({"on": ["日期早于入学。"], "child": ["学生已离校。"]})
        SAVED.append(form.cleaned_data)
        return form.cleaned_data

    def get_saved_text(self, result: Any) -> str:
        return f"{result['on']}的谈话已保存。"


class SchoolFilter(FilterForm):
    name = forms.CharField(label="名称", required=False, max_length=10)

    def narrow_valid(self, rows: Any) -> Any:
        return rows.filter(name__contains=self.cleaned_data["name"])


class SchoolList(FilteredListView):
    heading = "学校"
    filter_class = SchoolFilter
    rows_template = "components/fields.html"
    empty_text = "还没有学校。"

    def get_queryset(self, staff: Any) -> Any:
        return School.objects.order_by("pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=TalkForm(), **kwargs)


class Unscoped(FilteredListView):
    queryset = School.objects.order_by("pk")


class EndPairing(ConfirmPage):
    heading = "结束结对"
    question = "结对今天结束。"
    tone = "danger"
    success_url = "workbench"

    def save(self, form: Any) -> None:
        SAVED.append({"ended": True})


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "404.html")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("只有德育主任可以安排结对。")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret technical text")


def busy(request: HttpRequest) -> HttpResponse:
    raise OperationalError("database is locked")


urlpatterns = [
    path("", home, name="workbench"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", PasswordChangeView.as_view(), name="password_change"),
    path("setup/", home, name="setup"),
    path("talk/<int:child>/", TalkPage.as_view(), name="talk"),
    path("schools/", SchoolList.as_view(), name="school_list"),
    path("unscoped/", Unscoped.as_view(), name="unscoped"),
    path("end/", EndPairing.as_view(), name="end"),
    path("forbidden/", forbidden),
    path("broken/", broken),
    path("busy/", busy),
    path("records/", include("activities.urls")),  # drafts are named by the pages that they belong to
    path("", include("caretrack.web.urls")),
]

handler400 = "caretrack.web.errors.bad_request"
handler403 = "caretrack.web.errors.permission_denied"
handler404 = "caretrack.web.errors.page_not_found"
handler500 = "caretrack.web.errors.server_error"
