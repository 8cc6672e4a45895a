"""Forms of activities and meetings: the facts, who is asked to come, the roll, tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import BoundField

from activities.forms.of_school import OfSchoolForm
from activities.models import Activity, ActivityParticipant, InterestGroup, Meeting, MeetingAttendee
from caretrack.access.policy import APPOINTED_ROLES, NO_TEACHERS
from caretrack.schools.class_names import class_label
from caretrack.schools.models import School, SchoolClass, Staff
from caretrack.web.forms import (
    CareForm,
    ClientKeyForm,
    FilterForm,
    SaveHelper,
    Section,
    Side,
)
from caretrack.web.versions import VersionedForm

PLACES = ("教室", "多功能室", "会议室", "操场", "留守儿童之家", "校外")


def colleagues(school: School | int, on: date) -> QuerySet[Staff]:
    """The people who hold a post at the school on the day and not only run accounts or watch from the town, by pinyin."""
    roles = APPOINTED_ROLES - NO_TEACHERS
    posts = Q(appointments__school=school, appointments__role__in=roles, appointments__starts_on__lte=on)
    posts &= Q(appointments__ends_on__isnull=True) | Q(appointments__ends_on__gte=on)
    return Staff.objects.filter(posts, is_active=True).distinct().order_by("pinyin", "pk")


class ClassLabel(forms.ModelChoiceField):
    """A class by the name that it has today."""

    on: date
    several = False

    def label_from_instance(self, obj: SchoolClass) -> str:
        return class_label(obj, self.on, several=self.several)


#: Years around today in which an activity or a meeting may lie: planned for the next, entered for those past.
YEARS_AROUND = 5


class GatheringForm(ClientKeyForm, OfSchoolForm):
    """What an activity and a meeting have in common: school, class, day, time, place."""

    button = "保存"

    def __init__(self, *args: Any, schools: Sequence[School], classes: Sequence[SchoolClass], today: date, leads: bool, own_class: int | None, **kwargs: Any) -> None:  # fmt: skip
        self.today, self.schools, self.classes, self.leads = today, list(schools), list(classes), leads
        super().__init__(*args, **kwargs)
        self.ask_school(self.schools)
        if not self.instance.pk:
            self.suggest("on", today)
            # What a group does is of no one class.
            if own_class is not None and getattr(self.instance, "group", None) is None:
                self.suggest("school_class", own_class)
        self.fields["school_class"].on = today
        self.fields["school_class"].several = len({c.school_id for c in self.classes}) > 1
        self.fields["school_class"].queryset = (
            SchoolClass.objects.filter(pk__in=[c.pk for c in self.classes])
            .select_related("school")
            .order_by("school_id", "-entry_year", "number")
        )
        self.fields["school_class"].empty_label = "全校"
        self.fields["place"].help_text = "如：" + "、".join(PLACES[:4])

    def head(self) -> list[Any]:
        """The fields about school and class that this person has to choose."""
        return [*self.school_fields(), "school_class"]

    def clean_on(self) -> date:
        """A slip in the year would put it where nobody looks."""
        on: date = self.cleaned_data["on"]
        if abs(on.year - self.today.year) > YEARS_AROUND:
            raise ValidationError(f"日期离今天超过 {YEARS_AROUND} 年，请核对年份。")
        return on

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        school = given["school"].pk if given.get("school") else self.instance.school_id
        of = given.get("school_class")
        if of is not None and school is not None and of.school_id != school:
            self.add_error("school_class", "这个班不在所选的学校里。")
        return given


class ActivityForm(GatheringForm):
    """One activity (domain §9.2)."""

    class Meta:
        model = Activity
        fields = (
            "school", "school_class", "kind", "group", "name", "on", "at", "place", "audience", "leader",
            "process", "effect", "cost", "others_count",
        )  # fmt: skip
        field_classes = {"school_class": ClassLabel}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schools = [school.pk for school in self.schools] or [self.instance.school_id]
        self.fields["leader"].queryset = colleagues_of(schools, self.today)
        self.fields["leader"].required = True
        self.fields["group"].queryset = InterestGroup.objects.filter(school__in=schools).running(self.today)
        self.fields["group"].empty_label = "不是小组活动"
        self.fields["others_count"].help_text = "不在学生名单里的人，如家长、志愿者。"
        self.fields["others_count"].required = False
        self.fields["process"].widget.attrs["rows"] = max(4, self.instance.process.count("\n") + 2)

    def clean_others_count(self) -> int:
        return self.cleaned_data["others_count"] or 0

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("group") and given.get("kind") != Activity.Kind.GROUP:
            self.add_error("kind", "选了小组，类别请选“兴趣小组”。")
        return given

    def layout(self) -> list[Any]:
        return [
            "name",
            Side("kind", "group"),
            Side("on", "at", "place"),
            *self.head(),
            Side("audience", "leader"),
            Section("做了什么（活动后填写）", "process", "effect", Side("cost", "others_count")),
        ]


class ActivityChange(VersionedForm, ActivityForm):
    """An activity that stands."""


class MeetingForm(GatheringForm):
    """One meeting (domain §9.1)."""

    class Meta:
        model = Meeting
        fields = (
            "school", "school_class", "kind", "title", "on", "at", "place", "chair", "agenda", "minutes", "opinions",
        )  # fmt: skip
        field_classes = {"school_class": ClassLabel}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.leads and not self.instance.pk:
            of_class = {Meeting.Kind.CLASS, Meeting.Kind.CARERS, Meeting.Kind.PARENT_SCHOOL, Meeting.Kind.ROUNDTABLE}
            kinds = [(value, label) for value, label in Meeting.Kind.choices if value in of_class]
            self.fields["kind"].choices = kinds
            self.fields["school_class"].required = True
        self.fields["title"].help_text = "不填就用类别作名称。"
        self.fields["opinions"].label = "意见和建议"

    def layout(self) -> list[Any]:
        return [
            Side("kind", "title"),
            Side("on", "at", "place"),
            *self.head(),
            "chair",
            "agenda",
            Section("会议记录（会后填写）", "minutes", "opinions"),
        ]


class MeetingChange(VersionedForm, MeetingForm):
    """A meeting that stands."""


def colleagues_of(schools: Sequence[int], on: date) -> QuerySet[Staff]:
    """The people who hold a post at one of the schools on the day."""
    return Staff.objects.filter(
        pk__in=[pk for school in schools for pk in colleagues(school, on).values_list("pk", flat=True)]
    ).order_by("pinyin", "pk")


@dataclass(frozen=True)
class RollLine:
    """One child on the roll with its boxes; `wrong` when somebody else changed the line meanwhile."""

    row: ActivityParticipant
    class_name: str
    came: BoundField
    carer_came: BoundField
    carer: BoundField
    absence: BoundField
    role: BoundField
    prize: BoundField
    version: BoundField
    wrong: bool


CHANGED_MEANWHILE = "{who}的这一行刚刚由别人改过。您填写的还在；核对后再按一次保存，就以您填的为准。"


def _version_of(row: ActivityParticipant | MeetingAttendee) -> forms.Field:
    """The version of a line that the page shows, so that nobody overwrites unseen."""
    return forms.IntegerField(required=False, widget=forms.HiddenInput, initial=row.version)


class RollForm(CareForm, forms.Form):
    """
    The roll of `rows`: who came. Only changed lines are written; `changed` holds them after cleaning.

    Meetings for carers ask whether the carer came and who it was; activities ask for a part and a prize.
    """

    button = "保存点名"
    wide = True
    COLUMNS = ("came", "carer_came", "carer", "absence", "role", "prize")

    def __init__(self, *args: Any, rows: Sequence[ActivityParticipant], on: date, **kwargs: Any) -> None:
        self.rows, self.on = list(rows), on
        super().__init__(*args, **kwargs)
        for row in self.rows:
            for name in self.COLUMNS:
                field = ActivityParticipant._meta.get_field(name).formfield(required=False)
                field.initial = getattr(row, name)  # type: ignore[union-attr]
                self.fields[f"{name}_{row.pk}"] = field
            self.fields[f"version_{row.pk}"] = _version_of(row)
        self.dress()
        self.changed: list[ActivityParticipant] = []
        self.stale: set[int] = set()

    @property
    def helper(self) -> SaveHelper:
        helper = super().helper
        helper.form_tag = False
        return helper

    def lines(self) -> list[RollLine]:
        """The lines in the order of the rows."""
        return [
            RollLine(
                row,
                row.child.class_name(self.on),
                *(self[f"{name}_{row.pk}"] for name in (*self.COLUMNS, "version")),
                wrong=row.pk in self.stale or any(f"{name}_{row.pk}" in self.errors for name in self.COLUMNS),
            )
            for row in self.rows
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for row in self.rows:
            told = {name: given.get(f"{name}_{row.pk}", getattr(row, name)) for name in self.COLUMNS}
            if told["came"] or told["carer_came"]:
                told["absence"] = ""
            if all(told[name] == getattr(row, name) for name in self.COLUMNS):
                continue
            if given.get(f"version_{row.pk}") != row.version:
                self.stale.add(row.pk)
                self.data = self.data.copy()
                self.data[f"version_{row.pk}"] = str(row.version)
                self.add_error(None, CHANGED_MEANWHILE.format(who=row.child.name))
                continue
            for name, value in told.items():
                setattr(row, name, value)
            self.changed.append(row)
        return given


class AttendeeForm(CareForm, forms.Form):
    """The roll of grown-ups at a meeting."""

    button = "保存签到"

    def __init__(self, *args: Any, rows: Sequence[MeetingAttendee], **kwargs: Any) -> None:
        self.rows = list(rows)
        super().__init__(*args, **kwargs)
        for row in self.rows:
            self.fields[f"came_{row.pk}"] = forms.BooleanField(label="到会", required=False, initial=row.came)
            self.fields[f"absence_{row.pk}"] = forms.CharField(
                label="缺席原因", required=False, max_length=60, initial=row.absence
            )
            self.fields[f"version_{row.pk}"] = _version_of(row)
        self.dress()
        self.changed: list[MeetingAttendee] = []

    def lines(self) -> list[tuple[MeetingAttendee, BoundField, BoundField, BoundField]]:
        """(person, box, reason, version) in order."""
        return [(row, *(self[f"{name}_{row.pk}"] for name in ("came", "absence", "version"))) for row in self.rows]  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for row in self.rows:
            came = given[f"came_{row.pk}"]
            absence = "" if came else given.get(f"absence_{row.pk}", row.absence)
            if (came, absence) == (row.came, row.absence):
                continue
            if given.get(f"version_{row.pk}") != row.version:
                self.data = self.data.copy()
                self.data[f"version_{row.pk}"] = str(row.version)
                self.add_error(None, CHANGED_MEANWHILE.format(who=row.name))
                continue
            row.came, row.absence = came, absence
            self.changed.append(row)
        return given


class GuestForm(CareForm, forms.Form):
    """One more grown-up at a meeting: a colleague, or a guest by name."""

    button = "加入"
    staff = forms.ModelChoiceField(label="本校教职工", queryset=Staff.objects.none(), required=False)
    name = forms.CharField(label="或校外人员姓名", required=False, max_length=50)
    capacity = forms.CharField(label="身份", required=False, max_length=30, help_text="如：村委会主任、派出所民警")

    def __init__(self, *args: Any, school: School, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = colleagues(school, on)

    def layout(self) -> list[Any]:
        return [Side("staff", "name", "capacity")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("staff") and not (given.get("name") or "").strip():
            raise ValidationError("请选一位教职工，或填写校外人员的姓名。")
        return given


class EventFilter(FilterForm):
    """Which activities or meetings: words, kind, class, term, mine."""

    q = forms.CharField(label="名称", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    kind = forms.ChoiceField(label="类别", required=False)
    school_class = forms.ChoiceField(label="班级", required=False)
    term = forms.ChoiceField(label="学期", required=False)
    mine = forms.BooleanField(label="我负责的", required=False)

    def __init__(self, *args: Any, meetings: bool, classes: Sequence[tuple[int, str]], terms: Sequence[Any], **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.meetings, self.terms = meetings, list(terms)
        kinds = Meeting.Kind.choices if meetings else Activity.Kind.choices
        self.fields["kind"].choices = [("", "全部类别"), *kinds]
        self.fields["school_class"].choices = [("", "全部"), ("0", "全校性的"), *((str(pk), n) for pk, n in classes)]
        self.fields["term"].choices = [("", "全部学期"), *((str(t.pk), str(t)) for t in self.terms)]

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        if words := asked["q"].strip():
            named = (
                Q(title__icontains=words) | Q(agenda__icontains=words) if self.meetings else Q(name__icontains=words)
            )
            rows = rows.filter(named)
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        if asked["school_class"] == "0":
            rows = rows.filter(school_class__isnull=True)
        elif asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if term := next((t for t in self.terms if str(t.pk) == asked["term"]), None):
            rows = rows.in_term(term)  # type: ignore[attr-defined]
        if asked["mine"]:
            rows = rows.filter(keeper=self.staff) if self.meetings else rows.filter(leader=self.staff)
        return rows
