"""The gravest warnings on the start page, from what was last worked out."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
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
from caretrack.access.policy import Act
from caretrack.fixed import fixed, tally
from caretrack.schools.models import Staff

SHOWN = 5
#: More children than a page may wait for; the worker's check is at most some minutes old for them.
AT_ONCE = 3_000


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


def _panel(request: HttpRequest) -> HttpResponse:
    staff: Any = request.user
    today, now = timezone.localdate(), timezone.now()
    check = AlertCheck.objects.fresh(today, now).first()
    context = (
        {"checked_at": check.checked_at} | _kept(staff, today) if check else {"checked_at": now} | _asked(staff, today)
    )
    return render(request, "activities/_alert_panel.html", context)


def _kept(staff: Staff, today: date) -> dict[str, Any]:
    number, grave = next(iter(_figures(staff, today)), (0, 0))
    rules = {rule.code: rule for rule in all_rules()}
    rows = [Finding(row.child_id, rules[row.rule], row.words) for row in _gravest(staff, today) if row.rule in rules]
    return {"rows": with_children(rows, today), "number": number, "grave": grave}


def _asked(staff: Staff, today: date) -> dict[str, Any]:
    """Without a worker that keeps them current the warnings are worked out here and now."""
    found = findings(watched(staff), today)
    grave = sum(finding.rule.tone != "warn" for finding in found)
    return {"rows": with_children(found[:SHOWN], today), "number": len(found), "grave": grave}


@fixed
def _gravest(staff: Staff, today: date) -> QuerySet[StandingAlert]:
    return StandingAlert.objects.about(watched(staff)).loud_on(today).order_by("rank", "child_id")[:SHOWN]


@fixed
def _figures(staff: Staff, today: date) -> QuerySet[StandingAlert, Any]:
    loud = StandingAlert.objects.about(watched(staff)).loud_on(today)
    return tally(loud, number=Count("pk"), grave=Count("pk", filter=Q(rank__lt=keeping.RANKS["warn"])))
