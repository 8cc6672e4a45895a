"""Forms about the family: a member with phones, who cares for the child, what the family agreed to."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory

from caretrack.web.forms import CareForm, PillRadios, SaveHelper, Section, Side
from children.forms.guarded import GuardedForm
from children.importing.normalise.id_numbers import clean_id, is_sound
from children.models import CareArrangement, Child, Consent, FamilyMember, Phone, PhoneState, codes

EVERY = [("", "未填写")] + [(text, text) for text in ("每周", "1至3个月", "3至6个月", "6至12个月", "1年以上")]
TALKS = [("", "未填写")] + [(text, text) for text in ("每天", "每周", "半个月", "每月", "一个月以上", "基本不联系")]
WAYS = [("", "未填写")] + [(text, text) for text in ("电话", "微信语音或视频", "QQ", "短信", "书信", "其他")]
ATTITUDES = [("", "未填写")] + [(text, text) for text in ("关爱", "没办法推托", "冷淡", "其他")]
#: Only for those who get the care of the child: what is known against a carer (domain §3.3 E, level 5).
EXCLUSION_FIELDS = ("excluded_checked_on", "exclusions", "excluded_reason")
#: The official definitions (domain §11.1), so that two teachers rate alike.
RATINGS = [
    ("", "还没有评估"),
    (codes.CareRating.GOOD.value, "较好：受委托监护人较好地履行职责，生活、教育和身心健康有保障"),
    (codes.CareRating.FAIR.value, "一般：基本履行监护职责，但有出现行为或心理问题的潜在风险"),
    (
        codes.CareRating.POOR.value,
        "差：无人监护，或一方外出另一方无监护能力，或监护人无力管教；需求得不到满足，极易出现行为偏差、心理障碍、失学、流浪",
    ),
]
BONDS = [("", "未填写")] + [(text, text) for text in ("好", "一般", "差")]
FUTURE = "日期不能在今天以后。"


def with_present(choices: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """The choices, and what a roster wrote instead: it must not be lost when the form is saved."""
    return choices if not value or value in dict(choices) else [*choices, (value, value)]


class MemberForm(GuardedForm, forms.ModelForm):
    """One member of the family. Status and since when go through the service that keeps the dated history."""

    since = forms.DateField(
        label="从什么时候起", required=False, help_text="外出的填外出日期，返乡的填返乡日期；不清楚可以不填。"
    )
    returns_every = forms.ChoiceField(label="多久回家一次", required=False)
    contact_every = forms.ChoiceField(label="多久联系一次", required=False)
    contact_way = forms.ChoiceField(label="怎样联系", required=False)

    class Meta:
        model = FamilyMember
        fields = (
            "relation", "name", "relation_note", "status", "away_precision", "work_region", "work_place", "work_unit",
            "job", "returns_every", "contact_every", "contact_way", "online_contact", "has_capacity", "incapacity_reason", "birth_date", "age_stated",
            "education", "health", "is_guardian", "address", "id_no",
        )  # fmt: skip
        widgets = {  # noqa: RUF012
            "has_capacity": forms.NullBooleanSelect,
            "is_guardian": forms.NullBooleanSelect,
            "id_no": forms.TextInput,
        }

    def __init__(self, *args: Any, child: Child, today: date, numbers: bool, groups: bool, **kwargs: Any) -> None:
        self.child, self.today = child, today
        super().__init__(*args, **kwargs)
        if not numbers:
            del self.fields["id_no"]
        if not groups:
            del self.fields["online_contact"]
            self.fields["contact_way"].help_text = "家长同意“加入班级家长联系群”以后，才登记微信号或QQ号。"
        self.initial.setdefault("since", self.row_value(self.instance, "since"))
        self.fields["returns_every"].choices = with_present(EVERY, self.instance.returns_every)
        self.fields["contact_every"].choices = with_present(TALKS, self.instance.contact_every)
        self.fields["contact_way"].choices = with_present(WAYS, self.instance.contact_way)
        self.fields["away_precision"].label = "日期知道到"
        self.fields["has_capacity"].help_text = "重病、重残等不能照料孩子的选“否”。"
        self.fields["work_place"].help_text = "写到省、市，如“广东省东莞市”。"

    def layout(self) -> list[Any]:
        more = [name for name in ("is_guardian", "address", "id_no") if name in self.fields]
        online = [name for name in ("contact_way", "online_contact") if name in self.fields]
        return [
            Section("是谁", Side("relation", "name"), "relation_note"),
            Section("目前状况", "status", Side("since", "away_precision"), Side("work_region", "work_place"),
                    Side("work_unit", "job"), Side("returns_every", "contact_every"),
                    Side(*online)),
            Section("监护能力和其他", Side("has_capacity", "incapacity_reason"), Side("birth_date", "age_stated"),
                    Side("education", "health"), *more, folded=True),
        ]  # fmt: skip

    @property
    def helper(self) -> SaveHelper:
        """Without form tag and button: the page draws both, with the phones between."""
        helper = super().helper
        helper.form_tag = False
        return helper

    def row_value(self, row: Any, name: str) -> Any:
        if name != "since":
            return super().row_value(row, name)
        get = super().row_value
        away = get(row, "status") in (codes.ParentStatus.AWAY_WORK, codes.ParentStatus.AWAY_OTHER)
        return get(row, "away_since") if away else get(row, "returned_on")

    def clean_id_no(self) -> str:
        number = clean_id(self.cleaned_data["id_no"])
        if number and not is_sound(number):
            raise ValidationError("身份证号校验不通过，至少有一位写错。请核对；不确定可以先不填。")
        return number

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in ("since", "birth_date"):
            if (day := given.get(name)) and day > self.today:
                self.add_error(name, FUTURE)
        relation = given.get("relation")
        if relation in (codes.Relation.FATHER, codes.Relation.MOTHER):
            same = FamilyMember.objects.filter(child=self.child, relation=relation).exclude(pk=self.instance.pk)
            if same.exists():
                self.add_error("relation", f"{codes.Relation(relation).label}已经登记过了，请在原来的那一条上修改。")
        if given.get("has_capacity") is False and not given.get("incapacity_reason"):
            self.add_error("incapacity_reason", "请写明原因，如重病、重度残疾。")
        return given


class PhoneForm(GuardedForm, forms.ModelForm):
    """One number of a member."""

    class Meta:
        model = Phone
        fields = ("order", "number", "answered_by", "state", "verified_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An empty line means no phone, so nothing in it is marked as required.
        for name in ("order", "number", "state"):
            self.fields[name].required = False
        self.fields["order"].label = "顺序"

    def clean_order(self) -> int:
        return self.cleaned_data["order"] or 1

    def clean_state(self) -> str:
        return self.cleaned_data["state"] or PhoneState.UNVERIFIED

    def clean_number(self) -> str:
        number = re.sub(r"[\s-]", "", self.cleaned_data["number"])
        if not number:
            raise ValidationError("请填写电话号码；不要这一行请把其他几格清空，或勾选删除。")
        if not re.fullmatch(r"\+?\d{7,15}", number):
            raise ValidationError("电话应是7至15位数字，固定电话请连同区号。")
        return number

    def clean_verified_on(self) -> date | None:
        day = self.cleaned_data["verified_on"]
        if day is not None and day > self.today:  # type: ignore[attr-defined]
            raise ValidationError(FUTURE)
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        opened = given.get("opened_version")
        row = self.instance
        if row.pk and opened and opened != row.version and self.has_changed():
            theirs = Phone.objects.select_related("change").get(pk=row.pk)
            self.data = self.data.copy()
            self.data[self.add_prefix("opened_version")] = str(theirs.version)
            raise ValidationError(
                f"{theirs.change.staff_name}刚刚把这个号码改成了 {theirs.number}（{theirs.get_state_display()}）。"
                "您填写的还在；核对后再按一次保存，就以您填的为准。"
            )
        return given


class BasePhoneSet(BaseInlineFormSet):
    """The numbers of one member; every form knows the day."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        form.today = self.today
        return form

    def clean(self) -> None:
        """Raises ValidationError if one number stands there twice."""
        numbers = [
            f.cleaned_data.get("number") for f in self.forms if f.is_valid() and not f.cleaned_data.get("DELETE")
        ]
        given = [number for number in numbers if number]
        if len(given) != len(set(given)):
            raise ValidationError("同一个号码写了两遍，请去掉一个。")


