"""A list that is too long for one print is refused in words; leaving lines out would look like the whole."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def too_long(request: HttpRequest, most: int, what: str, back: str) -> HttpResponse:
    """Back to the list at `back` as it is filtered, with the sentence; `what` has its measure word, as in “张结对卡”."""
    messages.error(request, f"一次最多打印 {most} {what}，请先筛选，再分几次打印。")
    return redirect(f"{back}?{request.GET.urlencode()}")
