"""Forms of the import wizard: the file, the meaning of its columns, the answers to its questions."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from caretrack.schools.models import School
from caretrack.web.forms import CareForm, Section, Side
from children.importing.aliases import AGE, CHILD_FIELDS, FIELDS, IGNORE, PERSONS, SENSITIVE, field_label, is_sensitive
from children.importing.guard import LIMITS
from children.importing.mending import RowCell
from children.models import codes

UNKNOWN = ""
_KEEP_IN_NOTE = "写进备注"
_LATER = {True: "以后再定（这些学生这次不导入）", False: "以后再定（这一项先不导入，其余照常）"}
_NO_FIELD = (UNKNOWN, IGNORE, AGE, SENSITIVE, "note")
"""What several columns of a sheet may be taken for."""


class UploadForm(CareForm, forms.Form):
    """The file, and the school if the person keeps the register of several."""

    button = "上传并核对"
    school = forms.ModelChoiceField(label="导入到", queryset=School.objects.none(), empty_label=None)
    file = forms.FileField(
        label="花名册文件",
        help_text="Excel 或 WPS 表格（.xlsx、.xls），或 CSV 文本，不超过 20 MB。先核对、后导入，上传后不会直接改动学生信息。",
        widget=forms.ClearableFileInput(
            attrs={"accept": ".xlsx,.xls,.csv,.et", "data-care-max-bytes": str(LIMITS.file_bytes)}
        ),
    )

    def __init__(self, *args: Any, schools: list[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["school"]
        choice.queryset = School.objects.filter(pk__in=[school.pk for school in schools])
        choice.initial = schools[0].pk if schools else None
        if len(schools) == 1:
            choice.widget = forms.HiddenInput()

    def clean_file(self) -> UploadedFile:
        """A file above the limit is refused before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > LIMITS.file_bytes:
            megabytes = LIMITS.file_bytes >> 20
            raise ValidationError(f"文件超过 {megabytes} MB。请删去表格里的图片和空白行，或按班级分成几个文件上传。")
        return file


def field_choices() -> list[tuple[str, Any]]:
    """What a column can be mapped to, grouped for the select box."""
    groups: list[tuple[str, Any]] = [
        (UNKNOWN, _KEEP_IN_NOTE),
        (IGNORE, "不导入这一列"),
        (AGE, field_label(AGE)),
        (SENSITIVE, field_label(SENSITIVE)),
        ("学生", [(info.name, info.label) for info in CHILD_FIELDS]),
    ]
    for person, (word, _) in PERSONS.items():
        own = [(name, info.label) for name, info in FIELDS.items() if name.startswith(f"{person}.")]
        groups.append((word, own))
    return groups


@lru_cache(maxsize=1)
def _options() -> SafeString:
    """The option tags of every column's select box; a wide roster has dozens of boxes with the same hundred options."""

    def tags(choices: Iterable[tuple[str, Any]]) -> SafeString:
        return format_html_join("", '<option value="{}">{}</option>', choices)

    parts = [
        format_html('<optgroup label="{}">{}</optgroup>', value, tags(label))
        if isinstance(label, list)
        else tags([(value, label)])
        for value, label in field_choices()
    ]
    return mark_safe("".join(parts))  # noqa: S308  put together from escaped parts


def _short_options(value: str) -> SafeString:
    """The option tags of a column that was recognised for certain."""
    words = {UNKNOWN: _KEEP_IN_NOTE, IGNORE: "不导入这一列"}
    if value not in words:
        words = {value: field_label(value), **words}
    return format_html_join("", '<option value="{}">{}</option>', words.items())


