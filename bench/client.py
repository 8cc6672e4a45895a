"""A browser without a screen: cookies, forms with what they already hold, redirects."""

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    location: str


class Form(HTMLParser):
    """The fields of the first form that has a field called `wanted`, with their present values."""

    def __init__(self, page: bytes, wanted: str) -> None:
        super().__init__()
        self.wanted, self.found = wanted, False
        self.fields: list[tuple[str, str]] = []
        self.action = ""
        self._open = self._done = False
        self._select = self._area = ""
        self.feed(page.decode())
        if not self.found:
            raise RuntimeError(f"no form with a field {wanted!r} on the page")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form" and not self._done:
            self._open, self.fields, self.action = True, [], given.get("action", "")
        if not self._open:
            return
        self.found = self.found or name == self.wanted
        kind = given.get("type", "text")
        if tag == "input" and name and kind not in {"submit", "button", "file"}:
            if kind not in {"checkbox", "radio"} or "checked" in given:
                self.fields.append((name, given.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.fields.append((self._select, given.get("value", "")))
        elif tag == "textarea" and name:
            self.fields.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "form" and self._open:
            self._open, self._done = False, self.found

    def filled(self, values: dict[str, str]) -> str:
        """The form as it is sent, with `values` put in."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        return urlencode(kept + list(values.items()))


@dataclass
class Client:
    """One signed-in person on one kept connection."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, body: str) -> Answer:
        return self._send("POST", path, body)

    def sign_in(self, path: str, username: str, password: str) -> None:
        """Through the log-in page, as a person does. Raises RuntimeError when it does not lead on."""
        form = Form(self.get(path).body, "password")
        answer = self.post(path, form.filled({"username": username, "password": password}))
        if answer.status != 302:
            raise RuntimeError(f"{username} could not sign in: {answer.status}")

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        headers = {
            "Host": f"127.0.0.1:{self.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": f"http://127.0.0.1:{self.port}{path}",
            "Accept-Encoding": "identity",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # An idle connection that the server closed meanwhile; nothing was sent to the application.
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        content = answer.read()
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        location = urljoin(path, answer.headers.get("Location", ""))
        parts = urlsplit(location)
        return Answer(answer.status, content, parts.path + (f"?{parts.query}" if parts.query else ""))
