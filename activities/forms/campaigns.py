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
from activities.models import Campaign, CampaignTarget, Homecoming, Kind
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


class TakerForm(CareForm, forms.Form):
    """Who takes over children of the list: one colleague, or each child's own 代理家长."""

    assignee = forms.ChoiceField(label="负责教师", error_messages={"required": "请选择交给谁。"})

    def __init__(self, *args: Any, people: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        listed = [(pk, person.name) for pk, person in self.people.items()]
        self.fields["assignee"].choices = [("", "请选择"), ("mentors", "各自的代理家长"), *listed]  # type: ignore[attr-defined]

    def taker(self) -> Staff | None:
        """The colleague; None for each child's own 代理家长."""
        return self.people.get(self.cleaned_data["assignee"])


class HandForm(TakerForm):
    """Who goes to the children of a class, or to all of the list."""

    button = "安排"
    ALL = "all"
    school_class = forms.ChoiceField(label="班级")

    def __init__(self, *args: Any, classes: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [(str(pk), name) for pk, name in classes]
        self.fields["school_class"].choices = [("", "请选择"), (self.ALL, "全部班级"), *listed]  # type: ignore[attr-defined]

    def layout(self) -> list[Any]:
        return [Side("school_class", "assignee")]

    def narrow(self, targets: QuerySet[CampaignTarget]) -> QuerySet[CampaignTarget]:
        """Those of `targets` that were chosen."""
        chosen = self.cleaned_data["school_class"]
        return targets if chosen == self.ALL else targets.filter(child__school_class=chosen)


class TickedForm(TakerForm):
    """Who goes to the children that were ticked."""

    targets = forms.ModelMultipleChoiceField(
        label="学生",
        queryset=CampaignTarget.objects.none(),
        error_messages={
            "required": "请先勾选学生。", "invalid_choice": "名单刚刚有变动，请核对后重新勾选。",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, targets: QuerySet[CampaignTarget], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["targets"].queryset = targets  # type: ignore[attr-defined]


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
