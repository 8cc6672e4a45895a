"""Forms of boarders: one in a term, or the beds of a class."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.periods import chinese_date
from caretrack.schools.models import Staff, Term
from caretrack.schools.serving import serving
from caretrack.web.forms import Side
from children.forms.life.entry import FUTURE, EntryForm
from children.forms.life.grid import GridForm
from children.life.boarding import tidy_bed
from children.models import BoardingTerm, Child

BED_HELP = "写法要统一，如“女生楼201-3”。"
CARE_COLUMNS = ("rating", "comment")


class BoardingForm(EntryForm):
    """One boarder in one term."""

    class Meta:
        model = BoardingTerm
        fields = ("bed", "since", "keeper", "rating", "comment")

    def __init__(self, *args: Any, care: bool, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.term = term
        self.fields["since"].help_text = "从哪天起住校；不清楚可以不填。"
        stored = Staff.objects.filter(pk=self.instance.keeper_id)
        self.fields["keeper"].queryset = serving(self.child.school_id, self.today) | stored
        self.fields["bed"].help_text = BED_HELP
        if not care:
            for name in CARE_COLUMNS:
                del self.fields[name]

    def layout(self) -> list[Any]:
        return [Side("bed", "since"), "keeper", *(name for name in CARE_COLUMNS if name in self.fields)]

    def clean_since(self) -> date | None:
        day: date | None = self.cleaned_data["since"]
        if day and day > self.today:
            raise ValidationError(FUTURE)
        if day and day > self.term.ends_on:
            raise ValidationError(f"{self.term}在{chinese_date(self.term.ends_on)}已经结束，入住日期不能在这以后。")
        return day

    def clean_bed(self) -> str:
        return tidy_bed(self.cleaned_data["bed"])


class BedGrid(GridForm):
    """The beds of a class; every boarder has a line, an empty cell is a boarder without a bed."""

    model = BoardingTerm
    shared = ("keeper",)
    columns: tuple[str, ...] = ("bed",)
    keeper = forms.ModelChoiceField(
        label="负责教师",
        queryset=Staff.objects.none(),
        required=False,
        help_text="选了就写给名单里的每一名学生；不选的，各人保持原样。",
    )

    def __init__(self, *args: Any, term: Any, staff_choices: Any, **kwargs: Any) -> None:
        self.term = term
        super().__init__(*args, **kwargs)
        self.fields["keeper"].queryset = staff_choices  # type: ignore[attr-defined]
        for child in self.children:
            self.initial.setdefault(f"bed_{child.pk}", child.dorm_bed)

    @classmethod
    def cell(cls, name: str) -> forms.Field:
        field = super().cell(name)
        if name == "comment":
            field.widget.attrs["maxlength"] = "200"
        return field

    def taken(self, child: Child) -> bool:
        return child.pk in self.present or super().taken(child) or bool(self.cleaned_data.get("keeper"))

    def row_changed(self, child: Child, standing: Any) -> bool:
        keeper = self.cleaned_data.get("keeper")
        return super().row_changed(child, standing) or (keeper is not None and standing.keeper_id != keeper.pk)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        beds: dict[tuple[str, str], list[Child]] = {}
        for child in self.children:
            if bed := tidy_bed(given.get(f"bed_{child.pk}") or ""):
                beds.setdefault((child.sex, bed), []).append(child)
        for (_, bed), sharing in beds.items():
            for child in sharing[1:]:
                self.add_error(f"bed_{child.pk}", ValidationError(f"{bed}已经给了{sharing[0].name}，一床一人。"))
        return given

    def new_row(self, child: Child, values: dict[str, Any]) -> Any:
        keeper = self.cleaned_data.get("keeper")
        return BoardingTerm(child=child, term=self.term, keeper=keeper, **self.filled(values))

    def update_row(self, standing: Any, values: dict[str, Any]) -> Any:
        keeper = self.cleaned_data.get("keeper")
        return super().update_row(standing, self.filled(values) | ({"keeper": keeper} if keeper else {}))

    @staticmethod
    def filled(values: dict[str, Any]) -> dict[str, Any]:
        """Text cells hold text, also when they are empty."""
        return {name: value or "" for name, value in values.items()}


class StayGrid(BedGrid):
    """Beds and the evaluation of the term, for those who get the care of the children."""

    columns = ("bed", *CARE_COLUMNS)
