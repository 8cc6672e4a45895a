"""How every form of CareTrack looks and behaves: one mixin, one helper, three layout pieces, two pickers."""

import uuid
from datetime import date
from functools import cache
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from caretrack.web.drafts import Sheet


class SaveHelper(FormHelper):
    """The one look of a form: labels above, what is wrong on top, a single primary button below, a way out.

    Takes the words on the button, the address of the way out (none: no link), whether the button does harm
    (tone "danger") and whether the form is wider than a column of text.
    """

    template = "components/form.html"
    form_show_errors = True
    render_hidden_fields = True

    def __init__(
        self,
        button: str = "保存",
        *,
        cancel_url: str = "",
        cancel: str = "返回",
        tone: str = "primary",
        wide: bool = False,
    ) -> None:
        super().__init__()
        self.button, self.cancel_url, self.cancel = button, cancel_url, cancel
        self.tone, self.wide = tone, wide
        self.sheet_token = ""
        self.form_tag = True
        self.attrs = {"novalidate": True, "data_care_once": True}

    def keep_draft(self, sheet: Sheet) -> None:
        """Let the browser save what is typed under this sheet, and let a refused POST be rescued under it."""
        self.sheet_token = sheet.token()


class Section(LayoutObject):
    """A titled group of fields; ``folded`` hides the rarely used ones until opened (open when one has an error)."""

    def __init__(self, title: str, *fields: Any, note: str = "", folded: bool = False) -> None:
        self.title, self.fields, self.note, self.folded = title, list(fields), note, folded

    def render(self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        """The group as HTML."""
        content = self.get_rendered_fields(form, context, template_pack, **kwargs)
        names = {pointer.name for pointer in self.get_field_names()}
        wrong = form.is_bound and bool(names & set(form.errors))
        filled = any(form[name].value() for name in names if name in form.fields)
        given = {
            "title": self.title,
            "note": self.note,
            "folded": self.folded,
            "unfolded": wrong or filled,
            "content": content,
        }
        return render_to_string("components/form_section.html", given)


class Side(LayoutObject):
    """Two or three short fields beside each other; on a phone one under the other."""

    def __init__(self, *fields: Any) -> None:
        self.fields = list(fields)

    def render(self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        """The fields as HTML."""
        content = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string("components/form_side.html", {"content": content, "three": len(self.fields) > 2})


class PillCheckboxes(forms.CheckboxSelectMultiple):
    """Several of a few: topics of a talk. Drawn as pills, real check boxes underneath."""

    as_pills = True


class PillRadios(forms.RadioSelect):
    """One of a few: the kind of a record. Drawn as pills, real radio buttons underneath."""

    as_pills = True


class PaperField(forms.FileField):
    """A picture or a PDF of at most `max_bytes`; the service looks into it, the browser only helps to choose."""

    def __init__(self, *, max_bytes: int, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text",
            f"照片（JPG、PNG、WEBP）或 PDF，不超过 {max_bytes >> 20} MB。照片会去掉拍摄地点等信息。",
        )
        super().__init__(
            widget=forms.FileInput(
                attrs={
                    "accept": "image/jpeg,image/png,image/webp,application/pdf",
                    "data-care-max-bytes": str(max_bytes),
                }
            ),
            error_messages={"required": "请选择要上传的文件。", "empty": "这个文件是空的，请重新选择。"},
            **kwargs,
        )


class CareForm(forms.BaseForm):
    """Mixin for every Form and ModelForm: ``class TalkForm(CareForm, forms.ModelForm)``.

    A form says about its look: ``button``, ``wide``, and in ``layout()`` the order and grouping of its fields.
    ``cancel_url`` is set by the page.
    """

    button = "保存"
    button_tone = "primary"
    wide = False
    cancel_url = ""
    cancel = "返回"
    asks_only = False
    """Whether it is read from the address and saves nothing, so that its errors speak of no saving."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.sheet: Sheet | None = None
        #: Refused only because the same is on record already: leaving the page loses nothing.
        self.is_on_record = False
        self.dress()

    def dress(self) -> None:
        """Give every field its input and its words; to be called again by a form that adds fields of its own."""
        for field in self.fields.values():
            _dress(field)

    def suggest(self, name: str, value: Any) -> None:
        """Start an empty field with `value`. A new row given as `instance` has an empty initial for every field."""
        if self.initial.get(name) in (None, "", []):
            self.initial[name] = value

    def layout(self) -> list[Any]:
        """Names, Section(...) and Side(...) in the order of the page; by default every visible field in turn."""
        return [field.name for field in self.visible_fields()]

    @property
    def helper(self) -> SaveHelper:
        """The helper that crispy draws this form with."""
        helper = SaveHelper(
            self.button, cancel_url=self.cancel_url, cancel=self.cancel, tone=self.button_tone, wide=self.wide
        )
        helper.layout = Layout(*self.layout())
        if self.sheet is not None:
            helper.keep_draft(self.sheet)
        return helper

    def add_refusal(self, refusal: ValidationError) -> None:
        """Show what a service refused: at the fields of this form where it has them, else on top."""
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class ClientKeyField(forms.UUIDField):
    """Names one drawing of a form. It is another each time, which is nothing that anybody typed."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ClientKeyForm(CareForm):
    """A form whose row carries a client key, so that pressing twice makes one row.

    The key is made with the page, travels hidden, and comes back in ``cleaned_data["client_key"]``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client_key"] = ClientKeyField(initial=uuid.uuid4)


class FilterForm(CareForm, forms.Form):
    """A filter over a list, read from the address. Invalid input shows nothing, never everything."""

    button = "筛选"
    asks_only = True

    def __init__(self, data: Any = None, *, staff: Any = None, **kwargs: Any) -> None:
        self.staff = staff
        super().__init__(data, **kwargs)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that the filter leaves; subclasses narrow in ``narrow_valid`` with ``self.cleaned_data``."""
        return self.narrow_valid(rows) if self.is_valid() else rows.none()

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """What the valid filter leaves of the rows: all, where a filter has no condition of its own."""
        return rows


#: Django's own translations of these speak of variables; a school says it like this.
WORDS = {
    "max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个，请删减。",
    "min_length": "至少 %(limit_value)d 个字，现在有 %(show_value)d 个。",
    "min_value": "不能小于 %(limit_value)s。",
    "max_value": "不能大于 %(limit_value)s。",
    "invalid_choice": "请从列出的选项里选择。",
    "null_characters_not_allowed": "含有不能保存的字符，请删去后再试。",
}
INVALID = {
    forms.DateField: "日期不对，请按 2026-03-05 的样子填写。",
    forms.DateTimeField: "时间不对，请按 2026-03-05 14:30 的样子填写。",
    forms.TimeField: "时间不对，请按 14:30 的样子填写。",
    forms.IntegerField: "请填写整数。",
    forms.DecimalField: "请填写数字。",
}


def _say(field: forms.Field, code: str, text: str) -> None:
    """Word a refusal, unless the form has words of its own for it."""
    # Copies of a field share its texts, so the very same object is Django's; comparing them would translate both.
    if field.error_messages.get(code) is _default(type(field), code):
        field.error_messages[code] = text


@cache
def _default(kind: type[forms.Field], code: str) -> Any:
    told = (vars(base).get("default_error_messages", {}) for base in kind.__mro__)
    return next((texts[code] for texts in told if code in texts), None)


def _of_our_time(value: date) -> None:
    """A browser takes a year of two or three digits; 0202 for 2026 is a slip of the hand wherever a day is asked."""
    if not 1900 <= value.year <= 2100:
        raise ValidationError(f"年份 {value.year} 不对，请写四位的年份。")


def _dress(field: forms.Field) -> None:
    """Give a field the input that a browser serves best, and a refusal that names it."""
    widget = field.widget
    choosing = isinstance(field, forms.ChoiceField | forms.ModelChoiceField | forms.FileField)
    _say(field, "required", f"{'请选择' if choosing else '请填写'}“{field.label}”。" if field.label else "请填写。")
    for code, text in WORDS.items():
        _say(field, code, text)
    if type(field) in INVALID:
        _say(field, "invalid", INVALID[type(field)])
    nothing = "请选择" if field.required else "未选"
    if isinstance(field, forms.ModelChoiceField) and field.empty_label is not None:
        field.empty_label = nothing if field.empty_label.startswith("---") else field.empty_label
    elif isinstance(field, forms.TypedChoiceField) and isinstance(widget, forms.RadioSelect):
        # A model's own word for nothing makes no button; a form that wants one says what nothing means.
        field.choices = [(value, label) for value, label in field.choices if value or not str(label).startswith("---")]
    elif isinstance(field, forms.ChoiceField) and isinstance(widget, forms.Select):
        field.choices = [(value, nothing if str(label).startswith("---") else label) for value, label in field.choices]
    if isinstance(field, forms.DateField) and type(widget) is forms.DateInput:
        field.validators.append(_of_our_time)
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"
        widget.attrs["class"] = "care-input-short"
    elif isinstance(field, forms.DateTimeField) and type(widget) is forms.DateTimeInput:
        widget.input_type = "datetime-local"
        widget.format = "%Y-%m-%dT%H:%M"
        widget.attrs["class"] = "care-input-short"
    elif isinstance(field, forms.TimeField) and type(widget) is forms.TimeInput:
        widget.input_type = "time"
        widget.format = "%H:%M"
        widget.attrs["class"] = "care-input-short"
    elif isinstance(widget, forms.NumberInput):
        widget.attrs.setdefault("inputmode", "numeric")
        widget.attrs["class"] = "care-input-short"
    elif isinstance(widget, forms.PasswordInput):
        widget.attrs.setdefault("autocomplete", "new-password")
    elif isinstance(widget, forms.Textarea) and widget.attrs.get("rows") in (None, "10"):
        widget.attrs["rows"] = "4"
