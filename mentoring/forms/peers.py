"""Forms of peer pairs."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from caretrack.web.forms import CareForm, FilterForm, PillRadios, Side
from mentoring.models import PeerCheck, PeerPairing


class PeerFilter(FilterForm):
    """Which pairs."""

    school_class = forms.ChoiceField(label="班级", required=False)
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *PeerPairing.Kind.choices])
    ended = forms.BooleanField(label="也看已结束的", required=False)

    def __init__(self, *args: Any, classes: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]  # type: ignore[attr-defined]

    def narrow_valid(self, rows: "QuerySet[PeerPairing]") -> "QuerySet[PeerPairing]":
        asked = self.cleaned_data
        if asked["school_class"]:
            rows = rows.filter(
                Q(child__school_class=asked["school_class"]) | Q(peer__school_class=asked["school_class"])
            )
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        return rows if asked["ended"] else rows.filter(ends_on__isnull=True)


class NamedPeerForm(CareForm, forms.Form):
    """A pupil of a class that this person does not see: by class and full name."""

    button = "下一步"
    of = forms.ChoiceField(label="班级")
    name = forms.CharField(label="学生姓名", max_length=50, help_text="要写全名，和学校名册上一样。")

    def __init__(self, *args: Any, classes: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].choices = [("", "请选择"), *((str(pk), name) for pk, name in classes)]  # type: ignore[attr-defined]

    def layout(self) -> list[Any]:
        return [Side("of", "name")]


class PeerForm(CareForm, forms.Form):
    """How one helps the other, and since when."""

    button = "安排同伴结对"
    kind = forms.ChoiceField(label="类别", choices=PeerPairing.Kind.choices, widget=PillRadios)
    starts_on = forms.DateField(label="结对日期")


class PeerEndForm(CareForm, forms.Form):
    on = forms.DateField(label="最后一天")
    effect = forms.CharField(label="效果", max_length=200, required=False)


class PeerCheckForm(CareForm, forms.Form):
    """How a pair does."""

    button = "登记检查"
    on = forms.DateField(label="检查日期")
    effect = forms.ChoiceField(label="效果", choices=PeerCheck.Effect.choices, widget=PillRadios)
    note = forms.CharField(label="具体情况", max_length=200, required=False)
