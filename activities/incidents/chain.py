"""The clocks of an incident: who is to be told by when, who was told at what minute (domain §11.4–11.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from activities.incidents.situations import must_report
from activities.models import CareRules, Incident, IncidentChild, IncidentReport

To = IncidentReport.To
#: How a report is made that is sent on paper.
WRITTEN = "书面"


class Mark(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    OVERDUE = "overdue"
    IN_TIME = "in_time"
    LATE = "late"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Clock:
    """
    One thing with a time limit; `at_once`: whatever the limit says. `done_at` is when it was done, `report` by which line.

    `waivable`: the law does not ask for it, so the file may be closed without it for a reason. `stopped`: the file is
    closed, nothing runs any more. `written`: a report on paper.
    """

    to: str
    label: str
    due_at: datetime
    now: datetime
    at_once: bool = False
    since: datetime | None = None
    done_at: datetime | None = None
    report: IncidentReport | None = None
    about: IncidentChild | None = None
    waivable: bool = False
    stopped: bool = False
    written: bool = False

    @property
    def whom(self) -> str:
        """Who is to be told, as a list of what is left says it."""
        if self.written:
            return f"{To(self.to).label}（书面报告）"
        return f"{self.about.child.name}的监护人" if self.about else str(To(self.to).label)

    @property
    def mark(self) -> Mark:
        if self.report is not None and self.report.skipped_reason:
            return Mark.SKIPPED
        if self.done_at is not None:
            return Mark.IN_TIME if self.done_at <= self.due_at else Mark.LATE
        return Mark.OVERDUE if self.now > self.due_at else Mark.RUNNING

    @property
    def open(self) -> bool:
        return self.mark in (Mark.RUNNING, Mark.OVERDUE)

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the limit; below zero once it has passed."""
        return int((self.due_at - self.now).total_seconds())

    @property
    def seconds_gone(self) -> int:
        """Whole seconds since the clock began: what is due at once has no time left, it has only time lost."""
        return int((self.now - (self.since or self.due_at)).total_seconds())


def minutes_between(first: datetime, last: datetime) -> int:
    """Whole minutes from when the clock began to a report, never below zero."""
    return max(int((last - first).total_seconds() // 60), 0)


def finder_tells(incident: Incident) -> tuple[To, ...]:
    """
    Whom the finder tells, in the order in which to call; the rest of the chain is the file's.

    Where the report is mandatory the police come first, at once and without anybody's leave, and beside them those who
    lead the school (domain §11.4); else the school leads the way (§11.5).
    """
    school, police = (To.DUTY, To.HEAD), (To.POLICE,)
    first = police + school if must_report(incident) else school + police
    return (*first, To.CIVIL, To.EDUCATION, To.HEALTH)


def first_reports(reports: Iterable[IncidentReport]) -> dict[tuple[str, int | None], IncidentReport]:
    """To whom, about whom → the line that counts: the earliest one that told, else the one that says why not."""
    found: dict[tuple[str, int | None], IncidentReport] = {}
    for line in sorted(reports, key=lambda r: (bool(r.skipped_reason), r.at, r.pk or 0)):
        found.setdefault((line.to, line.about_id), line)
    return found


def clocks(incident: Incident, reports: Iterable[IncidentReport], rules: CareRules, now: datetime) -> list[Clock]:
    """
    The limits that hold for this file, the tightest first.

    The five-minute rule always; police and civil affairs at once when the report is mandatory; education within the
    school's limit for anything grave; the guardian of each child, unless a reason says why not. They stop with the file.
    """
    stopped = incident.closed_at is not None
    now = incident.closed_at or now
    told = first_reports(reports)
    found = incident.clock_from
    head = found + timedelta(minutes=rules.minutes_to_head)
    grave = must_report(incident)
    later = found + timedelta(minutes=rules.minutes_to_education)
    wanted: list[tuple[str, str, datetime, bool, IncidentChild | None]] = [
        (To.HEAD, f"{rules.minutes_to_head}分钟内报到校长", head, False, None)
    ]
    if grave:
        wanted.append((To.POLICE, "立即报告公安机关（110）", head, True, None))
        wanted.append((To.CIVIL, "立即报告民政部门", later, True, None))
    if grave or incident.kind in (Incident.Kind.INJURY, Incident.Kind.ILLNESS, Incident.Kind.BULLYING):
        wanted.append((To.EDUCATION, f"{rules.minutes_to_education}分钟内报告教育部门", later, False, None))
    involved = list(incident.involved.all())
    for one in involved:
        if one.guardian_to_be_told:
            whose = f"{one.child.name}的" if len(involved) > 1 else ""
            wanted.append((To.GUARDIAN, f"通知{whose}监护人", later, False, one))
    return [
        Clock(
            to,
            label,
            due,
            now,
            at_once,
            found,
            line.at if line else None,
            line,
            about,
            waivable=to == To.EDUCATION and not grave,
            stopped=stopped,
        )  # fmt: skip
        for to, label, due, at_once, about in wanted
        for line in (told.get((to, about.pk if about else None)),)
    ]


def written_report(
    incident: Incident, reports: Iterable[IncidentReport], rules: CareRules, now: datetime
) -> Clock | None:
    """
    The written report that follows the spoken one to the education authority; None where that one need not be told
    and was not. The school may close without it for a reason.
    """
    told = [line for line in reports if line.to == To.EDUCATION]
    if not told and not must_report(incident):
        return None
    sent = min((line for line in told if line.way == WRITTEN), key=lambda line: line.at, default=None)
    due = incident.clock_from + timedelta(hours=rules.hours_to_written)
    return Clock(
        To.EDUCATION,
        f"{rules.hours_to_written}小时内送出书面报告",
        due,
        incident.closed_at or now,
        since=incident.clock_from,
        done_at=sent.at if sent else None,
        report=sent,
        waivable=True,
        stopped=incident.closed_at is not None,
        written=True,
    )


def still_owed(incident: Incident, rules: CareRules, now: datetime) -> list[Clock]:
    """What is to be reported before the file is closed: who was not told yet, then the written report. Nothing of a drill."""
    if incident.is_drill:
        return []
    reports = list(incident.reports.all())
    written = written_report(incident, reports, rules, now)
    return [c for c in (*clocks(incident, reports, rules, now), *([written] if written else ())) if c.open]
