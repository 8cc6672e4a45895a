"""Forms of campaigns and of parents coming home."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from activities.campaigns import USUAL, with_state
from activities.forms.of_school import OfSchoolForm
from activities.left_open import unseen_by
from activities.models import Campaign, Homecoming, Kind
from caretrack.access.policy import Act
from caretrack.schools.models import School, Staff
from caretrack.web.forms import CareForm, FilterForm, PillCheckboxes, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm

COUNTING = (Kind.HOME_VISIT, Kind.TALK, Kind.CALL, Kind.VIDEO, Kind.PARENT_CONTACT, Kind.LETTER, Kind.MEAL)


class CampaignForm(OfSchoolForm):
    """One campaign; the list of children is made on the next page."""

    button = "保存"
    record_kinds = forms.MultipleChoiceField(
        label="做了哪种记录算完成",
        choices=[(kind.value, kind.label) for kind in COUNTING],
        widget=PillCheckboxes,
        error_messages={"required": "请至少选一种。"},
    )

    class Meta:
        model = Campaign
        fields = ("school", "kind", "name", "starts_on", "ends_on", "record_kinds", "aim", "summary")
        widgets = {"kind": PillRadios}  # noqa: RUF012

    def __init__(self, *args: Any, schools: Sequence[School], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Campaign.Kind.choices
        self.ask_school(schools)
        if not self.instance.pk:
            del self.fields["summary"]
            self.suggest("starts_on", today)
            self.suggest("record_kinds", [k.value for k in USUAL[Campaign.Kind.SUMMER_VISITS]])

    def layout(self) -> list[Any]:
        after = [Section("结束后", "summary")] if "summary" in self.fields else []
        return [*self.school_fields(), "kind", "name", Side("starts_on", "ends_on"), "record_kinds", "aim", *after]


class CampaignChange(VersionedForm, CampaignForm):
    """A row that stands."""


class TargetFilter(FilterForm):
    """Which of the list: state, class, whose."""

    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), ("open", "未完成"), ("done", "已完成"), ("excused", "不需要")],
    )
    school_class = forms.ChoiceField(label="班级", required=False)
    assignee = forms.ChoiceField(label="负责教师", required=False)

    def __init__(self, *args: Any, campaign: Campaign, classes: Sequence[tuple[int, str]], people: Sequence[tuple[int, str]], **kwargs: Any) -> None:  # fmt: skip
        self.campaign = campaign
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]
        gone = [("gone", "已看不到学生的")] if self.staff.may(Act.CAMPAIGN_EDIT) else []
        self.fields["assignee"].choices = [
            ("", "全部"), ("me", "我负责的"), ("0", "没有安排"), *gone, *((str(pk), name) for pk, name in people),
        ]  # fmt: skip

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        rows = with_state(rows, self.campaign)
        if asked["school_class"]:
            rows = rows.filter(child__school_class=asked["school_class"])
        if asked["assignee"] == "me":
            rows = rows.filter(assignee=self.staff)
        elif asked["assignee"] == "0":
            rows = rows.filter(assignee__isnull=True)
        elif asked["assignee"] == "gone":
            rows = rows.filter(unseen_by("assignee", timezone.localdate()), assignee__isnull=False)
        elif asked["assignee"]:
            rows = rows.filter(assignee=asked["assignee"])
        if asked["state"] == "excused":
            return rows.exclude(excused="")
        if asked["state"]:
            return rows.filter(excused="", done_id__isnull=asked["state"] == "open")
        return rows


class HandForm(CareForm, forms.Form):
    """Who goes to the children of a class, or to one child."""

    button = "安排"
    assignee = forms.ModelChoiceField(label="负责教师", queryset=Staff.objects.none())
    school_class = forms.ChoiceField(label="班级")

    def __init__(self, *args: Any, people: QuerySet[Staff], classes: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = people
        self.fields["school_class"].choices = [("", "请选择"), *((str(pk), name) for pk, name in classes)]

    def layout(self) -> list[Any]:
        return [Side("school_class", "assignee")]


class ExcuseForm(CareForm, forms.Form):
    """Why nobody has to go; empty takes it back."""

    button = "保存"
    reason = forms.CharField(label="不需要的原因", max_length=100, required=False, help_text="留空表示仍然需要。")


class HomecomingForm(CareForm, forms.ModelForm):
    """When a parent was home, or that nobody comes."""

    button = "保存"

    class Meta:
        model = Homecoming
        fields = ("who", "came_on", "left_on", "note")
        widgets = {"who": PillRadios}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = Homecoming.Who.choices
        self.fields["left_on"].help_text = "还没走就先不填。"

    def layout(self) -> list[Any]:
        return ["who", Side("came_on", "left_on"), "note"]

    def _post_clean(self) -> None:
        """The service checks the row: an entry of the same day is changed there, not refused here."""
