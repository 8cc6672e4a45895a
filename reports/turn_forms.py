"""The form of the year turn: a row for every graduate and every class."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField

from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm
from children.models import Child
from reports.turn_people import GROUPS
from reports.year_turn import (
    GRADUATE,
    LATER,
    MOST_NEW_CLASSES,
    STAY,
    TRANSFER,
    ClassLine,
    Decisions,
    Outcome,
    Situation,
)

WHAT = [(GRADUATE, "毕业"), (STAY, "留级"), (TRANSFER, "转学"), (LATER, "暂不处理")]
SEASONS = {1: "第一学期", 2: "第二学期"}
ROWS_TO_SPARE = 2
#: Asks the browser to offer the schools of this installation, which the page lists once.
SCHOOLS = {"list": "turn-schools", "autocomplete": "off"}


@dataclass(frozen=True)
class GraduateRow:
    child: Child
    what: BoundField
    where: BoundField


@dataclass(frozen=True)
class GraduatingBlock:
    line: ClassLine
    where: BoundField
    rows: list[GraduateRow]


def _date_field(label: str, initial: date) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "care-input-short"}, format="%Y-%m-%d")
    return forms.DateField(label=label, initial=initial, widget=widget, required=False)


def _in_table(label: str, look: str) -> dict[str, str]:
    """Attributes of an input that stands in a table: its label is for the screen reader only."""
    return {"class": f"{look} {look}-sm", "aria-label": label}


class YearTurnForm(CareForm, forms.Form):
    """Fields are made from what stands: classes that graduate with their pupils, classes that move up, terms missing."""

    button = "下一步：核对要办的事"
    wide = True

    def __init__(self, *args: Any, now: Situation, today: date, **kwargs: Any) -> None:
        self.now = now
        super().__init__(*args, **kwargs)
        year = now.year
        first_day, last_day = date(year, 9, 1), date(year, 7, 10)
        self.fields["last_day"] = _date_field("毕业生在校最后一天", min(last_day, today))
        self.fields["starts_on"] = _date_field("新任班主任从哪天起", first_day)
        self.fields["new_classes"] = forms.IntegerField(
            label="新生一共几个班",
            min_value=0,
            max_value=MOST_NEW_CLASSES,
            initial=len(now.first_year) or now.usual_classes,
            help_text="已经建立的算在内；班号从1排起。",
            widget=forms.NumberInput(attrs={"class": "care-input-short", "inputmode": "numeric"}),
        )
        for line in now.graduating:
            key = line.school_class.pk
            if now.graduates.get(key):
                self.fields[f"class_where_{key}"] = forms.CharField(
                    label=f"{line.before}毕业生升入的学校",
                    required=False,
                    max_length=100,
                    widget=forms.TextInput(SCHOOLS),
                )
            for child in now.graduates.get(key, ()):
                what, where = f"{child.name}的去向", f"{child.name}去的学校"
                self.fields[f"what_{child.pk}"] = forms.ChoiceField(
                    label=what, choices=WHAT, initial=GRADUATE, widget=forms.Select(_in_table(what, "form-select"))
                )
                self.fields[f"where_{child.pk}"] = forms.CharField(
                    label=where,
                    required=False,
                    max_length=100,
                    widget=forms.TextInput(_in_table(where, "form-control") | SCHOOLS),
                )
        for line in (*now.moving, *now.first_year):
            self.fields[f"teacher_{line.school_class.pk}"] = self._teacher(f"{line.after}班主任", line.teacher)
        for number in self.new_numbers():
            self.fields[f"new_teacher_{number}"] = self._teacher(f"新生{number}班班主任", None)
        for season, words in SEASONS.items():
            if season not in now.terms:
                first, last = (
                    (first_day, date(year + 1, 1, 20))
                    if season == 1
                    else (
                        date(year + 1, 2, 20),
                        date(year + 1, 7, 10),
                    )
                )
                self.fields[f"term{season}_first"] = _date_field(f"{words}开学", first)
                self.fields[f"term{season}_last"] = _date_field(f"{words}放假", last)

    def _teacher(self, label: str, present: Staff | None) -> forms.ModelChoiceField:
        known = [one.staff.pk for one in self.now.people]
        people = Staff.objects.filter(pk__in=known + ([present.pk] if present else []))
        field = forms.ModelChoiceField(
            label=label,
            queryset=people.order_by("pinyin", "pk"),
            required=False,
            initial=present,
            empty_label="待定",
            widget=forms.Select(_in_table(label, "form-select")),
        )
        # One list for every class: asked once, not once a field.
        field.choices = self._choices(present)
        return field

    def _choices(self, present: Staff | None) -> list[tuple[Any, Any]]:
        people = self.now.people
        away = [] if present is None or any(one.staff == present for one in people) else [(present.pk, present.name)]
        groups = [(group, [(one.staff.pk, one.label) for one in people if one.group == group]) for group in GROUPS]
        return [("", "待定"), *away, *((group, choices) for group, choices in groups if choices)]

    def new_numbers(self) -> list[int]:
        """Numbers of first-year classes that are not there yet and may be made, with a few to spare."""
        existing = {line.school_class.number for line in self.now.first_year}
        most = max(self.now.usual_classes, len(existing)) + ROWS_TO_SPARE
        return [number for number in range(1, most + 1) if number not in existing]

    # what the page draws

    def blocks(self) -> list[GraduatingBlock]:
        return [
            GraduatingBlock(
                line,
                self[f"class_where_{line.school_class.pk}"],
                [
                    GraduateRow(child, self[f"what_{child.pk}"], self[f"where_{child.pk}"])
                    for child in self.now.graduates[line.school_class.pk]
                ],
            )
            for line in self.now.graduating
            if self.now.graduates.get(line.school_class.pk)
        ]

    def class_rows(self) -> Iterator[tuple[ClassLine, BoundField]]:
        for line in (*self.now.moving, *self.now.first_year):
            yield line, self[f"teacher_{line.school_class.pk}"]

    def new_rows(self) -> list[tuple[int, BoundField]]:
        return [(number, self[f"new_teacher_{number}"]) for number in self.new_numbers()]

    def term_rows(self) -> list[tuple[str, BoundField, BoundField]]:
        return [
            (words, self[f"term{season}_first"], self[f"term{season}_last"])
            for season, words in SEASONS.items()
            if f"term{season}_first" in self.fields
        ]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for name in ("last_day", "starts_on"):
            if name not in self.errors and not given.get(name):
                self.add_error(name, f"请填写“{self.fields[name].label}”。")
        for season in SEASONS:
            first, last = given.get(f"term{season}_first"), given.get(f"term{season}_last")
            if bool(first) != bool(last):
                self.add_error(
                    f"term{season}_{'last' if first else 'first'}", "开学和放假日期要一起填；都不填表示以后再建。"
                )
        return given

    def decisions(self) -> Decisions:
        """What was decided; only after the form was found valid."""
        given = self.cleaned_data
        outcomes = []
        for key, children in self.now.graduates.items():
            for child in children:
                where = given[f"where_{child.pk}"].strip()
                if given[f"what_{child.pk}"] == GRADUATE:
                    where = where or given[f"class_where_{key}"].strip()
                outcomes.append(Outcome(child, given[f"what_{child.pk}"], where))
        lines = (*self.now.moving, *self.now.first_year)
        return Decisions(
            last_day=given["last_day"],
            starts_on=given["starts_on"],
            outcomes=tuple(outcomes),
            new_classes=given["new_classes"],
            teachers={line.school_class.pk: given[f"teacher_{line.school_class.pk}"] for line in lines},
            new_teachers={
                number: given[f"new_teacher_{number}"]
                for number in self.new_numbers()
                if number <= given["new_classes"] and given.get(f"new_teacher_{number}")
            },
            terms={
                season: (given[f"term{season}_first"], given[f"term{season}_last"])
                for season in SEASONS
                if given.get(f"term{season}_first")
            },
        )
