"""Typed readers of the environment. A value that makes no sense stops the start; nothing is guessed."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str = "") -> str:
    """The variable as text, or `default` when it is unset."""
    return os.environ.get(name, default)


def env_bool(name: str, *, default: bool) -> bool:
    """1 or 0. Anything else raises ImproperlyConfigured."""
    raw = os.environ.get(name)
    if raw is None or raw == "":
        return default
    if raw not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, got {raw!r}")
    return raw == "1"


def env_int(name: str, default: int) -> int:
    """A whole number. Anything else raises ImproperlyConfigured."""
    raw = os.environ.get(name)
    if not raw:
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, got {raw!r}") from error


def env_list(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty parts."""
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_path(name: str, default: Path) -> Path:
    """A folder or file, made absolute."""
    return Path(env_str(name) or default).expanduser().resolve()


def database_from_url(url: str) -> dict[str, Any]:
    """
    Django's DATABASES entry for `postgres://user:password@host:port/name` or `sqlite:////path`.

    PostgreSQL does not compile statements to machine code: for a question with many parts about few rows, such as those
    of the start page, that took a second where the answer takes a hundredth.

    Raises ImproperlyConfigured for any other scheme.
    """
    parts = urlsplit(url)
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "caretrack.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"options": "-c jit=off", "server_side_binding": True},
        }
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    raise ImproperlyConfigured(f"DATABASE_URL must begin with postgres:// or sqlite://, got {parts.scheme!r}")


def sqlite(path: Path) -> dict[str, Any]:
    """
    SQLite as a school should run it: nothing acknowledged is lost in a power cut, deleted means gone.

    IMMEDIATE because a transaction that reads first and writes later fails at once under load otherwise; temporary
    tables in memory because a file of theirs would be deleted without being overwritten. The daily pages ask some three
    hundred different statements: with room for 128, as Python has it, each was translated anew nearly every time.
    """
    return {
        "ENGINE": "caretrack.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "cached_statements": 512,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                "PRAGMA journal_size_limit=67108864; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
            ),
        },
    }
