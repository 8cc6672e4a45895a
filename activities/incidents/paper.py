"""The written report of an incident, as frozen data: no query runs while it is laid out."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from activities.incidents.blurring import day
from activities.incidents.chain import Clock, clocks, minutes_between
from activities.incidents.nameless import pseudonyms, scrubber
from activities.incidents.situations import must_report, to_be_weighed, words_of
from activities.models import CareRules, Incident, IncidentFile
from caretrack.periods import chinese_date
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
class PupilLine:
    """One pupil of the file, and how its guardian was told."""

    name: str
    part: str
    sex: str
    age: str
    class_name: str
    carer: str
    guardian: str


@dataclass(frozen=True)
class PaperLine:
    """One attachment: what it is and since when it is kept."""

    title: str
    kind: str
    kept: str


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
    pupils: tuple[PupilLine, ...]
    others: str
    found_at: str
    taken_at: str
    happened_at: str
    place: str
    situations: tuple[str, ...]
    mandatory: bool
    to_be_weighed: bool
    account: str
    injury: str
    measures: str
    chain: tuple[ChainLine, ...]
    course: tuple[tuple[str, str], ...]
    outcome: str
    aftercare: str
    closed: str
    files: tuple[PaperLine, ...]
    legal_aid: str


def minute(at: datetime | None) -> str:
    """2026年11月20日15时10分, or nothing."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local.year}年{local.month}月{local.day}日{local.hour}时{local.minute:02}分"


def incident_paper(incident: Incident, rules: CareRules, *, anonymous: bool, on: date) -> IncidentPaper:
    """
    The report of a file. `anonymous` leaves out every name, the place, the class and the school (未保法 art. 103) and tells
    days instead of hours, also inside what people wrote. The reporter is never named: reports under duty are confidential.
    """
    involved = list(incident.involved.select_related("child__school_class__school"))
    hide = scrubber(incident, [one.child for one in involved]) if anonymous else str
    moment = day if anonymous else minute
    called = pseudonyms([one.child for one in involved]) if anonymous else {}
    names = {one.pk: called.get(one.child_id, one.child.name) for one in involved}
    reports = list(incident.reports.select_related("made_by"))
    chain = tuple(
        ChainLine(
            f"{names[line.about_id]}的{line.get_to_display()}"
            if line.about_id and len(involved) > 1
            else line.get_to_display(),
            moment(line.at) if not line.skipped_reason else "未通知",
            "" if line.skipped_reason else f"{minutes_between(incident.clock_from, line.at)}分钟",
            line.way,
            "" if anonymous else line.received_by,
            "" if anonymous else line.receipt,
            hide(line.skipped_reason),
        )
        for line in reports
    )
    running = clocks(incident, reports, rules, timezone.now())
    guardians = {clock.about.pk: _guardian(clock, anonymous=anonymous) for clock in running if clock.about is not None}
    carers = {} if anonymous else carers_of([one.child_id for one in involved])
    found_on = timezone.localdate(incident.found_at)
    pupils = tuple(
        PupilLine(
            names[one.pk],
            one.get_part_display(),
            one.child.get_sex_display(),
            str(one.child.age_on(found_on) or ""),
            "" if anonymous else one.child.class_name(found_on),
            carers.get(one.child_id, ""),
            guardians.get(one.pk, "不需要"),
        )
        for one in involved
    )
    return IncidentPaper(
        title="应急演练记录" if incident.is_drill else "学生突发事件书面报告",
        number="" if anonymous else incident.number,
        school="某学校" if anonymous else incident.school.name,
        on=on,
        drill=incident.is_drill,
        anonymous=anonymous,
        kind=incident.get_kind_display(),
        pupils=pupils,
        others="" if anonymous else incident.others,
        found_at=moment(incident.found_at),
        taken_at=moment(incident.taken_at),
        happened_at=moment(incident.happened_at),
        place="" if anonymous else incident.place,
        situations=tuple(words_of(incident.situations)),
        mandatory=must_report(incident) and not incident.is_drill,
        to_be_weighed=to_be_weighed(incident),
        account=hide(incident.account),
        injury=hide(incident.injury),
        measures=hide(incident.measures),
        chain=chain,
        course=tuple((moment(step.at), hide(step.text)) for step in incident.notes.all()),
        # Of a file that is handled again the course tells what was decided first; it is not the outcome any more.
        outcome=hide(incident.outcome) if incident.closed_at else "",
        aftercare=hide(incident.aftercare) if incident.closed_at else "",
        closed=moment(incident.closed_at),
        legal_aid=incident.get_legal_aid_display() if incident.legal_aid else "",
        files=() if anonymous else tuple(_paper(file) for file in incident.files.filter(removed_on__isnull=True)),
    )


def _paper(file: IncidentFile) -> PaperLine:
    kept = chinese_date(timezone.localdate(file.created_at)) if file.created_at else ""
    return PaperLine(file.title, "照片" if file.is_picture else "PDF", kept)


def _guardian(clock: Clock, *, anonymous: bool) -> str:
    report = clock.report
    if report is None:
        return "尚未通知"
    if report.skipped_reason:
        return "未通知" if anonymous else f"未通知，原因：{report.skipped_reason}"
    return f"{(day if anonymous else minute)(report.at)}通知（{report.way}）"
