"""Forms that make a list of children: whole classes at once, or one pupil of another class by the full name."""

from collections.abc import Sequence
from typing import Any

from django import forms

from activities.gatherings import Audience
from caretrack.schools.models import SchoolClass
from caretrack.web.forms import CareForm, PillCheckboxes, PillRadios, Side


class InviteForm(CareForm, forms.Form):
    """Whole classes at once: which classes, which children of them."""

    button = "加入名单"
    audience = forms.ChoiceField(
        label="请哪些学生", choices=Audience.choices, initial=Audience.LEFT_BEHIND, widget=PillRadios
    )
    classes = forms.MultipleChoiceField(
        label="班级", widget=PillCheckboxes, error_messages={"required": "请至少选一个班。"}
    )

    def __init__(
        self, *args: Any, classes: Sequence[tuple[int, str]], chosen: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["classes"].choices = [(str(pk), name) for pk, name in classes]
        if chosen is not None:
            self.initial["classes"] = [str(chosen)]


class NamedForm(CareForm, forms.Form):
    """A pupil whom the leader of a list does not see: class and full name."""

    button = "加入"
    of = forms.ModelChoiceField(label="班级", queryset=SchoolClass.objects.none())
    name = forms.CharField(label="学生姓名", max_length=50, help_text="要写全名，和学校名册上一样。")

    def __init__(self, *args: Any, classes: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].queryset = SchoolClass.objects.filter(pk__in=[pk for pk, _ in classes])
        self.fields["of"].choices = [("", "请选择"), *((str(pk), name) for pk, name in classes)]

    def layout(self) -> list[Any]:
        return [Side("of", "name")]
