"""Forms of letters to families, their slips, and parents' suggestions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from activities.family.letters import LETTER_FIELDS
from activities.models import LetterText, Suggestion
from caretrack.merging import check, field
from caretrack.web.forms import CareForm, FilterForm, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.name_search import name_matches

MOST_OPTIONS = 6
OPTION_LENGTH = 30


class LetterForm(CareForm, forms.ModelForm):
    """A letter; saving a change makes the next version."""

    button = "保存"
    wide = True
    options = forms.CharField(
        label="回执选项", required=False, max_length=200, help_text="用顿号隔开，如：能参加、不能参加"
    )

    class Meta:
        model = LetterText
        fields = ("kind", "title", "text", "question")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget = forms.Textarea(attrs={"rows": 14})
        named = "、".join(map(field, LETTER_FIELDS))
        self.fields["text"].help_text = f"每行一段。可以用的字段：{named}，打印时换成每个孩子的内容。"
        self.fields["question"].help_text = "不要回执就不填，如：家长会您能参加吗？"
        self.dress()

    def layout(self) -> list[Any]:
        return [Side("kind", "title"), "text", Section("回执", Side("question", "options"))]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        check(text, LETTER_FIELDS)
        return text

    def clean_options(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["options"].replace("，", "、").split("、")]
        options = list(dict.fromkeys(filter(None, words)))
        if len(options) > MOST_OPTIONS or any(len(word) > OPTION_LENGTH for word in options):
            raise ValidationError(f"最多 {MOST_OPTIONS} 个选项，每个不超过 {OPTION_LENGTH} 字。")
        return options

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("options") and not cleaned.get("question"):
            self.add_error("question", "有选项，请写上回执问题。")
        self.instance.options = cleaned.get("options") or []
        return cleaned


class SendForm(CareForm, forms.Form):
    """To whom a letter goes."""

    button = "登记发出"
    to = forms.ChoiceField(label="发给")
    away = forms.BooleanField(label="只发给父母外出的家庭", required=False)
    on = forms.DateField(label="发出日期")
    return_by = forms.DateField(label="回执截止", required=False, help_text="没有回执就不填。")

    def __init__(self, *args: Any, classes: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("all", "我能看到的全部班级")] if len(classes) > 1 else []
        self.fields["to"].choices = [*((str(pk), name) for pk, name in classes), *every]

    def layout(self) -> list[Any]:
        return ["to", "away", Side("on", "return_by")]


class SlipForm(CareForm, forms.Form):
    """The slips of those ticked came back."""

    button = "登记收回"
    on = forms.DateField(label="收回日期")
    choice = forms.ChoiceField(label="选择", required=False)

    def __init__(self, *args: Any, options: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = [("", "没有选"), *((word, word) for word in options)]


class SuggestionForm(CareForm, forms.ModelForm):
    """What a family proposes."""

    button = "保存建议"

    class Meta:
        model = Suggestion
        fields = ("given_by", "on", "about", "text", "answer_by")
        widgets = {"about": PillRadios, "text": forms.Textarea(attrs={"rows": 4})}  # noqa: RUF012

    def layout(self) -> list[Any]:
        return [Side("given_by", "on"), "about", "text", "answer_by"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        on, by = cleaned.get("on"), cleaned.get("answer_by")
        if on and by and by < on:
            self.add_error("answer_by", "答复期限不能早于提出日期。")
        return cleaned


class AnswerForm(VersionedForm, forms.ModelForm):
    """The answer, and that the family was told."""

    button = "保存答复"

    class Meta:
        model = Suggestion
        fields = ("answer", "answered_on", "told_on")
        widgets = {"answer": forms.Textarea(attrs={"rows": 4})}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].required = self.fields["answered_on"].required = True
        self.fields["told_on"].help_text = "已经告诉家长了就填。"
        self.dress()

    def layout(self) -> list[Any]:
        return ["answer", Side("answered_on", "told_on"), "version"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        answered, told = cleaned.get("answered_on"), cleaned.get("told_on")
        if answered and answered < self.instance.on:
            self.add_error("answered_on", "答复日期不能早于提出日期。")
        if answered and told and told < answered:
            self.add_error("told_on", "告知日期不能早于答复日期。")
        return cleaned


class SuggestionFilter(FilterForm):
    """Which suggestions: by name, about what, how far."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    about = forms.ChoiceField(label="方面", required=False, choices=[("", "全部"), *Suggestion.About.choices])
    state = forms.ChoiceField(
        label="情况",
        required=False,
        choices=[("", "没办完的"), ("late", "过期没答复"), ("done", "已告知家长"), ("all", "全部")],
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def narrow_valid(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        asked = self.cleaned_data
        if q := asked["q"].strip():
            rows = rows.filter(name_matches(q, "child__"))
        if asked["about"]:
            rows = rows.filter(about=asked["about"])
        if asked["state"] == "late":
            return rows.overdue(self.today)  # type: ignore[attr-defined, no-any-return]
        if asked["state"] == "done":
            return rows.filter(told_on__isnull=False)
        return rows if asked["state"] == "all" else rows.open()  # type: ignore[attr-defined, no-any-return]
