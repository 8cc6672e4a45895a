"""The uploaded file, sealed on disk under a name that says nothing, and gone after thirty days (rosters fault 84)."""

import datetime as dt
import uuid
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from caretrack.access.crypto import decrypt_bytes, encrypt_bytes

KEPT = dt.timedelta(days=30)
_FOLDER = "imports"


def _path(number: uuid.UUID) -> Path:
    return Path(settings.MEDIA_ROOT) / _FOLDER / f"{number}.sealed"


def keep(number: uuid.UUID, content: bytes) -> None:
    """Seal and keep a file."""
    path = _path(number)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.write_bytes(encrypt_bytes(content, context=f"roster.{number}"))
    part.chmod(0o600)
    part.rename(path)


def load(number: uuid.UUID) -> bytes | None:
    """The file's content, None if it is no longer kept."""
    path = _path(number)
    if not path.is_file():
        return None
    return decrypt_bytes(path.read_bytes(), context=f"roster.{number}")


def is_kept(number: uuid.UUID) -> bool:
    """True while the file can still be read."""
    return _path(number).is_file()


def forget(number: uuid.UUID) -> None:
    """Remove a file now."""
    _path(number).unlink(missing_ok=True)


def forget_old() -> int:
    """Remove files that have been kept for thirty days; returns how many."""
    folder = Path(settings.MEDIA_ROOT) / _FOLDER
    if not folder.is_dir():
        return 0
    limit = (timezone.now() - KEPT).timestamp()
    old = [path for path in folder.iterdir() if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
