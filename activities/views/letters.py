"""书信: the log of letters both ways, replies and passing on, the letter boxes, the log on paper."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.forms.sealed import BoxForm, LetterFilter
from activities.letters import SENT, empty_box, letters, passed_on, reply_came, without_reply
from activities.models import BoxOpening, CareRecord
from activities.views.calls.frame import school_of, tabs_for
from activities.views.links import way_back
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.pdf import render_pdf
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.printing import too_long
from children.life.papers import imprint

PRINTED_AT_MOST = 500


def _row(record: CareRecord, today: date, staff: Any) -> dict[str, Any]:
    told = record.detail
    return {
        "record": record,
        "class_name": record.child.class_name(today),
        "direction": told.get("direction", ""),
        "occasion": told.get("occasion", ""),
        "guide": told.get("guide", ""),
        "forwarded": told.get("forwarded", ""),
        "reply_on": date.fromisoformat(told["reply_on"]) if told.get("reply_on") else None,
        "waiting": told.get("direction") == SENT and not told.get("reply_on"),
        "days": (today - record.on).days,
    }


@allows(Act.RECORD_LIST)
class LetterList(FilteredListView):
    """Letters that one may know of, newest first. What stands in them is kept nowhere."""

    heading = "亲情书信"
    lead = "只登记往来、时机和回信，信的内容不看、不存。"
    template_name = "activities/letter_list.html"
    rows_template = "activities/_letter_rows.html"
    filter_class = LetterFilter
    unit = "封"
    empty_text = "还没有登记书信。"
    empty_hint = "孩子写信或收到信，就登记一次。"

    def get_queryset(self, staff: Any) -> QuerySet[CareRecord]:
        seen = letters(CareRecord.objects.visible_to(staff)).newest_first()  # type: ignore[attr-defined]
        return seen.select_related("child__school_class__school", "author")  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, staff = timezone.localdate(), self.request.user
        for record in context["rows"]:
            note(self.request, Event.VIEW, record.child_id)
        waiting = without_reply(letters(CareRecord.objects.visible_to(staff))).count()
        return context | {
            "rows": [_row(record, today, staff) for record in context["rows"]],
            "tabs": tabs_for(staff, "activities:letter_list"),
            "waiting": waiting,
            "today": today,
            "boxes": list(BoxOpening.objects.filter(school=school_of(self.request)).select_related("opened_by")[:5]),
            "query": self.request.GET.urlencode(),
            "may_write": staff.may(Act.RECORD_WRITE),  # type: ignore[union-attr]
        }


def _letter(request: HttpRequest, pk: int) -> CareRecord:
    return get_object_or_404(letters(CareRecord.objects.visible_to(request.user)).select_related("child"), pk=pk)


def _done(request: HttpRequest, record: CareRecord, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, record.child_id, f"letter {record.pk}")
        messages.success(request, said)
    return redirect(way_back(request, reverse("activities:letter_list")))


@require_POST
@allows(Act.RECORD_WRITE)
def letter_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The family's reply has come, today or on the day that is sent."""
    record, today = _letter(request, pk), timezone.localdate()
    try:
        on = date.fromisoformat(request.POST.get("on") or today.isoformat())
    except ValueError:
        on = today
    return _done(request, record, lambda: reply_came(record=record, on=on, today=today), f"{record.child}收到了回信。")


@require_POST
@allows(Act.RECORD_WRITE)
def letter_forward(request: HttpRequest, pk: int) -> HttpResponse:
    """To whom the letter, or the news of it, was passed on."""
    record, today = _letter(request, pk), timezone.localdate()
    to = request.POST.get("to", "")
    return _done(request, record, lambda: passed_on(record=record, to=to, today=today), f"{record.child}的信已记转交。")


@allows(Act.RECORD_WRITE)
class BoxEmpty(FormPage):
    """A letter box of the school was emptied."""

    form_class = BoxForm
    heading = "登记开箱"
    lead = "两人在场开箱，只数封数，信件按封面转交，不拆看。"
    saved_text = "开箱已登记。"
    success_url = "activities:letter_list"
    cancel_url = "activities:letter_list"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("亲情书信", reverse("activities:letter_list"))]

    def save(self, form: Any) -> BoxOpening:
        return empty_box(
            school=school_of(self.request),
            by=self.request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
            **form.cleaned_data,
        )


@require_safe
@allows(Act.RECORD_LIST)
def letter_print(request: HttpRequest) -> HttpResponse:
    """The letter log as the filter leaves it."""
    staff, today = request.user, timezone.localdate()
    seen = letters(CareRecord.objects.visible_to(staff)).select_related("child__school_class__school", "author")
    rows = list(LetterFilter(request.GET, staff=staff).narrow(seen).order_by("on", "pk")[: PRINTED_AT_MOST + 1])
    if len(rows) > PRINTED_AT_MOST:
        return too_long(request, PRINTED_AT_MOST, "封书信", reverse("activities:letter_list"))
    for record in rows:
        note(request, Event.PRINT, record.child_id, "letters")
    context = {
        "school": school_of(request).name,
        "rows": [_row(record, today, staff) for record in rows],
        "on": today,
        "imprint": imprint(staff, timezone.localtime()),
    }
    content = render_pdf(
        "print/letters.html", context, title="亲情书信登记表", stylesheets=("print/print.css", "print/records.css")
    )
    return pdf_response(content, "亲情书信登记表.pdf")
