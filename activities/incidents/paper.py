"""The written report of an incident, as frozen data: no query runs while it is laid out."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from activities.incidents.chain import clocks, minutes_between
from activities.incidents.nameless import NOBODY, scrubber
from activities.incidents.situations import must_report, words_of
from activities.models import CareRules, Incident
from children.queries import carers_of


@dataclass(frozen=True)
class ChainLine:
    """One report: who was told, when, how long after discovery."""

    to: str
    at: str
    after: str
    way: str
    received_by: str
    receipt: str
    note: str


@dataclass(frozen=True)
class IncidentPaper:
    """What the report prints."""

    title: str
    number: str
    school: str
    on: date
    drill: bool
    anonymous: bool
    kind: str
    child: str
    sex: str
    age: str
    class_name: str
    carer: str
    others: str
    found_at: str
    happened_at: str
    place: str
    situations: tuple[str, ...]
    mandatory: bool
    account: str
    injury: str
    measures: str
    chain: tuple[ChainLine, ...]
    guardian: str
    course: tuple[tuple[str, str], ...]
    outcome: str
    aftercare: str
    closed: str


def minute(at: datetime | None) -> str:
    """2026年11月20日15时10分, or nothing."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local.year}年{local.month}月{local.day}日{local.hour}时{local.minute:02}分"


def incident_paper(incident: Incident, rules: CareRules, *, anonymous: bool, on: date) -> IncidentPaper:
    """
    The report of a file. `anonymous` leaves out every name, the place, the class and the school (未保法 art. 103), also
    inside what people wrote. The reporter is never named: reports under duty are confidential.
    """
    child = incident.child
    hide = scrubber(incident, [child] if child else []) if anonymous else str
    reports = list(incident.reports.select_related("made_by"))
    chain = tuple(
        ChainLine(
            line.get_to_display(),
            minute(line.at) if not line.skipped_reason else "未通知",
            "" if line.skipped_reason else f"{minutes_between(incident.found_at, line.at)}分钟",
            line.way,
            "" if anonymous else line.received_by,
            "" if anonymous else line.receipt,
            hide(line.skipped_reason),
        )
        for line in reports
    )
    guardian = next((c for c in clocks(incident, reports, rules, timezone.now()) if c.to == "guardian"), None)
    carer = carers_of([child.pk]).get(child.pk, "") if child else ""
    return IncidentPaper(
        title="应急演练记录" if incident.is_drill else "学生突发事件书面报告",
        number="" if anonymous else incident.number,
        school="某学校" if anonymous else incident.school.name,
        on=on,
        drill=incident.is_drill,
        anonymous=anonymous,
        kind=incident.get_kind_display(),
        child=(NOBODY if anonymous else child.name) if child else "",
        sex=child.get_sex_display() if child else "",
        age=str(child.age_on(timezone.localdate(incident.found_at)) or "") if child else "",
        class_name="" if anonymous or child is None else child.class_name(timezone.localdate(incident.found_at)),
        carer="" if anonymous else carer,
        others="" if anonymous else incident.others,
        found_at=minute(incident.found_at),
        happened_at=minute(incident.happened_at),
        place="" if anonymous else incident.place,
        situations=tuple(words_of(incident.situations)),
        mandatory=must_report(incident.kind, incident.situations) and not incident.is_drill,
        account=hide(incident.account),
        injury=hide(incident.injury),
        measures=hide(incident.measures),
        chain=chain,
        guardian=_guardian(guardian, anonymous=anonymous),
        course=tuple((minute(step.at), hide(step.text)) for step in incident.notes.all()),
        outcome=hide(incident.outcome),
        aftercare=hide(incident.aftercare),
        closed=minute(incident.closed_at),
    )


def _guardian(clock: object, *, anonymous: bool) -> str:
    report = getattr(clock, "report", None)
    if report is None:
        return "尚未通知"
    if report.skipped_reason:
        return "未通知" if anonymous else f"未通知，原因：{report.skipped_reason}"
    return f"{minute(report.at)}通知（{report.way}）"
