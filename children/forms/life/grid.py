"""A form for many pupils: what is the same for all on top, below it a line for each pupil, saved in one press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField

from caretrack.web.forms import CareForm, SaveHelper
from children.life.rows import SAME_PAPER, TWICE, twins
from children.models import Child
from children.models.life import is_blank

CHANGED_MEANWHILE = "{who}刚刚改过这一行。您填写的还在；核对后再按一次保存，就以您填的为准。"
PICK_SOMEBODY = "还没有勾选学生。请在名单里勾选后再保存。"
WRITE_SOMETHING = "名单里还没有填写内容。请至少填写一名学生再保存。"


@dataclass(frozen=True)
class GridRow:
    """One line: the pupil, the box that picks the pupil (None: every line counts), and the cells."""

    child: Child
    class_name: str
    take: BoundField | None
    cells: list[tuple[str, BoundField]]
    note: str = ""

    @property
    def wrong(self) -> bool:
        """Whether something in the line was refused."""
        return any(box.errors for _, box in self.cells) or (self.take is not None and bool(self.take.errors))


class GridForm(CareForm, forms.Form):
    """
    The lines of `children`. A subclass names its model, its shared fields, its columns, and refuses in `check_row`.

    `present` are rows that stand already (child id → row); their lines show them and change them. Only lines that were
    changed are written. Made by `grid_form`, which gives each line its fields.
    """

    model: type[Any]
    shared: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    ticks = ""
    wide = True
    button = "全部保存"

    def __init__(
        self,
        *args: Any,
        children: Sequence[Child],
        today: date,
        by: Any,
        present: Mapping[int, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.children, self.today, self.by = list(children), today, by
        self.present = dict(present or {})
        start = dict(initial or {})
        for pk, row in self.present.items():
            start |= {f"{name}_{pk}": self.value_of(row, name) for name in self.columns}
            start |= {f"version_{pk}": row.version, f"take_{pk}": True}
        super().__init__(*args, initial=start, **kwargs)
        self.new: list[Any] = []
        self.changed_rows: list[Any] = []

    @classmethod
    def cell(cls, name: str) -> forms.Field:
        """The field of one column; the model's own, never required."""
        return cls.model._meta.get_field(name).formfield(required=False)  # type: ignore[no-any-return]

    @classmethod
    def column_labels(cls) -> list[str]:
        """The heads of the columns."""
        return [str(cls.cell(name).label) for name in cls.columns]

    def value_of(self, row: Any, name: str) -> Any:
        """What a cell shows of a row that stands."""
        return getattr(row, name)

    def layout(self) -> list[Any]:
        return list(self.shared)

    @property
    def helper(self) -> SaveHelper:
        """The shared fields only: the page draws the lines, the form tag and the button."""
        helper = super().helper
        helper.form_tag = False
        return helper

    @property
    def rows(self) -> list[GridRow]:
        """The lines in the order of the children."""
        heads = list(zip(self.column_labels(), self.columns, strict=True))
        return [
            GridRow(
                child,
                child.class_name(self.today),
                self[f"take_{child.pk}"] if self.ticks else None,
                [(label, self[f"{name}_{child.pk}"]) for label, name in heads],
                self.note_of(child),
            )
            for child in self.children
        ]

    def note_of(self, child: Child) -> str:
        """What stands behind the name in a line."""
        return ""

    def taken(self, child: Child) -> bool:
        """Whether a line counts: it is ticked, or something is written in it."""
        if self.ticks:
            return bool(self.cleaned_data.get(f"take_{child.pk}"))
        return any(self.cell_filled(child, name) for name in self.columns)

    def cell_filled(self, child: Child, name: str) -> bool:
        """Whether something stands in a cell, also something that was refused."""
        key = f"{name}_{child.pk}"
        return key in self.errors or not is_blank(self.cleaned_data.get(key))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        shared_sound = not any(name in self.errors for name in self.shared)
        self.new, self.changed_rows, counted = [], [], 0
        for child in self.children:
            standing = self.present.get(child.pk)
            if not self.taken(child):
                if standing is not None:
                    self.left_empty(child, standing)
                continue
            counted += 1
            values = {name: given.get(f"{name}_{child.pk}") for name in self.columns}
            self.check_row(child, values)
            if not shared_sound or self.row_refused(child):
                continue
            if standing is None:
                self.new.append(self.new_row(child, values))
            elif self.row_changed(child, standing) and self.not_overtaken(child, standing):
                self.changed_rows.append(self.update_row(standing, values))
        if not counted and not self.present and not self.errors:
            self.nothing_written()
        if shared_sound and self.new:
            self.refuse_twins()
        return given

    def nothing_written(self) -> None:
        """No line counts: say what is expected."""
        self.add_error(None, PICK_SOMEBODY if self.ticks else WRITE_SOMETHING)

    def row_refused(self, child: Child) -> bool:
        return any(f"{name}_{child.pk}" in self.errors for name in ("take", *self.columns))

    def row_changed(self, child: Child, standing: Any) -> bool:
        names = {f"{name}_{child.pk}" for name in self.columns}
        return not names.isdisjoint(self.changed_data)

    def not_overtaken(self, child: Child, standing: Any) -> bool:
        """Refuse a line that somebody else saved since this page was opened; saving again is then meant."""
        key = f"version_{child.pk}"
        opened = self.cleaned_data.get(key)
        if opened is None or opened == standing.version:
            return True
        self.data = self.data.copy()
        self.data[key] = str(standing.version)
        self.refuse_row(child, CHANGED_MEANWHILE.format(who=standing.change.staff_name))
        return False

    def refuse_row(self, child: Child, words: str) -> None:
        """Say what is wrong with a whole line, at its first box."""
        self.add_error(f"take_{child.pk}" if self.ticks else f"{self.columns[0]}_{child.pk}", words)

    def left_empty(self, child: Child, standing: Any) -> None:
        """A line that stood was emptied: nothing is cleared here (the list deletes, and asks before)."""

    def check_row(self, child: Child, values: dict[str, Any]) -> None:
        """Add errors to the cells of a line whose values cannot be."""

    def shared_values(self) -> dict[str, Any]:
        """What every row gets from the fields on top."""
        return {name: self.cleaned_data.get(name) for name in self.shared}

    def new_row(self, child: Child, values: dict[str, Any]) -> Any:
        """The row of a line, not saved."""
        return self.model(child=child, **self.shared_values() | values)

    def update_row(self, standing: Any, values: dict[str, Any]) -> Any:
        """A standing row with the values of its line."""
        for name, value in values.items():
            setattr(standing, name, value)
        return standing

    def refuse_twins(self) -> None:
        """Refuse lines that say what a row says already: the same list pressed twice."""
        fields = SAME_PAPER.get(self.model, ())
        if not fields:
            return
        alike: dict[tuple[Any, ...], list[Any]] = {}
        for row in self.new:
            alike.setdefault(tuple(getattr(row, name) for name in fields), []).append(row)
        by_pk = {child.pk: child for child in self.children}
        for key, rows in alike.items():
            for pk in twins(self.model, [row.child_id for row in rows], dict(zip(fields, key, strict=True))):
                self.refuse_row(by_pk[pk], TWICE)


def grid_form(base: type[GridForm], children: Sequence[Child]) -> type[GridForm]:
    """A form class of `base` with the fields of every child's line."""
    fields: dict[str, Any] = {}
    for child in children:
        if base.ticks:
            label = f"{child.name}：{base.ticks}"
            box = forms.CheckboxInput({"aria-label": label, "data-care-take": ""})
            fields[f"take_{child.pk}"] = forms.BooleanField(required=False, label=label, widget=box)
        for name in base.columns:
            field = base.cell(name)
            field.label = f"{child.name}：{field.label}"
            field.help_text = ""
            field.widget.attrs["aria-label"] = field.label
            fields[f"{name}_{child.pk}"] = field
        fields[f"version_{child.pk}"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
    return type(base.__name__, (base,), fields)
