"""The steps of an incident file that a test takes, all of them within twenty minutes."""

from datetime import datetime, timedelta

from django.utils import timezone

from activities.incidents.chain import clocks
from activities.incidents.services import close_incident, open_incident, report_to
from activities.models import CareRules, Incident

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=timezone.get_default_timezone())
FOUND = NOW - timedelta(minutes=20)


def opened(child, by, **kw) -> Incident:
    values = {"found_at": FOUND, "now": NOW, "account": "李小兰的手臂上有新旧淤青", "kind": "violence"} | kw
    return open_incident(**{"school": child.school, "children": [child], "by": by} | values)


def told(incident, to, minutes, by, **kw):
    return report_to(incident=incident, to=to, at=FOUND + timedelta(minutes=minutes), by=by, now=NOW, **kw)


def clock_of(incident, to, now=NOW):
    found = clocks(incident, incident.reports.all(), CareRules(school=incident.school), now)
    return next((c for c in found if c.to == to), None)


def close(incident, by, **kw):
    values = {"outcome": "送医", "aftercare": "每周辅导"} | kw
    return close_incident(incident=incident, by=by, now=NOW, **values)


def tell_everybody(incident, by) -> None:
    for to in ("head", "police", "civil", "education", "guardian"):
        told(incident, to, 3, by)
    told(incident, "education", 15, by, way="书面")
