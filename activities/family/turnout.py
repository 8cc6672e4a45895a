"""Which families came to a 家长会 or the 家长学校 this term, and which to none (domain §9.1, system 66)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from activities.models import ActivityParticipant, Meeting
from activities.models.event import TOLD
from caretrack.schools.class_names import class_labels
from children.models import Child
from children.models.child import ChildQuerySet
from children.queries import roll_order

KINDS = (Meeting.Kind.CARERS, Meeting.Kind.PARENT_SCHOOL)


@dataclass(frozen=True)
class ClassTurnout:
    """The families of one class: those who came at least once, those who were asked and never came, those never asked."""

    name: str
    came: tuple[Child, ...]
    never: tuple[Child, ...]
    not_asked: tuple[Child, ...]

    @property
    def pupils(self) -> int:
        return len(self.came) + len(self.never) + len(self.not_asked)


def turnout(children: ChildQuerySet, first: date, last: date) -> list[ClassTurnout]:
    """
    The families of `children` on the roll by class, lowest grade first, over the meetings of first … last.

    A meeting at which the roll of the family's class was not called yet tells nothing. Three statements.
    """
    pupils = list(children.on_roll().select_related("school_class__school").order_by(*roll_order()))
    rows = ActivityParticipant.objects.filter(
        TOLD, meeting__kind__in=KINDS, meeting__on__range=(first, last), child__in=children.order_by().values("pk")
    )
    counted = rows.order_by().values_list("child").annotate(came=Count("pk", filter=Q(carer_came=True)))
    times = dict(counted)
    classes = class_labels({child.school_class for child in pupils if child.school_class}, last)
    found: dict[int, tuple[list[Child], list[Child], list[Child]]] = {}
    for child in pupils:
        came, never, not_asked = found.setdefault(child.school_class_id, ([], [], []))
        (not_asked if child.pk not in times else came if times[child.pk] else never).append(child)
    return [ClassTurnout(classes.get(pk, ""), *map(tuple, lists)) for pk, lists in found.items()]
