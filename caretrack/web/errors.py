"""The pages shown when something cannot be done: what happened, what to do next, and that no text is lost."""

import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.urls import resolve
from django.views.decorators.csrf import requires_csrf_token

from caretrack.web import drafts, rescue
from caretrack.web.origin import form_page, own_page, same_origin

logger = logging.getLogger(__name__)
BUSY_WORDS = ("locked", "busy", "deadlock", "lock timeout", "could not obtain lock", "too many connections")
NO_REASON = "您的账号没有打开这个页面的权限。"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, and 413 for a form that is too large to read."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return too_large(request)
    return HttpResponse(render_to_string("400.html"), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 with the reason that the gate gave."""
    reason = str(exception) if isinstance(exception, PermissionDenied) and str(exception) else NO_REASON
    return render(request, "403.html", {"reason": reason}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what does not exist and for what this person may not know of."""
    return render(request, "404.html", status=404)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more was sent than the server takes. The browser still has the form."""
    limit = settings.MAX_REQUEST_BYTES // (1024 * 1024)
    return HttpResponse(render_to_string("413.html", {"limit": limit}), status=413)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500. Needs neither database nor session to be drawn; keeps what was typed if it still can."""
    kept = False
    try:
        kept = rescue.rescue(request) is not None
    except Exception:
        # The page about the failure must come whatever else fails; the first fault is already in the log.
        logger.exception("text of a failed request could not be kept")
    return HttpResponse(render_to_string("500.html", {"kept": kept}), status=500)


def is_busy(exception: DatabaseError) -> bool:
    """Whether the database only asks to be tried again."""
    return isinstance(exception, OperationalError) and any(word in str(exception).lower() for word in BUSY_WORDS)


def busy(request: HttpRequest) -> HttpResponse:
    """503: the database is busy. The page carries the form's text and sends it again at a press of a button."""
    fields = list(drafts.typed_fields(request.POST).items()) if request.method == "POST" else []
    if sheet := request.POST.get(drafts.SHEET_FIELD, ""):
        fields.append((drafts.SHEET_FIELD, [sheet]))
    response = render(
        request,
        "errors/busy.html",
        {"fields": fields, "path": request.get_full_path(), "again": bool(fields), "files": bool(request.FILES)},
        status=503,
    )
    response["Retry-After"] = "5"
    return response


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """
    A form came with a stale security token, usually because somebody signed in again in another tab.

    From a page of ours: its text is kept and the form opens again, filled in. From elsewhere: refused, nothing stored.
    """
    if not same_origin(request):
        return HttpResponse(render_to_string("errors/foreign.html"), status=403)
    if request.path == resolve_url(settings.LOGIN_URL):
        return _login_again(request)
    draft = rescue.rescue(request)
    if not request.user.is_authenticated:
        messages.warning(request, rescue.KEPT if draft else rescue.NOT_KEPT)
        return rescue.to_login(request, draft)
    if draft and draft.staff_id == request.user.pk:
        messages.warning(request, "这个页面打开后您又登录过一次，所以刚才没有提交。内容已填回，请核对后再提交。")
        return redirect(own_page(draft.page))
    context = {"kept_for_other": draft is not None, "page": form_page(request)}
    return render(request, "errors/stale.html", context, status=403)


def _login_again(request: HttpRequest) -> HttpResponse:
    """The login form was left open too long: show it anew with the name filled in."""
    after = own_page(request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, ""))
    if request.user.is_authenticated:
        return redirect(after)
    view_class: Any = getattr(resolve(request.path).func, "view_class", LoginView)
    form_class = getattr(view_class, "authentication_form", None) or AuthenticationForm
    form = form_class(request, initial={"username": request.POST.get("username", "")[:150]})
    messages.info(request, "登录页面打开得太久了，请再输入一次密码。")
    context = {"form": form, REDIRECT_FIELD_NAME: after}
    return render(request, "registration/login.html", context)
