"""The steps of 评优 that a test takes on the way to what it is about."""

from datetime import timedelta

from django.utils import timezone

from activities.honours.rounds import decide, hang_out, nominate
from activities.models import AwardKind, AwardNomination, AwardRound
from tests.support.factories import make_child

TODAY = timezone.localdate()
GRANTED, REFUSED = AwardNomination.Verdict.GRANTED, AwardNomination.Verdict.REFUSED


def kind_of(round_, name):
    return round_.kinds.get(name=name)


def granted(row, by):
    row.verdict, row.opinion = GRANTED, "事迹属实"
    decide([row], by=by, on=TODAY)
    row.refresh_from_db()
    return row


def days_passed(round_):
    """The list that hangs out now has hung out its days."""
    days = {"public_from": TODAY - timedelta(days=20), "objections_until": TODAY - timedelta(days=1)}
    AwardRound.objects.filter(pk=round_.pk).update(**days)


def over(round_, lead):
    """The list hung out and its days are over."""
    hang_out(round_, first=TODAY, last=TODAY + timedelta(days=30), today=TODAY)
    days_passed(round_)
    round_.refresh_from_db()
    return round_


def listed(four, lead, homeroom, round_, **places):
    """Two put forward for one honour, the first granted, the second refused; the list hangs out."""
    AwardKind.objects.filter(pk=kind_of(round_, "阳光少年").pk).update(**places)
    kind = kind_of(round_, "阳光少年")
    rows = [
        nominate(kind, child=make_child(name, four), reason="好", by=homeroom, on=TODAY)
        for name in ("李小兰", "王大明")
    ]
    granted(rows[0], lead)
    rows[1].verdict = REFUSED
    decide([rows[1]], by=lead, on=TODAY)
    hang_out(round_, first=TODAY, last=TODAY + timedelta(days=30), today=TODAY)
    return AwardNomination.objects.order_by("pk")
