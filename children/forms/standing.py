"""The filter over the list of 三特生."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from caretrack.schools.class_names import class_choices
from caretrack.web.forms import FilterForm
from children.models import Child, SpecialStanding, codes
from children.queries import classes_among


class SpecialFilter(FilterForm):
    """By group and class."""

    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *codes.SpecialKind.choices])
    school_class = forms.ChoiceField(label="班级", required=False)

    def __init__(self, data: Any = None, *, staff: Any = None, **kwargs: Any) -> None:
        super().__init__(data, staff=staff, **kwargs)
        today = timezone.localdate()
        listed = Child.objects.filter(pk__in=SpecialStanding.objects.visible_to(staff).order_by().values("child"))
        self.fields["school_class"].choices = [("", "全部"), *class_choices(classes_among(listed), today)]

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        given = self.cleaned_data
        if given["kind"]:
            rows = rows.filter(kind=given["kind"])
        return rows.filter(child__school_class=given["school_class"]) if given["school_class"] else rows
