"""
What was promised about a child: who may be given it, trying again after a contact that failed, how it ends.

A contact that was not reached leaves a retry within three school days (domain §7, issue 4 part 2); the next contact of
the kind that is reached closes it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from activities.kinds import NOT_TOLD, SAME_CONTACT, spec_of
from activities.models import CareRecord, FollowUp, Kind
from caretrack.access.policy import ACTS, CLASS_ROLES, SCHOOL_ROLES, Act, DataClass, Level, Role
from caretrack.fixed import fixed
from caretrack.periods import chinese_date
from caretrack.schools.calendar import school_day_after
from caretrack.schools.models import Appointment, Staff
from children.models import Child
from mentoring.access import carer_in
from mentoring.models import Pairing

RETRY_SCHOOL_DAYS = 3
#: How a follow-up ends whose child has left; by these words it is found again.
LEFT = "学生已离校"
#: Stands for the class of a child that is in none.
NO_CLASS = 0
ILLNESS_RETRY = "再联系家长，告知孩子患病和照料的情况"


def contacts_of(kind: str) -> tuple[str, ...]:
    """The kinds that count as the same contact: a call that failed is made good by a video as well."""
    return tuple(str(same) for same in SAME_CONTACT.get(Kind(kind), (kind,)))


#: What a promise that names no kind is usually kept with.
USUAL_WAYS = (Kind.TALK, Kind.HOME_VISIT, Kind.PARENT_CONTACT)


def ways_to_keep(follow_up: FollowUp, staff: Staff) -> list[Kind]:
    """
    The kinds of record that keep a promise, the likeliest first. `follow_up` has its record loaded.

    A retry wants its own contact again; else what the promise came from, a talk, a visit or the parents.
    """
    if follow_up.retry:
        return sorted(map(Kind, contacts_of(follow_up.retry)), key=lambda kind: kind != follow_up.retry)
    came_from = Kind(follow_up.record.kind) if follow_up.record else Kind.TALK
    if came_from == Kind.COUNSELLING and not staff.may(Act.COUNSELLING):
        came_from = Kind.TALK
    return list(dict.fromkeys((came_from, *USUAL_WAYS)))


def needs_retry(record: CareRecord) -> bool:
    """Whether the family or child was not reached and has to be tried again."""
    if record.kind == Kind.ILLNESS:
        return record.detail.get("told") == NOT_TOLD
    return spec_of(record.kind).reached is not None and not record.reached


def settle_retries(record: CareRecord, *, owner: Staff, today: date) -> None:
    """
    After a record was written or corrected: a reached contact closes what waited for it, a failed one waits anew.

    One retry a child and kind stays open; a further attempt moves it three school days on.
    """
    kinds = contacts_of(record.kind)
    if not needs_retry(record):
        for retry in _made_good(record.child_id, kinds, record.on):
            retry.done_on, retry.closed_by = today, record
            retry.save(update_fields=["done_on", "closed_by"])
        return
    due = school_day_after(record.school, record.on, RETRY_SCHOOL_DAYS)
    found = FollowUp.objects.open().filter(child=record.child_id, retry__in=kinds).order_by("pk").first()
    if found is None:
        whom = f"（{record.with_whom}）" if record.with_whom else ""
        words = ILLNESS_RETRY if record.kind == Kind.ILLNESS else f"再试一次：{record.get_kind_display()}{whom}"
        FollowUp.objects.create(
            child=record.child, record=record, what=words, due_on=due, owner=owner, retry=record.kind
        )
    elif due > found.due_on:
        found.due_on = due
        found.save(update_fields=["due_on"])


@fixed
def _made_good(child: int, kinds: tuple[str, ...], on: date) -> QuerySet[FollowUp]:
    # A record of an earlier day than the failed attempt does not make it good.
    attempted = Q(record__isnull=True) | Q(record__on__lte=on)
    return FollowUp.objects.open().filter(attempted, child=child, retry__in=kinds)


def tried_number(follow_up: FollowUp) -> str:
    """The masked number that was called in vain before; empty where none is known. Needs `record` loaded."""
    failed = follow_up.record if follow_up.retry else None
    return str(failed.detail.get("number", "")) if failed else ""


def attempts(follow_up: FollowUp) -> int:
    """How often a retry's contact was tried without success since it waits."""
    if not follow_up.retry or follow_up.record is None:
        return 0
    tried = CareRecord.objects.filter(child=follow_up.child_id, kind__in=contacts_of(follow_up.retry), reached=False)
    return tried.filter(on__gte=follow_up.record.on).count()


def staff_who_see(child: Child, on: date, *, and_also: Collection[int | None] = ()) -> "QuerySet[Staff]":
    """
    Staff who get care data of the child, at least their own, and may write: whom something can be given to.

    `and_also` are accounts that stand in the list in any case.
    """
    seeing = _who_sees(child.pk, child.school_id, child.school_class_id or NO_CLASS, on)
    ids = {pk for (pk,) in seeing} | {pk for pk in and_also if pk}
    return Staff.objects.filter(pk__in=ids).order_by("pinyin", "pk")


@fixed
def _who_sees(child: int, school: int, school_class: int, on: date) -> QuerySet[Staff, Any]:
    writers = ACTS[Act.RECORD_WRITE]
    posts = Appointment.objects.current(on)
    of_school = posts.filter(school=school, role__in=SCHOOL_ROLES & writers)
    of_class = posts.filter(school_class=school_class, role__in=CLASS_ROLES & writers)
    wanted = Q(pk__in=of_school.values("staff")) | Q(pk__in=of_class.values("staff"))
    return Staff.objects.filter(wanted | carer_in("pk", child, on), is_active=True).order_by().values_list("pk")


