"""Forms of importing a list: the file with what is said beside it, and which column is which."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms

from caretrack.schools.models import School, Term
from caretrack.web.forms import CareForm, Side
from children.forms.importing import UploadForm
from children.tables.fields import AS_WRITTEN, Option
from children.tables.kinds import TableKind

NONE = ""


class TableUploadForm(UploadForm):
    """The file, the school, and the options of the kind of list."""

    def __init__(self, *args: Any, kind: TableKind, schools: list[School], today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, schools=schools, **kwargs)
        self.kind, self.schools, self.today = kind, schools, today
        self.fields["file"].label = "表格文件"
        self.fields[
            "file"
        ].help_text = "Excel 或 WPS 表格（.xlsx、.xls），或 CSV 文本。先核对、后导入，上传后不会直接改动。"
        makers: dict[str, Callable[[Option], forms.Field]] = {
            "term": self._term,
            "date": lambda option: forms.DateField(required=option.required),
            "text": lambda option: forms.CharField(required=option.required, max_length=40),
            "choice": lambda option: forms.ChoiceField(required=option.required, choices=option.choices),
        }
        self.current = Term.objects.current(schools[0], today) if schools else None
        for option in kind.options:
            made = makers[option.kind](option)
            made.label, made.help_text = option.label, option.help_text
            if option.initial:
                made.initial = option.initial(self.current, today)
            self.fields[option.name] = made
        self.order_fields(["school", *(option.name for option in kind.options), "file"])
        self.dress()

    def _term(self, option: Option) -> forms.Field:
        terms = Term.objects.filter(school__in=self.schools).select_related("school").order_by("-starts_on")
        many = len(self.schools) > 1
        listed = [(str(t.pk), f"{t.school.label} {t}" if many else str(t)) for t in terms]
        if not option.required:
            listed = [(NONE, AS_WRITTEN), *listed]
        initial = str(self.current.pk) if self.current else None
        return forms.ChoiceField(choices=listed, required=option.required, initial=initial)

    def clean(self) -> dict[str, Any]:
        """A term must be one of the chosen school; a day may not lie ahead."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        for option in self.kind.options:
            value = told.get(option.name)
            if option.kind == "date" and value and value > self.today:
                self.add_error(option.name, "日期不能在今天以后。")
            school = told.get("school")
            foreign = option.kind == "term" and value and not Term.objects.filter(pk=value, school=school).exists()
            if school and foreign:
                self.add_error(option.name, f"请选择{school.label}的学期。")
        return told

    def options(self) -> dict[str, str]:
        """What was said beside the file, as text."""
        told = {option.name: self.cleaned_data.get(option.name) for option in self.kind.options}
        return {name: str(value) for name, value in told.items() if value}


class TableColumnsForm(CareForm, forms.Form):
    """For every field of the list the column that holds it; one set of boxes a sheet."""

    button = "保存并核对"
    wide = True

    def __init__(self, *args: Any, kind: TableKind, headers: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.headers = kind, headers
        for number, header in enumerate(headers):
            columns = [(str(column["index"]), _shown(column)) for column in header["columns"]]
            current = {column["field"]: str(column["index"]) for column in header["columns"] if column["field"]}
            sheet = f"（工作表“{header['sheet']}”）" if len(headers) > 1 else ""
            for field in kind.fields:
                self.fields[f"{number}-{field.name}"] = forms.ChoiceField(
                    label=f"{field.title}{sheet}",
                    required=field.needed,
                    choices=[(NONE, "表里没有"), *columns],
                    initial=current.get(field.name, NONE),
                    error_messages={"required": f"请指明哪一列是“{field.title}”。"},
                )
        self.dress()

    def layout(self) -> list[Any]:
        """Three boxes beside each other, what is needed first; a sheet after the other."""
        rows: list[Any] = []
        for number in range(len(self.headers)):
            ordered = sorted(self.kind.fields, key=lambda field: not field.needed)
            names = [f"{number}-{field.name}" for field in ordered]
            rows += [Side(*names[start : start + 3]) for start in range(0, len(names), 3)]
        return rows

    def clean(self) -> dict[str, Any]:
        """One column cannot be two things."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(len(self.headers)):
            used: dict[str, str] = {}
            for field in self.kind.fields:
                column = told.get(f"{number}-{field.name}")
                if column and used.setdefault(column, field.title) != field.title:
                    self.add_error(f"{number}-{field.name}", f"这一列已经选作“{used[column]}”，请改选。")
        return told

    def mapping(self) -> dict[str, dict[int, str]]:
        """What was chosen, by sheet: column → field; a column that lost its field maps to nothing."""
        chosen: dict[str, dict[int, str]] = {}
        own = {field.name for field in self.kind.fields}
        for number, header in enumerate(self.headers):
            columns = {column["index"]: "" for column in header["columns"] if column["field"] in own}
            for field in self.kind.fields:
                if column := self.cleaned_data.get(f"{number}-{field.name}"):
                    columns[int(column)] = field.name
            chosen[header["sheet"] or ""] = columns
        return chosen


def _shown(column: dict[str, Any]) -> str:
    samples = "、".join(column["samples"][:2])
    return f"{column['letter']}列 {column['label'] or '（无标题）'}{f'：{samples}' if samples else ''}"
