"""Who may open what, written by hand: one row for every URL name. A page without a row fails the build."""

from tests.access.walk import Case
from tests.access.world import CASE, LEADS, OTHER_CASE, PEOPLE, World

EVERYBODY = set(PEOPLE)
WITH_POST = EVERYBODY - {"former", "ex_mentor"}
ALL_CASE = CASE | OTHER_CASE | {"home2"}
ADMIN = {"sysadmin"}


def expected(w: World) -> dict[str, list[Case]]:
    """URL name → its cases in the world `w`."""
    return _entry(w) | _office(w) | _web(w)


def _entry(w: World) -> dict[str, list[Case]]:
    return {
        "login": [Case(EVERYBODY, public=True)],
        "logout": [Case(EVERYBODY, public=True)],
        "setup": [Case(EVERYBODY, public=True)],
        "password_change": [Case(WITH_POST)],
        "schools:policy": [Case(WITH_POST)],
    }


def _office(w: World) -> dict[str, list[Case]]:
    own = {"pk": w.people["home1"].pk}
    other = {"pk": w.people["other_home"].pk}
    post = {"pk": w.people["home1"].appointments.first().pk}
    other_post = {"pk": w.people["other_home"].appointments.first().pk}
    return {
        "schools:staff_list": [Case(ADMIN)],
        "schools:staff_add": [Case(ADMIN, data={"name": "新", "username": "newone", "is_active": "on"})],
        "schools:staff_show": [Case(ADMIN, own), Case(set(), other)],
        "schools:staff_edit": [Case(ADMIN, own), Case(set(), other)],
        "schools:staff_slip": [Case(ADMIN, own), Case(set(), other)],
        "schools:appointment_add": [Case(ADMIN, own), Case(set(), other)],
        "schools:appointment_end": [
            Case(ADMIN, post, data={"ends_on": "2026-11-01"}),
            Case(set(), other_post, data={"ends_on": "2026-11-01"}),
        ],
        "schools:school_show": [Case(ADMIN)],
        "schools:school_edit": [Case(ADMIN, {"pk": w.school.pk}), Case(set(), {"pk": w.other_school.pk})],
        "schools:term_add": [Case(ADMIN)],
        "schools:term_edit": [
            Case(ADMIN, {"pk": w.school.terms.get().pk}),
            Case(set(), {"pk": w.other_school.terms.get().pk}),
        ],
        "schools:class_add": [Case(ADMIN)],
        "schools:access_log": [Case({"principal", "other_principal"})],
    }


def _web(w: World) -> dict[str, list[Case]]:
    return {
        "drafts:save": [Case(EVERYBODY, public=True)],
        "drafts:discard": [Case(WITH_POST)],
        "web:components": [Case(ADMIN)],
        "jobs:job_list": [Case(WITH_POST)],
        "jobs:job_show": [Case(set(), {"pk": w.extra["job"].pk})],
        "jobs:job_download": [Case(set(), {"pk": w.extra["job"].pk})],
    }


__all__ = ["ALL_CASE", "LEADS", "expected"]
