"""Choosing the children of a record: from one's own class, another class, or by name; the left-behind first."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Q, Value

from caretrack.access.policy import CLASS_ROLES, Role
from caretrack.access.scopes import children_reached_by
from caretrack.schools.class_names import class_labels
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child
from children.models.child import ChildQuerySet

SHOWN_AT_MOST = 150
SAME_NAME = 20
PAIRED = "我结对的学生"


@dataclass(frozen=True)
class Group:
    """Children of one class, those with a parent away first."""

    title: str
    children: tuple[Child, ...]


@dataclass(frozen=True)
class Picker:
    """
    What the page offers to tick. `single` is the one child that the page was opened for.

    `classes` are the other classes to look at; `asks` is True when a class or a name has to be chosen first.
    """

    single: Child | None = None
    groups: tuple[Group, ...] = ()
    classes: tuple[tuple[int, str], ...] = ()
    class_id: int | None = None
    q: str = ""
    asks: bool = False

    @property
    def count(self) -> int:
        return sum(len(group.children) for group in self.groups)


Link = Callable[[Child], str]
Busy = Callable[[list[int]], Collection[int]]


def choices(found: Picker, *, link: Link, busy: Busy | None = None) -> list[tuple[str, list[tuple[Child, str]]]]:
    """
    What a page offers that leads on with one child: (class, [(child, address)]), no address for who cannot be chosen.

    `link` gives the address for a child, `busy` those of the children shown who cannot be chosen.
    """
    shown = [child.pk for group in found.groups for child in group.children]
    out = set(busy(shown)) if busy else set()
    return [
        (group.title, [(child, "" if child.pk in out else link(child)) for child in group.children])
        for group in found.groups
    ]


def written_as(children: ChildQuerySet, text: str, on: date) -> list[Child]:
    """
    Those of `children` whom somebody wrote down as “李小兰” or “李小兰 四（1）班”; brackets and spaces do not matter.

    Several of one name are all of them, so that who asks can say which there are. One statement.
    """
    name, _, rest = text.strip().partition(" ")
    found = list(children.filter(name=name).select_related("school_class__school", "school")[:SAME_NAME])
    if rest.strip():
        wanted = rest.replace(" ", "").replace("(", "（").replace(")", "）")
        found = [child for child in found if child.class_name(on) == wanted]
    return found


def classes_of(children: ChildQuerySet, on: date) -> list[tuple[int, str]]:
    """
    (id, name on the day) of the classes in which `children` are, lowest grade first; one statement.

    Of several schools the names say which school it is.
    """
    classes = SchoolClass.objects.filter(pk__in=children.on_roll().order_by().values("school_class"))
    ordered = classes.select_related("school").order_by("school_id", "-entry_year", "number")
    return list(class_labels(ordered, on).items())


def picker(
    allowed: ChildQuerySet,
    staff: Staff,
    *,
    on: date,
    class_id: int | None = None,
    q: str = "",
    chosen: Collection[int] = (),
    names_only: bool = False,
) -> Picker:
    """
    The children to tick: those of `class_id`, or by name, else the paired ones and one's own classes, else all if few.

    `names_only` tells nothing of the parents, neither by a mark nor by the order. `chosen` are always among them, so
    that nothing that was ticked is lost. Three statements, four for a mentor.
    """
    classes = classes_of(allowed, on)
    names, places = dict(classes), {pk: place for place, (pk, _) in enumerate(classes)}
    paired: set[int] = set()
    if not (q or class_id) and Role.MENTOR in staff.roles():
        own_ones = allowed.on_roll().filter(children_reached_by(staff, frozenset({Role.MENTOR})))
        paired = set(own_ones.order_by().values_list("pk", flat=True))
    own = {p.school_class_id for p in staff.posts() if p.role in CLASS_ROLES}
    found = allowed.on_roll().select_related("school_class__school")
    unknown = Value(False, output_field=BooleanField())
    found = found.annotate(father_away=unknown, mother_away=unknown) if names_only else found.with_away_parents()
    if q:
        wanted = found.named(q)
    elif class_id:
        wanted = found.filter(school_class=class_id)
    elif (mine := [pk for pk, _ in classes if pk in own]) or paired:
        wanted = found.filter(Q(school_class__in=mine) | Q(pk__in=paired))
    elif len(classes) <= 2:
        wanted = found
    else:
        wanted = found.none()
    # Those ticked before come by their own condition, whatever is looked at now.
    listed = found.filter(Q(pk__in=wanted.order_by().values("pk")) | Q(pk__in=list(chosen)))
    ordered = sorted(
        listed.by_name()[:SHOWN_AT_MOST],
        key=lambda c: (
            c.pk not in paired,
            places[c.school_class_id],
            not (c.father_away or c.mother_away),
        ),
    )
    groups: dict[str, list[Child]] = {}
    for child in ordered:
        groups.setdefault(PAIRED if child.pk in paired else names[child.school_class_id], []).append(child)
    return Picker(
        groups=tuple(Group(title, tuple(members)) for title, members in groups.items()),
        classes=tuple(classes),
        class_id=class_id,
        q=q,
        asks=not (q or class_id or ordered),
    )
