"""Who serves at a school: by appointment, or for a reason that another app knows (a mentor without a post)."""

from collections.abc import Callable
from datetime import date

from django.db.models import Q, QuerySet

from caretrack.schools.models import Staff

Source = Callable[[int, date], QuerySet]

_sources: list[Source] = []


def serves(source: Source) -> Source:
    """Decorator: register who serves without an appointment: (school, day) → the ids of their accounts."""
    _sources.append(source)
    return source


def serving(school: int, on: date) -> QuerySet[Staff]:
    """The open accounts of those who serve at the school on the day, by name."""
    found = Q(pk__in=Staff.objects.of_school(school, on).values("pk"))
    for source in _sources:
        found |= Q(pk__in=source(school, on))
    return Staff.objects.filter(found, is_active=True).order_by("pinyin", "pk")
