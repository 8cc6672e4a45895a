"""The policy table, the field catalogue and what is printed of them."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from caretrack.access.catalogue import HOUSEKEEPING, entries
from caretrack.access.history import Tracked
from caretrack.access.management.commands.print_policy import document
from caretrack.access.policy import ACTS, SIGHT, Act, DataClass, Level, Role, roles_for

# Tables about schools, programmes and reports: they hold no fact about one person.
ABOUT_NOBODY = {
    "schools.School", "schools.SchoolClass", "schools.Term", "schools.SchoolDay", "schools.Appointment",
    "children.Census", "children.Survey", "children.BusRoute", "children.ImportBatch", "children.ColumnMapping",
    "activities.Programme", "activities.ProgrammeItem", "activities.Activity", "activities.Meeting",
    "activities.InterestGroup", "activities.Campaign", "activities.MeetingTask", "mentoring.PaperText", "activities.RecordGroup", "activities.CareRules", "activities.ClassDay", "activities.NightRoll", "reports.MonthlyReport", "reports.ReportMove", "reports.SemesterSummary",
}  # fmt: skip


def personal_models():
    return [m for m in apps.get_models() if issubclass(m, Tracked) and m._meta.label not in ABOUT_NOBODY]


@pytest.mark.parametrize("model", personal_models(), ids=lambda m: m._meta.label)
def test_every_personal_field_says_what_it_is_for(model):
    fields = {f.name for f in model._meta.concrete_fields if not f.is_relation} - HOUSEKEEPING
    assert fields - {e.field for e in entries(model._meta.label)} == set()


def test_the_catalogue_names_only_fields_that_exist():
    for entry in entries():
        assert entry.label
        assert entry.purpose


def test_every_role_has_a_level_for_every_class_of_data():
    assert all(set(SIGHT[role]) == set(DataClass) for role in Role)
    assert set(ACTS) == set(Act)


def test_counselling_is_the_counsellors_alone_and_the_superior_sees_only_figures():
    assert roles_for(DataClass.COUNSELLING, Level.READ) == {Role.COUNSELLOR}
    assert {d for d in DataClass if SIGHT[Role.SUPERIOR][d]} == {DataClass.FIGURES}
    assert {d for d in DataClass if SIGHT[Role.SYSADMIN][d]} == {DataClass.ACCOUNTS}


def test_the_printed_policy_is_the_one_in_the_code():
    printed = (Path(settings.BASE_DIR) / "docs" / "access.md").read_text()
    assert printed == document(), "run: manage.py print_policy > docs/access.md"
