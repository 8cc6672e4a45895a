"""What an address of a database comes to."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from caretrack.env import database_from_url


def test_an_address_of_postgresql_says_who_where_and_which() -> None:
    told = database_from_url("postgres://care%40track:geh%2Feim@db.example:5433/school")
    assert (told["USER"], told["PASSWORD"]) == ("care@track", "geh/eim")
    assert (told["HOST"], told["PORT"], told["NAME"]) == ("db.example", "5433", "school")


def test_statements_are_not_compiled_to_machine_code() -> None:
    told = database_from_url("postgres://caretrack@localhost/school")
    assert told["OPTIONS"]["options"] == "-c jit=off"


@pytest.mark.data
@pytest.mark.django_db
def test_the_server_hears_it() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL compiles statements")
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="mysql"):
        database_from_url("mysql://root@localhost/school")
