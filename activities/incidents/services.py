"""The acts of an incident file: open, report, add to its course, amend, name people, close. Nothing is rewritten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from activities.incidents.chain import still_owed
from activities.models import Incident, IncidentChild, IncidentMember, IncidentNote, IncidentReport, rules_of
from caretrack.access.history import Stale
from caretrack.schools.models import School, Staff
from children.models import Child, StatusChange

EARLIER_THAN_FOUND = "不能早于发现时间。"
IN_FUTURE = "时间还没到，请按实际发生的时间填写。"
#: What may be put right after the file was opened; everything else grows line by line.
AMENDABLE = (
    "kind", "situations", "weighed", "others", "found_at", "happened_at", "place", "found_by", "account", "injury",
    "measures", "legal_aid", "named_only",
)  # fmt: skip
OTHER_SCHOOL = "一份档案只写本校的学生；其他学校的学生请写在“其他涉及人员”里。"
SUSPECT_UNNAMED = "（登记时注明：监护人有侵害嫌疑，不通知其本人。）"


def suspects_guardian(incident: Incident) -> bool:
    """Whether a guardian is suspected of harm, of a pupil that is named in the file or of one that is not yet."""
    return SUSPECT_UNNAMED in incident.account or incident.involved.filter(guardian_suspected=True).exists()


@transaction.atomic
def open_incident(
    *,
    school: School,
    by: Staff,
    found_at: datetime,
    account: str,
    now: datetime,
    kind: str = Incident.Kind.OTHER,
    children: Sequence[Child] = (),
    guardian_suspected: bool = False,
    register_line: StatusChange | None = None,
    keeper: Staff | None = None,
    **facts: Any,
) -> Incident:
    """
    Begin a file about `children`, reported by `by`; `guardian_suspected` holds for each of them until put right.

    `keeper` is named in it: who looks after the file must not lose sight of it. Raises ValidationError without an
    account, for a discovery in the future, or for children of several schools.
    """
    if not account.strip():
        raise ValidationError({"account": "请用一两句话写明发生了什么。"})
    if found_at > now:
        raise ValidationError({"found_at": IN_FUTURE})
    if (happened := facts.get("happened_at")) is not None and happened > found_at:
        raise ValidationError({"happened_at": "发生时间不能晚于发现时间。"})
    if len({child.school_id for child in children}) > 1:
        raise ValidationError({"children": OTHER_SCHOOL})
    incident = Incident.objects.create(
        school=school,
        kind=kind,
        found_at=found_at,
        account=account.strip() + (SUSPECT_UNNAMED if guardian_suspected and not children else ""),
        reported_by=by,
        register_line=register_line,
        **facts,
    )
    IncidentChild.objects.bulk_create(
        IncidentChild(incident=incident, child=child, guardian_suspected=guardian_suspected) for child in children
    )
    if keeper is not None:
        incident.members.create(staff=keeper, added_by=keeper, added_at=now, part="负责处理")
    return incident


def locked(incident: Incident) -> Incident:
    """The file as it is now, held until the end of the transaction."""
    return Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)


def locked_open(incident: Incident) -> Incident:
    """The same for a file that is still being handled. Raises ValidationError when it is closed."""
    current = locked(incident)
    if current.state == Incident.State.CLOSED:
        raise ValidationError("这份事件档案已结案。有新情况请先“重新处理”。")
    return current


def said(reason: str, without: str = "请写明更正的原因。") -> str:
    """The reason that an act asks for. Raises ValidationError in the words `without` when there is none."""
    if not reason.strip():
        raise ValidationError({"reason": without})
    return reason.strip()


def tell(
    incident: Incident,
    text: str,
    *,
    by: Staff,
    now: datetime,
    reason: str = "",
    kind: str = IncidentNote.Kind.AMENDMENT,
) -> IncidentNote:
    """A line of the course on what was done with the file itself, with the reason where one was asked for."""
    words = "\n".join(filter(None, [f"更正原因：{reason}" if reason else "", text]))
    return IncidentNote.objects.create(incident=incident, kind=kind, at=now, text=words, made_by=by, entered_at=now)


@transaction.atomic
def report_to(
    *,
    incident: Incident,
    to: str,
    at: datetime,
    by: Staff,
    now: datetime,
    way: str = "电话",
    received_by: str = "",
    receipt: str = "",
    skipped_reason: str = "",
    about: IncidentChild | None = None,
) -> IncidentReport:
    """
    Note that somebody was told at a minute, or why the guardian was not; `about` says whose guardian.

    Raises ValidationError for a minute before discovery or in the future, and for any other step left out: only the
    guardian may be skipped, when telling would endanger the child. Of several children one must be named.
    """
    current = locked(incident)
    if at < current.found_at.replace(second=0, microsecond=0):
        raise ValidationError({"at": f"报告时间{EARLIER_THAN_FOUND}"})
    if at > now:
        raise ValidationError({"at": IN_FUTURE})
    if skipped_reason and to != IncidentReport.To.GUARDIAN:
        raise ValidationError({"skipped_reason": "只有通知监护人这一步可以写明原因不做。"})
    concerned = _whose_guardian(current, about) if to == IncidentReport.To.GUARDIAN else None
    if not skipped_reason and concerned is not None and concerned.guardian_suspected:
        raise ValidationError(
            {
                "skipped_reason": "监护人有侵害嫌疑，不应通知其本人。请写明未通知的原因；通知了另一位监护人的，选“其他单位”并写明。"
            }
        )
    line = IncidentReport.objects.create(
        incident=current, to=to, at=at, way="" if skipped_reason else way, received_by=received_by.strip(),
        receipt=receipt.strip(), skipped_reason=skipped_reason.strip(), about=concerned, made_by=by, entered_at=now,
    )  # fmt: skip
    if current.state == Incident.State.REPORTED:
        current.state = Incident.State.HANDLING
        current.save(update_fields=["state"])
    return line


def may_take_back(line: IncidentReport, staff: Staff, now: datetime) -> bool:
    """Whether `staff` pressed this line and may still undo it: within the school's days for records, in an open file."""
    incident = line.incident
    entered = timezone.localdate(line.entered_at)
    return (
        line.made_by_id == staff.pk
        and incident.state != Incident.State.CLOSED
        and timezone.localdate(now) <= entered + timedelta(days=incident.school.edit_days)
    )


