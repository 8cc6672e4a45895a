"""Forms of handing over: another mentor, a mentor who leaves, a deputy for a while."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, PillRadios, Section, Side
from children.models import Child
from mentoring.forms.pairing import CHILD_VIEW_HELP, MentorChoice
from mentoring.models import Mentor, MentorAbsence, Pairing

REASONS = [(value, label) for value, label in Pairing.EndReason.choices if value != Pairing.EndReason.CHILD_CHANGED]
KEEPER_HELP = "新的代理家长没有账号，或暂时没有人接手时，没有办结的跟进事项交给这位老师。"


class ChangeForm(CareForm, forms.Form):
    """Who takes the child over."""

    button = "更换代理家长"
    mentor = MentorChoice(label="新的代理家长", queryset=Mentor.objects.none())
    on = forms.DateField(
        label="更换日期",
        help_text="新的代理家长从这一天开始，原来的到前一天为止。可以是本学期内以后的一天，到时自动生效。",
    )
    reason = forms.ChoiceField(label="原因", choices=REASONS, widget=PillRadios, initial=Pairing.EndReason.REPLACED)
    note = forms.CharField(label="说明", max_length=200, required=False)
    child_view = forms.CharField(label="儿童意见", max_length=200, required=False, help_text=CHILD_VIEW_HELP)
    keeper = forms.ModelChoiceField(
        label="跟进事项交给", queryset=Staff.objects.none(), required=False, help_text=KEEPER_HELP
    )

    def __init__(
        self, *args: Any, mentors: "QuerySet[Mentor]", keepers: "QuerySet[Staff]", today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        mentor = self.fields["mentor"]
        mentor.on, mentor.queryset = today, mentors  # type: ignore[attr-defined]
        self.fields["keeper"].queryset = keepers  # type: ignore[attr-defined]
        self.fields["on"].initial = today

    def layout(self) -> list[Any]:
        return ["mentor", "on", "reason", "note", "child_view", Section("没有账号时", "keeper", folded=True)]


class LeaveForm(CareForm, forms.Form):
    """The last day, and who takes over each child."""

    button = "办理退出"
    on = forms.DateField(label="退出日期", help_text="从这一天起不再是代理家长；新的代理家长从这一天开始。")
    note = forms.CharField(label="原因", max_length=100, help_text="如：调往县城小学、退休、不再志愿服务。")
    keeper = forms.ModelChoiceField(
        label="跟进事项交给", queryset=Staff.objects.none(), required=False, help_text=KEEPER_HELP
    )

    def __init__(
        self,
        *args: Any,
        children: list[Child],
        proposed: Mapping[int, tuple[int | None, str]],
        mentors: "QuerySet[Mentor]",
        keepers: "QuerySet[Staff]",
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.children = children
        self.fields["keeper"].queryset = keepers  # type: ignore[attr-defined]
        self.fields["on"].initial = today
        for child in children:
            heir, why = proposed.get(child.pk, (None, ""))
            choice = MentorChoice(
                label=f"{child.name}（{child.class_name(today)}）",
                queryset=mentors,
                required=False,
                initial=heir,
                help_text=why,
                empty_label="暂不安排，列入结对工作台",
            )
            choice.on = today
            self.fields[f"heir_{child.pk}"] = choice
        self.dress()

    def layout(self) -> list[Any]:
        heirs = [f"heir_{child.pk}" for child in self.children]
        taken = [Section("学生由谁接着带", *heirs, note="已按推荐选好，可以改。")] if heirs else []
        return [Side("on", "note"), *taken, "keeper"]

    def heirs(self) -> dict[int, Mentor | None]:
        """Child id → the mentor chosen, None for nobody yet."""
        return {child.pk: self.cleaned_data.get(f"heir_{child.pk}") for child in self.children}


class AbsenceForm(CareForm, forms.ModelForm):
    """From … to …, and who looks after the children."""

    button = "登记代管"
    deputy = MentorChoice(label="代管人", queryset=Mentor.objects.none())

    class Meta:
        model = MentorAbsence
        fields = ["starts_on", "ends_on", "deputy", "reason"]

    def __init__(self, *args: Any, mentors: "QuerySet[Mentor]", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deputy = self.fields["deputy"]
        deputy.on, deputy.queryset = today, mentors  # type: ignore[attr-defined]
        deputy.help_text = "这段时间代管人能看到学生并登记记录；到期自动结束，结对关系不变。"
        self.fields["starts_on"].initial = today
        self.fields["reason"].help_text = "如：产假、外出培训、病假。"

    def layout(self) -> list[Any]:
        return [Side("starts_on", "ends_on"), "deputy", "reason"]

    def _post_clean(self) -> None:
        """The service checks the whole absence; the form has only read its fields."""
