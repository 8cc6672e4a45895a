"""Files that leave the system: under their Chinese name, never kept by a browser or proxy, never guessed at."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
#: A file from outside is shown as what it is and nothing in it acts.
NO_ACTS = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"


def file_response(content: bytes, name: str, content_type: str, *, inline: bool = False) -> HttpResponse:
    """`content` as a file called `name`, to be saved, or with `inline` to be looked at in the browser."""
    response = HttpResponse(content, content_type=content_type)
    # Django answers None only for inline files without a name.
    response["Content-Disposition"] = content_disposition_header(as_attachment=not inline, filename=name) or "inline"
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def xlsx_response(content: bytes, name: str) -> HttpResponse:
    """The workbook as a download called `name` (with .xlsx)."""
    return file_response(content, name, XLSX)


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """The PDF as a page of its own called `name` (with .pdf)."""
    return file_response(content, name, PDF, inline=True)


def picture_response(row: Any) -> HttpResponse:
    """The picture of a row, written by us as a JPEG of modest size. Raises Http404 when the bytes are no longer there."""
    if not row.file or not row.file.storage.exists(row.file.name):
        raise Http404
    with row.file.open("rb") as opened:
        return file_response(opened.read(), "photo.jpg", "image/jpeg", inline=True)


def kept_response(row: Any) -> HttpResponse:
    """
    A StoredFile under its title: a picture in the page, anything else as a download.

    Raises Http404 when the bytes are no longer there.
    """
    if not row.file or not row.file.storage.exists(row.file.name):
        raise Http404
    with row.file.open("rb") as opened:
        content = opened.read()
    name = f"{row.title}.{'jpg' if row.is_picture else 'pdf'}"
    response = file_response(content, name, row.content_type or "application/octet-stream", inline=row.is_picture)
    response["Content-Security-Policy"] = NO_ACTS
    return response
