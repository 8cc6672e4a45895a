"""The acts of pairing. Atomic, with the day and the actor passed in; ValidationError speaks Chinese."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from caretrack.periods import chinese_date
from caretrack.schools.models import School, Staff
from children.consents import agreed
from children.models import Child, Consent
from mentoring.models import CHECK_VALID, Mentor, Pairing, PairingRole

LEFT = "学生离校"
NO_FAMILY_CONSENT = "{mentor}是校外人员，要先取得监护人同意（校外人员结对），在学生档案的“知情同意”里登记。"


def mentor_for(staff: Staff, school: School) -> Mentor:
    """The open Mentor row of a member of staff at a school, made on first need."""
    found = Mentor.objects.filter(staff=staff, school=school, ended_on__isnull=True).first()
    if found is None:
        found = new_mentor(staff, school)
        found.save()
    return found


def new_mentor(staff: Staff, school: School) -> Mentor:
    """A member of staff as a mentor of the school, not saved yet."""
    return Mentor(
        staff=staff,
        school=school,
        kind=Mentor.Kind.STAFF,
        name=staff.name,
        phone=staff.phone,
        background_checked_on=staff.background_checked_on,
    )


def demand_fit(*, mentor: Mentor, school_id: int, on: date, agree: bool, gone: bool) -> None:
    """
    Raises ValidationError if the mentor cannot take children of the school from `on`: is of another school, has left,
    is `gone` (see `has_gone`), lacks a check for offences within 12 months (未保法 art. 62), or comes from outside and
    the families do not all `agree` (P-03, see `families_agree`).
    """
    if mentor.school_id != school_id:
        raise ValidationError({"mentor": f"{mentor}不是这所学校的代理家长。"})
    if mentor.ended_on is not None:
        raise ValidationError({"mentor": f"{mentor}已经退出代理家长。"})
    if gone:
        raise ValidationError({"mentor": f"{mentor}已经离岗或账号已停用，不能再安排学生。"})
    if not mentor.checked_on(on):
        raise ValidationError(
            {"mentor": f"{mentor}没有最近12个月内的从业查询（违法犯罪记录查询），不能安排结对。请先查询并登记日期。"}
        )
    if mentor.is_external and not agree:
        raise ValidationError(NO_FAMILY_CONSENT.format(mentor=mentor))


def families_agree(mentor: Mentor, children: Collection[int]) -> bool:
    """Whether the families of all `children` (ids) agreed to the mentor; of the school's own staff they are not asked."""
    return not mentor.is_external or agreed(Consent.Purpose.OUTSIDE_MENTOR, children) >= set(children)


def has_gone(mentor: Mentor, on: date) -> bool:
    """Whether a member of staff works at the school no longer on the day, or has a closed account."""
    return mentor.staff_id is not None and not Mentor.objects.working(on).filter(pk=mentor.pk).exists()


@transaction.atomic
def pair(
    *,
    child: Child,
    mentor: Mentor,
    on: date,
    by: Staff | None,
    role: str = PairingRole.ACTING_PARENT,
    child_view: str = "",
    replaces: Pairing | None = None,
    items_from: Staff | None = None,
) -> Pairing:
    """
    Give the child a mentor from `on`; in a change of mentor `replaces` is the pairing that ends with it, `items_from`
    whose follow-ups wait for the day.

    Raises ValidationError for a mentor who is not fit for the child (`demand_fit`), and if the child has an acting
    parent already.
    """
    agree, gone = families_agree(mentor, [child.pk]), has_gone(mentor, on)
    demand_fit(mentor=mentor, school_id=child.school_id, on=on, agree=agree, gone=gone)
    pairing = Pairing(
        child=child, mentor=mentor, role=role, starts_on=on, paired_by=by, child_view=child_view,
        replaces=replaces, items_from=items_from,
    )  # fmt: skip
    pairing.full_clean(exclude=["change", "paired_by"])
    try:
        with transaction.atomic():
            pairing.save()
    except IntegrityError as error:
        raise ValidationError("这名学生刚刚已由别人安排了代理家长，请刷新后再看。") from error
    return pairing


@transaction.atomic
def end_pairing(*, pairing: Pairing, on: date, reason: str, by: Staff | None, note: str = "") -> Pairing:
    """
    End a pairing on `on`, its last day. The mentor loses sight of the child the next day and keeps authorship.

    Raises ValidationError if it has ended already, ends before it began, or has no reason.
    """
    current = Pairing.objects.select_for_update(of=("self",)).get(pk=pairing.pk)
    if current.ends_on is not None:
        raise ValidationError(f"这次结对已于{chinese_date(current.ends_on)}结束。")
    current.ends_on, current.end_reason, current.end_note = on, reason, note
    current.full_clean(exclude=["change", "paired_by"])
    current.save(update_fields=["ends_on", "end_reason", "end_note"])
    return current


