"""The page of the turn once the year is well under way."""

from caretrack.access.policy import Role
from tests.support.factories import make_staff


def test_in_november_the_page_says_that_the_year_has_begun(client, world):
    client.force_login(make_staff(Role.REGISTRAR, world.school))
    text = client.get("/reports/year-turn/").content.decode()
    assert "2026—2027学年更替" in text
    assert "这个学年已经开始，一般不用再办" in text
