"""Forms of set-up, accounts, appointments, terms and classes."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from caretrack.access.models import Event
from caretrack.access.policy import APPOINTED_ROLES, CLASS_ROLES, Role
from caretrack.schools import throttle
from caretrack.schools.class_names import class_label
from caretrack.schools.models import Appointment, School, SchoolClass, SchoolDay, Staff, Stage, Term
from caretrack.schools.services import slip_expired
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm

WRONG = "登录名或密码不对。连续输错会需要等待一会儿；忘记密码请找系统管理员领取新的登录条。"


class LoginForm(CareForm, AuthenticationForm):
    """One answer for a wrong name, a wrong password and a closed account; a growing wait after five failures."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label, self.fields["password"].label = "登录名", "密码"

    def clean(self) -> dict[str, Any]:
        name, address = self.cleaned_data.get("username", ""), self.request.META.get("REMOTE_ADDR", "")
        left = throttle.wait_left(name, address)
        if left.total_seconds() > 0:
            minutes = int(left.total_seconds() // 60) + 1
            raise ValidationError(f"输错次数较多，请等待约 {minutes} 分钟再试。其他老师可以正常登录。")
        try:
            cleaned = super().clean()
        except ValidationError:
            throttle.note_failure(name, address)
            raise
        throttle.note_success(name, address)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if slip_expired(user):
            raise ValidationError("这张登录条已超过14天，请找系统管理员换一张新的。")


class OwnPasswordForm(CareForm, SetPasswordForm):
    """Choose one's own password; the one on the slip cannot be kept."""

    button = "保存密码"

    def __init__(self, user: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["new_password1"].label = "新密码"
        self.fields[
            "new_password1"
        ].help_text = "至少 10 个字符，可以是一句容易记的话；不要用连续数字、姓名拼音或电话号码。"
        self.fields["new_password2"].label = "再输一遍"
        self.fields["new_password2"].help_text = ""

    def clean_new_password1(self) -> str:
        password = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError("请换一个新密码，不能继续用登录条上的或原来的密码。")
        return password


class ChangePasswordForm(OwnPasswordForm):
    """The same, after saying the present password."""

    old_password = forms.CharField(label="现在的密码", strip=False, widget=forms.PasswordInput)
    field_order = ["old_password", "new_password1", "new_password2"]

    def clean_old_password(self) -> str:
        password = self.cleaned_data["old_password"]
        if not self.user.check_password(password):
            raise ValidationError("现在的密码不对。")
        return password


def term_dates(on: date) -> tuple[int, int, date, date]:
    """A likely term for `on`: school year, season, first and last day."""
    if on.month >= 8 or on.month == 1:
        year = on.year if on.month >= 8 else on.year - 1
        return year, 1, date(year, 9, 1), date(year + 1, 1, 20)
    return on.year - 1, 2, date(on.year, 2, 20), date(on.year, 7, 10)


class SetUpForm(CareForm, forms.Form):
    """The first page of a new installation: the school, the term, the first administrator."""

    button = "完成设置"
    wide = True

    school_name = forms.CharField(label="学校名称", max_length=80, help_text="全称，会印在报表和联系卡上。")
    school_code = forms.CharField(label="学校标识码", max_length=20, help_text="学籍系统里的标识码；没有可填本校简码。")
    stage = forms.ChoiceField(label="办学类型", choices=Stage, initial=Stage.PRIMARY)
    classes_per_grade = forms.IntegerField(label="每个年级几个班", min_value=1, max_value=20, initial=2)
    term_year = forms.IntegerField(label="学年起始年", min_value=2020, max_value=2100)
    season = forms.TypedChoiceField(label="学期", choices=[(1, "第一学期"), (2, "第二学期")], coerce=int)
    starts_on = forms.DateField(label="开学日期")
    ends_on = forms.DateField(label="放假日期")
    name = forms.CharField(label="管理员姓名", max_length=50)
    username = forms.CharField(label="登录名", max_length=40, help_text="建议用姓名拼音。")
    password1 = forms.CharField(label="密码", strip=False, widget=forms.PasswordInput, help_text="至少 10 个字符。")
    password2 = forms.CharField(label="再输一遍密码", strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year, season, first, last = term_dates(timezone.localdate())
        self.initial |= {"term_year": year, "season": season, "starts_on": first, "ends_on": last}

    def layout(self) -> list[Any]:
        return [
            Section("学校", "school_name", Side("school_code", "stage", "classes_per_grade")),
            Section("本学期", Side("term_year", "season"), Side("starts_on", "ends_on")),
            Section(
                "系统管理员",
                Side("name", "username"),
                Side("password1", "password2"),
                note="这个账号管理人员、学期和班级，也能导入花名册。密码由您自己定，请记牢。",
            ),
        ]

    def clean_username(self) -> str:
        name = self.cleaned_data["username"]
        Staff._meta.get_field("username").run_validators(name)
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password1") and data.get("password2") and data["password1"] != data["password2"]:
            self.add_error("password2", "两次输入的密码不一样。")
        elif data.get("password1"):
            try:
                validate_password(
                    data["password1"], Staff(username=data.get("username", ""), name=data.get("name", ""))
                )
            except ValidationError as error:
                self.add_error("password1", error)
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] <= data["starts_on"]:
            self.add_error("ends_on", "放假日期要晚于开学日期。")
        return data


class StaffForm(CareForm, forms.ModelForm):
    """An account. Its rights come from appointments."""

    class Meta:
        model = Staff
        fields = ["name", "username", "sex", "phone", "title", "background_checked_on", "is_active"]

    def layout(self) -> list[Any]:
        return [Side("name", "username"), Side("sex", "phone", "title"), "background_checked_on", "is_active"]


class StaffEditForm(VersionedForm, StaffForm):
    """The same for an account that stands."""


class AppointmentForm(CareForm, forms.ModelForm):
    """A post from a day on, at one of the administrator's schools."""

    button = "任命"

    class Meta:
        model = Appointment
        fields = ["role", "school", "school_class", "starts_on", "ends_on"]

    def __init__(self, *args: Any, schools: "QuerySet[School]", staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        today = timezone.localdate()
        self.fields["school"].queryset = schools
        self.fields["school"].initial = schools.first()
        self.fields["school"].empty_label = None
        classes = SchoolClass.objects.filter(school__in=schools).taught_on(today).select_related("school")
        self.fields["school_class"].queryset = classes
        many = schools.count() > 1
        self.fields["school_class"].label_from_instance = lambda c: class_label(c, today, several=many)
        self.fields["starts_on"].initial = today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        role, school_class = data.get("role"), data.get("school_class")
        if role and Role(role) in CLASS_ROLES and school_class is None:
            self.add_error("school_class", "班主任和任课教师须选择班级。")
        if role and Role(role) not in CLASS_ROLES:
            data["school_class"] = None
        self.instance.staff = self.staff
        return data


class EndAppointmentForm(CareForm, forms.Form):
    ends_on = forms.DateField(label="最后一天", help_text="第二天起不再有这个岗位的权限；写过的记录仍署名。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].initial = timezone.localdate()


class TermForm(CareForm, forms.ModelForm):
    class Meta:
        model = Term
        fields = ["school", "year", "season", "starts_on", "ends_on"]

    def __init__(self, *args: Any, schools: "QuerySet[School]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools
        self.fields["school"].empty_label = None

    def layout(self) -> list[Any]:
        return ["school", Side("year", "season"), Side("starts_on", "ends_on")]


class SchoolDaysForm(CareForm, forms.Form):
    """One day or several in a row on which the school does otherwise than the national calendar says."""

    button = "登记"
    longest = timedelta(days=30)

    kind = forms.ChoiceField(label="安排", choices=SchoolDay.Kind, initial=SchoolDay.Kind.OFF, widget=PillRadios)
    first = forms.DateField(label="从")
    last = forms.DateField(label="到", required=False, help_text="只有一天就不用填。")
    reason = forms.CharField(label="原因", max_length=60, help_text=SchoolDay._meta.get_field("reason").help_text)

    def layout(self) -> list[Any]:
        return ["kind", Side("first", "last"), "reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first = data.get("first")
        last = data["last"] = data.get("last") or first
        if first and last and last < first:
            self.add_error("last", "结束日期不能早于开始日期。")
        elif first and last and last - first > self.longest:
            self.add_error("last", "一次最多登记31天。寒暑假请改学期的开学和放假日期。")
        return data


class TermEditForm(VersionedForm, TermForm):
    """The same for a term that stands."""


class ClassForm(CareForm, forms.ModelForm):
    button = "新建班级"

    class Meta:
        model = SchoolClass
        fields = ["school", "entry_year", "number", "nickname"]
        help_texts = {"entry_year": "这个班读最低年级那年的年份，年级由它推算，不用每年改。"}

    def __init__(self, *args: Any, schools: "QuerySet[School]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools
        self.fields["school"].empty_label = None


class SchoolForm(VersionedForm, forms.ModelForm):
    """What is printed on cards and reports, and the school's own rules."""

    wide = True

    class Meta:
        model = School
        fields = [
            "name",
            "short_name",
            "address",
            "duty_phone",
            "family_phone",
            "family_phone_hours",
            "protection_hotline",
            "helper_name",
            "helper_phone",
            "clinic_phone",
            "police_phone",
            "data_officer",
            "closing_day",
            "edit_days",
            "mentor_soft_limit",
            "mentor_key_limit",
            "mentor_not_homeroom",
            "visit_tolerance_days",
        ]

    def layout(self) -> list[Any]:
        return [
            Section(
                "名称和联系方式",
                Side("name", "short_name"),
                "address",
                Side("duty_phone", "family_phone", "family_phone_hours"),
            ),
            Section("保护", Side("protection_hotline", "data_officer")),
            Section(
                "便民服务联系卡",
                Side("helper_name", "helper_phone"),
                Side("clinic_phone", "police_phone"),
                note="发给家庭的卡片上印这些号码；改动后，联系卡清单会提示换发。",
            ),
            Section("规则", Side("closing_day", "edit_days"), "visit_tolerance_days"),
            Section("结对", Side("mentor_soft_limit", "mentor_key_limit"), "mentor_not_homeroom"),
        ]


class StaffFilter(FilterForm):
    q = forms.CharField(label="姓名或登录名", required=False)
    role = forms.ChoiceField(
        label="岗位",
        required=False,
        choices=[("", "全部岗位")] + [(r.value, r.label) for r in Role if r in APPOINTED_ROLES],
    )

    def narrow_valid(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        if q := self.cleaned_data["q"].strip():
            rows = rows.filter(Q(name__contains=q) | Q(username__icontains=q))
        if role := self.cleaned_data["role"]:
            posts = Appointment.objects.current(timezone.localdate()).filter(role=role)
            rows = rows.filter(pk__in=posts.values("staff"))
        return rows


class LogFilter(FilterForm):
    first = forms.DateField(label="从", required=False)
    last = forms.DateField(label="到", required=False)
    who = forms.CharField(label="人员", required=False)
    event = forms.ChoiceField(label="事件", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

        self.fields["event"].choices = [("", "全部事件"), *Event.choices]

    def narrow_valid(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        data = self.cleaned_data
        if data["first"]:
            rows = rows.filter(at__date__gte=data["first"])
        if data["last"]:
            rows = rows.filter(at__date__lte=data["last"])
        if who := data["who"].strip():
            rows = rows.filter(staff_name__contains=who)
        if data["event"]:
            rows = rows.filter(event=data["event"])
        return rows
