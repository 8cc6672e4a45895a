"""Questions about children that need pairings."""

from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from children.models import Child
from mentoring.models import Pairing


def with_mentor(children: "QuerySet[Child]", on: date) -> "QuerySet[Child]":
    """Adds `mentor_name` (the 代理家长 on `on`, None without) and `mentor_id`."""
    acting = Pairing.objects.on(on).acting_parents().filter(child=OuterRef("pk")).order_by("-starts_on")
    return children.annotate(
        mentor_name=Subquery(acting.values("mentor__name")[:1]), mentor_id=Subquery(acting.values("mentor_id")[:1])
    )
