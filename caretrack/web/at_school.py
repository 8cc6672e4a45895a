"""Pages about one school at a time: `?school=` names it, tabs lead whoever works at several to the others."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest

from caretrack.schools.models import School
from caretrack.web.components import Tab


def school_asked(request: HttpRequest, schools: Sequence[School]) -> School:
    """The one of `schools` that the address names, else the first. Raises Http404 for any other, or without one."""
    asked = request.GET.get("school", "")
    found = next((school for school in schools if asked in ("", str(school.pk))), None)
    if found is None:
        raise Http404
    return found


def school_tabs(schools: Sequence[School], chosen: School) -> list[Tab]:
    """A tab for each school, none for a single one."""
    tabs = [Tab(school.label, f"?school={school.pk}", school == chosen) for school in schools]
    return tabs if len(tabs) > 1 else []
