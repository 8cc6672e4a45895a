"""Paper: a template and frozen data become an A4 PDF. WeasyPrint stands behind this one module.

WeasyPrint is imported at the first print, not at start: it loads the text-layout libraries, and neither a web worker
that never prints nor a management command should pay for them.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from caretrack.lean_fonts import use_lean_fonts

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

PRINT_SHEET = "print/print.css"
STATIC_SCHEME = "print:"
PHOTO_SCHEME = "photo:"

#: What paper shows of a picture; a small one in a margin needs a fraction of the file that is kept.
PHOTO_DPI = 300

# Pango's font map and the shared font configuration are not built for several threads; layout is pure Python, so
# printing side by side inside one process would gain nothing anyway.
_one_at_a_time = threading.Lock()
#: From so many pages on memory is cleared before the file is written and after it: what laying out leaves behind are boxes
#: that hold each other, half as many as those on the pages.
MANY_PAGES = 20


@cache
def _fonts() -> FontConfiguration:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def _static_path(name: str) -> Path:
    """The file of our own print folder called `name`; ValueError for anything else."""
    path = finders.find(name) if name.startswith("print/") and ".." not in name else None
    if path is None:
        raise ValueError(f"Not a print file of ours: {name}")
    return Path(str(path))


@cache
def _stylesheet(name: str) -> Any:
    """The parsed stylesheet; parsed once in the life of the process."""
    from weasyprint import CSS

    return CSS(string=_static_path(name).read_text(encoding="utf-8"), font_config=_fonts(), url_fetcher=_fetcher({}))


def _fetcher(photos: Mapping[str, Path]) -> URLFetcher:
    """
    What a page may load: `print:NAME` (our own static print files) and `photo:KEY` (a path the caller named).

    Everything else, the network and other files of the server above all, is refused.
    """
    from weasyprint.urls import URLFetcher

    class OwnFilesOnly(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url.startswith(STATIC_SCHEME):
                path = _static_path("print/" + url.removeprefix(STATIC_SCHEME))
            elif url.startswith(PHOTO_SCHEME) and (key := url.removeprefix(PHOTO_SCHEME)) in photos:
                path = photos[key]
            else:
                raise ValueError("A print asked for a file that is not its own.")
            return super().fetch(path.resolve().as_uri(), headers)

    return OwnFilesOnly(allowed_protocols={"file"}, allow_redirects=False)


def render_pdf(
    template_name: str,
    context: Mapping[str, Any],
    *,
    title: str,
    stylesheets: Sequence[str] = (PRINT_SHEET,),
    photos: Mapping[str, Path] | None = None,
) -> bytes:
    """
    Lay the template out on A4 and return the PDF file.

    Takes the template's name, its context (frozen builder data; no query may run here), the document's title (shown by
    PDF readers and read by screen readers), the names of our print stylesheets, and the photos the page may show as
    `photo:KEY`. The result is tagged, in zh-CN and holds its fonts.
    Raises ValueError for a stylesheet that is not in static/print; a picture that cannot be loaded is left out and
    logged by `weasyprint`.
    """
    return render_pdf_set(template_name, [context], title=title, stylesheets=stylesheets, photos=photos)


def render_pdf_set(
    template_name: str,
    contexts: Iterable[Mapping[str, Any]],
    *,
    title: str,
    stylesheets: Sequence[str] = (PRINT_SHEET,),
    photos: Mapping[str, Path] | None = None,
) -> bytes:
    """
    Several papers of one kind in one file, such as the monthly forms of a class.

    Each is laid out by itself, so that “第 x 页 共 y 页” counts its own pages, and all are written together, so that
    the fonts are held once. Takes the same as `render_pdf`, with one context a paper; ValueError without any.
    """
    pages = [render_to_string(template_name, {**context, "title": title}) for context in contexts]
    if not pages:
        raise ValueError("没有可打印的内容。")
    return _laid_out(pages, stylesheets, photos or {})


def _laid_out(pages: Sequence[str], stylesheets: Sequence[str], photos: Mapping[str, Path]) -> bytes:
    """Papers in HTML, laid out and written into one file."""
    with _one_at_a_time:
        written, leaves = _written(pages, stylesheets, photos)
        if leaves >= MANY_PAGES:
            gc.collect()
        return written


def _written(pages: Sequence[str], stylesheets: Sequence[str], photos: Mapping[str, Path]) -> tuple[bytes, int]:
    """The file and how many pages it has."""
    from weasyprint import HTML

    use_lean_fonts()
    fetcher = _fetcher(photos)
    sheets = [_stylesheet(name) for name in stylesheets]
    documents = []
    for html in pages:
        source = HTML(string=html, base_url=STATIC_SCHEME, url_fetcher=fetcher)
        documents.append(source.render(stylesheets=sheets, font_config=_fonts(), pdf_tags=True))
    leaves = [page for document in documents for page in document.pages]
    if len(leaves) >= MANY_PAGES:
        gc.collect()
    return bytes(documents[0].copy(leaves).write_pdf(pdf_tags=True, dpi=PHOTO_DPI)), len(leaves)
