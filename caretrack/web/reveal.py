"""The answer to a press on 显示: one confidential value, whole, for this once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from caretrack.web.origin import form_page


def reveal(request: HttpRequest, value: str, *, what: str) -> HttpResponse:
    """
    Show a masked value whole: a fragment in its place for htmx, a page of its own without JavaScript.

    The view that calls this has checked the right, fetched through ``visible_to`` and noted the look in the access log.
    """
    shown = {"value": value or "未填写", "url": "", "what": what, "shown": True}
    if request.headers.get("HX-Request") == "true":
        return render(request, "components/masked.html", shown)
    return render(request, "web/reveal_page.html", {**shown, "back": form_page(request)})
