"""
The acts of the register. Each writes its line in the register of changes, so that opening + in − out = closing.

All are atomic, take the day and the actor, validate, and raise ValidationError with Chinese sentences.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from caretrack.access.crypto import blind_index
from caretrack.periods import chinese_date
from caretrack.schools.models import SchoolClass, Staff, Term
from children.leaving import end_what_is_open
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    StatusChange,
    SupportDecision,
    Transfer,
    codes,
)
from children.models.transfer import CAME_BACK

ONE_DAY = timedelta(days=1)
# A term and the holidays before it, where the next one is not entered yet.
WATCH = timedelta(days=180)
AWAY = (codes.ParentStatus.AWAY_WORK, codes.ParentStatus.AWAY_OTHER)
Kind = codes.ChangeKind
#: What was signed with a carer, or checked about one, says nothing about the next (未成年人保护法 art. 22, 23).
_OF_ONE_CARER: tuple[dict[str, Any], ...] = (
    {"entrusted": None, "entrusted_on": None, "entrusted_until": None},
    {"school_told_on": None},
    {"excluded_checked_on": None, "exclusions": [], "excluded_reason": ""},
)
OF_ONE_CARER: dict[str, Any] = {name: nothing for group in _OF_ONE_CARER for name, nothing in group.items()}


def write_line(
    child: Child,
    kind: str,
    on: date,
    by: Staff | None,
    *,
    school_class: SchoolClass | None = None,
    before: str = "",
    after: str = "",
    reason: str = "",
    evidence: str = "",
    watch_until: date | None = None,
    corrects: StatusChange | None = None,
) -> StatusChange:
    """
    One line of the register of changes (columns of domain §5.3); texts are cut to what their column holds.

    A correction stands in the register of the line that it `corrects`, wherever the child is now.
    """
    return StatusChange.objects.create(
        child=child,
        school_id=corrects.school_id if corrects else child.school_id,
        school_class=school_class or child.school_class,
        kind=kind,
        on=on,
        before=before[:200],
        after=after[:200],
        reason=reason[:200],
        evidence=evidence[:100],
        made_by=by,
        watch_until=watch_until,
        corrects=corrects,
    )


def set_on_child(child: Child, **values: Any) -> None:
    """Write fields of the child without overwriting what somebody else saved in others meanwhile."""
    Child.objects.filter(pk=child.pk).update(**values)
    child.refresh_from_db(fields=[*values, "version", "change"])


@transaction.atomic
def open_dossier(
    *, child: Child, school_class: SchoolClass, on: date, by: Staff | None, kind: str = Kind.ENROL_NEW, reason: str = ""
) -> Child:
    """
    Begin the dossier of a new child and put it into a class from `on`.

    Raises ValidationError as `enrol` does and for impossible facts, among them a number that somebody has already.
    """
    child.school = school_class.school
    # Written by the fields on saving; the constraints that name who has a number already are asked before.
    child.id_no_index, child.student_no_index = blind_index(child.id_no), blind_index(child.student_no)
    child.full_clean(exclude=["change"])
    child.save()
    enrol(child=child, school_class=school_class, on=on, by=by, kind=kind, reason=reason)
    return child


@transaction.atomic
def enrol(
    *,
    child: Child,
    school_class: SchoolClass,
    on: date,
    by: Staff | None,
    kind: str = Kind.ENROL_NEW,
    reason: str = "",
    evidence: str = "",
) -> Enrollment:
    """
    Put a saved child into a class from `on`; `kind` is one of codes.ENTERS_SCHOOL.

    A dossier on its way is called back: no other school could accept it any more.

    Raises ValidationError if the child is in a class already or the days overlap an earlier enrolment.
    """
    if kind not in codes.ENTERS_SCHOOL:
        raise ValidationError("入学登记的变动类型不对。")
    enrollment = Enrollment(child=child, school_class=school_class, school=school_class.school, starts_on=on)
    enrollment.full_clean(exclude=["change"])
    enrollment.save()
    set_on_child(child, school=school_class.school, school_class=school_class)
    Transfer.objects.filter(child=child).call_back(on, CAME_BACK)
    write_line(child, kind, on, by, after=school_class.name_on(on), reason=reason, evidence=evidence)
    return enrollment


@transaction.atomic
def change_class(
    *, child: Child, to: SchoolClass, on: date, by: Staff | None, reason: str = "", evidence: str = ""
) -> Enrollment:
    """
    Move a child to another class of its school from `on`; the old enrolment ends the day before.

    Raises ValidationError if the child is in no class, is in that class already, or `on` is not after its first day.
    """
    current = Enrollment.objects.select_for_update().filter(child=child, ends_on__isnull=True).first()
    if current is None:
        raise ValidationError("这名学生目前不在班，请先办理入学或复学。")
    if current.school_class_id == to.pk:
        raise ValidationError("这名学生已经在这个班。")
    if to.school_id != current.school_id:
        raise ValidationError("调班只在本校内办理；去别的学校请办理转出。")
    if on <= current.starts_on:
        raise ValidationError({"on": f"调班日期要晚于入班日期{chinese_date(current.starts_on)}。"})
    before = current.school_class
    current.ends_on = on - ONE_DAY
    current.save(update_fields=["ends_on"])
    enrollment = Enrollment(child=child, school_class=to, school=to.school, starts_on=on)
    enrollment.full_clean(exclude=["change"])
    enrollment.save()
    set_on_child(child, school_class=to)
    write_line(
        child,
        Kind.CLASS_CHANGE,
        on,
        by,
        before=before.name_on(on),
        after=to.name_on(on),
        reason=reason,
        evidence=evidence,
    )
    return enrollment


@transaction.atomic
def leave_school(
    *, child: Child, on: date, kind: str, by: Staff | None, reason: str = "", evidence: str = ""
) -> StatusChange:
    """
    Take a child off the roll; `on` is the last day in class. The dossier stays with the school.

    Whatever cannot outlast the time at school ends with it (children.leaving). Returns the line of the register.

    Raises ValidationError if the child is in no class, `kind` is no way of leaving, or `on` is before the first day.
    """
    if kind not in codes.LEAVES_SCHOOL:
        raise ValidationError("离校登记的变动类型不对。")
    current = Enrollment.objects.select_for_update().filter(child=child, ends_on__isnull=True).first()
    if current is None:
        raise ValidationError("这名学生目前不在班。")
    if on < current.starts_on:
        raise ValidationError({"on": f"离校日期不能早于入班日期{chinese_date(current.starts_on)}。"})
    current.ends_on = on
    current.save(update_fields=["ends_on"])
    left = current.school_class
    set_on_child(child, school_class=None)
    line = write_line(child, kind, on, by, school_class=left, before=left.name_on(on), reason=reason, evidence=evidence)
    end_what_is_open(child=child, on=on, by=by)
    return line


@transaction.atomic
def set_parent_status(
    *,
    member: FamilyMember,
    status: str,
    since: date | None,
    by: Staff | None,
    on: date,
    work_place: str = "",
    reason: str = "",
    evidence: str = "",
) -> None:
    """
    State a parent's situation as known on `on`, since `since` (None: unknown). The dated history is kept.

    Coming home ends the open span the day before `since` (or `on`); leaving opens one. Coming home on the very day of
    leaving takes the span back: the parent was never away. Writes the register of changes when the number of parents
    who work away changes.
    Raises ValidationError if `since` lies after `on` or before the start of the span it ends.
    """
    if since is not None and since > on:
        raise ValidationError({"since": "日期不能在今天以后。"})
    open_span = AbsenceSpan.objects.select_for_update().filter(member=member, ends_on__isnull=True).first()
    child = member.child
    away_before = _away_now(child)
    never_left = False
    if open_span is not None and open_span.status == status:
        since = since if since is not None else open_span.starts_on
        if since != open_span.starts_on:
            # The day was wrong: the line that told the leaving moves with it, or opening + in − out would not close.
            told = StatusChange.objects.filter(child=child, kind__in=(Kind.NEW_AWAY, Kind.TYPE_CHANGE))
            told.filter(on=open_span.starts_on).update(on=since)
        open_span.starts_on, open_span.work_place = since, work_place or open_span.work_place
        open_span.save()
    else:
        if open_span is not None:
            never_left = _end_span(open_span, since or on)
        if status not in (codes.ParentStatus.AT_HOME, codes.ParentStatus.UNKNOWN):
            AbsenceSpan.objects.create(member=member, status=status, starts_on=since, work_place=work_place)
    if status in AWAY:
        member.away_since, member.returned_on = since, None
    elif never_left:
        member.away_since = member.returned_on = None
    elif status == codes.ParentStatus.AT_HOME and member.status in AWAY:
        member.returned_on = since or on
        if member.away_since is not None and member.returned_on < member.away_since:
            raise ValidationError({"since": f"返乡日期不能早于外出时间{chinese_date(member.away_since)}。"})
    member.status = status
    if work_place:
        member.work_place = work_place
    member.save()
    away_after = _away_now(child)
    if away_before != away_after:
        kind = Kind.NEW_AWAY if away_before == 0 else Kind.PARENT_BACK if away_after == 0 else Kind.TYPE_CHANGE
        names = {0: "无人外出", 1: "一方外出", 2: "双方外出"}
        write_line(
            child,
            kind,
            since or on,
            by,
            before=names[min(away_before, 2)],
            after=names[min(away_after, 2)],
            reason=reason,
            evidence=evidence,
            watch_until=watch_end(child, since or on) if kind == Kind.PARENT_BACK else None,
        )


def watch_end(child: Child, on: date) -> date:
    """How long a child whose parents came home is watched (domain §5.3): to the end of the term after that of `on`."""
    later = Term.objects.filter(school=child.school_id, starts_on__gt=on).order_by("starts_on").first()
    return later.ends_on if later else on + WATCH


def _end_span(span: AbsenceSpan, next_from: date) -> bool:
    """End an open span the day before `next_from`; True if it is taken back because it would have no day."""
    last = next_from - ONE_DAY
    if span.starts_on is not None and next_from < span.starts_on:
        raise ValidationError({"since": f"日期不能早于上一段外出的开始{chinese_date(span.starts_on)}。"})
    if span.starts_on == next_from:
        span.delete()
        return True
    span.ends_on = last
    span.save(update_fields=["ends_on"])
    return False


def _away_now(child: Child) -> int:
    return FamilyMember.objects.filter(
        child=child, relation__in=codes.PARENTS, status=codes.ParentStatus.AWAY_WORK
    ).count()


def of_the_former_carer(given: Mapping[str, Any], former: CareArrangement) -> set[str]:
    """The fields of OF_ONE_CARER that a form with another carer left as they were: they tell of the former one."""
    same = {name for name in OF_ONE_CARER if name not in given or given[name] == getattr(former, name)}
    return {name for group in _OF_ONE_CARER if same.issuperset(group) for name in group}


@transaction.atomic
def set_care(
    *,
    child: Child,
    carer: FamilyMember | None,
    care_type: str,
    on: date,
    by: Staff | None,
    rating: str = "",
    reason: str = "",
) -> CareArrangement:
    """
    State who really cares for the child from `on`. The same carer keeps the arrangement; another one begins a new.

    Another carer on the very day of the beginning corrects the arrangement instead of following it. Either way the
    entrustment of the former carer is not the new one's.
    Raises ValidationError if the carer is no member of the child's family or `on` is before the old beginning.
    """
    if carer is not None and carer.child_id != child.pk:
        raise ValidationError({"carer": "实际监护人须先登记为这名学生的家庭成员。"})
    current = CareArrangement.objects.select_for_update().filter(child=child, ends_on__isnull=True).first()
    same = current is not None and current.carer_id == (carer.pk if carer else None)
    if current is not None and (same or current.starts_on == on):
        if not same and current.carer_id is not None:
            for name, nothing in OF_ONE_CARER.items():
                setattr(current, name, nothing)
        current.carer, current.care_type, current.rating = carer, care_type, rating or current.rating
        current.save(update_fields=["carer", "care_type", "rating", *OF_ONE_CARER])
        return current
    before = str(current.carer or current.get_care_type_display()) if current else ""
    if current is not None:
        if current.starts_on is not None and on < current.starts_on:
            raise ValidationError({"on": f"开始日期不能早于原照护安排的开始{chinese_date(current.starts_on)}。"})
        current.ends_on = on - ONE_DAY
        current.save(update_fields=["ends_on"])
    arrangement = CareArrangement(child=child, carer=carer, care_type=care_type, rating=rating, starts_on=on)
    arrangement.full_clean(exclude=["change"])
    arrangement.save()
    if current is not None:
        write_line(child, Kind.CARE_CHANGE, on, by, before=before, after=str(carer or ""), reason=reason)
    return arrangement


@transaction.atomic
def decide_support_level(
    *,
    child: Child,
    level: str,
    reason: str,
    on: date,
    by: Staff,
    review_on: date | None = None,
    suggested_by: str = "",
) -> SupportDecision:
    """
    A person's decision on the support level, with the reason (PIPL art. 24).

    Raises ValidationError without a reason, or when a review date is not after `on`.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明认定理由。"})
    if review_on is not None and review_on <= on:
        raise ValidationError({"review_on": "复核日期要晚于认定日期。"})
    decision = SupportDecision.objects.create(
        child=child, level=level, reason=reason, on=on, decided_by=by, review_on=review_on, suggested_by=suggested_by
    )
    set_on_child(child, support_level=level)
    return decision
