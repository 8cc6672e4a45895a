"""How the mentors of a school stand on a day: load, yearly check, away, gone; and which teachers have no child yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from caretrack.access.policy import APPOINTED_ROLES, NO_TEACHERS
from caretrack.schools.models import Appointment, School, Staff
from children.models import Child, codes
from mentoring.models import Mentor, MentorAbsence, Pairing
from mentoring.queries import limit_of, unpaired, with_key_load, with_load

SOON = timedelta(days=30)


class CheckState(StrEnum):
    """The yearly check for offences (未保法 art. 62, P-22)."""

    VALID = "valid"
    SOON = "soon"
    EXPIRED = "expired"
    NONE = "none"


def check_state(mentor: Mentor, on: date) -> CheckState:
    """Whether the check holds on the day, ends within 30 days, has ended, or was never made."""
    if mentor.check_ends_on is None:
        return CheckState.NONE
    if mentor.check_ends_on < on:
        return CheckState.EXPIRED
    return CheckState.SOON if mentor.check_ends_on - on <= SOON else CheckState.VALID


@dataclass(frozen=True, slots=True)
class Standing:
    """One mentor on one day. `gone` means that the account is closed or holds no post at the school any more."""

    mentor: Mentor
    load: int
    limit: int
    key_load: int
    check: CheckState
    absence: MentorAbsence | None
    gone: bool

    @property
    def fit(self) -> bool:
        """Whether this person may be given a child."""
        return self.check in {CheckState.VALID, CheckState.SOON} and not self.gone

    @property
    def room(self) -> int:
        """How many more children are advised."""
        return max(self.limit - self.load, 0) if self.fit and self.absence is None else 0


def standings(mentors: "QuerySet[Mentor]", on: date) -> list[Standing]:
    """`mentors` (in service) on the day, in their order; two statements."""
    counted = with_key_load(with_load(mentors, on), on)
    listed = list(counted.with_gone(on).select_related("school", "staff"))  # type: ignore[attr-defined]
    ids = [mentor.pk for mentor in listed]
    away = {a.mentor_id: a for a in MentorAbsence.objects.on(on).filter(mentor__in=ids).select_related("deputy")}
    return [
        Standing(
            mentor=mentor,
            load=mentor.load,  # type: ignore[attr-defined]
            limit=limit_of(mentor),
            key_load=mentor.key_load,  # type: ignore[attr-defined]
            check=check_state(mentor, on),
            absence=away.get(mentor.pk),
            gone=mentor.gone,  # type: ignore[attr-defined]
        )
        for mentor in listed
    ]


def by_room(rows: Iterable[Standing]) -> list[Standing]:
    """Who has most room first; those who may take nobody last."""
    return sorted(rows, key=lambda row: (-row.room, not row.fit, row.load, row.mentor.pinyin, row.mentor.pk))


def teachers_without_child(school: School, on: date) -> "QuerySet[Staff]":
    """
    全员育人导师制 (system 3): the staff of the school with a post that works with children, who are nobody's 代理家长.

    Adds nothing; in pinyin order.
    """
    roles = sorted(role.value for role in APPOINTED_ROLES - NO_TEACHERS)
    posts = Appointment.objects.current(on).filter(school=school, role__in=roles)
    caring = Pairing.objects.on(on).acting_parents().filter(mentor__staff=OuterRef("pk"))
    return Staff.objects.filter(Q(pk__in=posts.values("staff")), ~Exists(caring), is_active=True).order_by(
        "pinyin", "pk"
    )


def expected_share(children: int, teachers: int) -> str:
    """每位教师带几名 in words (§6.1: two or three each, as far as the numbers go); "—" without teachers."""
    if not teachers:
        return "—"
    least, rest = divmod(children, teachers)
    return f"{least}—{least + 1} 名" if rest else f"{least} 名"


def key_without_mentor(children: "QuerySet[Child]", on: date) -> "QuerySet[Child]":
    """Of `children`, the key-support ones without 代理家长: 100 % must have one (§6.1)."""
    return unpaired(children, on).filter(support_level__in=codes.KEY_LEVELS)
