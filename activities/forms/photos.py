"""A picture that goes with a record."""

from django import forms

from caretrack.web.forms import CareForm
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
