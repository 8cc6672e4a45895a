"""The reason to see a child that pairings give, and the role that follows from them."""

from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.access.scopes import child_scope, role_source
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.schools.serving import serves
from mentoring.models import LeaderCharge, Mentor, MentorAbsence, Pairing, PairingQuerySet


@serves
def mentors_at(school: int, on: date) -> QuerySet[Any, Any]:
    """Mentors from the staff who have no post in this program: they work in the dormitory, in the kitchen."""
    return Mentor.objects.filter(school=school, staff__isnull=False).working(on).order_by().values("staff")


@role_source
def mentor_role(staff: Staff, on: date) -> frozenset[Role]:
    """MENTOR while at least one pairing lasts, the own or one looked after as deputy."""
    return frozenset({Role.MENTOR}) if _mentees_of(staff.pk, on) else frozenset()


def cared_for_by(staff: int, on: date) -> PairingQuerySet:
    """The pairings of the day that this person answers for: the own ones, and as deputy those of who is away."""
    away = MentorAbsence.objects.on(on).filter(deputy__staff=staff).order_by().values("mentor")
    mentors = Mentor.objects.filter(Q(staff=staff) | Q(pk__in=away)).order_by().values("pk")
    return Pairing.objects.on(on).filter(mentor__in=mentors).order_by()


def carer_in(field: str, child: int | OuterRef, on: date) -> Q:
    """
    A condition that the person in `field` answers for the child: as a mentor who has not left, or as deputy of one away.

    `child` is an id, or points to it from rows about children.
    """
    paired = Pairing.objects.on(on).filter(child=child).order_by()
    own = paired.kept(on).filter(mentor__staff__isnull=False)
    away = paired.filter(
        mentor__absences__starts_on__lte=on,
        mentor__absences__ends_on__gte=on,
        mentor__absences__deputy__staff__isnull=False,
    )
    own_staff, deputies = own.values("mentor__staff"), away.values("mentor__absences__deputy__staff")
    return Q(**{f"{field}__in": own_staff}) | Q(**{f"{field}__in": deputies})


@fixed
def _mentees_of(staff: int, on: date) -> QuerySet[Any, Any]:
    return cared_for_by(staff, on).values_list("pk")[:1]


@child_scope
def mentees(staff: Staff, roles: frozenset[Role], on: date) -> Q | None:
    """代理家长: own mentees while the pairing lasts, as deputy those of an absent mentor, and not a day longer."""
    if Role.MENTOR not in roles or (on == timezone.localdate() and Role.MENTOR not in staff.roles()):
        return None
    return Q(pk__in=cared_for_by(staff.pk, on).values("child"))


@child_scope
def charges(staff: Staff, roles: frozenset[Role], on: date) -> Q | None:
    """校领导: the children in one's charge on the day, at the schools of whose leading group one is."""
    schools = {p.school_id for p in staff.posts(on) if p.role == Role.LEADER and Role.LEADER in roles}
    held = LeaderCharge.objects.on(on).filter(leader=staff.pk).order_by().values("child")
    return Q(pk__in=held, school__in=schools) if schools else None
