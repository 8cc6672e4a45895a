"""Forms of pairing: whom with whom, the end of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, FilterForm, PillRadios
from caretrack.web.versions import VersionedForm
from children.models import Child
from mentoring.handover import OpenItem
from mentoring.models import Mentor, Pairing
from mentoring.queries import limit_of, unpaired

CHILD_VIEW_HELP = "学生自己愿不愿意、有什么想法。"


class PairingFilter(FilterForm):
    """Which children: of a class, only those without a 代理家长, by name."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = forms.ChoiceField(label="班级", required=False)
    mentor = forms.ChoiceField(label="代理家长", required=False)
    who = forms.ChoiceField(label="范围", required=False, choices=[("", "留守和重点学生"), ("all", "全部在校学生")])
    missing = forms.BooleanField(label="还没有代理家长", required=False)
    unheard = forms.BooleanField(label="没有儿童意见", required=False)

    def __init__(
        self,
        *args: Any,
        today: date,
        classes: list[tuple[int, str]],
        mentors: list[Mentor],
        cared: "QuerySet[Child]",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.mentors, self.cared = today, mentors, cared
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]
        self.fields["mentor"].choices = [("", "全部"), *((str(m.pk), m.name) for m in mentors)]

    def narrow_valid(self, rows: "QuerySet[Child]") -> "QuerySet[Child]":
        asked = self.cleaned_data
        if not asked["who"]:
            rows = rows.filter(pk__in=self.cared.order_by().values("pk"))
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if asked["mentor"]:
            theirs = Pairing.objects.on(self.today).acting_parents().filter(mentor=asked["mentor"])
            rows = rows.filter(pk__in=theirs.order_by().values("child"))
        if q := asked["q"].strip():
            rows = rows.filter(name__contains=q) | rows.filter(pinyin__startswith=q.lower())
        if asked["unheard"]:
            silent = Pairing.objects.on(self.today).acting_parents().filter(child_view="")
            rows = rows.filter(pk__in=silent.order_by().values("child"))
        return unpaired(rows, self.today) if asked["missing"] else rows

    def in_words(self) -> str:
        """What a valid filter asks for, as the head of a paper says it; nothing there may tell who is left behind."""
        asked = self.cleaned_data
        said = ["全部在校学生" if asked["who"] else "应结对学生"]
        for name in ("school_class", "mentor"):
            if asked[name]:
                said.append(f"{self.fields[name].label}：{dict(self.fields[name].choices)[asked[name]]}")  # type: ignore[attr-defined]
        if q := asked["q"].strip():
            said.append(f"姓名：{q}")
        return "；".join([*said, *(str(self.fields[name].label) for name in ("missing", "unheard") if asked[name])])


class UnheardFilter(FilterForm):
    """Which of the pairings to which the child was not heard."""

    school_class = forms.ChoiceField(label="班级", required=False)

    def __init__(self, *args: Any, classes: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]  # type: ignore[attr-defined]

    def narrow_valid(self, rows: "QuerySet[Pairing]") -> "QuerySet[Pairing]":
        asked = self.cleaned_data["school_class"]
        return rows.filter(child__school_class=asked) if asked else rows


class ChildrenByClass(forms.ModelMultipleChoiceField):
    """Children to tick, class by class."""

    def offer(self, children: "QuerySet[Child]", on: date) -> None:
        """Offer these children (class and school loaded)."""
        self.queryset = children
        listed = sorted(children, key=lambda c: (c.class_name(on), c.pinyin))
        self.choices = [(c.pk, f"{c.name} {c.class_name(on)}") for c in listed]


class MentorSelect(forms.Select):
    """Each mentor with the load in figures, so that the page can say what it would become (js/load.js)."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if (mentor := getattr(value, "instance", None)) is not None:
            option["attrs"] |= {
                "data-name": mentor.name,
                "data-load": mentor.load,
                "data-limit": limit_of(mentor),
                "data-keys": mentor.key_load,
                "data-key-limit": mentor.school.mentor_key_limit,
            }
        return option


class MentorChoice(forms.ModelChoiceField):
    """A mentor (from `with_load` and `with_key_load`), with the load and whether the yearly check still holds."""

    widget = MentorSelect
    on: date

    def label_from_instance(self, obj: Any) -> str:
        load, limit = obj.load, limit_of(obj)
        key = f"，其中重点 {obj.key_load} 人" if obj.key_load else ""
        words = f"{obj.name}（已带 {load} 人{key}，建议不超过 {limit} 人）"
        if not obj.checked_on(self.on):
            return f"{words}——从业查询已过期"
        if load >= limit:
            return f"{words}——已满"
        return f"{words}——重点学生已满" if obj.key_load >= obj.school.mentor_key_limit else words


class PairForm(CareForm, forms.Form):
    """One or several children to one mentor."""

    button = "安排结对"
    children = ChildrenByClass(
        label="学生",
        queryset=Child.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一名学生。", "invalid_choice": "有一名学生已经有代理家长，请重新选择。"},
    )
    mentor = MentorChoice(label="代理家长", queryset=Mentor.objects.none(), empty_label="请选择")
    on = forms.DateField(label="结对日期")
    child_view = forms.CharField(label="儿童意见", max_length=200, required=False, help_text=CHILD_VIEW_HELP)

    def __init__(
        self, *args: Any, children: "QuerySet[Child]", mentors: "QuerySet[Mentor]", today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["children"].offer(children, today)  # type: ignore[attr-defined]
        mentor = self.fields["mentor"]
        mentor.on, mentor.queryset = today, mentors  # type: ignore[attr-defined]
        self.fields["on"].initial = today

    def layout(self) -> list[Any]:
        return ["mentor", "on", "children", "child_view"]


class ChildViewForm(VersionedForm, CareForm, forms.ModelForm):
    """What the child says to the mentor (P-32)."""

    button = "保存儿童意见"

    class Meta:
        model = Pairing
        fields = ("child_view",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["child_view"].help_text = f"{CHILD_VIEW_HELP}用孩子自己的话写。"


class EndForm(CareForm, forms.Form):
    """The last day and the reason, and who takes over what is open; without open items nobody is asked for."""

    on = forms.DateField(label="最后一天", help_text="这一天以后，代理家长不再看到这名学生；写过的记录仍然署名。")
    reason = forms.ChoiceField(label="原因", choices=Pairing.EndReason.choices, widget=PillRadios)
    note = forms.CharField(label="说明", max_length=200, required=False)
    keeper = forms.ModelChoiceField(
        label="跟进事项交给", queryset=Staff.objects.none(), required=False, empty_label="请选择"
    )

    def __init__(self, *args: Any, keepers: "QuerySet[Staff]", items: "Sequence[OpenItem]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not items:
            del self.fields["keeper"]
            return
        keeper: Any = self.fields["keeper"]
        keeper.queryset, keeper.required = keepers, True
        keeper.help_text = f"还有 {len(items)} 件没有办结：{'；'.join(item.what for item in items[:5])}。"
