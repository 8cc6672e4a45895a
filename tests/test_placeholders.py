"""Values and percent signs arrive in the database as they do with Django's own backends."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.mark.parametrize(
    "sql, values, answer",
    [
        ("SELECT %s || %s", ["甲%s", "乙%%"], "甲%s乙%%"),
        ("SELECT '九成%%' || %s", ["以上"], "九成%以上"),
        ("SELECT '%%s' || %s", ["在后"], "%s在后"),
        ("SELECT '100%%%%' || %s", ["s"], "100%%s"),
        ("SELECT %(first)s || '%%' || %(second)s", {"second": "b", "first": "a"}, "a%b"),
        ("SELECT '50%'", None, "50%"),
    ],
)
def test_a_percent_sign_is_told_from_a_place_for_a_value(sql, values, answer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.fetchone() == (answer,)


def test_many_rows_at_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE placed (one text, two text)")
        cursor.executemany("INSERT INTO placed VALUES (%s, 'x%%')", [("a%s",), ("b",)])
        cursor.execute("SELECT one, two FROM placed ORDER BY one")
        assert cursor.fetchall() == [("a%s", "x%"), ("b", "x%")]
