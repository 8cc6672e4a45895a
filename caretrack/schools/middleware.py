"""Before everything else: the installation is set up, the first password is one's own, and there is a post to work in."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import Appointment, Staff

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


class WithoutPost:
    """Whoever has an account and no post yet is told to wait for the appointment and whom to ask, not what is forbidden."""

    MOST_NAMED = 3

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        user = request.user
        if not isinstance(exception, PermissionDenied) or not isinstance(user, Staff) or user.roles():
            return None
        posts = Appointment.objects.current(timezone.localdate()).filter(role=Role.SYSADMIN, staff__is_active=True)
        names = list(
            posts.order_by("staff__pinyin").values_list("staff__name", flat=True).distinct()[: self.MOST_NAMED + 1]
        )
        # In a county with many schools a list of strangers would help nobody.
        named = "、".join(names) if len(names) <= self.MOST_NAMED else ""
        return render(request, "schools/without_post.html", {"administrators": named}, status=403)
