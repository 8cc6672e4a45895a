"""The parts that pages are put together from, as template tags.

Each tag's signature declares the options of its part: an option that does not exist is refused when the template is
compiled, a value that does not exist when it is rendered. ``/dev/components/`` shows every part in every variant.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context
from django.template.base import render_value_in_context
from django.template.defaulttags import CsrfTokenNode
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NOTICE_TONES = {"info": "info-circle-fill", "success": "check-circle-fill", "warning": "exclamation-triangle-fill",
                "danger": "x-octagon-fill"}  # fmt: skip
TONES = {"neutral": "dash-circle", "info": "info-circle", "good": "check-circle", "warn": "exclamation-triangle",
         "bad": "x-circle", "urgent": "exclamation-octagon-fill", "private": "lock-fill"}  # fmt: skip
#: state: (tone, icon, words). The words may be replaced, the tone may not: a state looks the same everywhere.
STATES = {
    "due": ("info", "clock", "待完成"),
    "done": ("good", "check-circle-fill", "已完成"),
    "late": ("warn", "clock-history", "逾期补做"),
    "attempted": ("warn", "telephone-x", "未联系上"),
    "excused": ("neutral", "slash-circle", "本期免做"),
    "missing": ("bad", "x-circle-fill", "未完成"),
    "overdue": ("bad", "alarm-fill", "已逾期"),
    "draft": ("neutral", "pencil", "草稿"),
    "submitted": ("info", "send-fill", "已上报"),
    "returned": ("warn", "arrow-counterclockwise", "已退回"),
    "approved": ("good", "patch-check-fill", "已审核"),
    "running": ("info", "hourglass-split", "处理中"),
    "failed": ("bad", "x-octagon", "失败"),
    "open": ("info", "circle", "进行中"),
    "closed": ("neutral", "archive", "已结束"),
    "level_general": ("neutral", "person", "一般"),
    "level_watch": ("info", "eye", "关注"),
    "level_key": ("warn", "flag-fill", "重点"),
    "level_urgent": ("urgent", "exclamation-octagon-fill", "紧急"),
    "restricted": ("private", "lock-fill", "保密"),
}


_CSRF = CsrfTokenNode()


def checked(option: str, value: str, allowed: Iterable[str]) -> str:
    """The value if it is allowed; raises TemplateSyntaxError naming the option otherwise."""
    allowed = list(allowed)
    if value not in allowed:
        raise template.TemplateSyntaxError(f"{option}={value!r} is unknown; use one of {', '.join(allowed)}")
    return value


@dataclass(frozen=True)
class Tab:
    """One tab: words, address, whether it is the page shown, and a number that may stand beside it."""

    label: str
    url: str
    active: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Crumb:
    """One step of the way to a page; the last one has no address."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Difference:
    """One field that two people changed: what this person typed, what the other saved, what it was before."""

    label: str
    mine: Any
    theirs: Any
    before: Any


@register.inclusion_tag("components/notice.html")
def notice(tone: str, text: str = "", *, title: str = "", url: str = "", link: str = "") -> dict[str, Any]:
    """A message inside a page. Tones: info, success, warning, danger (read out at once)."""
    mark = NOTICE_TONES[checked("tone", tone, NOTICE_TONES)]
    return {"tone": tone, "mark": mark, "text": text, "title": title, "url": url, "link": link, "content": ""}


@register.simple_block_tag
def notice_block(content: SafeString, tone: str, title: str = "") -> SafeString:
    """A message with marked-up content: {% notice_block "warning" %}…{% endnotice_block %}."""
    mark = NOTICE_TONES[checked("tone", tone, NOTICE_TONES)]
    given = {"tone": tone, "mark": mark, "text": "", "title": title, "url": "", "link": "", "content": content}
    return render_to_string("components/notice.html", given)


