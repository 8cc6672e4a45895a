"""Who can become 班主任 at the turn of the year: the school's staff with what each does now, class teachers first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from caretrack.access.policy import NO_TEACHERS, Role
from caretrack.schools.models import Appointment, School, Staff

HOMEROOM_NOW, TEACHING, OTHERS = "现任班主任", "任课教师", "其他教职工"
GROUPS = (HOMEROOM_NOW, TEACHING, OTHERS)


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take a class, the group of the list to stand in, and the present posts in words."""

    staff: Staff
    group: str
    duty: str

    @property
    def label(self) -> str:
        """韦老师（六（1）班班主任）."""
        return f"{self.staff.name}（{self.duty}）"


def candidates(school: School, today: date) -> tuple[Candidate, ...]:
    """Everybody with an open account and a post at the school today, in one statement; who only runs accounts is out."""
    posts = Appointment.objects.current(today).filter(school=school, staff__is_active=True)
    held: dict[int, list[Appointment]] = {}
    for post in posts.select_related("staff", "school_class").order_by("staff__pinyin", "staff_id", "pk"):
        if post.school_class is not None:
            post.school_class.school = school
        held.setdefault(post.staff_id, []).append(post)
    found = [_candidate(of_one, today) for of_one in held.values() if {post.role for post in of_one} - NO_TEACHERS]
    return tuple(sorted(found, key=lambda one: GROUPS.index(one.group)))


def _candidate(posts: Sequence[Appointment], today: date) -> Candidate:
    roles = {post.role for post in posts}
    group = HOMEROOM_NOW if Role.HOMEROOM in roles else TEACHING if Role.TEACHER in roles else OTHERS
    ordered = sorted(posts, key=lambda post: post.role != Role.HOMEROOM)
    places = (post.school_class.name_on(today) if post.school_class else "" for post in ordered)
    words = [f"{place}{post.get_role_display()}" for place, post in zip(places, ordered, strict=True)]
    return Candidate(posts[0].staff, group, "、".join(dict.fromkeys(words)))
