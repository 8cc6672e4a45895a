"""Forms of interest groups."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from activities.forms.gatherings import colleagues_of
from activities.forms.of_school import OfSchoolForm
from activities.models import InterestGroup
from caretrack.schools.models import School
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Side
from caretrack.web.versions import VersionedForm
from children.models import Child
from children.models.child import a_parent_away


class GroupForm(OfSchoolForm):
    """One group: what, who leads it, when and where, how many seats."""

    button = "保存小组"

    class Meta:
        model = InterestGroup
        fields = ("school", "kind", "name", "leader", "duty", "schedule", "place", "seats", "starts_on")
        widgets = {"kind": PillRadios, "duty": forms.Textarea(attrs={"rows": 3})}  # noqa: RUF012

    def __init__(self, *args: Any, schools: Sequence[School], today: date, by: Any, leads: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = InterestGroup.Kind.choices
        self.ask_school(schools)
        ids = [self.instance.school_id] if self.instance.pk else [school.pk for school in schools]
        if not self.instance.pk:
            self.suggest("starts_on", today)
            self.suggest("leader", by.pk)
        self.fields["leader"].queryset = colleagues_of(ids, today)
        if not leads:
            self.fields["leader"].queryset = self.fields["leader"].queryset.filter(pk=by.pk)

    def layout(self) -> list[Any]:
        return [
            *self.school_fields(),
            "name",
            "kind",
            "leader",
            "duty",
            Side("schedule", "place"),
            Side("seats", "starts_on"),
        ]


class GroupChange(VersionedForm, GroupForm):
    """A row that stands."""


class EndForm(CareForm, forms.Form):
    """The last day."""

    on = forms.DateField(label="最后一天")


class GroupChoice(forms.ModelChoiceField):
    """A group (from `with_members`) with its hours and the seats that are left."""

    def label_from_instance(self, obj: Any) -> str:
        seats = f"{obj.members_now}/{obj.seats} 人" if obj.seats else f"{obj.members_now} 人"
        return f"{obj.name}（{'，'.join(filter(None, (obj.schedule, seats)))}）"


class JoinForm(CareForm, forms.Form):
    """The group that a pupil joins."""

    button = "加入小组"
    group = GroupChoice(
        InterestGroup.objects.none(), label="小组", empty_label=None, widget=PillRadios,
        error_messages={"required": "请选一个小组。"},
    )  # fmt: skip

    def __init__(self, *args: Any, groups: QuerySet[InterestGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups


class JoinManyForm(CareForm, forms.Form):
    """The pupils ticked in a list and the group that they join."""

    group = GroupChoice(InterestGroup.objects.none(), label="小组", error_messages={"required": "请选一个小组。"})
    children = forms.ModelMultipleChoiceField(
        label="学生",
        queryset=Child.objects.none(),
        error_messages={"required": "请先勾选学生。", "invalid_choice": "名单刚刚有变动，请核对后重新勾选。"},
    )

    def __init__(self, *args: Any, groups: QuerySet[InterestGroup], children: QuerySet[Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups
        self.fields["children"].queryset = children

    def offered(self) -> list[tuple[Any, str]]:
        """(id, words) of the groups to choose from."""
        return [(value, label) for value, label in self.fields["group"].choices if value]


class GroupFilter(FilterForm):
    """Which groups: of one kind, those that run or those that have ended."""

    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *InterestGroup.Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "正在活动"), ("ended", "已结束")])

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        return rows.ended(self.today) if asked["state"] else rows.running(self.today)  # type: ignore[attr-defined]


class NoGroupFilter(FilterForm):
    """Who is in no group: which class, only the left-behind."""

    school_class = forms.ChoiceField(label="班级", required=False)
    behind = forms.BooleanField(label="只看留守学生", required=False)

    def __init__(self, *args: Any, classes: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        return rows.filter(a_parent_away()) if asked["behind"] else rows
