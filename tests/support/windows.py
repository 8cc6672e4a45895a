"""A form as a browser holds it after opening its page: what pressing save at once would send."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client


def opened(client: Client, url: str) -> dict[str, Any]:
    """The values of every field of the page's form, hidden ones too."""
    form = client.get(url).context["form"]
    values = {box.html_name: box.value() for box in form}
    return {
        name: getattr(value, "pk", value) for name, value in values.items() if value is not None and value is not False
    }


class _Boxes(HTMLParser):
    """Reads the boxes of each form that is posted; `shown` are the names that a person can fill in."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, list[str]], set[str]]] = []
        self.inside, self.select, self.text = False, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("method", "").lower() == "post"
            if self.inside:
                self.forms.append(({}, set()))
        if not self.inside:
            return
        held, shown = self.forms[-1]
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "option" and self.select and ("selected" in given or self.select not in held):
            held[self.select] = [given.get("value", "")]
        if not name:
            return
        if tag == "select":
            self.select = name
        elif tag == "textarea":
            self.text, held[name] = name, [""]
        elif tag == "input" and (kind not in {"checkbox", "radio", "file"} or "checked" in given):
            held.setdefault(name, []).append(given.get("value", ""))
        if kind != "hidden":
            shown.add(name)

    def handle_data(self, data: str) -> None:
        if self.text:
            self.forms[-1][0][self.text][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.text:
            # The line break after the opening tag is no part of the text.
            held = self.forms[-1][0]
            held[self.text] = [text.removeprefix("\n") for text in held[self.text]]
            self.text = ""


def on_screen(html: str) -> tuple[dict[str, list[str]], set[str]]:
    """What a browser would send of the page's largest form without a key pressed, and the names of the boxes in it
    that can be seen. Unlike `opened` it goes by the page alone, so a value that only the form knows does not count."""
    boxes = _Boxes()
    boxes.feed(html)
    return max(boxes.forms, key=lambda form: len(form[0].keys() | form[1]))
