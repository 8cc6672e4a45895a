"""PostgreSQL keeps what it has worked out for a statement that is said again and again."""

import pytest
from django.db import connection

from caretrack.schools.models import School

pytestmark = [pytest.mark.django_db, pytest.mark.data]

KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"


def _kept(words: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [words])
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could plan anew")


def test_a_question_said_a_third_time_is_planned_once_for_all_values() -> None:
    for name in ("甲小学", "乙小学"):
        assert not School.objects.filter(name=name, short_name="只在此处问").exists()
    assert _kept('%FROM "schools_school"%"name" = $%"short_name" = $%') == 0
    for name in ("丙小学", "丁小学"):
        assert not School.objects.filter(name=name, short_name="只在此处问").exists()
    assert _kept('%FROM "schools_school"%"name" = $%"short_name" = $%') == 1


def test_more_statements_are_kept_than_the_daily_pages_say() -> None:
    with connection.cursor() as cursor:
        for number in range(150):
            for value in (1, 2, 3):
                cursor.execute(f"SELECT %s + {number} AS kept_number", [value])
    assert _kept("%AS kept_number") == 150
