"""What is entered of pupils lies after their birth, and a 0 is an answer."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.schools.models import SchoolClass, Staff
from children.models import AidGrant, Award, HealthCheck, Result
from tests.support.factories import make_child

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "slug, model, shared, cell",
    [
        ("health", HealthCheck, {}, "height_cm"),
        ("aid", AidGrant, {"programme": "生活补助", "each": "300"}, "take"),
        ("awards", Award, {"title": "三好学生", "scope": "school"}, "take"),
    ],
)
def test_a_day_before_the_birth_of_one_of_the_class_is_refused(
    client: Client, four: SchoolClass, lead: Staff, slug: str, model: type, shared: dict, cell: str
) -> None:
    young = make_child("张小川", four, birth_date=date(2016, 8, 1))
    old = make_child("李小兰", four, birth_date=date(2012, 3, 5))
    url = f"{reverse(f'children:{slug}_many')}?group={four.pk}"
    sent = shared | {"on": "2016-07-31", f"{cell}_{young.pk}": "90", f"{cell}_{old.pk}": "95"}
    answer = client.post(url, sent)
    assert answer.status_code == 422
    assert "张小川出生于2016-08-01，日期不能更早。" in answer.content.decode()
    assert "李小兰出生于" not in answer.content.decode()
    assert not model.objects.exists()
    assert client.post(url, sent | {"on": "2016-08-01"}).status_code == 302
    assert model.objects.count() == 2


def test_a_birth_of_which_only_the_year_is_known_refuses_no_day_of_that_year(
    client: Client, four: SchoolClass, lead: Staff
) -> None:
    child = make_child("张小川", four, birth_date=date(2016, 7, 1), birth_precision="year")
    add = reverse("children:awards_add", args=[child.pk])
    sent = {"title": "健康宝宝", "scope": "town"}
    assert "张小川出生于2016，" in client.post(add, sent | {"on": "2015-12-31"}).content.decode()
    assert client.post(add, sent | {"on": "2016-06-01"}).status_code == 302


def test_a_mark_or_a_measure_of_nought_is_kept(client: Client, four: SchoolClass, lead: Staff) -> None:
    child, term = make_child("李小兰", four), four.school.terms.get()
    query = f"?group={four.pk}&term={term.pk}&subject=数学&occasion=期末"
    sent = {"full_mark": "100", f"mark_{child.pk}": "0"}
    assert client.post(reverse("children:results_many") + query, sent).status_code == 302
    assert Result.objects.get().mark == 0
    sent = {"on": "2026-11-18", f"sight_left_{child.pk}": "0"}
    assert client.post(f"{reverse('children:health_many')}?group={four.pk}", sent).status_code == 302
    assert HealthCheck.objects.get().sight_left == 0
    other = make_child("张小川", four)
    assert (
        client.post(
            reverse("children:health_add", args=[other.pk]), {"on": "2026-11-18", "sight_left": "0"}
        ).status_code
        == 302
    )