def call_off(planned: Pairing) -> Pairing | None:
    """
    Drop a change of mentor that has not begun, or was a mistake: the pairing that it replaces goes on.

    Returns the one that goes on; None, and nothing has changed, if it replaces none.
    """
    stays = Pairing.objects.select_for_update(of=("self",)).filter(pk=planned.replaces_id).first()
    if stays is None:
        return None
    planned.delete()
    stays.ends_on, stays.end_reason, stays.end_note = None, "", ""
    stays.save(update_fields=["ends_on", "end_reason", "end_note"])
    return stays


@transaction.atomic
def keep_on(*, pairing: Pairing, today: date) -> Pairing:
    """
    Cancel the end of a pairing that still runs. Returns it, as it was if it had no end.

    Raises ValidationError if it is over, or the child is already to have another.
    """
    current = Pairing.objects.select_for_update(of=("self",)).get(pk=pairing.pk)
    if current.ends_on is None:
        return current
    if current.ends_on < today:
        raise ValidationError(f"这次结对已于{chinese_date(current.ends_on)}结束。")
    if Pairing.objects.filter(replaces=current).exists():
        raise ValidationError(f"{current.child}已定好更换代理家长，请先撤销那次更换。")
    current.ends_on, current.end_reason, current.end_note = None, "", ""
    current.full_clean(exclude=["change", "paired_by"])
    current.save(update_fields=["ends_on", "end_reason", "end_note"])
    return current


@transaction.atomic
def end_pairings_of(*, child: Child, on: date, by: Staff | None) -> list[Pairing]:
    """
    End every open pairing of a child that leaves school on `on`; one that began later ends on its first day.

    A change of mentor that is still to come is called off.
    """
    for planned in Pairing.objects.open().filter(child=child, starts_on__gt=max(on, timezone.localdate())):
        call_off(planned)
    return [
        end_pairing(
            pairing=pairing, on=max(on, pairing.starts_on), reason=Pairing.EndReason.CHILD_CHANGED, by=by, note=LEFT
        )
        for pairing in Pairing.objects.open().filter(child=child)
    ]


@transaction.atomic
def reopen_pairings_of(*, child: Child, left_on: date) -> int:
    """
    Open again the pairings that a leaving taken back had ended, where no other has taken their place.

    Returns how many.
    """
    ended = Pairing.objects.select_for_update(of=("self",)).filter(
        child=child,
        mentor__school=child.school_id,
        ends_on__gte=left_on,
        end_reason=Pairing.EndReason.CHILD_CHANGED,
        end_note=LEFT,
    )
    open_now = Pairing.objects.open().filter(child=child)
    opened = 0
    for pairing in ended.order_by("pk"):
        if open_now.filter(mentor=pairing.mentor_id).exists():
            continue
        if pairing.role == PairingRole.ACTING_PARENT and open_now.acting_parents().exists():
            continue
        pairing.ends_on, pairing.end_reason, pairing.end_note = None, "", ""
        pairing.save(update_fields=["ends_on", "end_reason", "end_note"])
        opened += 1
    return opened


def add_mentor(*, school: School, kind: str, by: Staff, staff: Staff | None = None, **facts: Any) -> Mentor:
    """
    Put a person on the school's list of mentors; a member of staff brings name, phone and date of the check along.

    `facts` are name, title, phone, unit, background_checked_on, soft_limit. Raises ValidationError if the person is on
    the list already, or staff and kind disagree.
    """
    if staff is not None:
        facts["name"] = staff.name
        facts["phone"] = facts.get("phone") or staff.phone
        facts["background_checked_on"] = facts.get("background_checked_on") or staff.background_checked_on
    mentor = Mentor(school=school, kind=kind, staff=staff, **facts)
    mentor.full_clean(exclude=["change"])
    mentor.save()
    return mentor


@transaction.atomic
def record_checks(*, mentors: Sequence[Mentor], on: date, today: date) -> int:
    """
    Enter the day of the yearly check for offences of several mentors. Returns how many.

    Raises ValidationError for a day to come, and for one that holds no longer (P-22: within 12 months).
    """
    if on > today:
        raise ValidationError({"on": "查询日期不能在今天以后。"})
    if today - on > CHECK_VALID:
        raise ValidationError({"on": "这一天已超过 12 个月，查询已经失效，请填最近一次的日期。"})
    for mentor in mentors:
        mentor.background_checked_on = on
        mentor.save(update_fields=["background_checked_on"])
    return len(mentors)


@transaction.atomic
def list_teachers(*, school: School, staff: Sequence[Staff]) -> int:
    """Put teachers on the school's list of mentors, with their own date of the check. Returns how many were new."""
    known = set(Mentor.objects.of_school(school).active().filter(staff__in=staff).values_list("staff", flat=True))
    fresh = [person for person in staff if person.pk not in known]
    for person in fresh:
        new_mentor(person, school).save()
    return len(fresh)