@register.simple_tag
@lru_cache(maxsize=1000)
def icon(name: str, extra: str = "") -> SafeString:
    """A decorative icon by its Bootstrap name, hidden from screen readers: the words beside it say the same."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise template.TemplateSyntaxError(f"{name!r} is no icon name")
    return format_html('<i class="bi bi-{}{}" aria-hidden="true"></i>', name, f" {extra}" if extra else "")


# Badges, facts and their labels stand on a page by the dozen: they are put together here, without a template each.


@register.simple_tag
def badge(tone: str, label: Any, *, mark: str = "") -> SafeString:
    """A short remark with colour, icon and words. Tones: neutral, info, good, warn, bad, urgent, private."""
    tone = checked("tone", tone, TONES)
    return format_html('<span class="care-badge care-tone-{}">{}{}</span>', tone, icon(mark or TONES[tone]), label)


@register.simple_tag
def state(name: str, *, label: str = "") -> SafeString:
    """The badge of a state that several pages show (see STATES), so that it looks the same on each."""
    tone, mark, words = STATES[checked("state", name, STATES)]
    return badge(tone, label or words, mark=mark)


@register.inclusion_tag("components/figure.html")
def figure(
    label: str, number: Any, *, url: str = "", unit: str = "", hint: str = "", tone: str = "neutral"
) -> dict[str, Any]:
    """A number with its name; with ``url`` it opens what is behind it. No number (None) shows as a dash."""
    shown = "—" if number is None else number
    tone = checked("tone", tone, [name for name in TONES if name != "urgent"])
    return {"label": label, "number": shown, "url": url, "unit": unit, "hint": hint, "tone": tone}


@register.inclusion_tag("components/rate.html")
def rate(numerator: int | None, denominator: int | None, *, url: str = "") -> dict[str, Any]:
    """A rate with both its numbers; a rate of nothing is a dash, never 0 % or 100 % (domain §10.3)."""
    percent = f"{100 * (numerator or 0) / denominator:.1f}%" if denominator else "—"
    return {"percent": percent, "numerator": numerator or 0, "denominator": denominator or 0, "url": url}


@register.inclusion_tag("components/progress.html")
def progress(done: int, total: int, *, label: str, unit: str = "") -> dict[str, Any]:
    """How far something has come; ``label`` says what, for those who cannot see the bar."""
    return {"done": done, "total": total, "maximum": max(total, 1), "label": label, "unit": unit}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page, *, unit: str = "条", at: str = "") -> dict[str, Any]:
    """Links to the page before and after, keeping the filter in the address; `at` is the id of the part to land on."""
    return {"page": page, "unit": unit, "at": at, "request": context.get("request")}


@register.inclusion_tag("components/empty_list.html")
def empty_list(text: str, *, hint: str = "", url: str = "", action: str = "", mark: str = "inbox") -> dict[str, Any]:
    """Why a list is empty, and the next thing to do."""
    return {"text": text, "hint": hint, "url": url, "action": action, "mark": mark}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Tab | Mapping[str, Any]], *, label: str) -> dict[str, Any]:
    """Tabs that are links. Takes Tab objects or dicts with exactly their fields."""
    return {"items": [item if isinstance(item, Tab) else Tab(**item) for item in items], "label": label}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(items: Iterable[Crumb | tuple[str, str]]) -> dict[str, Any]:
    """The way to this page: Crumb objects or (label, url) pairs; the page itself comes last without address."""
    return {"items": [item if isinstance(item, Crumb) else Crumb(*item) for item in items]}


@register.simple_block_tag
def card(content: SafeString, title: str = "", url: str = "", link: str = "", flush: bool = False) -> SafeString:
    """A sheet of paper on the page, with a heading (h2) and a link beside it."""
    given = {"content": content, "title": title, "url": url, "link": link, "flush": flush}
    return render_to_string("components/card.html", given)


@register.simple_block_tag
def table(
    content: SafeString,
    caption: str,
    cards: bool = True,
    show_caption: bool = False,
    ruled: bool = False,
    dense: bool = False,
) -> SafeString:
    """A table; ``cards`` turns its rows into cards on a phone (then each cell names its column in data-label)."""
    given = {
        "content": content,
        "caption": caption,
        "cards": cards,
        "show_caption": show_caption,
        "ruled": ruled,
        "dense": dense,
    }
    return render_to_string("components/table.html", given)


@register.simple_block_tag
def facts(content: SafeString, columns: int = 1) -> SafeString:
    """A list of labels and values; put {% fact %} inside."""
    if columns not in (1, 2):
        raise template.TemplateSyntaxError("columns must be 1 or 2")
    return format_html('<dl class="care-facts{}">{}</dl>', " care-facts-2" if columns == 2 else "", content)


@register.simple_tag(takes_context=True)
def fact(context: Context, label: str, value: Any, *, unit: str = "", empty: str = "未填写") -> SafeString:
    """One label and its value; says so when there is none."""
    if value in (None, ""):
        return format_html('<div class="care-fact"><dt>{}</dt><dd class="care-fact-empty">{}</dd></div>', label, empty)
    shown = render_value_in_context(value, context)
    return format_html(
        '<div class="care-fact"><dt>{}</dt><dd>{}{}</dd></div>', label, shown, f" {unit}" if unit else ""
    )


@register.simple_block_tag
def fact_block(content: SafeString, label: str) -> SafeString:
    """One label with marked-up content (a badge, a masked number)."""
    return format_html('<div class="care-fact"><dt>{}</dt><dd>{}</dd></div>', label, content)


@register.simple_tag(takes_context=True)
def masked(context: Context, value: str, *, url: str = "", what: str = "", shown: bool = False) -> SafeString:
    """An already masked value; with ``url`` a button that asks the server (POST, logged) to show it whole."""
    ask = format_html(
        '<form method="post" action="{0}" hx-post="{0}" hx-target="closest .care-masked" hx-swap="outerHTML">{1}'
        '<button class="care-reveal" type="submit">{2}显示{3}</button></form>',
        url,
        _CSRF.render(context),
        icon("eye"),
        format_html('<span class="visually-hidden">{}</span>', what) if what else "",
    )
    return format_html(
        '<span class="care-masked"><span class="care-masked-value">{}</span>{}{}</span>',
        value,
        ask if url else "",
        mark_safe('<span class="care-quiet">查看已记录</span>') if shown else "",
    )


@register.simple_block_tag
def timeline_item(
    content: SafeString, title: str, when: Any, mark: str = "chat-dots", meta: str = "", tone: str = "neutral"
) -> SafeString:
    """One event of a timeline (inside <ol class="care-timeline">)."""
    checked("tone", tone, TONES)
    return format_html(
        '<li class="care-event"><span class="care-event-mark care-tone-{}">{}</span><div class="care-event-head">'
        '<span class="care-event-title">{}</span><span class="care-event-meta">{}{}</span></div>'
        '<div class="care-event-text">{}</div></li>',
        *(tone, icon(mark), title, when, format_html(" · {}", meta) if meta else "", content),
    )


LOOKS = {"primary": "btn-primary", "outline": "btn-outline-primary", "danger": "btn-danger"}


@register.simple_tag(takes_context=True)
def act_button(
    context: Context, url: str, label: str, *, mark: str = "", look: str = "outline", ask: str = "", small: bool = False
) -> SafeString:
    """A button that does something at once (POST). Looks: primary, outline, danger. ``ask`` is asked before."""
    return format_html(
        '<form class="care-inline-form" method="post" action="{}" data-care-once{}>{}'
        '<button class="btn {}{}" type="submit">{}{}</button></form>',
        url,
        format_html(' data-care-ask="{}"', ask) if ask else "",
        _CSRF.render(context),
        LOOKS[checked("look", look, LOOKS)],
        " btn-sm" if small else "",
        icon(mark) if mark else "",
        label,
    )


@register.inclusion_tag("components/steps.html")
def steps(labels: Iterable[str], current: int) -> dict[str, Any]:
    """The steps of a wizard; ``current`` counts from 1."""
    numbered = [
        {"label": label, "done": number < current, "here": number == current}
        for number, label in enumerate(labels, start=1)
    ]
    if not 1 <= current <= len(numbered):
        raise template.TemplateSyntaxError(f"current={current} is outside 1–{len(numbered)}")
    return {"steps": numbered}


@register.inclusion_tag("components/conflict.html")
def conflict(differences: Iterable[Difference], *, who: str, when: str = "") -> dict[str, Any]:
    """Somebody else saved the same thing meanwhile: both texts side by side, above the form that still holds mine."""
    title = f"{who}{when}刚刚修改过同一份内容"
    return {"differences": list(differences), "who": who, "title": title}
