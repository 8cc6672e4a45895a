"""A picture with a record or a gathering: how it is kept and how it goes (security requirements §3.7)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from activities.models.photo import Picture
from children.photos import read_photo

LONGEST_SIDE = 1600


@dataclass(frozen=True)
class Shown:
    """A picture on paper: its key in the print, what is said of it, where it lies."""

    key: str
    words: str
    path: str


def on_paper(photo: Picture, words: str) -> Shown | None:
    """The picture for a print; None where its file is gone."""
    there = photo.file and Path(photo.file.path).is_file()
    return Shown(f"photo-{photo.pk}", words, photo.file.path) if there else None


def files_of(shown: Iterable[Shown]) -> dict[str, Path]:
    """The pictures of a print as `render_pdf` takes them."""
    return {one.key: Path(one.path) for one in shown}


def keep_picture(row: Picture, file: Any) -> None:
    """Write `file` anew as the picture of an unsaved `row` and save it. Raises ValidationError as read_photo does."""
    picture = read_photo(file, size=file.size, longest=LONGEST_SIDE)
    row.file.save(f"{uuid.uuid4().hex}.jpg", ContentFile(picture), save=False)
    row.save()


@transaction.atomic
def take_out(photo: Picture, *, on: date) -> None:
    """The file goes after the commit, the line stays."""
    current = type(photo).objects.select_for_update(of=("self",)).get(pk=photo.pk)  # type: ignore[attr-defined]
    if current.removed_on is not None:
        return
    name, storage = current.file.name, current.file.storage
    current.file, current.removed_on = "", on
    current.save(update_fields=["file", "removed_on"])
    if name:
        transaction.on_commit(lambda: storage.delete(name))
