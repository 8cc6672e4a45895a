"""The list of children as somebody sees it."""

import re

from django.test import Client

from caretrack.schools.models import Staff

LIST = "/students/"
HTMX = {"HX-Request": "true"}


def page(client: Client, staff: Staff, query: str = "") -> str:
    client.force_login(staff)
    response = client.get(f"{LIST}?{query}", headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def names(client: Client, staff: Staff, query: str = "") -> list[str]:
    """The names on the page, in order."""
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page(client, staff, query))
