"""What is still to be reported in the files that somebody answers for: first on that person's start page (domain §11.5)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, When, prefetch_related_objects

from activities.incidents.chain import Clock, Mark, still_owed
from activities.models import Incident, IncidentMember, IncidentReport, Worry, rules_of
from caretrack.access.policy import Role
from caretrack.fixed import fixed
from caretrack.schools.models import Staff

LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)
#: Files told; who owes more looks at the list.
MOST = 20


@dataclass(frozen=True)
class OpenFile:
    """A file with what is still to be reported, the tightest first. `own`: the report of a finder who may not open it."""

    incident: Incident
    left: tuple[Clock, ...]
    own: int | None = None

    @property
    def overdue(self) -> bool:
        return any(clock.mark == Mark.OVERDUE for clock in self.left)

    @property
    def whom(self) -> str:
        """Who is still to be told, in words; several guardians follow the others."""
        return "、".join(dict.fromkeys(clock.whom for clock in self.left))


def files_to_report(staff: Staff, now: datetime) -> list[OpenFile]:
    """
    Files with somebody still to be told, the newest first: of one's school as lead, those one is named in, and dangers
    one reported oneself, of which only the first minutes are the finder's: that the head knows.

    One statement where there is none, else three and one a school.
    """
    rows = _files(staff)
    prefetch_related_objects(rows, "involved__child", "reports", "school")
    rules = {school: rules_of(school) for school in {row.school for row in rows}}
    found = []
    for row in rows:
        # What the statement added to the row.
        answers, own = row.answers, row.own  # type: ignore[attr-defined]
        left = still_owed(row, rules[row.school], now)
        if not answers:
            left = [clock for clock in left if clock.to == IncidentReport.To.HEAD]
        if left:
            found.append(OpenFile(row, tuple(left), None if answers else own))
    # Cut only here: a file on which nothing is owed must not push out one that is.
    return found[:MOST]


@fixed
def _files(staff: Staff) -> QuerySet[Incident]:
    named = Exists(IncidentMember.objects.filter(incident=OuterRef("pk"), staff=staff, ended_at__isnull=True))
    led = Q(named_only=False, school__in=staff.schools_as(*LEADS))
    own = Worry.objects.filter(incident=OuterRef("pk"), reporter=staff, urgent=True, taken_at__isnull=True)
    mine = Case(When(named | led, then=True), default=False, output_field=BooleanField())
    files = Incident.objects.real().open().annotate(answers=mine, own=Subquery(own.values("pk")[:1]))
    found = files.filter(Q(answers=True) | Q(own__isnull=False))
    return found.order_by("-found_at", "-pk")
