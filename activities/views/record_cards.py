"""记录卡 on paper: of one record, of a list as it is filtered, blank."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.models import CareRecord, Kind
from activities.pictures import files_of
from activities.record_papers import Card, blank_cards, cards_of
from activities.record_photos import pictures_on_paper
from activities.views.reading import record_filter
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from children.life.papers import imprint

#: Cards of one print; a class has fewer talks in a month.
AT_MOST = 80
LOADED = ("child", "school", "author", "school_class__school")


def _pdf(request: HttpRequest, cards: list[Card], title: str) -> HttpResponse:
    context = {"cards": cards, "imprint": imprint(request.user, timezone.localtime())}
    sheets = (PRINT_SHEET, "print/records.css")
    photos = files_of(one for card in cards for one in card.pictures)
    pdf = render_pdf("print/record_cards.html", context, title=title, stylesheets=sheets, photos=photos)
    return pdf_response(pdf, f"{title}.pdf")


@require_safe
@allows(Act.RECORD_LIST)
def record_card(request: HttpRequest, pk: int) -> HttpResponse:
    """One record as the card that goes into the file, with its pictures."""
    record = get_object_or_404(CareRecord.objects.visible_to(request.user).select_related(*LOADED), pk=pk)
    cards = cards_of([record], request.user)  # type: ignore[arg-type]
    if not cards:
        raise Http404
    note(request, Event.PRINT, record.child_id, f"record {pk}")
    pictures = pictures_on_paper([pk], request.user).get(pk, ())  # type: ignore[arg-type]
    return _pdf(request, [replace(cards[0], pictures=pictures)], f"{record.child.name}{cards[0].title}")


@require_safe
@allows(Act.RECORD_LIST)
def record_cards(request: HttpRequest) -> HttpResponse:
    """The records of the list as it is filtered, oldest first, two or more cards a sheet."""
    form = record_filter(request)
    seen = form.narrow(CareRecord.objects.visible_to(request.user)).select_related(*LOADED)
    records = list(seen.order_by("child__pinyin", "child", "on", "pk")[: AT_MOST + 1])
    cards = cards_of(records[:AT_MOST], request.user)  # type: ignore[arg-type]
    back = f"{reverse('activities:record_list')}?{request.GET.urlencode()}"
    if len(records) > AT_MOST or not cards:
        words = (
            f"一次最多打印 {AT_MOST} 张记录卡，请先按学生、班级或月份筛选；整个学期的可以在“打印”里装订工作手册。"
            if records
            else "没有可以打印的记录。"
        )
        messages.error(request, words)
        return redirect(back)
    printed = {card.number for card in cards}
    for record in records:
        if record.pk in printed:
            note(request, Event.PRINT, record.child_id, f"record {record.pk}")
    return _pdf(request, cards, "关爱记录卡")


@require_safe
@allows(Act.RECORD_LIST)
def record_card_blank(request: HttpRequest) -> HttpResponse:
    """Empty cards of a talk, or of `?kind=`, to be written by hand where there is no machine."""
    try:
        cards = blank_cards(request.GET.get("kind") or Kind.TALK)
    except KeyError:
        raise Http404 from None
    return _pdf(request, cards, f"{cards[0].title}（空白）")
