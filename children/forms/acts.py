"""Forms of the dossier: a new child, the support level, a photo."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.schools.class_names import class_label
from caretrack.schools.models import SchoolClass, Staff
from caretrack.web.forms import CareForm, PillRadios, Section, Side
from children.duplicates import Suspects
from children.forms.family import FUTURE
from children.forms.numbers import NumberChecks
from children.models import Child, codes
from children.photos import MAX_BYTES

Kind = codes.ChangeKind
WAYS_IN = [(k.value, k.label) for k in (Kind.ENROL_NEW, Kind.IN_TRANSFER, Kind.FOUND, Kind.RESUME)]


class ClassChoice(forms.ModelChoiceField):
    """A class by the name that it has today."""

    def __init__(self, *args: Any, today: date, several: bool = False, **kwargs: Any) -> None:
        self.today, self.several = today, several
        super().__init__(*args, **kwargs)

    def label_from_instance(self, obj: SchoolClass) -> str:
        return class_label(obj, self.today, several=self.several)


def not_future(form: Any, name: str) -> None:
    """Refuse a day after today."""
    if (day := form.cleaned_data.get(name)) and day > form.today:
        form.add_error(name, FUTURE)


class NewChildForm(NumberChecks, CareForm, forms.ModelForm):
    """The first facts of a child; everything else follows in the dossier."""

    button = "建立档案"
    kind = forms.ChoiceField(label="怎样来的", choices=WAYS_IN, widget=PillRadios)
    on = forms.DateField(label="入班日期", help_text="一般是本学期开学日；转入、复学的填实际到校的日子。")
    reason = forms.CharField(label="原学校或说明", required=False, max_length=200)
    unchecked = forms.BooleanField(label="号码暂时无法核对，先保存为“未核对”", required=False)
    not_the_same = forms.BooleanField(label="已核对，不是同一个学生", required=False)

    class Meta:
        model = Child
        fields = ("name", "sex", "birth_date", "ethnic", "id_no", "student_no", "address", "boarding")
        widgets = {"id_no": forms.TextInput, "student_no": forms.TextInput}  # noqa: RUF012

    def __init__(self, *args: Any, staff: Staff, today: date, classes: Any, **kwargs: Any) -> None:
        self.staff, self.today = staff, today
        self.suspects = Suspects()
        super().__init__(*args, **kwargs)
        schools = {c.school_id for c in classes}
        self.fields["school_class"] = ClassChoice(
            label="班级", queryset=classes, today=today, several=len(schools) > 1, empty_label="请选择"
        )
        self.fields["sex"].choices = [("", "请选择"), *[c for c in codes.Sex.choices if c[0] in "12"], ("9", "未说明")]
        self.fields["sex"].initial = ""
        self.initial.pop("sex", None)

    def layout(self) -> list[Any]:
        again = ["not_the_same"] if self.suspects else []
        return [
            *again,
            Section("是谁", Side("name", "sex"), Side("birth_date", "ethnic")),
            Section("证件和学籍", "id_no", "student_no", "unchecked", note="手边没有可以先不填，以后在档案里补。"),
            Section("到哪个班", "kind", Side("school_class", "on"), "reason", Side("boarding", "address")),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in ("on", "birth_date"):
            not_future(self, name)
        if (born := given.get("birth_date")) and (on := given.get("on")) and on <= born:
            self.add_error("on", "入班日期要晚于出生日期。")
        self.check_numbers(but=None)
        return given


class SupportForm(CareForm, forms.Form):
    button = "认定"
    level = forms.ChoiceField(label="帮扶级别", choices=codes.SupportLevel.choices, widget=PillRadios)
    reason = forms.CharField(
        label="认定理由", max_length=300, widget=forms.Textarea, help_text="写看到的事实和为什么这样定。"
    )
    on = forms.DateField(label="认定日期")
    review_on = forms.DateField(label="复核日期", required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def layout(self) -> list[Any]:
        return ["level", "reason", Side("on", "review_on")]

    def clean(self) -> dict[str, Any]:
        not_future(self, "on")
        return self.cleaned_data


class PhotoForm(CareForm, forms.Form):
    button = "上传照片"
    photo = forms.FileField(
        label="照片",
        help_text="JPG、PNG 或 WEBP，不超过 15 MB。会自动缩小并去掉拍摄地点等信息。",
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp", "data-care-max-bytes": str(MAX_BYTES)}
        ),
        error_messages={"required": "请选择一张照片。", "empty": "这个文件是空的，请重新选择照片。"},
    )

    def clean_photo(self) -> Any:
        file = self.cleaned_data["photo"]
        if file.size > MAX_BYTES:
            raise ValidationError(
                f"照片有 {file.size / 1024 / 1024:.0f} MB，超过 15 MB，没有保存。请在手机相册里缩小，或截一张图再选。"
            )
        return file
