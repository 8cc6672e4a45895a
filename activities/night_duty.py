"""
查夜值班: who goes through the dormitories on an evening, and what that opens (system 73).

From noon of the day until next noon whoever is on duty counts every room of the school and may call the family of every
boarder. It opens nothing else: no dossier, no list, no other evening.
"""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from activities.models import NightAbsence, NightDuty
from activities.night import ONE_DAY, boarders, due_evenings, evening
from caretrack.access.policy import ACTS, NO_TEACHERS, Act, DataClass, Level, Role
from caretrack.access.scopes import child_scope, children_reached_by, children_seen_by, role_source
from caretrack.fixed import fixed
from caretrack.schools.models import Appointment, School, Staff
from children.models import Child
from children.models.child import ChildQuerySet

#: So many days ahead the duties may be given at once.
AHEAD = timedelta(days=62)
COUNTING = ACTS[Act.NIGHT_CHECK]
ON_DUTY = frozenset({Role.NIGHT_DUTY})


@role_source
def duty_role(staff: Staff, on: date) -> frozenset[Role]:
    """NIGHT_DUTY from noon of the evening until the next noon, while one works at the school."""
    held = {school for (school,) in _schools_of(staff.pk, evening())}
    return ON_DUTY if not held.isdisjoint(post.school_id for post in staff.posts()) else frozenset()


@fixed
def _schools_of(staff: int, on: date) -> QuerySet[Any, Any]:
    return NightDuty.objects.held(staff, on).order_by().values_list("school")


@child_scope
def boarders_of_the_evening(staff: Staff, roles: frozenset[Role], on: date) -> Q | None:
    """查夜值班: the boarders of the school at which one is on duty this evening, as long as the role lasts."""
    if Role.NIGHT_DUTY not in roles or on != timezone.localdate() or Role.NIGHT_DUTY not in staff.roles():
        return None
    schools = {post.school_id for post in staff.posts()}
    held = NightDuty.objects.held(staff.pk, evening()).filter(school__in=schools)
    return Q(pk__in=boarders(Child.objects.filter(school__in=held.order_by().values("school"))).order_by().values("pk"))


def duty_at(staff: Staff) -> list[School]:
    """The schools at which `staff` is on duty this evening."""
    held = {school for (school,) in _schools_of(staff.pk, evening())} if Role.NIGHT_DUTY in staff.roles() else set()
    return list({post.school_id: post.school for post in staff.posts() if post.school_id in held}.values())


def counting_at(staff: Staff) -> list[School]:
    """The schools whose rooms `staff` counts: first where one is on duty this evening, then where one keeps the roll."""
    return list({school.pk: school for school in (*duty_at(staff), *staff.schools_as(*COUNTING))}.values())


def countable(staff: Staff, on: date) -> ChildQuerySet:
    """The children whom `staff` may count on an evening: past ones are entered only by who keeps the roll anyway."""
    return Child.objects.filter(children_reached_by(staff, COUNTING if on == evening() else COUNTING - ON_DUTY))


def callable_by(staff: Staff) -> ChildQuerySet:
    """The children whom `staff` sees, and tonight's boarders of whoever is on duty (whether to call: Sight.may)."""
    seen = children_seen_by(staff, DataClass.IDENTITY, Level.READ)
    return Child.objects.filter(seen | children_reached_by(staff, ON_DUTY))


def missed(staff: Staff) -> QuerySet[NightAbsence]:
    """Who was not in bed, of the children whom `staff` counts: of any evening, on duty only of this one."""
    tonight = evening()
    any_evening = countable(staff, tonight - ONE_DAY).order_by().values("pk")
    return NightAbsence.objects.filter(
        Q(child__in=any_evening) | Q(on=tonight, child__in=countable(staff, tonight).order_by().values("pk"))
    )


def on_duty(school: School, first: date, last: date) -> QuerySet[NightDuty]:
    """The duties of a school in first … last, by evening."""
    rows = NightDuty.objects.filter(school=school, on__gte=first, on__lte=last)
    return rows.select_related("staff").order_by("on", "pk")


def may_be_on_duty(school: School, on: date) -> QuerySet[Staff]:
    """The people who work with the pupils of a school."""
    posts = Appointment.objects.current(on).filter(school=school).exclude(role__in=NO_TEACHERS)
    return Staff.objects.filter(pk__in=posts.values("staff"), is_active=True).order_by("pinyin", "pk")


def next_free(school: School) -> date:
    """The first evening to come on which the rooms are counted and nobody is on duty yet; else this evening."""
    first = evening()
    coming = due_evenings(school, first, first + AHEAD)
    held = set(on_duty(school, first, first + AHEAD).order_by().values_list("on", flat=True))
    return next((on for on in coming if on not in held), first)


@transaction.atomic
def assign(
    *, school: School, staff: Staff, first: date, last: date | None, beside: bool = False
) -> tuple[list[NightDuty], list[date]]:
    """
    Put somebody on duty on an evening, or on every evening of first … last on which boarders sleep at school.

    One evening has one person; of a span the evenings of others are left to them. `beside`: a second one is wanted.
    Given again nothing is added. Returns the new duties and the evenings left to others.

    Raises ValidationError for a time that is over, turned round, too long, without any such evening, or without any that
    is free.
    """
    last = last or first
    if first < evening():
        raise ValidationError({"on": "这一晚已经过去了。"})
    if last < first:
        raise ValidationError({"until": "最后一晚不能早于第一晚。"})
    if last > first + AHEAD:
        raise ValidationError({"until": f"一次最多安排 {AHEAD.days} 天。"})
    evenings = [first] if first == last else due_evenings(school, first, last)
    if not evenings:
        raise ValidationError({"until": "这段时间里没有要查夜的晚上（当天和次日都上课的晚上才查夜）。"})
    # Two who give the same evening at once wait for each other.
    School.objects.select_for_update().get(pk=school.pk)
    there = on_duty(school, evenings[0], evenings[-1])
    own = {duty.on for duty in there if duty.staff_id == staff.pk}
    others = {duty.on: duty.staff.name for duty in there if duty.staff_id != staff.pk}
    left = [on for on in evenings if on in others and on not in own and not beside]
    if left and len(left) == len(evenings):
        named = (
            f"{left[0].month}月{left[0].day}日晚已由{others[left[0]]}值班" if len(left) == 1 else "这几晚都已有人值班"
        )
        raise ValidationError({"beside": f"{named}。换人的先取消原来的；确实要两个人的，勾选这一项。"})
    free = [on for on in evenings if on not in own and on not in left]
    return [NightDuty.objects.create(school=school, staff=staff, on=on) for on in free], left
