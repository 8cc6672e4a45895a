"""Whose warnings and support levels a person reads and decides."""

from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Subquery

from caretrack.access.policy import DataClass, Level, Role
from caretrack.access.scopes import children_reached_by
from caretrack.schools.models import Staff
from children.models import Child, SupportDecision
from children.models.child import ChildQuerySet
from children.queries import roll_order
from mentoring.models import Pairing

DECIDERS = frozenset({Role.HOMEROOM, Role.CARE_LEAD, Role.PRINCIPAL})


def watched(staff: Staff) -> ChildQuerySet:
    """The children whose warnings this person gets: those whose care it reads."""
    return Child.objects.visible_to(staff, DataClass.CARE, Level.READ).on_roll()


def decidable(staff: Staff) -> ChildQuerySet:
    """Children whose level this person may decide: through a post as class teacher, care lead or principal."""
    return watched(staff).filter(children_reached_by(staff, DECIDERS))


def under_care(staff: Staff, on: date) -> ChildQuerySet:
    """
    The watched children, the highest level first, with `paired`, the last decision and when it is looked at again.

    Their acting parents of the day are in `acting`.
    """
    last = SupportDecision.objects.filter(child=OuterRef("pk")).order_by("-on", "-pk")
    mentors = Pairing.objects.acting_parents().on(on).kept(on)
    return (
        watched(staff)
        .annotate(
            paired=Exists(mentors.filter(child=OuterRef("pk"))),
            review_on=Subquery(last.values("review_on")[:1]),
            decided_on=Subquery(last.values("on")[:1]),
            decided_why=Subquery(last.values("reason")[:1]),
        )
        .select_related("school_class__school", "school")
        .prefetch_related(Prefetch("pairings", mentors.select_related("mentor"), to_attr="acting"))
        .order_by("school_id", "-support_level", *roll_order())
    )
