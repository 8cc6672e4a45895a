"""Who may open the school calendar, programmes, the matrix of obligations and the check-ins of supervision."""

from datetime import date

from caretrack.schools.models import SchoolDay
from tests.access.walk import Case
from tests.access.world import World

ADMIN = {"sysadmin"}


def school_day(school: object) -> SchoolDay:
    """A day off of a school, to be taken back."""
    return SchoolDay.objects.create(school=school, on=date(2026, 12, 3), kind="off", reason="大雪停课")


def compliance(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own_day, other_day = w.extra["school_days"]
    return {
        "schools:school_calendar": [
            Case(ADMIN, {"pk": w.school.pk}, data={"kind": "off", "first": "2026-12-07", "reason": "停课"}),
            Case(set(), {"pk": w.other_school.pk}),
        ],
        "schools:school_day_drop": [Case(ADMIN, {"pk": own_day.pk}), Case(set(), {"pk": other_day.pk})],
    }
