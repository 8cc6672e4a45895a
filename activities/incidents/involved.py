"""The pupils of a file: put in, put right, taken out again. Each change is a line of its course."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from activities.incidents.services import OTHER_SCHOOL, locked_open, said, tell
from activities.models import Incident, IncidentChild
from caretrack.access.history import Stale
from caretrack.schools.models import Staff
from children.models import Child


@transaction.atomic
def involve(
    *, incident: Incident, child: Child, part: str, guardian_suspected: bool, by: Staff, now: datetime
) -> IncidentChild:
    """Put one more pupil of the school into a file. Raises ValidationError for one of another school or twice."""
    current = locked_open(incident)
    if child.school_id != current.school_id:
        raise ValidationError({"child": OTHER_SCHOOL})
    if current.involved.filter(child=child).exists():
        raise ValidationError({"child": f"{child.name}已经在这份档案里。"})
    row = IncidentChild.objects.create(incident=current, child=child, part=part, guardian_suspected=guardian_suspected)
    suspected = "，监护人有侵害嫌疑" if guardian_suspected else ""
    tell(current, f"涉及学生增加{child.name}（{row.get_part_display()}{suspected}）", by=by, now=now)
    return row


@transaction.atomic
def put_right(
    *,
    incident: Incident,
    row: IncidentChild,
    version: int,
    part: str,
    guardian_suspected: bool,
    reason: str,
    by: Staff,
    now: datetime,
) -> IncidentChild:
    """
    Correct what part a pupil had and whether its guardian is suspected; the earlier words stay in the course.

    Raises ValidationError without a reason or in a closed file, Stale if somebody corrected it since `version`.
    """
    file = locked_open(incident)
    current = file.involved.select_related("child", "change").get(pk=row.pk)
    if current.version != version:
        raise Stale(current)
    told = []
    if current.part != part:
        told.append(f"涉及情况原为“{current.get_part_display()}”，改为“{IncidentChild.Part(part).label}”")
    if current.guardian_suspected != guardian_suspected:
        told.append("监护人改为有侵害嫌疑" if guardian_suspected else "监护人改为没有侵害嫌疑")
    if not told:
        return current
    why = said(reason)
    current.part, current.guardian_suspected = part, guardian_suspected
    current.save(update_fields=["part", "guardian_suspected"])
    tell(file, f"{current.child.name}：{'；'.join(told)}", by=by, now=now, reason=why)
    return current


@transaction.atomic
def take_out(*, incident: Incident, row: IncidentChild, reason: str, by: Staff, now: datetime) -> IncidentChild:
    """
    Take a pupil out who was put in by mistake; that it stood there stays in the course.

    Raises ValidationError without a reason, in a closed file, when its guardian has been told, or one of its family stands as suspected.
    """
    file = locked_open(incident)
    why = said(reason)
    if row.reports.exists():
        raise ValidationError(f"已经登记了通知{row.child.name}的监护人，不能再移出。可以把涉及情况改为“目击或知情”。")
    if file.suspects.filter(member__child=row.child).exists():
        raise ValidationError(f"{row.child.name}的家人还写在“有嫌疑的家人”里，请先在那里更正。")
    row.delete()
    tell(file, f"涉及学生移出{row.child.name}", by=by, now=now, reason=why)
    return row
