"""Every URL name × every person × GET, HEAD and POST, with canaries in every confidential field."""

import pytest
from django.db import transaction
from django.utils import timezone

from caretrack import pdf
from caretrack.access.history import change_by
from caretrack.jobs.models import Job
from caretrack.schools.middleware import SetUpFirst
from tests.access.census import censuses
from tests.access.changes import handed_over
from tests.access.compliance import promised, school_day
from tests.access.dossiers import papers_of
from tests.access.events import event_rows
from tests.access.expected import expected
from tests.access.family import family_rows
from tests.access.honours import honour_rows
from tests.access.life import life_rows
from tests.access.pairings import pairing_rows
from tests.access.papers import void_copy
from tests.access.records import record_rows
from tests.access.rosters import planned_import, remembered_header, remembered_spelling
from tests.access.support import plan_rows
from tests.access.surveys import survey_rows
from tests.access.tables import planned_accounts, planned_list
from tests.access.walk import url_names, violations
from tests.access.world import World, build, canary, fingerprint
from tests.access.worries import troubles

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One world for the whole module, rolled back at the end; each request is rolled back by itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        with change_by(None, "world"):
            SetUpFirst.done = False
            world: World = build()
            world.extra["job"] = Job.objects.create(kind="x", title="别人的任务", started_by=world.people["other_home"])
            registrar, other = world.people["registrar"], world.people["other_registrar"]
            today = timezone.localdate()
            world.extra["roster"] = planned_import(world.school, registrar, today, canary("IDENTITY"))
            world.extra["other_roster"] = planned_import(world.other_school, other, today, canary("STRANGER"))
            world.extra["life"] = life_rows(world)
            world.extra["events"] = event_rows(world)
            world.extra["plans"] = plan_rows(world)
            world.extra["void_copy"], world.extra["other_void_copy"] = void_copy(world.child), void_copy(world.stranger)
            world.extra["papers"] = papers_of(world.child, canary("ECONOMY"), today)
            world.extra["other_papers"] = papers_of(world.stranger, canary("STRANGER"), today)
            censuses(world)
            survey_rows(world)
            world.extra["header"] = remembered_header(world.school, registrar, canary("IDENTITY"))
            world.extra["spelling"] = remembered_spelling(world.child, canary("IDENTITY"))
            economy, strange = canary("ECONOMY"), canary("STRANGER")
            world.extra["table"] = planned_list(world.school, registrar, today, world.child, economy)
            world.extra["other_table"] = planned_list(world.other_school, other, today, world.stranger, strange)
            handed_over(world)
            record_rows(world)
            promised(world)
            world.extra["school_days"] = school_day(world.school), school_day(world.other_school)
            troubles(world)
            world.extra["accounts"] = planned_accounts(world.school, world.people["sysadmin"], today)
            pairing_rows(world)
            family_rows(world)
            honour_rows(world)
            world.tables = fingerprint()
        yield world
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def papers_before_layout(monkeypatch):
    """
    A paper is read as the HTML it is laid out from, which holds every text that can come onto it.

    Layout takes nothing away and costs a second a person; that papers are laid out is for the tests of the papers.
    """
    monkeypatch.setattr(pdf, "_laid_out", lambda pages, stylesheets, photos: "\n".join(pages).encode())


def test_every_url_has_a_name_and_a_row(world):
    names = url_names()
    assert None not in names, "a URL without a name cannot be walked"
    assert len(names) == len(set(names)), "two addresses of one name: only one of them is ever linked"
    assert set(names) == set(expected(world))


@pytest.mark.parametrize("name", sorted({name for name in url_names() if name}))
def test_nobody_sees_or_writes_more_than_the_table_says(world, name):
    rows = expected(world)
    assert name in rows, f"{name} has no row in tests/access/expected.py"
    assert violations(world, name, rows[name]) == []
