"""Small tags and filters that every template may use without loading (a template builtin, see settings)."""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from caretrack import masking
from caretrack.web import addresses, components, fields

register = template.Library()
register.tags.update(addresses.register.tags)
register.tags.update(components.register.tags)
register.tags.update(fields.register.tags)
register.filters.update(fields.register.filters)

WEEKDAYS = "一二三四五六日"
NOTHING = "—"
#: What stays on one line: a blank to fill in with the sign behind it, the last word of a paragraph.
_WHOLE = re.compile(r"(（?＿[＿年月日]*[，。；：、）]*|[^＿\s，。；：、）]{2}[^＿\s]\Z)")


@register.simple_tag
def one_of(value: str, *allowed: str) -> str:
    """The value itself if it is one of the allowed; raises TemplateSyntaxError otherwise."""
    return components.checked("value", value, allowed)


@register.filter
def masked_id(value: Any) -> str:
    """An ID number with only its ends showing."""
    return masking.mask_id_number(str(value or ""))


@register.filter
def masked_phone(value: Any) -> str:
    """A phone number with only its ends showing."""
    return masking.mask_phone(str(value or ""))


def _day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def cn_date(value: date | datetime | None) -> str:
    """2026年3月5日, or a dash for no date."""
    if not value:
        return NOTHING
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日"


@register.filter
def cn_day(value: date | datetime | None) -> str:
    """3月5日, for lists that stay within a year."""
    if not value:
        return NOTHING
    day = _day(value)
    return f"{day.month}月{day.day}日"


@register.filter
def cn_weekday(value: date | datetime | None) -> str:
    """3月5日(星期四)."""
    if not value:
        return NOTHING
    return f"{cn_day(value)}（星期{WEEKDAYS[_day(value).weekday()]}）"


@register.filter
def cn_month(value: date | datetime | None) -> str:
    """2026年3月."""
    if not value:
        return NOTHING
    day = _day(value)
    return f"{day.year}年{day.month}月"


@register.filter
def cn_time(value: datetime | None) -> str:
    """3月5日 14:05, or only 14:05 when it was today."""
    if not value:
        return NOTHING
    moment = timezone.localtime(value) if timezone.is_aware(value) else value
    clock = f"{moment:%H:%M}"
    return clock if moment.date() == timezone.localdate() else f"{cn_day(moment)} {clock}"


@register.filter
def whole_ends(text: str) -> SafeString:
    """A paragraph of a paper: no line to write on is cut in two, no last word stands alone on a line."""
    parts = enumerate(_WHOLE.split(text))
    return format_html_join(
        "", "{}", ((format_html('<span class="whole">{}</span>', p) if n % 2 else p,) for n, p in parts)
    )


@register.filter
def or_dash(value: Any) -> Any:
    """The value, or a dash when there is none; zero is a value."""
    return NOTHING if value is None or value == "" else value
