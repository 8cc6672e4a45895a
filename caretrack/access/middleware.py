"""The three guards around every view: name the change, write the access log, let no GET write."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse

from caretrack.access.history import change_by
from caretrack.access.log import note, write_notes
from caretrack.access.models import Event

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA", "EXPLAIN", "WITH", "SET ", "SHOW", "--")


class GetWrote(Exception):
    """A GET tried to write. Saving belongs in a POST."""


class NameTheChange:
    """Everything a request writes is written in the name of who is signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE:
            return self.get_response(request)
        staff = request.user if request.user.is_authenticated else None
        with change_by(staff, f"{request.method} {request.path}"):
            return self.get_response(request)


class WriteAccessLog:
    """Writes what the views noted, and every refusal, before the response leaves."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and request.resolver_match and request.user.is_authenticated:
            note(request, Event.REFUSED, detail=f"不在查看范围：{request.path}")
        write_notes(request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, PermissionDenied) and request.user.is_authenticated:
            act = getattr(getattr(request.resolver_match, "func", None), "act", "")
            note(request, Event.REFUSED, detail=str(act))


class GetsNeverWrite:
    """Last in the list: sessions, messages and the log write outside of it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE:
            return self.get_response(request)
        with connection.execute_wrapper(self.refuse_writes):
            return self.get_response(request)

    @staticmethod
    def refuse_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statement = sql.lstrip()[:10].upper()
        if not statement.startswith(_READS) and "django_session" not in sql:
            raise GetWrote(sql[:80])
        return execute(sql, params, many, context)
