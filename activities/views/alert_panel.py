"""The gravest warnings on the start page, from what was last worked out."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.alerts import keeping
from activities.alerts.access import watched
from activities.alerts.findings import Finding, findings
from activities.alerts.rules import all_rules
from activities.models import AlertCheck, StandingAlert
from activities.views.alerts import with_children
from caretrack.access.gates import allows
from caretrack.access.lately import Looked
from caretrack.access.policy import Act
from caretrack.fixed import fixed, tally
from caretrack.schools.models import Staff

SHOWN = 5
#: More children than a page may wait for; the worker's check is at most some minutes old for them.
AT_ONCE = 3_000
#: So many children about whom somebody just wrote are worked out for the panel itself; more wait for the worker.
ANEW = 60


@require_safe
@allows(Act.ALERT_VIEW)
def alert_panel(request: HttpRequest) -> HttpResponse:
    """The panel, asked for by the start page itself; the whole list without scripts."""
    if request.headers.get("HX-Request") != "true":
        return redirect("activities:alert_list")
    return _panel(request)


@require_POST
@allows(Act.ALERT_VIEW)
def alert_recheck(request: HttpRequest) -> HttpResponse:
    """重新核对: work out the warnings about the children that one watches, and what else changed meanwhile."""
    today, now = timezone.localdate(), timezone.now()
    if AlertCheck.objects.fresh(today, now).exists():
        ids = list(watched(request.user).order_by().values_list("pk", flat=True)[: AT_ONCE + 1])
        if len(ids) <= AT_ONCE:
            keeping.check(ids, today)
        keeping.catch_up(today, now, told=True)
    return _panel(request) if request.headers.get("HX-Request") == "true" else redirect("workbench")


def last_known(staff: Staff, today: date) -> AlertCheck | None:
    """Today's last check with what it knows of this person's children: `number` of warnings, `grave` among them."""
    return next(iter(_last_known(staff, today)), None)


def _panel(request: HttpRequest) -> HttpResponse:
    staff: Any = request.user
    today, now = timezone.localdate(), timezone.now()
    known = last_known(staff, today)
    context = _kept(staff, today, known) if known and known.is_fresh(now) else _asked(staff, today, now)
    return render(request, "activities/_alert_panel.html", context)


def _kept(staff: Staff, today: date, known: Any) -> dict[str, Any]:
    anew = keeping.written_about(staff.pk, Looked(known.checked_at, known.history), ANEW)
    if anew:
        return _with_anew(staff, today, known, anew)
    return {"rows": with_children(_found(_gravest(staff, today)), today), "known": known}


def _with_anew(staff: Staff, today: date, known: Any, anew: set[int]) -> dict[str, Any]:
    """What was last known, but of the children about whom this person just wrote worked out here and now."""
    loud = StandingAlert.objects.about(watched(staff)).loud_on(today)
    before = list(loud.filter(child_id__in=anew).values_list("rank", flat=True))
    found = findings(watched(staff).filter(pk__in=anew), today)
    told = {
        "number": known.number - len(before) + len(found),
        "grave": known.grave - sum(map(_is_grave, before)) + sum(_is_grave(_rank(one)) for one in found),
        "checked_at": known.checked_at,
    }
    rows = [*_found(loud.exclude(child_id__in=anew).order_by("rank", "child_id")[:SHOWN]), *found]
    rows.sort(key=lambda one: (_rank(one), one.child_id))
    return {"rows": with_children(rows[:SHOWN], today), "known": told, "anew": True}


def _found(rows: Iterable[StandingAlert]) -> list[Finding]:
    rules = {rule.code: rule for rule in all_rules()}
    return [Finding(row.child_id, rules[row.rule], row.words) for row in rows if row.rule in rules]


def _rank(one: Finding) -> int:
    return keeping.RANKS[one.rule.tone]


def _is_grave(rank: int) -> bool:
    return rank < keeping.RANKS["warn"]


def _asked(staff: Staff, today: date, now: datetime) -> dict[str, Any]:
    """Without a worker that keeps them current the warnings are worked out here and now."""
    found = findings(watched(staff), today)
    grave = sum(finding.rule.tone != "warn" for finding in found)
    known = {"number": len(found), "grave": grave, "checked_at": now}
    return {"rows": with_children(found[:SHOWN], today), "known": known}


@fixed
def _gravest(staff: Staff, today: date) -> QuerySet[StandingAlert]:
    return StandingAlert.objects.about(watched(staff)).loud_on(today).order_by("rank", "child_id")[:SHOWN]


@fixed
def _last_known(staff: Staff, today: date) -> QuerySet[AlertCheck]:
    loud = StandingAlert.objects.about(watched(staff)).loud_on(today)
    asked = {"number": loud, "grave": loud.filter(rank__lt=keeping.RANKS["warn"])}
    counted = {name: Coalesce(Subquery(tally(rows, n=Count("pk"))), 0) for name, rows in asked.items()}
    return AlertCheck.objects.filter(on=today).annotate(**counted)
