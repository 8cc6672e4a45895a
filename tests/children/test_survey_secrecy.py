"""What a questionnaire without names tells of all classes does not give away a class that is too small to be told."""

import uuid
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass
from children.models import Survey, SurveySheet
from children.surveys.figures import results
from children.surveys.sheets import Entry, change, enter
from children.surveys.wording import read, stored
from children.timeline import timeline
from tests.support.factories import TODAY, make_class, make_left_behind, make_school, make_staff, make_term
from tests.support.paper import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def school() -> School:
    found = make_school()
    make_term(found)
    return found


def a_survey(school: School, **given: Any) -> Survey:
    given = {
        "opened_on": TODAY,
        "title": "生活问卷",
        "questions": stored(read("1. 和谁住？\nA. 爸妈\nB. 老人")),
        **given,
    }
    with change_by(None, "测试"):
        return Survey.objects.create(school=school, term=school.terms.get(), **given)


def classes(survey: Survey, *sizes: tuple[int, int]) -> list[SchoolClass]:
    """A class for each (sheets of left-behind pupils, sheets of others)."""
    found = []
    for number, (behind, others) in enumerate(sizes, start=1):
        place = make_class(survey.school, number=number)
        groups = ["left_behind"] * behind + ["other"] * others
        entries = [Entry((number % 2,), uuid.uuid4(), group=group) for group in groups]
        with change_by(None, "测试"):
            enter(survey=survey, school_class=place, entries=entries, on=TODAY)
        found.append(place)
    return found


def names(survey: Survey) -> tuple[tuple[str, int], ...]:
    return results(survey).columns


def test_one_small_class_is_left_out_of_the_whole(school: School) -> None:
    survey = a_survey(school)
    small, large = classes(survey, (3, 0), (0, 9))
    assert results(survey, [small.pk]).withheld
    # The nine are told by themselves: twelve together would tell the three as well.
    assert results(survey, [large.pk]).sheets == 9
    found = results(survey)
    assert (found.sheets, found.left_out) == (9, 3)
    assert "另有 3 份没有计入" in found.remark


def test_small_classes_that_are_many_together_count(school: School) -> None:
    survey = a_survey(school)
    classes(survey, (0, 3), (0, 4), (0, 8))
    assert names(survey) == (("全部", 15),)
    assert not results(survey).remark


def test_with_names_everything_counts(school: School) -> None:
    survey = a_survey(school, anonymous=False)
    place = make_class(school)
    child = make_left_behind(at=place)
    with change_by(None, "测试"):
        enter(survey=survey, school_class=place, entries=[Entry((0,), uuid.uuid4(), child)], on=TODAY)
    assert (results(survey).sheets, results(survey).remark) == (1, "")


@pytest.mark.parametrize(
    "sizes, split",
    [
        # The first class is not split by itself; its three would be the whole less the second class.
        (((3, 10), (8, 8)), False),
        (((3, 10), (4, 9), (8, 8)), True),
        (((8, 8), (6, 7)), True),
        # All of the second class are others, which its table says without a split.
        (((6, 3), (0, 20)), False),
        (((8, 6), (0, 20)), True),
    ],
)
def test_the_split_does_not_give_a_small_group_away(school: School, sizes: Any, split: bool) -> None:
    survey = a_survey(school)
    classes(survey, *sizes)
    assert (len(names(survey)) == 3) is split


def test_the_pages_and_papers_say_what_was_left_out(client: Client, school: School) -> None:
    survey = a_survey(school)
    classes(survey, (3, 0), (0, 9))
    client.force_login(make_staff(Role.PRINCIPAL, school))
    page = client.get(reverse("children:survey_show", args=[survey.pk])).content.decode()
    assert "另有 3 份没有计入" in page
    assert "另有3份没有计入" in text_of(client.get(reverse("children:survey_result_print", args=[survey.pk])).content)


def test_a_sheet_put_right_stays_on_its_day(school: School) -> None:
    survey, place = a_survey(school, anonymous=False), make_class(school)
    child, on = make_left_behind(at=place), TODAY - timedelta(days=9)
    with change_by(None, "录入"):
        enter(survey=survey, school_class=place, entries=[Entry((0,), uuid.uuid4(), child)], on=on)
    with change_by(None, "更正"):
        change(sheet=SurveySheet.objects.get(), answers=[1], version=1)
    [item] = timeline([child], None, kinds=["survey"], last=TODAY)
    assert item.on == on


def test_sheets_entered_before_get_the_day_of_their_first_version(school: School) -> None:
    survey, place = a_survey(school, anonymous=False), make_class(school)
    with change_by(None, "录入") as first:
        entries = [Entry((0,), uuid.uuid4(), make_left_behind(at=place))]
        enter(survey=survey, school_class=place, entries=entries, on=TODAY)
    long_ago = timezone.now() - timedelta(days=40)
    apps.get_model("access", "ChangeSet").objects.filter(pk=first).update(made_at=long_ago)
    with change_by(None, "更正"):
        SurveySheet.objects.update(entered_on=None)
    import_module("children.migrations.0029_fill_sheet_entered_on").fill(apps, connection.schema_editor(atomic=False))
    assert SurveySheet.objects.get().entered_on == timezone.localdate(long_ago)
