"""Filters over the pages of what is missing in dossiers."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from caretrack.access.policy import DataClass, Level
from caretrack.schools.class_names import class_choices
from caretrack.web.forms import FilterForm
from children.forms.filters import SHORT
from children.left_behind import Definition
from children.models import Child
from children.queries import classes_among, left_behind_ids

EVERYBODY = "all"
WHOM = [*((d.value, f"在册留守儿童（{name}）") for d, name in SHORT.items()), (EVERYBODY, "全部在校生")]


def dossiers_kept(staff: Any) -> QuerySet[Child]:
    """Children in a class whose dossier this person keeps."""
    return Child.objects.visible_to(staff, DataClass.CONTACT, Level.WRITE).on_roll()


class WhomFilter(FilterForm):
    """Of whom is asked: those on the register of 留守 by a definition, or every pupil."""

    whom = forms.ChoiceField(label="统计对象", required=False, choices=WHOM)

    @property
    def chosen(self) -> str:
        """The answer; the school's own definition when none was given."""
        given = getattr(self, "cleaned_data", None) or {}
        return given.get("whom") or Definition.SEED.value

    @property
    def words(self) -> str:
        """The answer in Chinese."""
        return dict(WHOM)[self.chosen]

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.chosen == EVERYBODY:
            return rows
        if self.chosen == Definition.SEED:
            return rows.with_a_parent_away()  # type: ignore[attr-defined]
        plain = Child.objects.filter(pk__in=rows.order_by().values("pk"))
        return rows.filter(pk__in=left_behind_ids(plain, self.chosen, timezone.localdate()))


class ContactFilter(WhomFilter):
    """Also by class."""

    school_class = forms.ChoiceField(label="班级", required=False)

    def __init__(self, data: Any = None, *, staff: Any = None, **kwargs: Any) -> None:
        super().__init__(data, staff=staff, **kwargs)
        today = timezone.localdate()
        self.fields["school_class"].choices = [
            ("", "全部"),
            *class_choices(classes_among(dossiers_kept(staff)), today),
        ]

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().narrow_valid(rows)
        wanted = self.cleaned_data["school_class"]
        return rows.filter(school_class=wanted) if wanted else rows
