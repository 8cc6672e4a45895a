"""People with an account, and the dated appointments from which their rights follow."""

from collections.abc import Hashable
from datetime import date
from typing import Any, NamedTuple, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import ACTS, APPOINTED_ROLES, CLASS_ROLES, OWN_ACTS, Act, Role
from caretrack.access.scopes import NOON, derived_roles
from caretrack.fixed import fixed
from caretrack.readings import ReadingField
from caretrack.schools.models.school import School, SchoolClass


class Outline(NamedTuple):
    """
    The rights of somebody on a day without the numbers: (role, which of the schools, which of the classes).

    Each half of a day has its own, as the condition that follows from a role may be another one after noon.
    """

    day: date
    afternoon: bool
    active: bool
    roles: frozenset[Role]
    posts: tuple[tuple[str, int, int | None], ...]
    schools: int


class StaffQuerySet(TrackedQuerySet):
    def of_school(self, school: School | int, on: date) -> Self:
        """Staff with an appointment at `school` on the day."""
        return self.filter(pk__in=Appointment.objects.current(on).filter(school=school).values("staff"))


class StaffManager(BaseUserManager.from_queryset(StaffQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(username__iexact=username)


class Staff(AbstractBaseUser, Tracked):
    """A person with an account. Signed records protect the account: it is closed, never deleted."""

    # Log-ins are lines of the access log; a write to this row at every log-in would be history without meaning.
    last_login = None

    username = models.CharField(
        "登录名",
        max_length=40,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        help_text="建议用姓名拼音或工号，不用手机号和身份证号。",
    )
    name = models.CharField("姓名", max_length=50)
    pinyin = ReadingField("姓名拼音", source="name", part="pinyin")
    sex = models.CharField("性别", max_length=1, blank=True, choices=[("1", "男"), ("2", "女")])
    phone = models.CharField("联系电话", max_length=30, blank=True)
    title = models.CharField("职务", max_length=40, blank=True)
    is_active = models.BooleanField("账号启用", default=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=True)
    password_set_at = models.DateTimeField("密码设定时间", default=timezone.now)
    background_checked_on = models.DateField(
        "从业查询日期", null=True, blank=True, help_text="违法犯罪记录查询日期，每年一次（未成年人保护法第六十二条）。"
    )

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = StaffManager()

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ["pinyin", "pk"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def posts(self, on: date | None = None) -> list["Appointment"]:
        """Appointments in force on the day, loaded once per account object for today."""
        if on is not None and on != timezone.localdate():
            return list(self.appointments.current(on).select_related("school", "school_class__school"))
        cached = self.__dict__.get("_posts_today")
        if cached is None:
            cached = self.__dict__["_posts_today"] = _posts_of(self.pk, timezone.localdate())
        return cached

    def roles(self) -> frozenset[Role]:
        """Roles held today, appointed or following from facts."""
        cached = self.__dict__.get("_roles_today")
        if cached is None:
            appointed = frozenset(Role(post.role) for post in self.posts())
            cached = self.__dict__["_roles_today"] = appointed | derived_roles(self, timezone.localdate())
        return cached

    def role_names(self) -> str:
        """Roles in Chinese, for the page head and the log."""
        return "、".join(role.label for role in Role if role in self.roles())

    def may(self, act: Act) -> bool:
        """Whether `act` is about oneself, or any role held today allows it."""
        return self.is_active and (act in OWN_ACTS or not ACTS[act].isdisjoint(self.roles()))

    def schools_as(self, *roles: Role) -> list[School]:
        """Schools at which the person holds one of `roles` today; of all appointed roles when none is named."""
        wanted = roles or tuple(Role)
        return list({p.school_id: p.school for p in self.posts() if Role(p.role) in wanted}.values())

    def classes_as(self, *roles: Role) -> list[SchoolClass]:
        """Classes at which the person holds one of the class roles today."""
        found = {p.school_class_id: p.school_class for p in self.posts() if p.school_class_id and p.role in roles}
        return [c for c in found.values() if c is not None]

    def home_school(self) -> School | None:
        """The school of the first appointment, for page heads and defaults."""
        posts = self.posts()
        return posts[0].school if posts else None

    def shape(self) -> Hashable:
        """For `@fixed`: the posts of today with places instead of numbers. Conditions of sight follow from these."""
        return self._outline()

    def numbers(self) -> tuple[int, ...]:
        """For `@fixed`: the own id, the schools and the classes, as the places in `shape` count them."""
        self._outline()
        return self.__dict__["_numbers_today"]

    def _outline(self) -> Outline:
        cached = self.__dict__.get("_outline_today")
        if cached is None:
            schools: dict[int, int] = {}
            classes: dict[int, int] = {}
            posts = tuple(
                (
                    post.role,
                    schools.setdefault(post.school_id, len(schools)),
                    post.school_class_id and classes.setdefault(post.school_class_id, len(classes)),
                )
                for post in self.posts()
            )
            self.__dict__["_numbers_today"] = (self.pk, *schools, *classes)
            now = timezone.localtime()
            cached = Outline(now.date(), now.hour >= NOON, self.is_active, self.roles(), posts, len(schools))
            self.__dict__["_outline_today"] = cached
        return cached

    def likeness(self, numbers: tuple[int, ...]) -> "Staff":
        """For `@fixed`: somebody with posts of the same shape at other places. Nothing else is known of this person."""
        outline = self._outline()
        own, *places = numbers
        schools, classes = places[: outline.schools], places[outline.schools :]

        def only_id(model: type[models.Model], number: int) -> Any:
            return model.from_db(None, ["id"], [number])  # any other field would be looked up, and not found

        like = Staff.from_db(None, ["id", "is_active"], [own, outline.active])
        like.__dict__["_roles_today"] = outline.roles
        like.__dict__["_posts_today"] = [
            Appointment(
                staff=like,
                role=role,
                school=only_id(School, schools[school]),
                school_class=None if at is None else only_id(SchoolClass, classes[at]),
            )
            for role, school, at in outline.posts
        ]
        return like

    def forget_posts(self) -> None:
        """Read appointments and roles anew, after they were changed."""
        self.__dict__.pop("_outline_today", None)
        self.__dict__.pop("_posts_today", None)
        self.__dict__.pop("_roles_today", None)
        self.__dict__.pop("_reach", None)


class AppointmentQuerySet(TrackedQuerySet):
    def current(self, on: date) -> Self:
        """In force on the day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))


class Appointment(Tracked):
    """Who holds which post from when to when. A new homeroom teacher is a new row; access ends with the row."""

    staff = models.ForeignKey(Staff, verbose_name="人员", on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField("岗位", max_length=20, choices=[(r.value, r.label) for r in Role if r in APPOINTED_ROLES])
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="appointments")
    school_class = models.ForeignKey(
        SchoolClass,
        verbose_name="班级",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="appointments",
        help_text="班主任和任课教师须选班级。",
    )
    starts_on = models.DateField("任职开始")
    ends_on = models.DateField("任职结束", null=True, blank=True)

    objects = models.Manager.from_queryset(AppointmentQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["-starts_on", "pk"]
        indexes = [models.Index(fields=["staff", "ends_on"], name="appointment_staff_open")]
        constraints = [
            models.CheckConstraint(
                name="appointment_role_known", condition=Q(role__in=sorted(r.value for r in APPOINTED_ROLES))
            ),
            models.CheckConstraint(
                name="appointment_class_roles_have_class",
                condition=~Q(role__in=sorted(r.value for r in CLASS_ROLES)) | Q(school_class__isnull=False),
                violation_error_message="班主任和任课教师须选择班级。",
            ),
            models.CheckConstraint(
                name="appointment_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="任职结束不能早于任职开始。",
            ),
            # Two constraints, because SQLite counts two empty classes as different.
            models.UniqueConstraint(
                fields=["staff", "role", "school_class"],
                condition=Q(ends_on__isnull=True, school_class__isnull=False),
                name="appointment_once_open_class",
                violation_error_message="这个人已经担任该班的这一岗位。",
            ),
            models.UniqueConstraint(
                fields=["staff", "role", "school"],
                condition=Q(ends_on__isnull=True, school_class__isnull=True),
                name="appointment_once_open_school",
                violation_error_message="这个人已经担任该岗位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_role_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.staff.forget_posts()


@fixed
def _posts_of(staff: int, on: date) -> "models.QuerySet[Appointment]":
    return Appointment.objects.filter(staff=staff).current(on).select_related("school", "school_class__school")


class LoginAttempt(models.Model):
    """A failed log-in, the source of the growing wait. Kept for a day, never with the password typed."""

    at = models.DateTimeField("时间", default=timezone.now, db_index=True)
    username = models.CharField("登录名", max_length=40)
    address = models.CharField("来源地址", max_length=45)

    class Meta:
        verbose_name = verbose_name_plural = "登录失败"
        indexes = [models.Index(fields=["username", "at"], name="login_name_at")]

    def __str__(self) -> str:
        return f"{self.username} {self.at:%H:%M:%S}"
