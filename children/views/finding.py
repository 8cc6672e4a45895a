"""Finding a child by a few typed words: the box on top of every page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from children.models import Child
from children.search import Found, find, may_be_number

LONGEST = 60


def _found(request: HttpRequest, text: str) -> Found:
    """What this person may find; hits by number are logged, and so is a search by number that found nobody."""
    found = find(Child.objects.visible_to(request.user), request.user, text)  # type: ignore[arg-type]
    for child in found.numbers:
        note(request, Event.SEARCH_ID, child)
    return found


@allows(Act.CHILD_LIST)
@require_POST
def child_find(request: HttpRequest) -> HttpResponse:
    """
    The box on top of every page. While typing it answers with the best ten; sent off, words lead to the list.

    Digits may be part of an ID number and never become part of an address: one hit opens, several are listed here.
    """
    text = request.POST.get("q", "").strip()[:LONGEST]
    if request.headers.get("HX-Request"):
        return render(request, "children/_found.html", _given(_found(request, text), text))
    if not may_be_number(text):
        return redirect(f"{reverse('children:child_list')}?{urlencode({'q': text})}")
    found = _found(request, text)
    if not found.numbers:
        note(request, Event.SEARCH_ID)
    if len(found.hits) == 1:
        return redirect("children:child_show", found.hits[0].child.pk)
    if not found.hits:
        messages.info(request, "没有找到这个号码的学生。请核对号码；不在您查看范围内的学生也查不到。")
        return redirect("children:child_list")
    return render(request, "children/child_found.html", _given(found, text))


def _given(found: Found, text: str) -> dict[str, object]:
    today = timezone.localdate()
    hits = [{"child": hit.child, "class_name": hit.child.class_name(today), "why": hit.why} for hit in found.hits]
    return {"hits": hits, "more": found.more, "text": text}
