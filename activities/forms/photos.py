"""Pictures that go with a record, an activity or a meeting."""

from typing import Any

from django import forms

from caretrack.web.forms import CareForm, PillRadios
from children.photos import MAX_BYTES


class RecordPhotoForm(CareForm, forms.Form):
    """One picture and a word on it."""

    button = "添加照片"
    photo = forms.FileField(
        label="照片",
        widget=forms.ClearableFileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp", "data-care-max-bytes": str(MAX_BYTES)}
        ),
        help_text="会缩小并去掉拍摄地点等信息后保存。",
    )
    words = forms.CharField(label="说明", max_length=60, required=False)


class GatheringPhotoForm(RecordPhotoForm):
    """One picture, and whether pupils can be recognised on it."""

    shows_pupils = forms.TypedChoiceField(
        label="照片里能认出学生吗",
        choices=[("1", "能认出"), ("", "认不出（会场、背影、展板、作品）")],
        coerce=bool,
        required=False,
        empty_value=False,
        initial="1",
        widget=PillRadios,
    )

    def layout(self) -> list[Any]:
        return ["photo", "shows_pupils", "words"]
