"""Whether a request comes from a page of ours, and where to send somebody back to."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def same_origin(request: HttpRequest) -> bool:
    """
    Whether the browser says that a page of ours sent this request.

    Browsers send Sec-Fetch-Site only on HTTPS and to this machine itself, so on a school's plain network Origin or
    Referer must do. When none of them speaks, the answer is no.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    if origin := request.headers.get("Origin") or request.headers.get("Referer"):
        return urlsplit(origin).netloc == request.get_host()
    return False


def form_page(request: HttpRequest) -> str:
    """The page that a form was sent from: the referring page of ours, or the address that it was sent to."""
    referer = request.headers.get("Referer", "")
    if referer and urlsplit(referer).netloc == request.get_host():
        parts = urlsplit(referer)
        return own_page(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return own_page(request.get_full_path())


def own_page(address: str) -> str:
    """The address if it stays on this site, the start page otherwise."""
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else "/"
