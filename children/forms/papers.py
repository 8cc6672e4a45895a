"""Forms of what hangs on a dossier: a paper, standing as 三特生, a safety pledge, the counsellor's note."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.web.forms import CareForm, PaperField, PillRadios, Section, Side
from children.files import MAX_BYTES
from children.forms.family import FUTURE
from children.forms.guarded import GuardedForm
from children.models import ChildFile, MindNote, RestrictedNote, SafetyPledge, SpecialStanding


class FileForm(CareForm, forms.Form):
    """A paper for the dossier."""

    button = "上传"
    kind = forms.ChoiceField(label="类别", widget=PillRadios)
    file = PaperField(label="文件", max_bytes=MAX_BYTES)
    title = forms.CharField(label="名称", required=False, max_length=100, help_text="不填就用类别的名字。")
    on = forms.DateField(label="材料日期")
    restricted = forms.BooleanField(
        label="限知情人", required=False, help_text="勾选后只有上传人、德育主任和校长能打开。"
    )

    def __init__(self, *args: Any, today: date, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds

    def layout(self) -> list[Any]:
        return ["kind", "file", Side("title", "on"), "restricted"]

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError(FUTURE)
        return day


class RemovalForm(CareForm, forms.Form):
    """Why a paper leaves the dossier."""

    reason = forms.CharField(label="移除原因", max_length=200, help_text="如：放错了档案、有更清楚的一份。")


class StandingForm(GuardedForm, forms.ModelForm):
    """特困生, 特长生 or 残障生 with what is behind it."""

    class Meta:
        model = SpecialStanding
        fields = ("kind", "note", "starts_on", "ends_on")
        widgets = {"kind": PillRadios, "note": forms.Textarea(attrs={"rows": 3})}  # noqa: RUF012

    def __init__(self, *args: Any, today: date, kinds: list[tuple[str, str]], taken: set[str], **kwargs: Any) -> None:
        self.today, self.taken = today, taken
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds
        self.fields["note"].help_text = "如：低保户，父亲长期患病；书法好，县里获过奖；左腿残疾，需要接送。"
        self.fields["ends_on"].help_text = "不再属于这一类时填写。"
        if self.instance.pk is None:
            del self.fields["ends_on"]

    def layout(self) -> list[Any]:
        dates = [name for name in ("starts_on", "ends_on") if name in self.fields]
        return ["kind", "note", Side(*dates)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in ("starts_on", "ends_on"):
            if (day := given.get(name)) and day > self.today:
                self.add_error(name, FUTURE)
        if given.get("kind") in self.taken:
            self.add_error("kind", "这名学生已经登记在这一类里，请在原来的那一条上修改。")
        return given


class PledgeForm(GuardedForm, forms.ModelForm):
    """Who signed the safety pledge of the term for one party."""

    class Meta:
        model = SafetyPledge
        fields = ("signed_by", "signed_on", "template_version")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        self.fields["signed_by"].required = self.fields["signed_on"].required = True
        self.fields["template_version"].help_text = "学校责任书的版本，如“2026秋”；没有可以不填。"

    def layout(self) -> list[Any]:
        return [Section("安全责任书", Side("signed_by", "signed_on"), "template_version")]

    def clean_signed_on(self) -> date:
        day: date = self.cleaned_data["signed_on"]
        if day > self.today:
            raise ValidationError(FUTURE)
        return day


class MindForm(GuardedForm, forms.ModelForm):
    """What the counsellor keeps of the child's mind; for counsellors only."""

    class Meta:
        model = MindNote
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 8})}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False
        self.fields["text"].help_text = "只有本校心理教师能看到。"


class RestrictedNoteForm(GuardedForm, forms.ModelForm):
    """What is known of violence, abuse or crime around the child; for those who handle incidents only."""

    class Meta:
        model = RestrictedNote
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False
        self.fields[
            "text"
        ].help_text = "只有德育主任、校长和心理教师能看到。属于应报告情形的，请登记事件并按强制报告制度办理。"


def kinds_for(names: Any) -> list[tuple[str, str]]:
    """The kinds of papers as choices, in the order of the list."""
    return [(kind.value, kind.label) for kind in ChildFile.Kind if kind in names]
