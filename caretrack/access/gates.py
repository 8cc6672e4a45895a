"""One kind of gate for function and class views. It carries the act, so that the walker of all URLs can read it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from caretrack.access.policy import Act, refusal


def allows(act: Act) -> Callable[[Any], Any]:
    """
    Decorator: only staff whose roles allow `act` get in; others get PermissionDenied with the reason in Chinese.

    Works on functions and on View classes (`@allows(Act.CHILD_LIST)` above `class ChildList(…)`).
    """

    def wrap(view: Any) -> Any:
        if isinstance(view, type):
            inner = view.dispatch  # type: ignore[attr-defined]

            @wraps(inner)
            def dispatch(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                _demand(request, act)
                return inner(self, request, *args, **kwargs)

            view.dispatch = dispatch  # type: ignore[attr-defined]
            view.act = act  # type: ignore[attr-defined]
            return view

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            _demand(request, act)
            return view(request, *args, **kwargs)

        guarded.act = act  # type: ignore[attr-defined]
        return guarded

    return wrap


def _demand(request: HttpRequest, act: Act) -> None:
    if not request.user.may(act):  # type: ignore[union-attr]
        raise PermissionDenied(refusal(act))