PhoneSet = inlineformset_factory(
    FamilyMember, Phone, form=PhoneForm, formset=BasePhoneSet, extra=2, max_num=6, can_delete=True
)


class CarerForm(GuardedForm, forms.ModelForm):
    """Who really cares for the child."""

    on = forms.DateField(label="从什么时候起", required=False, help_text="换了人照顾时填；不换人可以不填。")
    reason = forms.CharField(label="变更原因", required=False, max_length=200)
    attitude = forms.ChoiceField(label="监护人态度", required=False)
    bond = forms.ChoiceField(label="与学生融洽程度", required=False)
    rating = forms.ChoiceField(label="监护情况评估", required=False, choices=RATINGS, widget=forms.RadioSelect)
    exclusions = forms.MultipleChoiceField(
        label="被委托人有下列哪些情形",
        required=False,
        choices=codes.Exclusion.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="未成年人保护法第二十二条：有其中一项的，不得作为被委托人。都没有就不勾，只填核查日期。",
    )
    not_compared = frozenset({"on", "reason"})

    class Meta:
        model = CareArrangement
        fields = (
            "carer", "care_type", "maternal", "rating", "can_tutor", "attitude", "bond", "entrusted", "entrusted_on",
            "entrusted_until", "school_told_on", "excluded_checked_on", "exclusions", "excluded_reason",
        )  # fmt: skip
        widgets = dict.fromkeys(("maternal", "can_tutor", "entrusted"), forms.NullBooleanSelect)

    def __init__(self, *args: Any, child: Child, today: date, checks: bool, **kwargs: Any) -> None:
        self.child, self.today = child, today
        super().__init__(*args, **kwargs)
        if not checks:
            for name in EXCLUSION_FIELDS:
                del self.fields[name]
        self.fields["carer"].queryset = FamilyMember.objects.filter(child=child).order_by("relation", "pk")
        self.fields["carer"].empty_label = "没有人照顾，或还没有登记"
        self.fields["carer"].help_text = "只能从已登记的家庭成员里选；没有请先添加。"
        self.fields["care_type"].required = True
        self.fields["maternal"].label = "是否外祖一方"
        self.fields["attitude"].choices = with_present(ATTITUDES, self.instance.attitude)
        self.fields["bond"].choices = with_present(BONDS, self.instance.bond)
        self.fields["entrusted_until"].help_text = "协议没写期限的可以不填；到期前三十天起会提醒。"

    def layout(self) -> list[Any]:
        return [
            Section("谁在照顾", "carer", Side("care_type", "maternal"), Side("on", "reason")),
            Section("照顾得怎样", "rating", Side("can_tutor", "attitude"), "bond",
                    note="监护人的年龄、身体状况、文化程度和职业在家庭成员里填写。"),
            Section("委托照护", Side("entrusted", "entrusted_on"), Side("entrusted_until", "school_told_on"),
                    note="协议原件拍照或扫描后，在档案的附件里上传。"),
            *([Section("不得委托情形核查", "excluded_checked_on", "exclusions", "excluded_reason")]
              if "exclusions" in self.fields else []),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("exclusions") and not given.get("excluded_checked_on"):
            given["excluded_checked_on"] = self.today
        for name in ("on", "entrusted_on", "school_told_on", "excluded_checked_on"):
            if (day := given.get(name)) and day > self.today:
                self.add_error(name, FUTURE)
        first, last = given.get("entrusted_on"), given.get("entrusted_until")
        if first and last and last < first:
            self.add_error("entrusted_until", "到期日期不能早于签订日期。")
        if not given.get("carer") and given.get("care_type") and given["care_type"] not in codes.UNCARED:
            self.add_error("carer", "请选择是谁在照顾；没有人照顾请把监护类型选为“独居”或“无人监护”。")
        return given


class ConsentForm(CareForm, forms.ModelForm):
    """What the family agreed to, or refused."""

    button = "保存"
    refused = forms.TypedChoiceField(
        label="家长或监护人的意见",
        choices=[("no", "同意"), ("yes", "不同意")],
        coerce=lambda value: value == "yes",
        widget=PillRadios,
    )

    class Meta:
        model = Consent
        fields = ("purpose", "refused", "given_by", "relation", "given_on", "notice_version")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        self.fields["given_by"].help_text = "写签字人的姓名；电话里说的写“电话告知”并尽快补签。"

    def layout(self) -> list[Any]:
        return ["purpose", "refused", Side("given_by", "relation"), Side("given_on", "notice_version")]

    def clean_given_on(self) -> date:
        day: date = self.cleaned_data["given_on"]
        if day > self.today:
            raise ValidationError(FUTURE)
        return day