@transaction.atomic
def take_back_report(*, line: IncidentReport, by: Staff, now: datetime) -> None:
    """
    A press that was wrong: the line goes and its clock runs on; that it was there stays in the course.

    Raises ValidationError for a line of somebody else, after the school's days for records, in a closed file, or when
    it was taken back already.
    """
    current = locked_open(line.incident)
    if (found := current.reports.filter(pk=line.pk).first()) is None:
        raise ValidationError("这一条已经撤回了。")
    line = found
    if not may_take_back(line, by, now):
        raise ValidationError(f"只有登记的人能撤回，并且不能超过{current.school.edit_days}天。请在处置经过里写明情况。")
    told = f"撤回{timezone.localtime(line.entered_at):%m月%d日 %H:%M}的登记：{timezone.localtime(line.at):%H:%M} 报告"
    line.delete()
    tell(current, f"{told}{line.get_to_display()}。", by=by, now=now)


def _whose_guardian(incident: Incident, about: IncidentChild | None) -> IncidentChild | None:
    """The child meant: the one named, else the only one of the file. Raises ValidationError where that is not clear."""
    involved = list(incident.involved.all())
    named = [one for one in involved if about is None or one.pk == about.pk]
    if len(named) > 1 or (involved and not named):
        raise ValidationError({"about": "这份档案涉及多名学生，请选择通知的是哪名学生的监护人。"})
    return named[0] if named else None


@transaction.atomic
def add_step(*, incident: Incident, text: str, at: datetime, by: Staff, now: datetime) -> IncidentNote:
    """A line of the course. Raises ValidationError without text, in the future, or when the file is closed."""
    current = locked_open(incident)
    if not text.strip():
        raise ValidationError({"text": "请写明做了什么。"})
    if at > now:
        raise ValidationError({"at": IN_FUTURE})
    if current.state == Incident.State.REPORTED:
        current.state = Incident.State.HANDLING
        current.save(update_fields=["state"])
    return IncidentNote.objects.create(incident=current, at=at, text=text.strip(), made_by=by, entered_at=now)


