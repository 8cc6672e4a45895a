"""
What somebody answers for and no longer can: about a child whom that person does not see any more, or at a school that
the person has left. What a class teacher leaves open passes on to the next one; the leads see the rest.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from activities.campaigns import not_reached_yet
from activities.models import CampaignTarget, CareRecord, FollowUp, Kind, MeetingTask
from activities.models.record import Visibility
from caretrack.access.lately import Looked
from caretrack.access.models import ChangeSet, RowHistory
from caretrack.access.policy import ACTS, CLASS_ROLES, NO_TEACHERS, SCHOOL_ROLES, Act, Role
from caretrack.schools import succession
from caretrack.schools.models import Appointment, SchoolClass, Staff
from caretrack.schools.succession import Kept
from children.models import Enrollment
from mentoring.access import carer_in
from mentoring.models import Mentor, MentorAbsence, Pairing

WRITERS = ACTS[Act.RECORD_WRITE]
#: Where it is written who sees which child: without a row more or less in these nobody loses sight of one during a day.
DECIDES_WHO_SEES = (Staff, Appointment, Enrollment, Mentor, Pairing, MentorAbsence)


def unseen_by(owner: str, on: date, without: int = 0) -> Q:
    """
    A condition on rows about a child: the person in the field `owner` gets no care data of the child on the day.

    `without` is the id of a post that is thought away. The many-rows form of `follow_ups.staff_who_see`.
    """
    posts = Appointment.objects.current(on).exclude(pk=without).filter(staff=OuterRef(owner))
    at_school = Exists(posts.filter(school=OuterRef("child__school"), role__in=SCHOOL_ROLES & WRITERS))
    in_class = Exists(posts.filter(school_class=OuterRef("child__school_class"), role__in=CLASS_ROLES & WRITERS))
    as_carer = carer_in(owner, OuterRef("child"), on)
    return Q(**{f"{owner}__is_active": False}) | ~(Q(at_school) | Q(in_class) | as_carer)


def has_left(on: date, without: int = 0) -> Q:
    """A condition on MeetingTask: who is to do it has no account or no post at the school of the meeting any more."""
    posts = Appointment.objects.current(on).exclude(pk=without).exclude(role__in=NO_TEACHERS)
    here = posts.filter(staff=OuterRef("owner"), school=OuterRef("meeting__school"))
    return Q(owner__is_active=False) | ~Q(Exists(here))


def may_have_passed(since: Looked) -> bool:
    """
    Whether a former class teacher may have something to give since then, within one day.

    A row about the child alone that is put back (a follow-up opened again) waits for the next morning.
    """
    return since.touched(DECIDES_WHO_SEES)


def _left_behind(rows: QuerySet[Any], owner: str, on: date, school_class: SchoolClass | None) -> QuerySet[Any]:
    """Those of `rows` that a former class teacher of the child has and can do nothing about any more."""
    if school_class is not None:
        rows = rows.filter(child__school_class=school_class)
    taught = Enrollment.objects.filter(
        child=OuterRef("child"),
        school_class__appointments__staff=OuterRef(owner),
        school_class__appointments__role=Role.HOMEROOM,
    )
    return rows.filter(unseen_by(owner, on), Exists(taught))


def _known() -> Q:
    """A condition on follow-ups: not of what few may know of, which the leads give on, never the program by itself."""
    private = CareRecord.objects.filter(Q(visibility=Visibility.RESTRICTED) | Q(kind=Kind.COUNSELLING))
    return ~Q(record__in=private.order_by().values("pk"))


def _of_the_class(on: date) -> Q:
    """
    A condition on follow-ups: promised as teacher of the class, it ends with the post though the person may go on teaching
    there. What a mentor has promised stays with the mentor.
    """
    return _known() & ~carer_in("owner", OuterRef("child"), on)


def passing_on(posts: Iterable[Appointment], on: date) -> dict[tuple[int, int], int]:
    """(class teacher, class) → open follow-ups that go to the next one when these posts end; one statement."""
    with_post = Q(pk__in=[])
    for post in posts:
        with_post |= Q(owner=post.staff_id, child__school_class=post.school_class_id)
    rows = FollowUp.objects.open().filter(with_post, _of_the_class(on)).order_by()
    counted = rows.values("owner", "child__school_class").annotate(number=Count("pk"))
    return {(owner, at): number for owner, at, number in counted.values_list("owner", "child__school_class", "number")}


def _handed_over(rows: QuerySet[Any], on: date, school_class: SchoolClass | None) -> QuerySet[Any]:
    """
    Those of the follow-ups that somebody had before handing over the child's class; given to that person since, they
    stay. Three statements.
    """
    if school_class is not None:
        rows = rows.filter(child__school_class=school_class)
    posts = Appointment.objects.filter(
        staff=OuterRef("owner"), school_class=OuterRef("child__school_class"), role=Role.HOMEROOM
    )
    ended = posts.filter(ends_on__lt=on).order_by("-ends_on").values("ends_on")
    found = rows.annotate(ended_on=Subquery(ended[:1])).filter(~Exists(posts.current(on)), _of_the_class(on))
    former = list(found.filter(ended_on__isnull=False))
    given = _given_on(former)
    return rows.filter(pk__in=[row.pk for row in former if given[row.pk] <= row.ended_on])


def _given_on(rows: list[FollowUp]) -> dict[int, date]:
    """Id → the day on which a follow-up came to its present owner; another day or text since gives nothing anew."""
    if not rows:
        return {}
    owners, changes = {row.pk: row.owner_id for row in rows}, {row.pk: row.change_id for row in rows}
    kept = RowHistory.objects.filter(table=FollowUp._meta.db_table, row_id__in=[str(pk) for pk in owners], op="U")
    for row_id, old in kept.order_by("-version").values_list("row_id", "old"):
        pk = int(row_id)
        if owners.get(pk) == old["owner_id"]:
            changes[pk] = UUID(old["change_id"])
        else:
            owners.pop(pk, None)
    made = dict(ChangeSet.objects.filter(pk__in=set(changes.values())).values_list("pk", "made_at"))
    return {pk: timezone.localdate(made[change]) for pk, change in changes.items()}


def _pass_on(left: QuerySet[Any], owner: str, on: date) -> int:
    """What was `left` behind goes to the present class teacher. Returns how many."""
    posts = Appointment.objects.current(on).filter(role=Role.HOMEROOM, staff__is_active=True)
    heirs = posts.filter(school_class=OuterRef("child__school_class")).order_by("-starts_on", "-pk")
    inherited = left.annotate(heir=Subquery(heirs.values("staff")[:1])).filter(heir__isnull=False)
    by_hands: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pk, old, heir in inherited.order_by().values_list("pk", owner, "heir"):
        by_hands[old, heir].append(pk)
    return sum(left.filter(pk__in=pks, **{owner: old}).update(**{owner: heir}) for (old, heir), pks in by_hands.items())


def _pass_on_follow_ups(on: date, school_class: SchoolClass | None) -> int:
    rows = FollowUp.objects.open().filter(_known())
    unseen, handed_over = _left_behind(rows, "owner", on, school_class), _handed_over(rows, on, school_class)
    return _pass_on(unseen, "owner", on) + _pass_on(handed_over, "owner", on)


def _pass_on_targets(on: date, school_class: SchoolClass | None) -> int:
    running = CampaignTarget.objects.filter(campaign__ends_on__gte=on, excused="")
    left = _left_behind(running, "assignee", on, school_class)
    return _pass_on(not_reached_yet(left, on), "assignee", on)


def _open_follow_ups(post: Appointment, on: date) -> int:
    mine = FollowUp.objects.open().filter(owner=post.staff_id, child__school=post.school_id)
    with_class = Q(child__school_class=post.school_class_id) if post.role == Role.HOMEROOM else Q(pk__in=[])
    return mine.filter(unseen_by("owner", on, post.pk) | (with_class & _of_the_class(on))).count()


def _open_targets(post: Appointment, on: date) -> int:
    mine = CampaignTarget.objects.filter(assignee=post.staff_id, child__school=post.school_id)
    return not_reached_yet(mine.filter(unseen_by("assignee", on, post.pk)), on).count()


def _open_tasks(post: Appointment, on: date) -> int:
    mine = MeetingTask.objects.open().filter(owner=post.staff_id, meeting__school=post.school_id)
    return mine.filter(has_left(on, post.pk)).count()


def register() -> None:
    """Called once, when the app is ready."""
    succession.register(Kept("未办结的跟进", "项", _open_follow_ups, _pass_on_follow_ups))
    succession.register(Kept("专项行动里没走到的学生", "名", _open_targets, _pass_on_targets))
    succession.register(Kept("会议落实事项", "项", _open_tasks))
