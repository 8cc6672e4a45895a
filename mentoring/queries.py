"""Questions about children that need pairings."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from caretrack.fixed import fixed
from caretrack.schools.models import Appointment
from children.models import Child, codes
from mentoring.models import Mentor, Pairing, PairingPlan


def with_mentor(children: "QuerySet[Child]", on: date) -> "QuerySet[Child]":
    """Adds `mentor_name` (the 代理家长 on `on` who still works there, None without) and `mentor_id`."""
    acting = Pairing.objects.on(on).acting_parents().kept(on).filter(child=OuterRef("pk")).order_by("-starts_on")
    return children.annotate(
        mentor_name=Subquery(acting.values("mentor__name")[:1]), mentor_id=Subquery(acting.values("mentor_id")[:1])
    )


def mentors_of(ids: Collection[int], on: date) -> dict[int, str]:
    """Child id → name of the 代理家长 on the day. One statement; children without one at work are left out."""
    return dict(_acting_parents_of(tuple(ids), on))


def acting_pairings(ids: Collection[int], on: date) -> dict[int, Pairing]:
    """
    Child id → the pairing with its 代理家长 of the day, mentor and staff loaded. One statement.

    `gone` says whether the mentor still works there (see `Pairing.objects.with_gone`).
    """
    held = Pairing.objects.on(on).acting_parents().with_gone(on).filter(child__in=ids)
    return {pairing.child_id: pairing for pairing in held.select_related("mentor__staff").order_by("starts_on")}


@fixed
def _acting_parents_of(ids: tuple[int, ...], on: date) -> "QuerySet[Any, Any]":
    acting = Pairing.objects.on(on).acting_parents().kept(on).filter(child__in=ids).order_by("starts_on")
    return acting.values_list("child", "mentor__name")


def staff_mentors_of(ids: Collection[int], on: date) -> dict[int, int]:
    """Child id → staff id of the 代理家长 on the day, where that is somebody of the staff. One statement."""
    acting = Pairing.objects.on(on).acting_parents().kept(on).filter(child__in=ids, mentor__staff__isnull=False)
    return dict(acting.order_by("starts_on").values_list("child", "mentor__staff"))


def unpaired(children: "QuerySet[Child]", on: date) -> "QuerySet[Child]":
    """Those of `children` who have no 代理家长 on the day; one who works there no more cares for nobody."""
    acting = Pairing.objects.on(on).acting_parents().kept(on).filter(child=OuterRef("pk"))
    return children.filter(~Exists(acting))


def with_load(mentors: "QuerySet[Mentor]", on: date) -> "QuerySet[Mentor]":
    """Adds `load`: how many children each has as 代理家长 on the day."""
    held = Pairing.objects.on(on).acting_parents().filter(mentor=OuterRef("pk")).order_by().values("mentor")
    number = held.annotate(number=Count("pk")).values("number")
    return mentors.annotate(load=Coalesce(Subquery(number), 0))


def followers(pairings: Iterable[Pairing]) -> dict[int, Pairing]:
    """Pairing (id) → the one, mentor loaded, that takes its place or has taken it. One statement."""
    replacing = Pairing.objects.filter(replaces__in=[pairing.pk for pairing in pairings]).select_related("mentor")
    return {pairing.replaces_id: pairing for pairing in replacing if pairing.replaces_id is not None}


def with_key_load(mentors: "QuerySet[Mentor]", on: date) -> "QuerySet[Mentor]":
    """Adds `key_load`: how many key-support children each has as 代理家长 on the day."""
    held = Pairing.objects.on(on).acting_parents().filter(mentor=OuterRef("pk")).order_by().values("mentor")
    key = held.filter(child__support_level__in=codes.KEY_LEVELS)
    return mentors.annotate(key_load=Coalesce(Subquery(key.annotate(number=Count("pk")).values("number")), 0))


def planned_load(plan: PairingPlan) -> tuple[Counter[int], Counter[int]]:
    """How many children, and how many key-support ones, the lines of a plan give each mentor (id); one statement."""
    heads: Counter[int] = Counter()
    keys: Counter[int] = Counter()
    lines = plan.lines.filter(mentor__isnull=False).values_list("mentor", "child__support_level")
    for mentor, level in lines:
        heads[mentor] += 1
        keys[mentor] += level in codes.KEY_LEVELS
    return heads, keys


def too_much(mentor: Mentor, load: int, key_load: int) -> list[str]:
    """What of this load is more than advised, in words: warned of, never refused. Needs `school` loaded."""
    limit, key_limit = limit_of(mentor), mentor.school.mentor_key_limit
    found = [f"{mentor}带 {load} 人，超过建议的 {limit} 人。"] if load > limit else []
    if key_load > key_limit:
        found.append(f"{mentor}带重点学生 {key_load} 人，超过学校定的 {key_limit} 人。")
    return found


def limit_of(mentor: Mentor) -> int:
    """The advised number of children: the mentor's own, else the school's. Needs `school` loaded."""
    return mentor.soft_limit or mentor.school.mentor_soft_limit


def left_by(post: Appointment, on: date) -> int:
    """How many children the holder of a post is the mentor of and leaves behind: it is the last post at the school."""
    others = Appointment.objects.current(on).filter(staff=post.staff_id, school=post.school_id).exclude(pk=post.pk)
    if others.exists():
        return 0
    mine = Pairing.objects.on(on).filter(mentor__staff=post.staff_id, mentor__school=post.school_id)
    return mine.values("child").distinct().count()
