"""Planted leaks: each of these faults must be found by the walker, or the walker proves nothing."""

from collections.abc import Callable

import pytest
from django.db.models import Q
from django.urls import path

from activities.models.record import CareRecordQuerySet, FollowUpQuerySet
from caretrack.access import gates, scopes
from caretrack.access.policy import ACTS, SIGHT, Act, DataClass, Level, Role
from caretrack.fixed import Fixed
from caretrack.jobs.models import JobQuerySet
from caretrack.schools import urls as school_urls
from caretrack.schools.models import Appointment, School, Staff
from caretrack.schools.models import staff as staff_models
from caretrack.schools.models.staff import AppointmentQuerySet
from caretrack.schools.views import people
from children.models.child import ChildQuerySet
from mentoring import access as mentoring_access
from mentoring.models import Pairing, PairingQuerySet
from tests.access.expected import expected
from tests.access.test_walk import world  # noqa: F401
from tests.access.walk import url_names, violations

pytestmark = pytest.mark.django_db
Plant = Callable[[pytest.MonkeyPatch], None]


def everything(self, *args, **kwargs):
    return self.all()


def _patch(owner: object, name: str, value: object) -> Plant:
    return lambda patch: patch.setattr(owner, name, value)


def _both(*plants: Plant) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        for one in plants:
            one(patch)

    return plant


def _sight(role: Role, data: DataClass, level: Level) -> Plant:
    return lambda patch: patch.setitem(SIGHT[role], data, level)


def _act(act: Act, *roles: Role) -> Plant:
    return lambda patch: patch.setitem(ACTS, act, frozenset(roles))


LEAKS: dict[str, tuple[str, Plant]] = {
    "children are not scoped in the list": ("children:child_list", _patch(ChildQuerySet, "visible_to", everything)),
    "children are not scoped in the dossier": ("children:child_show", _patch(ChildQuerySet, "visible_to", everything)),
    "children are not scoped in the search": ("children:child_find", _patch(ChildQuerySet, "visible_to", everything)),
    "a reason shows everybody": (
        "children:child_show",
        lambda patch: patch.setattr(scopes, "_reasons", [*scopes._reasons, lambda staff, roles, on: ~Q(pk__in=[])]),
    ),
    "a class post never ends": (
        "children:child_show",
        _both(
            _patch(AppointmentQuerySet, "current", everything),
            _patch(staff_models, "_posts_of", lambda staff, on: list(Appointment.objects.filter(staff=staff))),
        ),
    ),
    "a pairing never ends": (
        "children:child_list",
        _both(
            _patch(PairingQuerySet, "on", everything),
            _patch(mentoring_access, "_mentees_of", lambda staff, on: Pairing.objects.filter(mentor__staff=staff)),
        ),
    ),
    "mentors see the economy": ("children:child_show", _sight(Role.MENTOR, DataClass.ECONOMY, Level.READ)),
    "mentors read all records": ("children:child_show", _sight(Role.MENTOR, DataClass.CARE, Level.READ)),
    "teachers see contacts": ("children:child_show", _sight(Role.TEACHER, DataClass.CONTACT, Level.READ)),
    # Two guards stand before a registrar: the sight of records and the act of listing them. Both must fall.
    "registrars read records": (
        "children:child_show",
        lambda patch: (
            patch.setitem(SIGHT[Role.REGISTRAR], DataClass.CARE, Level.READ),
            patch.setitem(ACTS, Act.RECORD_LIST, ACTS[Act.RECORD_LIST] | {Role.REGISTRAR}),
        ),
    ),
    "counsellors see the economy": ("children:child_show", _sight(Role.COUNSELLOR, DataClass.ECONOMY, Level.READ)),
    "records are not scoped": ("activities:record_show", _patch(CareRecordQuerySet, "visible_to", everything)),
    "records are not scoped in the list": (
        "activities:record_list",
        _patch(CareRecordQuerySet, "visible_to", everything),
    ),
    "follow-ups are not scoped": ("activities:follow_up_close", _patch(FollowUpQuerySet, "visible_to", everything)),
    "class teachers read counselling": (
        "activities:record_show",
        _sight(Role.HOMEROOM, DataClass.COUNSELLING, Level.READ),
    ),
    "every school is one's own": (
        "reports:month",
        _patch(Staff, "schools_as", lambda self, *roles: list(School.objects.all())),
    ),
    "jobs are not scoped": ("jobs:job_show", _patch(JobQuerySet, "of", everything)),
    "accounts are not scoped": (
        "schools:staff_show",
        _patch(people, "managed_staff", lambda staff: Staff.objects.all()),
    ),
    "accounts are open to principals": ("schools:staff_list", _act(Act.STAFF_MANAGE, Role.SYSADMIN, Role.PRINCIPAL)),
    "the roster import is open to teachers": (
        "children:roster_import",
        _act(Act.ROSTER_IMPORT, Role.REGISTRAR, Role.HOMEROOM),
    ),
    "no gate asks anybody": ("schools:school_show", _patch(gates, "_demand", lambda request, act: None)),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_the_walker_finds_a_planted_leak(world, monkeypatch, leak):  # noqa: F811
    name, plant = LEAKS[leak]
    cases = expected(world)[name]
    # SQL kept from before would not know of the fault.
    monkeypatch.setattr(Fixed, "__call__", lambda question, *values: list(question.build(*values)))
    plant(monkeypatch)
    assert violations(world, name, cases), f"nobody noticed that {leak}"


def test_a_page_without_a_row_and_a_page_without_a_name_are_noticed(world, monkeypatch):  # noqa: F811
    patterns = [
        *school_urls.urlpatterns,
        path("forgotten/", people.staff_show, name="forgotten"),
        path("x/", people.staff_show),
    ]
    names = url_names(patterns)
    assert "forgotten" not in expected(world)
    assert None in names
