"""What the workbench says to the system administrator: accounts that need something, terms that are missing."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from caretrack.access.policy import Act
from caretrack.access.scopes import derived_roles
from caretrack.schools.models import Appointment, Term
from caretrack.schools.views.people import managed_staff
from caretrack.web.workbench import Figure, Panel

SOON = timedelta(days=30)
CHECK_VALID = timedelta(days=365)
SHOWN = 8


def office(staff: Any, today: date) -> Panel | None:
    """Accounts that cannot do anything or were never used, checks for offences that ran out, terms."""
    if not staff.may(Act.STAFF_MANAGE):
        return None
    schools = staff.schools_as()
    people = managed_staff(staff).filter(is_active=True).distinct()
    current = Appointment.objects.current(today)
    # Whoever is a mentor sees the mentees without any post.
    postless = people.exclude(pk__in=current.values("staff"))[: SHOWN * 3]
    without = [person for person in postless if not derived_roles(person, today)][:SHOWN]
    unused = list(people.filter(must_change_password=True)[:SHOWN])
    unchecked = list(
        people.filter(pk__in=current.values("staff")).exclude(background_checked_on__gte=today - CHECK_VALID)[:SHOWN]
    )
    ends = dict(
        Term.objects.filter(school__in=schools, starts_on__lte=today, ends_on__gte=today).values_list(
            "school", "ends_on"
        )
    )
    data = {
        "accounts": [
            {"title": "没有在任岗位，登录后看不到任何学生", "people": without},
            {"title": "还没有登录改过初始密码", "people": unused},
            {"title": "从业查询没有登记或超过 12 个月", "people": unchecked},
        ],
        "terms": [
            {"school": school, "ends_on": ends.get(school.pk), "soon": ends.get(school.pk, today) <= today + SOON}
            for school in schools
        ],
    }
    figures = (Figure("启用的账号", people.count(), reverse("schools:staff_list"), "个"),)
    return Panel("账号和学期", "schools/_office_panel.html", data, figures=figures)
