"""Two guards: pages that no shared PC keeps, and text that no ended session loses."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import get_user
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from caretrack.web import errors, rescue, sessions

GetResponse = Callable[[HttpRequest], HttpResponse]
PERMISSIONS = "accelerometer=(), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
READ_AT_A_TIME = 1 << 16
READ_AT_MOST = 300 * 1024 * 1024


class PrivatePages:
    """
    No page is kept by the browser or anything between; a request too large to read is refused in plain words.

    Static files never come this far: whitenoise answers for them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._too_large(request):
            # Read what was sent, or the browser shows "connection reset" instead of our page.
            for _ in range(READ_AT_MOST // READ_AT_A_TIME):
                if not request.read(READ_AT_A_TIME):
                    break
            response = errors.too_large(request)
        else:
            response = self.get_response(request)
        response["Cache-Control"] = "no-store, private"
        response["Permissions-Policy"] = PERMISSIONS
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    @staticmethod
    def _too_large(request: HttpRequest) -> bool:
        length = request.META.get("CONTENT_LENGTH") or "0"
        return length.isdigit() and int(length) > settings.MAX_REQUEST_BYTES

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, RequestDataTooBig):
            return errors.too_large(request)
        if isinstance(exception, OperationalError) and errors.is_busy(exception):
            return errors.busy(request)
        return None


class RescueText:
    """Ends a session that was idle too long, and keeps the text of a form that comes after its end."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The person instead of Django's stand-in, which is asked hundreds of times on a page and slow to answer.
        request.user = get_user(request)
        if request.user.is_authenticated:
            if sessions.seconds_left(request) <= 0:
                logout(request)
            else:
                sessions.touch(request)
        response = self.get_response(request)
        sessions.remember(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Before the login middleware turns a POST away: keep what it carries, and lead back to its form."""
        if request.method != "POST" or request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        draft = rescue.rescue(request)
        messages.warning(request, rescue.KEPT if draft else rescue.NOT_KEPT)
        if draft and request.FILES:
            messages.info(request, rescue.FILES_LOST)
        return rescue.to_login(request, draft)
