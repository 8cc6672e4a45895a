"""Walks one URL name as every person and method, and lists what should not have happened."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.world import ANON, MAY_SEE, NEVER_COMPARED, PEOPLE, World, canaries_in, fingerprint, text_of

WRITING = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
WRITTEN_TABLE = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"', re.IGNORECASE)
METHODS = ("get", "head", "post")
POST_FORMS = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.DOTALL)
TOKEN = 'name="csrfmiddlewaretoken"'


@dataclass(frozen=True)
class Case:
    """One address of a URL name: its arguments, who is let in, what a POST carries."""

    allowed: set[str]
    kwargs: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    # A page without login may be opened by everybody.
    public: bool = False
    methods: tuple[str, ...] = METHODS
    headers: dict[str, str] = field(default_factory=dict)


def url_names(patterns: Any = None, namespace: str = "") -> list[str | None]:
    """Every URL name of the project; None stands for a pattern without a name."""
    found: list[str | None] = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = namespace + (f"{pattern.namespace}:" if pattern.namespace else "")
            found += url_names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            found.append(namespace + pattern.name if pattern.name else None)
    return found


def violations(world: World, name: str, cases: list[Case]) -> list[str]:
    """Sentences about everything wrong at `name`: let in or kept out wrongly, canaries shown, tables changed."""
    wrong = []
    world.sign_in()
    for case in cases:
        url = reverse(name, kwargs=case.kwargs) + case.query
        for who in (*PEOPLE, ANON):
            for method in case.methods:
                # HEAD is GET without a body: for who is let in, the GET has shown more already.
                if method != "head" or who not in case.allowed:
                    wrong += _try(world, case, url, who, method)
    return wrong


def _try(world: World, case: Case, url: str, who: str, method: str) -> list[str]:
    allowed = case.public or who in case.allowed
    where = f"{method.upper()} {url} as {who}"
    savepoint = transaction.savepoint()
    try:
        client = world.client(who)
        written: list[str] = []
        with connection.execute_wrapper(_note_writes(written)):
            response = getattr(client, method)(url, case.data if method == "post" else None, headers=case.headers)
        wrong = _judge_status(response, case, who, method, where)
        text = text_of(response)
        shown = canaries_in(text)
        wrong += [f"{where}: a form without security token" for form in POST_FORMS.findall(text) if TOKEN not in form]
        wrong += [f"{where}: shows {name}" for name in sorted(shown) if who not in MAY_SEE[name]]
        if written and not (allowed and method == "post"):
            # Each request is rolled back, so the world before it is always the world as it was built.
            after, before = fingerprint(), world.tables
            wrong += [f"{where}: changed {table}" for table in sorted(before) if before[table] != after[table]]
        return wrong
    finally:
        transaction.savepoint_rollback(savepoint)
        for person in world.people.values():
            person.forget_posts()


def _note_writes(written: list[str]) -> Any:
    """
    A wrapper that remembers writing statements; tables are only compared when there was one.

    A plain write to a table that is never compared (every look is logged) says nothing and is not remembered.
    """

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITING.match(sql):
            target = WRITTEN_TABLE.match(sql)
            if target is None or target[1] not in NEVER_COMPARED:
                written.append(sql)
        return execute(sql, params, many, context)

    return note


def _judge_status(response: Any, case: Case, who: str, method: str, where: str) -> list[str]:
    status = response.status_code
    # htmx is sent to another page by a header of its own.
    to = response.headers["Location"] if status == 302 else response.headers.get("HX-Redirect", "")
    to_login = "/login/" in to
    if status >= 500:
        return [f"{where}: answered {status}"]
    if case.public:
        return []
    if who in case.allowed:
        kept_out = status in (403, 404) or to_login
        return [f"{where}: kept out with {status}"] if kept_out else []
    if who == ANON:
        return [] if to_login or status in (403, 405) else [f"{where}: answered {status} without login"]
    # A function answers 403, an object out of sight 404, a wrong method 405, a choice out of sight 422: nothing else.
    refusals = (403, 404, 405, 422) if method == "post" else (403, 404, 405)
    return [] if status in refusals else [f"{where}: let in with {status}"]
