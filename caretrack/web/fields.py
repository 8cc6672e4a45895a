"""Template tags that draw forms: one field, the list of what is wrong, a whole form, a filter."""

from typing import Any

from crispy_forms.utils import render_crispy_form
from django import forms, template
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from caretrack.web.components import icon

register = template.Library()

PILLS = "care-pills"
CHECKS = "care-checks"


def field_kind(field: BoundField) -> str:
    """Which of the five drawings a field gets."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):  # RadioSelect before its parents
        return "pills" if getattr(widget, "as_pills", False) else "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if field.use_fieldset:
        return "group"
    return "plain"


@register.filter(name="field_kind")
def field_kind_filter(field: BoundField) -> str:
    """See field_kind."""
    return field_kind(field)


@register.filter
def counts_to(field: BoundField) -> int | None:
    """The limit up to which a long text counts its characters, if it has one."""
    limit = getattr(field.field, "max_length", None)
    return limit if limit and isinstance(field.field.widget, forms.Textarea) else None


@register.simple_tag
def draw_widget(field: BoundField) -> SafeString:
    """The input itself, with our classes; Django adds aria-describedby for help and errors."""
    widget = field.field.widget
    if isinstance(widget, forms.Select):
        look = "form-select"
    elif isinstance(widget, forms.CheckboxInput):
        look = "form-check-input"
    else:
        look = "form-control"
    attrs = {"class": " ".join(filter(None, [widget.attrs.get("class", ""), look]))}
    if limit := counts_to(field):
        attrs["data-care-count"] = str(limit)
        # The browser would cut a pasted text without a word; the server says by how much it is too long.
        attrs["maxlength"] = str(limit * 4)
    return field.as_widget(attrs=attrs)


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: forms.BaseForm) -> dict[str, Any]:
    """What is wrong with a form, on top of it; each line leads to its field. Nothing when nothing is wrong."""
    errors: ErrorDict = form.errors if form.is_bound else ErrorDict()
    lines = [
        {"label": form[name].label, "target": _first_input(form[name]), "text": text}
        for name, texts in errors.items()
        if name in form.fields
        for text in texts
    ]
    general = list(form.non_field_errors()) if form.is_bound else []
    asks_only = getattr(form, "asks_only", False)
    return {"general": general, "lines": lines, "count": len(general) + len(lines), "asks_only": asks_only}


def _first_input(field: BoundField) -> str:
    """The id that a link to the field leads to: its own, or that of its first choice."""
    if field.is_hidden:
        return ""
    if field_kind(field) in {"pills", "choices"} and len(field) > 0:
        return field[0].id_for_label or ""
    return field.id_for_label or field.auto_id or ""


@register.simple_tag(takes_context=True)
def care_form(context: Context, form: forms.BaseForm) -> SafeString:
    """A whole form with its error summary and buttons; the form is a CareForm and says the rest itself."""
    return render_crispy_form(form, context=context.flatten())


@register.inclusion_tag("components/fields.html")
def care_fields(form: forms.BaseForm) -> dict[str, Any]:
    """Only the fields of a form, one under the other, for pages that write their own <form>."""
    return {"form": form}


@register.simple_tag
def care_field(field: BoundField) -> SafeString:
    """One field with label, help and errors. templates/bootstrap5/field.html lets crispy draw its fields by it too."""
    if field.is_hidden:
        return field.as_widget()
    inside = _DRAWN.get(field_kind(field), _plain)(field)
    look = "care-field-wrong" if field.errors else ""
    looks = " ".join(filter(None, ["care-field", look, field.css_classes()]))
    return format_html('<div id="div_{}" class="{}">{}</div>', field.auto_id, looks, inside)


def _plain(field: BoundField) -> SafeString:
    return format_html(
        '<label class="form-label" for="{}">{}{}</label>{}{}{}',
        *(field.id_for_label, field.label, _required(field), _help(field), draw_widget(field), field_errors(field)),
    )


def _check(field: BoundField) -> SafeString:
    return format_html(
        '<label class="care-check" for="{}">{}<span>{}{}</span></label>{}{}',
        *(
            field.id_for_label,
            draw_widget(field),
            field.label,
            _required(field, "必选"),
            _help(field),
            field_errors(field),
        ),
    )


def _several(field: BoundField) -> SafeString:
    told = format_html(' aria-describedby="{}"', error_id(field)) if field.errors else ""
    return format_html(
        '<fieldset{}><legend class="care-legend">{}{}</legend>{}{}{}</fieldset>',
        *(told, field.label, _required(field), _help(field), _choices(field), field_errors(field)),
    )


def _choices(field: BoundField) -> SafeString:
    kind = field_kind(field)
    if kind == "group":
        return draw_widget(field)
    look = PILLS if kind == "pills" else CHECKS
    options = format_html_join(
        "",
        '<label class="{}"{}>{}<span>{}</span></label>',
        (
            (
                look.removesuffix("s"),
                format_html(' for="{}"', option.id_for_label) if option.id_for_label else "",
                option.tag(),
                option.choice_label,
            )
            for option in field
        ),
    )
    return format_html('<div class="{}">{}</div>', look, options)


def _required(field: BoundField, word: str = "必填") -> SafeString | str:
    return format_html('<span class="care-required">{}</span>', word) if field.field.required else ""


def _help(field: BoundField) -> SafeString | str:
    if not field.help_text:
        return ""
    return format_html('<p class="care-help" id="{}_helptext">{}</p>', field.auto_id, field.help_text)


_DRAWN = {"pills": _several, "choices": _several, "group": _several, "check": _check}


@register.filter
def error_id(field: BoundField) -> str:
    """The id of the element that says what is wrong with a field."""
    return f"{field.auto_id}_error"


@register.simple_tag
def field_errors(field: BoundField) -> SafeString | str:
    """What is wrong with a field; nothing when nothing is."""
    if not field.errors:
        return ""
    said = format_html_join(
        "", '<p class="care-error">{}<span>{}</span></p>', ((icon("exclamation-circle-fill"), e) for e in field.errors)
    )
    return format_html('<div id="{}">{}</div>', error_id(field), said)


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(context: Context, form: forms.BaseForm, *, button: str = "筛选") -> dict[str, Any]:
    """
    A filter form (GET); with JavaScript only the rows below change, without it the page reloads.

    A list that comes back from another address, as after a refused act, gives its own as `list_path`.
    """
    request = context.get("request")
    active = bool(request and any(value for name, value in request.GET.items() if name in form.fields))
    return {
        "form": form,
        "button": button,
        "path": context.get("list_path") or (request.path if request else ""),
        "active": active,
    }