@transaction.atomic
def amend(
    *,
    incident: Incident,
    version: int,
    values: dict[str, Any],
    words: dict[str, str],
    reason: str,
    by: Staff,
    now: datetime,
) -> IncidentNote | None:
    """
    Put facts right: each difference stands in a line of the course, old and new. Returns None if nothing differs.

    `values` are among AMENDABLE; `words` says both sides of each changed field as people read them. Raises
    ValidationError without a reason, Stale if somebody wrote in the file's facts since `version`.
    """
    current = locked(incident)
    if current.version != version:
        raise Stale(current)
    changed = [name for name in AMENDABLE if name in values and getattr(current, name) != values[name]]
    if not changed:
        return None
    why = said(reason)
    for name in changed:
        setattr(current, name, values[name])
    current.save(update_fields=changed)
    return tell(current, "\n".join(words[name] for name in changed if name in words), by=by, now=now, reason=why)


@transaction.atomic
def name_member(*, incident: Incident, staff: Staff, part: str, by: Staff, now: datetime) -> IncidentMember:
    """Let somebody into the file who must know. Raises ValidationError if they are in it already."""
    current = locked(incident)
    if current.members.filter(staff=staff, ended_at__isnull=True).exists():
        raise ValidationError({"staff": f"{staff}已经在知情人名单里。"})
    return IncidentMember.objects.create(incident=current, staff=staff, part=part.strip(), added_by=by, added_at=now)


@transaction.atomic
def end_member(*, member: IncidentMember, now: datetime) -> None:
    """Somebody need not know any longer; that they knew stays. Raises ValidationError for the last one of a closed circle."""
    incident = locked(member.incident)
    others = incident.members.filter(ended_at__isnull=True).exclude(pk=member.pk)
    if incident.named_only and not others.exists():
        raise ValidationError("这份档案只限名单内人员查看，名单里至少要留一个人。")
    member.ended_at = now
    member.save(update_fields=["ended_at"])


@transaction.atomic
def close_incident(
    *, incident: Incident, outcome: str, aftercare: str, by: Staff, now: datetime, unreported: str = ""
) -> Incident:
    """
    Close a file with its outcome and what is done for the child from now on.

    Raises ValidationError without either, while somebody who has to be told was not told (未保法 art. 11), or without
    `unreported`, the reason why somebody was not told whom only the school's own rule names. Drills may be closed so.
    """
    current = locked(incident)
    if current.state == Incident.State.CLOSED:
        raise ValidationError("这份事件档案已经结案。")
    missing = {}
    if not outcome.strip():
        missing["outcome"] = "请写明处置结果。"
    if not aftercare.strip():
        missing["aftercare"] = "请写明后续怎样保护和陪伴学生；不需要的写“无需”和原因。"
    if missing:
        raise ValidationError(missing)
    left_out = _left_out(current, bool(unreported.strip()), now)
    if left_out:
        text = f"结案时没有报告：{'、'.join(left_out)}。原因：{unreported.strip()}"
        IncidentNote.objects.create(incident=current, at=now, text=text, made_by=by, entered_at=now)
    current.state, current.closed_at, current.closed_by = Incident.State.CLOSED, now, by
    current.outcome, current.aftercare = outcome.strip(), aftercare.strip()
    current.save(update_fields=["state", "closed_at", "closed_by", "outcome", "aftercare"])
    return current


def _left_out(incident: Incident, reasoned: bool, now: datetime) -> list[str]:
    """Who was not told and need not be, once there is a reason. Raises ValidationError for everybody else."""
    untold = still_owed(incident, rules_of(incident.school), now)
    if owed := [clock.whom for clock in untold if not clock.waivable]:
        raise ValidationError(
            f"还不能结案，没有登记报告：{'、'.join(owed)}。报告过的，到“登记报告”按实际时间补登；还没有报告的，现在就报告。"
            "监护人不能通知的，在那里写明原因。"
        )
    left_out = [clock.whom for clock in untold]
    if left_out and not reasoned:
        raise ValidationError({"unreported": f"没有登记报告{'、'.join(left_out)}。请先补登，或者写明为什么不报告。"})
    return left_out


@transaction.atomic
def reopen(*, incident: Incident, reason: str, by: Staff, now: datetime) -> Incident:
    """New facts came up: the file is handled again, its earlier outcome stays in the course."""
    current = locked(incident)
    if current.state != Incident.State.CLOSED:
        raise ValidationError("这份事件档案还没有结案。")
    why = said(reason, "请写明为什么重新处理。")
    text = f"{why}\n原处置结果：{current.outcome}\n原后续安排：{current.aftercare}"
    tell(current, text, by=by, now=now, kind=IncidentNote.Kind.REOPENED)
    current.state, current.closed_at, current.closed_by = Incident.State.HANDLING, None, None
    current.save(update_fields=["state", "closed_at", "closed_by"])
    return current
