"""Why a record is taken back."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from activities.forms.child_named import ChildNamed
from activities.withdrawals import REASON_LENGTH
from caretrack.web.forms import CareForm
from caretrack.web.suggesting import Suggesting
from children.models import Child
from children.models.child import ChildQuerySet


class ReasonForm(CareForm, forms.Form):
    """Why something entered by mistake is taken back."""

    reason = forms.CharField(label="原因", max_length=REASON_LENGTH, help_text="如：登错了学生、重复登记。")


class MoveForm(ReasonForm):
    """The reason, and of whom it was meant if it is to stand there."""

    to = ChildNamed(label="改到另一名学生", required=False)

    def __init__(self, *args: Any, child: Child, others: ChildQuerySet, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.child = child
        to = self.fields["to"]
        to.offer(others, today)  # type: ignore[attr-defined]
        mates = others.filter(school_class=child.school_class_id).exclude(pk=child.pk)
        named = mates.select_related("school_class__school", "school").by_name()
        to.widget = Suggesting([to.words(mate) for mate in named], to.widget.attrs)  # type: ignore[attr-defined]
        to.help_text = f"不用重写：撤回后打开那名学生的一条，内容已经填好，核对后保存。同班的可以点选。{to.help_text}"

    def clean_to(self) -> Child | None:
        found: Child | None = self.cleaned_data["to"]
        if found == self.child:
            raise ValidationError("写的还是原来这名学生。只撤回的，这里不用写。")
        return found


class WithdrawForm(CareForm, forms.Form):
    """The reason; for a group talk whether the records of the others go as well; for the author where the words go."""

    button = "撤回"
    reason = forms.CharField(label="原因", max_length=REASON_LENGTH, help_text="如：登错了学生、重复登记、类别选错了。")
    whole = forms.BooleanField(label="", required=False)
    move = forms.BooleanField(
        label="改记给别的学生",
        required=False,
        help_text="撤回后打开新的一条，写过的内容已经填好，选对学生再保存。",
    )

    def __init__(self, *args: Any, others: int, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not own:
            del self.fields["move"]
        if others:
            self.fields["whole"].label = f"同时撤回这次集体记录的其他 {others} 条"
        else:
            del self.fields["whole"]

    def layout(self) -> list[Any]:
        return list(self.fields)
