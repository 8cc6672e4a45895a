"""Naming a child, or several, in a form: the name, and the class where two are called alike."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from activities.picking import written_as
from children.models import Child
from children.models.child import ChildQuerySet

SHOWN = 5


class ChildNamed(forms.CharField):
    """A child among `children` by its name; several of one name are told apart by the class. Cleans to a Child or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        kwargs.setdefault("help_text", "写姓名；有同名的，后面写上班级，如“李小兰 四（1）班”。")
        super().__init__(**kwargs)
        self.children: ChildQuerySet = Child.objects.none()
        self.today: date = date.min

    def offer(self, children: ChildQuerySet, today: date) -> None:
        """Whom the field may find."""
        self.children, self.today = children, today

    def prepare_value(self, value: Any) -> Any:
        return self.words(value) if isinstance(value, Child) else value

    def words(self, child: Child) -> str:
        """How a child is written so that this field finds it again."""
        return f"{child.name} {child.class_name(self.today)}"

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "").strip()
        return self.find(text) if text else None

    def find(self, text: str) -> Child:
        """The child of this name. Raises ValidationError if there is none or several."""
        found = written_as(self.children, text, self.today)
        if not found:
            near = self.children.named(text.split()[0]).select_related("school_class__school", "school")
            told = "、".join(self.words(child) for child in near.by_name()[:SHOWN])
            asked = f"名字相近的有：{told}。请写上全名。" if told else "请核对姓名和班级。"
            raise ValidationError(f"没有找到叫“{text}”的学生，{asked}")
        if len(found) > 1:
            told = "、".join(self.words(child) for child in found[:SHOWN])
            raise ValidationError(f"有 {len(found)} 名学生叫“{found[0].name}”：{told}。请写上班级。")
        return found[0]


class ChildrenNamed(ChildNamed):
    """Several children by their names, each said as for one. Cleans to a list of Child, without repetitions."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 600)
        kwargs.setdefault("help_text", "写姓名，几名学生用顿号隔开；有同名的，后面写上班级，如“李小兰 四（1）班”。")
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": "2"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return "、".join(self.words(child) for child in value)
        return super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        text = str(forms.CharField.clean(self, value) or "")
        found: list[Child] = []
        refused: list[ValidationError] = []
        for part in filter(None, (part.strip() for part in re.split(r"[、，,;；\r\n]+", text))):
            try:
                child = self.find(part)
            except ValidationError as refusal:
                refused.append(refusal)
            else:
                found += [] if child in found else [child]
        if refused:
            raise ValidationError(refused)
        return found