def who_answers(children: Collection[int], on: date) -> dict[int, Staff]:
    """Child (id) → who answers for it on the day: its class teacher, else its 代理家长; without both it is left out."""
    pairings = Pairing.objects.acting_parents().on(on).kept(on).filter(child__in=children)
    rows = pairings.select_related("mentor__staff").order_by("starts_on")
    found = {row.child_id: row.mentor.staff for row in rows if row.mentor.staff is not None}
    posts = Appointment.objects.current(on).filter(role=Role.HOMEROOM, staff__is_active=True).select_related("staff")
    teachers = {post.school_class_id: post.staff for post in posts.filter(school_class__children__in=children)}
    classes = Child.objects.filter(pk__in=children).values_list("pk", "school_class")
    return found | {child: teachers[at] for child, at in classes if at in teachers}


def check_owner(owner: Staff, children: Iterable[Child]) -> None:
    """Raises ValidationError (field follow_up_owner) for an owner who does not see all of the children."""
    wanted = {child.pk: child for child in children}
    seen = Child.objects.visible_to(owner, DataClass.CARE, Level.OWN).filter(pk__in=wanted)
    unseen = [child for pk, child in wanted.items() if pk not in set(seen.values_list("pk", flat=True))]
    if unseen or not owner.is_active:
        names = "、".join(child.name for child in unseen[:3])
        raise ValidationError(
            {"follow_up_owner": f"{owner}看不到{names or '这些学生'}的记录，不能负责这项跟进，请换一位老师。"}
        )


def may_manage(follow_up: FollowUp, staff: Staff) -> bool:
    """Its owner, who gave it, and the leads may move a follow-up or hand it on; needs `child` loaded."""
    if staff.pk in (follow_up.owner_id, follow_up.given_by_id):
        return True
    leads = {school.pk for school in staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)}
    return follow_up.child.school_id in leads


@transaction.atomic
def promise(
    *, child: Child, what: str, due_on: date, owner: Staff, by: Staff, today: date, record: CareRecord | None = None
) -> FollowUp:
    """
    Write down what is to be done for a child, by whom and until when.

    Raises ValidationError (by field) without words, for a day that has passed, or an owner who does not see the child.
    """
    if not what.strip():
        raise ValidationError({"what": "请写明要跟进什么。"})
    if due_on < today:
        raise ValidationError({"due_on": "跟进日期不能早于今天。"})
    if owner.pk != by.pk:
        check_owner(owner, [child])
    given = by if owner.pk != by.pk else None
    return FollowUp.objects.create(
        child=child, record=record, what=what.strip(), due_on=due_on, owner=owner, given_by=given
    )


@transaction.atomic
def move_follow_up(*, follow_up: FollowUp, due_on: date, owner: Staff, by: Staff, today: date) -> FollowUp:
    """
    Another day or another owner. The change history keeps the former ones.

    Raises ValidationError for a closed one, a day that has passed, or an owner who does not see the child.
    """
    current = FollowUp.objects.select_for_update(of=("self",)).select_related("child").get(pk=follow_up.pk)
    if current.done_on is not None:
        raise ValidationError(f"这项跟进已于{chinese_date(current.done_on)}办结。")
    if due_on < today and due_on != current.due_on:
        raise ValidationError({"due_on": "跟进日期不能早于今天。"})
    if owner.pk != current.owner_id:
        check_owner(owner, [current.child])
        current.given_by = by
    current.due_on, current.owner = due_on, owner
    current.save(update_fields=["due_on", "owner", "given_by"])
    return current


@transaction.atomic
def close_follow_up(
    *, follow_up: FollowUp, on: date, by: Staff, outcome: str = "", record: CareRecord | None = None
) -> FollowUp:
    """Close a follow-up by a record or with a word. Raises ValidationError if neither is given or it is closed."""
    current = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up.pk)
    if current.done_on is not None:
        raise ValidationError(f"这项跟进已于{chinese_date(current.done_on)}办结。")
    if record is None and not outcome.strip():
        raise ValidationError({"outcome": "请写一句结果。"})
    current.done_on, current.closed_by, current.outcome = on, record, outcome.strip()
    current.save(update_fields=["done_on", "closed_by", "outcome"])
    return current


def close_by_record(follow_ups: Sequence[FollowUp], *, record: CareRecord, on: date, by: Staff) -> list[FollowUp]:
    """Those of `follow_ups` that are still open are closed by the record; somebody else's press costs nothing."""
    still = FollowUp.objects.open().filter(pk__in=[row.pk for row in follow_ups], child=record.child_id)
    return [close_follow_up(follow_up=row, on=on, by=by, record=record) for row in still]


def close_open_follow_ups(*, child: Child, on: date, by: Staff | None) -> None:
    """What was promised to a child who leaves cannot be kept any more: closed, with the reason."""
    for row in FollowUp.objects.open().filter(child=child):
        row.done_on, row.outcome = on, LEFT
        row.save(update_fields=["done_on", "outcome"])


def reopen_follow_ups(*, child: Child, left_on: date) -> None:
    """The leaving is taken back: what it had closed is still promised; of retries only one a kind waits (see settle_retries)."""
    waiting = set(FollowUp.objects.open().filter(child=child).exclude(retry="").values_list("retry", flat=True))
    for row in FollowUp.objects.filter(child=child, done_on=left_on, outcome=LEFT, closed_by__isnull=True):
        if row.retry not in waiting:
            row.done_on, row.outcome = None, ""
            row.save(update_fields=["done_on", "outcome"])
