"""Read a printed PDF back: text, pages, fonts, and a log that must stay silent."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from pypdf import PdfReader


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page without white space: line breaks and spacing are the layout's business."""
    return [re.sub(r"\s+", "", page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    return "".join(pages_of(pdf))


def pictures_in(pdf: bytes) -> int:
    """How many pictures it holds."""
    held = {
        thing.idnum: thing.get_object()["/Subtype"]
        for page in PdfReader(BytesIO(pdf)).pages
        for thing in page["/Resources"].get("/XObject", {}).values()
    }
    return list(held.values()).count("/Image")


def title_of(pdf: bytes) -> str:
    metadata = PdfReader(BytesIO(pdf)).metadata
    return (metadata.title or "") if metadata else ""


def language_of(pdf: bytes) -> str:
    return str(PdfReader(BytesIO(pdf)).root_object["/Lang"])


def fonts_of(pdf: bytes) -> set[str]:
    """The faces used, without the subset prefix; every one must be held in the file."""
    found: set[str] = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            face = font.get_object()
            inner = face["/DescendantFonts"][0].get_object() if "/DescendantFonts" in face else face
            descriptor = inner["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), f"{face['/BaseFont']} is not embedded"
            found.add(str(face["/BaseFont"]).lstrip("/").split("+")[-1])
    return found


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def silent_layout() -> Iterator[None]:
    """Fail when WeasyPrint warned: a refused file, an unknown property or a missing glyph is only logged by it."""
    logger, kept = logging.getLogger("weasyprint"), _Kept()
    logger.addHandler(kept)
    try:
        yield
    finally:
        logger.removeHandler(kept)
    assert not kept.lines, kept.lines
