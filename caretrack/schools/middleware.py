"""Two gates before everything else: the installation is set up, and the first password is one's own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from caretrack.schools.models import Staff

GetResponse = Callable[[HttpRequest], HttpResponse]
OPEN_PATHS = ("/static/",)


class SetUpFirst:
    """Until the first account exists, every page leads to the set-up page, and never again afterwards."""

    done = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not SetUpFirst.done and not request.path.startswith(OPEN_PATHS):
            if Staff.objects.exists():
                SetUpFirst.done = True
            elif request.path != "/setup/":
                return redirect("setup")
        return self.get_response(request)


class OwnPasswordFirst:
    """Whoever still has a password that somebody else chose gets nothing but the page to change it."""

    ALLOWED = frozenset({"password_change", "logout", "login"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or not user.must_change_password:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in self.ALLOWED or request.path.startswith(OPEN_PATHS):
            return None
        return redirect("password_change")
