"""How the pupils whom a roster adds enter the register."""

from datetime import timedelta

import pytest
from django.utils import timezone

from children.importing.circumstances import terms_of
from children.models import StatusChange, codes
from tests.support.factories import TERM_START, TODAY, make_child, make_class, make_term

pytestmark = pytest.mark.django_db


def test_the_first_rosters_of_a_school_count_from_the_first_day_of_the_term():
    school = make_class().school
    make_term(school)
    make_child(at=make_class(school))
    terms = terms_of(school, None, TODAY, {})
    assert (terms.entry_on, terms.entry_kind) == (TERM_START, codes.ChangeKind.ENROL_NEW)


def test_once_the_register_is_in_use_whom_a_roster_adds_was_overlooked():
    school = make_class().school
    make_term(school)
    make_child(at=make_class(school))
    StatusChange.objects.update(entered_at=timezone.now() - timedelta(days=40))
    terms = terms_of(school, None, TODAY, {})
    assert (terms.entry_on, terms.entry_kind) == (TODAY, codes.ChangeKind.FOUND)
    said = terms_of(school, None, TODAY, {"entry_on": "2026-10-08", "entry_kind": "in_transfer"})
    assert (str(said.entry_on), said.entry_kind) == ("2026-10-08", "in_transfer")
