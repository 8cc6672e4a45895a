"""Envelopes for one teacher, the screen on which a child writes, the letter boxes, special openings."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from activities.letters import without_reply
from activities.models import BoxOpening, SealedNote, SpecialOpening
from activities.models.opening import REASON_AT_LEAST
from activities.sealed import LONGEST
from caretrack.schools import throttle
from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, ClientKeyForm, FilterForm, PillRadios, Side


class EnvelopeForm(ClientKeyForm, forms.Form):
    """A paper envelope that came: for whom and when; nobody writes down what is in it."""

    button = "登记信封"
    addressee = forms.ModelChoiceField(label="写给哪位老师", queryset=Staff.objects.none())
    via = forms.ChoiceField(
        label="怎样收到",
        choices=[(v.value, v.label) for v in (SealedNote.Via.BOX, SealedNote.Via.HAND)],
        initial=SealedNote.Via.BOX,
        widget=PillRadios,
    )
    received_on = forms.DateField(label="收到日期")

    def __init__(self, *args: Any, people: "QuerySet[Staff]", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["addressee"].queryset = people  # type: ignore[attr-defined]
        self.fields["received_on"].initial = today

    def layout(self) -> list[Any]:
        return ["addressee", Side("via", "received_on")]


class ChildWritesForm(ClientKeyForm, forms.Form):
    """
    What a child types itself. The field's name keeps its text out of every draft (caretrack.web.drafts.SECRET_WORDS).
    """

    button = "封好，交给老师"
    addressee = forms.ModelChoiceField(label="我想告诉", queryset=Staff.objects.none(), empty_label="请选一位老师")
    secret_words = forms.CharField(
        label="我想说的话",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": "8", "autocomplete": "off", "spellcheck": "false"}),
        help_text="只有你选的老师能看到。遇到危险或有人伤害你，请马上当面告诉任何一位老师。",
    )

    def __init__(self, *args: Any, people: "QuerySet[Staff]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["addressee"].queryset = people  # type: ignore[attr-defined]


class ReaddressForm(CareForm, forms.Form):
    """Whom the child wants to have its letter instead."""

    button = "交给这位老师"
    addressee = forms.ModelChoiceField(
        label="孩子愿意交给谁", queryset=Staff.objects.none(), empty_label="请选一位老师"
    )
    asked = forms.BooleanField(
        label="我问过孩子本人，这是孩子自己的意思", help_text="您的姓名和时间会留在记录里。孩子想收回的，把信还给孩子，不用办理。",
        error_messages={"required": "信是孩子的，先问孩子本人愿意交给谁。"},
    )  # fmt: skip

    def __init__(self, *args: Any, people: "QuerySet[Staff]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["addressee"].queryset = people  # type: ignore[attr-defined]


class WordsForm(CareForm, forms.Form):
    """What the addressee wants to remember of a paper envelope; sealed like the note itself."""

    button = "保存摘记"
    secret_words = forms.CharField(
        label="摘记", max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": "4"})
    )


class BoxForm(CareForm, forms.ModelForm):
    """That a letter box was emptied."""

    button = "登记开箱"

    class Meta:
        model = BoxOpening
        fields = ("box", "on", "letters", "witness", "passed_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()

    def layout(self) -> list[Any]:
        return [Side("box", "on", "letters"), Side("witness", "passed_on")]


class LetterFilter(FilterForm):
    """Which letters: those that wait for a reply, of an occasion, of a name."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("waiting", "还没回信")])
    direction = forms.ChoiceField(
        label="方向", required=False, choices=[("", "寄出和收到"), ("寄出", "寄出"), ("收到", "收到")]
    )
    occasion = forms.ChoiceField(
        label="时机",
        required=False,
        choices=[("", "全部"), *((w, w) for w in ("平时", "传统节日", "长辈生日", "寒暑假"))],
    )

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for name in ("direction", "occasion"):
            if wanted := self.cleaned_data[name]:
                rows = rows.filter(**{f"detail__{name}": wanted})
        return without_reply(rows) if self.cleaned_data["state"] else rows


class OpeningForm(CareForm, forms.Form):
    """Why something sealed has to be opened; the password again, because a screen may stand open."""

    button = "打开（60分钟，全程留痕）"
    button_tone = "danger"
    category = forms.ChoiceField(label="情形", choices=SpecialOpening.Category.choices, widget=PillRadios)
    reason = forms.CharField(
        label="理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": "2"}),
        help_text=f"至少 {REASON_AT_LEAST} 个字，当事教师会看到。",
    )
    password = forms.CharField(
        label="您的登录密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, staff: Staff, address: str, safety_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff, self.address = staff, address
        if safety_only:
            safety = SpecialOpening.Category.SAFETY
            self.fields["category"].choices = [(safety.value, safety.label)]  # type: ignore[attr-defined]
            self.fields["category"].initial = safety.value

    def clean_password(self) -> str:
        """Counts as a log-in: wrong ones have to wait longer and longer."""
        name = self.staff.username
        if throttle.wait_left(name, self.address).total_seconds() > 0:
            raise ValidationError("密码输错次数较多，请稍等几分钟再试。")
        password: str = self.cleaned_data["password"]
        if not self.staff.check_password(password):
            throttle.note_failure(name, self.address)
            raise ValidationError("密码不对。")
        throttle.note_success(name, self.address)
        return password
