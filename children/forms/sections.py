"""One form for each section of the dossier that consists of fields of the child."""

from datetime import date
from typing import Any

from django import forms
from django.forms import modelform_factory

from caretrack.schools.models import Staff
from caretrack.web.forms import PillCheckboxes, Section, Side
from children.forms.family import with_present
from children.forms.guarded import GuardedForm
from children.forms.numbers import NumberChecks
from children.forms.word_boxes import WORDS, WordBoxes, words_of
from children.models import Child, codes
from children.sections import Part

YES_NO = [("", "未填写"), ("true", "是"), ("false", "否")]
TEXTS = (
    "illness", "conduct", "note", "temper_note", "hobbies", "wishes", "study_difficulty", "family_education",
    "family_suggestion",
)  # fmt: skip
BLOOD = [("", "未填写")] + [(text, text) for text in ("A型", "B型", "AB型", "O型", "不详")]
NOT_LATER = (
    "birth_date", "family_confirmed_on", "enrolled_on", "filled_on", "checked_on",
)  # fmt: skip
HELP = {
    "birth_lunar": "家里按农历过生日的填写，如“八月十五”。",
    "ethnic_note": "民族选“其他”时写明。",
    "village_group": "如“青榕村三组”。",
    "hukou_place": "户口簿上的地址，写到村（社区）。",
    "address": "写到门牌或村民组，老师家访找得到。",
    "commute_km": "从家到学校的路程。",
    "emergency_contact": "写姓名、关系和电话。",
    "illness_kind": "身体情况选“患病”时填写。",
    "study_attitude": "如：认真主动、需要督促。",
    "boarding_subsidy": "农村义务教育阶段寄宿生生活费补助。",
    "family_education": "谁管学习和行为，平时怎样教育。",
    "family_confirmed_by": "写姓名和关系，如“祖母王桂英”。",
    "approved_by": "登记表上签字的单位负责人。",
    "neighbour_contact": "家里电话打不通时找谁。",
    "family_confirmed_on": "家长或监护人看过并确认档案内容的日期。",
    "retain_until": "毕业或转出后按规定保存到哪一天。",
    "illness": "患过的较重的病、正在吃的药、要注意的事。",
    "allergy": "食物、药物、花粉等。",
}
ECONOMY: list[Any] = [
    "family_structure", Side("household_size", "income_per_head"), "income_sources", "income_sources_other", "hardship",
    "aid_received", "aid_received_other", "boarding_subsidy",
]  # fmt: skip
LAYOUTS: dict[str, list[Any]] = {
    "identity": [
        Section("姓名和出生", Side("name", "former_name"), Side("sex", "ethnic"), "ethnic_note",
                Side("birth_date", "birth_precision"), "birth_lunar"),
        Section("证件和学籍", "id_type", "id_no", "student_no", "unchecked", "id_verified", Side("aux_no", "class_seq")),
    ],
    "home": ["address", "village_group", Side("hukou_registered", "hukou_kind"), "hukou_place"],
    "school": [Side("enrolled_on", "boarding"), "dorm_bed", Side("commute", "commute_km"), "needs_bus",
               Side("study_level", "study_attitude")],
    "health": [Side("body_state", "school_health"), Side("disability", "disability_grade"),
               "illness_kind", "illness", "allergy", "blood_type"],
    "economy": ECONOMY,
    "character": ["temper", "temper_note", "hobbies", "conduct", "wishes", "study_difficulty"],
    "homeschool": ["family_education", "family_suggestion"],
    "safety": ["alone_at_home", "water_on_way", "emergency_contact", "emergency_contact_2", "neighbour_contact"],
    "admin": [
        Section("家长或监护人确认", Side("family_confirmed_on", "family_confirmed_by")),
        Section("填表和复核", Side("filled_by", "filled_on"), Side("checked_by", "checked_on"), "approved_by"),
        Section("保存", "retain_until", "note"),
    ],
}  # fmt: skip


class SectionForm(WordBoxes, NumberChecks, GuardedForm, forms.ModelForm):
    """The fields of one section that this person may write."""

    part: Part
    not_compared = frozenset({"unchecked", *(f"{name}_other" for name in WORDS)})

    def __init__(self, *args: Any, staff: Staff, today: date, **kwargs: Any) -> None:
        self.staff, self.today = staff, today
        super().__init__(*args, **kwargs)
        for name, text in HELP.items():
            if name in self.fields:
                self.fields[name].help_text = text
        if "blood_type" in self.fields:
            self.fields["blood_type"].choices = with_present(BLOOD, self.instance.blood_type)
        self.offer_words()
        if "id_no" in self.fields:
            self.fields["unchecked"] = forms.BooleanField(
                label="号码暂时无法核对，先保存为“未核对”",
                required=False,
                help_text="户口簿上的号码就是这样、或与生日性别不一致又一时查不清时勾选。档案会标“未核对”。",
            )
            self.fields["id_verified"].help_text = "看过户口簿或身份证原件后勾选。"

    def row_value(self, row: Any, name: str) -> Any:
        value = super().row_value(row, name)
        return "、".join(words_of(value)) if name in WORDS else value

    def layout(self) -> list[Any]:
        return [piece for item in LAYOUTS[self.part.key] if (piece := self._present(item)) is not None]

    def _present(self, item: Any) -> Any:
        """The layout without the fields that this person does not get."""
        if isinstance(item, str):
            return item if item in self.fields else None
        inner = [piece for field in item.fields if (piece := self._present(field)) is not None]
        if not inner:
            return None
        return Section(item.title, *inner) if isinstance(item, Section) else Side(*inner)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in NOT_LATER:
            if (day := given.get(name)) and day > self.today:
                self.add_error(name, "日期不能在今天以后。")
        if (way := given.get("commute_km")) is not None and way < 0:
            self.add_error("commute_km", "路程不能小于 0 公里。")
        self.join_words()
        if "id_no" in self.fields:
            self.check_numbers(but=self.instance.pk)
            if given.get("unchecked") or not given.get("id_no"):
                given["id_verified"] = False
        return given


def child_form(base: Any, names: list[str]) -> Any:
    """A form class over the fields `names` of the child, with the widgets of the dossier; `base` is a ModelForm."""
    widgets: dict[str, Any] = {name: forms.Textarea(attrs={"rows": 3}) for name in TEXTS if name in names}
    fields: dict[str, forms.Field] = {}
    for name in names:
        if Child._meta.get_field(name).get_internal_type() == "BooleanField" and Child._meta.get_field(name).null:  # type: ignore[union-attr]
            widgets[name] = forms.NullBooleanSelect
    if "id_no" in names:
        widgets |= {"id_no": forms.TextInput, "student_no": forms.TextInput}
    made = modelform_factory(Child, form=base, fields=names, widgets=widgets)
    if "blood_type" in names:
        fields["blood_type"] = forms.ChoiceField(label="血型", required=False)
    if "hardship" in names:
        fields["hardship"] = forms.MultipleChoiceField(
            label="困难类别", required=False, choices=codes.Hardship.choices, widget=PillCheckboxes
        )
    return type(made)(base.__name__, (made,), fields)


def section_form(part: Part, names: list[str]) -> type[SectionForm]:
    """The form class of a section with the fields `names` of it."""
    made = child_form(SectionForm, names)
    made.part = part
    return made  # type: ignore[no-any-return]
