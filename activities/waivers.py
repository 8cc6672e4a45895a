"""Excusing obligations: for one or several children, a class or the school, with the reason and who decided."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from activities.models import ProgrammeItem, Waiver
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child

Subject = ProgrammeItem.Subject


def waivers_of(child: Child, first: date, last: date) -> list[Waiver]:
    """What the child is excused from on days of first … last, with who decided; one statement."""
    rows = Waiver.objects.filter(child=child, first__lte=last, last__gte=first)
    return list(rows.select_related("item", "granted_by").order_by("first", "pk"))


@transaction.atomic
def excuse(
    *,
    item: ProgrammeItem,
    first: date,
    last: date,
    reason: str,
    by: Staff,
    children: Sequence[Child] = (),
    classes: Sequence[SchoolClass] = (),
) -> list[Waiver]:
    """
    Excuse the item in first … last: for these children, these classes, or (an item of the school) the school.

    Raises ValidationError without a reason or subject, when the days are the wrong way round, or somebody named is of
    another school.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明免做的原因。"})
    school = item.programme.school_id
    foreign = [child for child in children if child.school_id != school]
    if foreign or any(one.school_id != school for one in classes):
        raise ValidationError("名单里有别的学校的学生或班级。")
    given = {"item": item, "first": first, "last": last, "reason": reason.strip(), "granted_by": by}
    if item.subject in (Subject.CHILD, Subject.CARER):
        if not children:
            raise ValidationError({"children": "请选择学生。"})
        rows = [Waiver(child=child, **given) for child in children]
    elif item.subject == Subject.CLASS:
        if not classes:
            raise ValidationError({"classes": "请选择班级。"})
        rows = [Waiver(school_class=one, **given) for one in classes]
    else:
        rows = [Waiver(**given)]
    for row in rows:
        row.full_clean(exclude=["change"])
    return Waiver.objects.bulk_create(rows)
