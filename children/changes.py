"""Changes that leave the roll alone: a holiday at home, a new number, a sixteenth birthday (domain §5.3)."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from caretrack.access.history import change_by
from caretrack.masking import mask_phone
from caretrack.schools.models import Staff
from children.left_behind import MCA_AGE, assess, facts_of
from children.models import Child, FamilyMember, Phone, PhoneState, StatusChange, codes
from children.services import write_line

Kind = codes.ChangeKind
LOOK_BACK = timedelta(days=60)
_AWAY = {1: "一方外出", 2: "双方外出"}


@transaction.atomic
def record_holiday(
    *, member: FamilyMember, on: date, until: date | None, by: Staff | None, reason: str = "", evidence: str = ""
) -> StatusChange:
    """
    A parent who works away is home for the holidays from `on`: a line of the register, the absence goes on.

    Raises ValidationError if the parent is not away, or `until` is not after `on`. A stay longer than the school
    allows for a visit is a return, and refused here.
    """
    child = member.child
    if member.status != codes.ParentStatus.AWAY_WORK:
        raise ValidationError({"member": f"{member}没有登记外出务工，不必登记返乡。"})
    if until is not None and until <= on:
        raise ValidationError({"until": "离家日期要晚于到家日期。"})
    longest = child.school.visit_tolerance_days
    if until is not None and (until - on).days > longest:
        raise ValidationError({"until": f"在家超过{longest}天，按长期返乡登记；再外出时另登记“父母新外出”。"})
    away = child.family.parents().filter(status=codes.ParentStatus.AWAY_WORK).count()
    stays = f"，预计{until.month}月{until.day}日离家" if until else ""
    return write_line(
        child,
        Kind.PARENT_BACK,
        on,
        by,
        before=_AWAY[min(away, 2)],
        after=f"{_AWAY[min(away, 2)]}（{member}假期在家{stays}，仍计外出）",
        reason=reason,
        evidence=evidence,
    )


@transaction.atomic
def change_phone(
    *,
    member: FamilyMember,
    number: str,
    replaces: Phone | None,
    on: date,
    by: Staff | None,
    answered_by: str = "",
    reason: str = "",
    evidence: str = "",
) -> Phone:
    """
    A family member has a new number, called first from now on; the one that it replaces is marked dead.

    Contact cards with the old number become stale by themselves: their fingerprint holds the numbers. The register
    names numbers masked. Raises ValidationError if the number is there already or `replaces` is somebody else's.
    """
    child = member.child
    if replaces is not None and replaces.member_id != member.pk:
        raise ValidationError({"replaces": f"这个旧号码不是{member}的。"})
    present = list(Phone.objects.select_for_update().filter(child=child, member=member).order_by("order", "pk"))
    if any(phone.number == number for phone in present):
        raise ValidationError({"number": "这个号码已经登记过了。"})
    for place, phone in enumerate(present, start=2):
        phone.order = place
        if replaces is not None and phone.pk == replaces.pk:
            phone.state = PhoneState.DEAD
        phone.save(update_fields=["order", "state"])
    made = Phone(child=child, member=member, number=number, order=1, answered_by=answered_by)
    made.full_clean(exclude=["change"])
    made.save()
    before = mask_phone(replaces.number) if replaces else ""
    write_line(
        child,
        Kind.CONTACT_CHANGE,
        on,
        by,
        before=f"{member} {before}" if before else "",
        after=f"{member} {mask_phone(number)}",
        reason=reason,
        evidence=evidence,
    )
    return made


def numbers_of(member: FamilyMember) -> list[str]:
    """The member's numbers in calling order."""
    return list(Phone.objects.filter(member=member).order_by("order", "pk").values_list("number", flat=True))


def note_new_numbers(*, member: FamilyMember, before: list[str], on: date, by: Staff | None) -> StatusChange | None:
    """
    Write 联系方式变更 when the numbers of a member who had some are no longer those `before`; order does not count.

    Returns the line, None when there is nothing to say: the first numbers are no change.
    """
    now = numbers_of(member)
    if not before or set(before) == set(now):
        return None

    def told(numbers: list[str]) -> str:
        return f"{member} {'、'.join(mask_phone(number) for number in numbers) or '无电话'}"

    return write_line(member.child, Kind.CONTACT_CHANGE, on, by, before=told(before), after=told(now))


def record_age_outs(on: date) -> int:
    """
    Write the line 年满16周岁 for pupils who turned 16 in the last sixty days and counted under 民政口径 until then.

    The count itself follows from the birth date; this is its line in the register. Returns how many were written;
    nobody gets a second one, also when two workers look at the same moment (the database holds it).
    """
    born = on.replace(year=on.year - MCA_AGE)
    known = StatusChange.objects.filter(child=OuterRef("pk"), kind=Kind.AGE_OUT)
    turned = Child.objects.on_roll().filter(~Exists(known), birth_date__gt=born - LOOK_BACK, birth_date__lte=born)
    children = list(turned.select_related("school", "school_class__school"))
    if not children:
        return 0
    facts = facts_of([child.pk for child in children])
    written = 0
    with change_by(None, "年满16周岁自动登记"):
        for child in children:
            birthday = child.birth_date.replace(year=child.birth_date.year + MCA_AGE)  # type: ignore[union-attr]
            known_facts, tolerance = facts[child.pk]
            if assess(known_facts, birthday - timedelta(days=1), tolerance=tolerance).mca:
                reason = "满16周岁，不再计入民政口径；学校帮扶照常"
                written += _aged_out(child, birthday, reason)
    return written


def _aged_out(child: Child, birthday: date, reason: str) -> bool:
    """Write the line; False when another worker was faster."""
    try:
        with transaction.atomic():
            write_line(child, Kind.AGE_OUT, birthday, None, before="不满16周岁", after="已满16周岁", reason=reason)
    except IntegrityError:
        return False
    return True
