"""Forms of taking in a hand-over file: open it, then confirm what was found in it."""

from typing import Any

from django import forms

from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, PillRadios, Side
from children.forms.acts import ClassChoice, not_future
from children.transfer_file import LARGEST, BadFile
from children.transfer_look import held


class OpenForm(CareForm, forms.Form):
    """The file and its passphrase; nothing is taken in yet."""

    button = "打开文件"
    file = forms.FileField(
        label="档案移交文件",
        help_text="原学校从 CareTrack 导出的加密文件。",
        widget=forms.FileInput(attrs={"accept": ".caretrack", "data-care-max-bytes": str(LARGEST)}),
        error_messages={"required": "请选择档案移交文件。", "empty": "这个文件是空的，请重新选择。"},
    )
    passphrase = forms.CharField(label="口令", max_length=100, widget=forms.PasswordInput, help_text="向原学校询问。")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("文件太大，不是档案移交文件。")
        return file


class TakeForm(CareForm, forms.Form):
    """Where the child of the opened file goes; `opened` carries the file's contents, sealed."""

    button = "接收档案"
    opened = forms.CharField(widget=forms.HiddenInput)
    on = forms.DateField(label="入班日期")
    same = forms.ChoiceField(
        label="本校有这名学生以前的档案",
        choices=[("yes", "是同一个人，接着用旧档案"), ("no", "不是同一个人，或先不接收")],
        widget=PillRadios,
        required=False,
    )

    def __init__(
        self, *args: Any, today: Any, classes: Any, staff: Staff, returns: bool = False, **kwargs: Any
    ) -> None:
        self.today, self.staff, self.returns = today, staff, returns
        super().__init__(*args, **kwargs)
        self.fields["school_class"] = ClassChoice(label="编入", queryset=classes, today=today, empty_label="请选择")
        self.dress()

    def layout(self) -> list[Any]:
        return [*(["same"] if self.returns else []), Side("school_class", "on")]

    def clean(self) -> dict[str, Any]:
        not_future(self, "on")
        try:
            self.cleaned_data["package"] = held(self.cleaned_data.get("opened", ""), self.staff)
        except BadFile as gone:
            raise forms.ValidationError(str(gone)) from gone
        return self.cleaned_data