class MeaningSelect(forms.Select):
    """
    A select box over all fields, drawn from one prepared text instead of a template an option.

    A short one has only what the column was taken for and the two ways of not taking it: seventy boxes with all fields
    would weigh more than half a megabyte.
    """

    def __init__(self, *args: Any, short: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.short = short

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The box with the chosen option marked."""
        chosen = format_html('<option value="{}">', value or "")
        marked = format_html('<option value="{}" selected>', value or "")
        options = _short_options(value or "") if self.short else _options()
        options = mark_safe(options.replace(chosen, marked, 1))  # noqa: S308
        given = flatatt({**self.build_attrs(self.attrs, attrs), "name": name})
        return format_html("<select{}>{}</select>", given, options)


class QuestionsForm(CareForm, forms.Form):
    """One select box a question; a question may stay open."""

    button = "保存回答"

    def __init__(self, *args: Any, questions: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys: dict[str, str] = {}
        for number, question in enumerate(questions):
            name = f"q{number}"
            self.keys[name] = question["key"]
            self.fields[name] = forms.ChoiceField(
                label=question["sentence"],
                required=False,
                choices=[("", _LATER[question.get("waits", True)]), *map(tuple, question["choices"])],
                initial=question["answer"] or question["default"],
            )

    def answers(self) -> dict[str, str]:
        """The answers by question key."""
        return {key: self.cleaned_data[name] for name, key in self.keys.items() if self.cleaned_data.get(name)}


def _is_certain(column: dict[str, Any], fields: list[str]) -> bool:
    """True for a column that was recognised without doubt and shares its field with no other."""
    return column["confidence"] >= 1 and (column["field"] in _NO_FIELD or fields.count(column["field"]) == 1)


class ColumnsForm(QuestionsForm):
    """What each column means, when the roster counts from, and the questions about columns and sheets."""

    button = "下一步：预览"
    on = forms.DateField(label="名册日期", help_text="父母外出、调班等变动按这一天登记。")
    entry_on = forms.DateField(
        label="新学生在班起始日期",
        help_text="第一次建名册填开学日；名册用了一个月以上的，按名册日期，报过的月份不变。早于这一天的关爱记录不能登记。",
    )
    entry_kind = forms.ChoiceField(
        label="新学生登记为",
        choices=[(kind.value, kind.label) for kind in codes.ENTERS_SCHOOL],
        help_text="写进变动登记，用于核对期初、期末人数。",
    )

    reason = forms.CharField(
        label="导入不应收集的列的理由",
        required=False,
        max_length=200,
        help_text="银行卡号、宗教信仰等默认不导入；确有文件要求时，在上面改选这一列，并写明依据。理由会存档。",
    )

    def __init__(
        self,
        *args: Any,
        headers: list[dict[str, Any]],
        questions: list[dict[str, Any]],
        every_field: bool = False,
        **kwargs: Any,
    ) -> None:
        if len({header["sheet"] for header in headers}) > 1:
            questions = [
                {**asked, "sentence": f"“{asked['sheet']}”：{asked['sentence']}"} if asked["sheet"] else asked
                for asked in questions
            ]
        super().__init__(*args, questions=questions, **kwargs)
        self.columns: list[dict[str, Any]] = []
        choices = field_choices()
        for sheet_number, header in enumerate(headers):
            fields = [column["field"] for column in header["columns"]]
            for column in header["columns"]:
                name = f"c{sheet_number}-{column['index']}"
                shown = f"{column['letter']}列“{column['label'] or '无标题'}”"
                self.fields[name] = forms.ChoiceField(
                    label=shown,
                    required=False,
                    choices=choices,
                    initial=column["field"],
                    widget=MeaningSelect(
                        attrs={"aria-label": f"{shown}是什么"},
                        short=not every_field and _is_certain(column, fields),
                    ),
                )
                self.columns.append(
                    {
                        "name": name,
                        "sheet": header["sheet"] or "",
                        # An overview kept by an earlier version knows of one list a sheet.
                        "list": (header["sheet"] or "", header.get("block", 0)),
                        "sensitive": is_sensitive(column["label"]),
                        "shown": shown,
                        **column,
                    }
                )
        if not any(column["sensitive"] for column in self.columns):
            del self.fields["reason"]

    def layout(self) -> list[Any]:
        """Only the dates: columns and questions are drawn by the page itself."""
        return [Section("登记方式", Side("on", "entry_on", "entry_kind"))]

    def clean(self) -> dict[str, Any]:
        """A name column is needed, and no two columns of a list may mean the same (fault 23)."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        used: dict[tuple[tuple[str, int], str], dict[str, Any]] = {}
        for column in self.columns:
            meaning = cleaned.get(column["name"], "")
            if meaning in _NO_FIELD:
                continue
            first = used.setdefault((column["list"], meaning), column)
            if first is not column:
                sentence = f"{first['shown']}也认作“{field_label(meaning)}”，一项只能来自一列，请改选其中一列。"
                self.add_error(column["name"], sentence)
        self._reason_for_sensitive(cleaned)
        for sheet, block in {column["list"] for column in self.columns}:
            if ((sheet, block), "name") not in used:
                self.add_error(None, f"请指明哪一列是学生姓名{f'（工作表“{sheet}”）' if sheet else ''}。")
        if (on := cleaned.get("on")) and (entry := cleaned.get("entry_on")) and entry > on:
            self.add_error("entry_on", "在班起始日期不能晚于名册日期。")
        return cleaned

    def _reason_for_sensitive(self, cleaned: dict[str, Any]) -> None:
        """What a school should not collect comes in by choice only, with a reason that is kept (fault 74)."""
        for column in self.columns:
            taken = column["sensitive"] and cleaned.get(column["name"]) not in (IGNORE, SENSITIVE)
            if taken and not cleaned.get("reason", "").strip():
                self.add_error("reason", f"请写明为什么要导入{column['shown']}，或把这一列改回“不导入”。")
                return

    def mapping(self) -> dict[str, dict[str, str]]:
        """Only what a person has changed: {sheet: {column index: field}}."""
        changed: dict[str, dict[str, str]] = {}
        for column in self.columns:
            meaning = self.cleaned_data.get(column["name"], "")
            if meaning != column["field"]:
                changed.setdefault(column["sheet"], {})[str(column["index"])] = meaning
        return changed


class RowForm(CareForm, forms.Form):
    """The cells of one row under the file's own column titles, to be corrected."""

    button = "保存"

    def __init__(self, *args: Any, cells: Iterable[RowCell], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cells = list(cells)
        for cell in self.cells:
            self.fields[cell.key] = forms.CharField(
                label=f"{cell.place} {cell.label}",
                required=False,
                max_length=500,
                initial=cell.text,
                strip=False,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def texts(self) -> dict[str, str]:
        """What now stands in each cell, by its key."""
        return {cell.key: self.cleaned_data[cell.key] for cell in self.cells}

    def lines(self) -> list[tuple[RowCell, Any]]:
        """Each cell with its box."""
        return [(cell, self[cell.key]) for cell in self.cells]
