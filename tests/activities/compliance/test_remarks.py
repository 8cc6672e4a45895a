"""What blank and waiting cells of the matrix mean, said beside it: on the page before the rows, on paper on its first sheet."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.programmes import adopt
from caretrack.access.policy import Role
from mentoring.services import mentor_for
from tests.support.factories import make_class, make_left_behind, make_pairing, make_school, make_staff, make_term
from tests.support.paper import pages_of

pytestmark = pytest.mark.django_db
START = date(2026, 11, 23)
WEEK = "“谈一次心”11月23日至11月29日这一期算在下一段，本段不计"
LATE = "“参加一项课外兴趣小组”“读一本好书”“做一件有意义的事”启用时所在的一期（学期、月或周）已过半，这一期不要求，从下一期起算"


@pytest.fixture
def school(monkeypatch):
    """十个一 from the Monday of the week in which the month ends, far behind the middle of the term; that day is today."""
    made = make_school()
    make_term(made)
    four = make_class(made, 4)
    teacher = make_staff(Role.HOMEROOM, four, name="罗老师")
    make_pairing(make_left_behind("李小兰", four), mentor_for(teacher, made))
    adopt("ten_ones", made, START, None)
    monkeypatch.setattr(timezone, "localdate", lambda *args: START)
    return made


@pytest.fixture
def lead(school, client):
    made = make_staff(Role.CARE_LEAD, school, name="石主任")
    client.force_login(made)
    return made


def shown(client, span: str):
    return client.get(reverse("activities:duty_matrix"), {"span": span})


def test_the_month_does_not_call_all_done_while_a_week_under_way_is_told_in_the_next(client, lead):
    text = shown(client, "month").content.decode()
    assert WEEK in text
    assert "本段的做到了" in text
    assert "都做到了" not in text


def test_items_that_began_too_late_for_their_term_are_named(client, lead):
    for span in ("month", "term"):
        assert LATE in shown(client, span).content.decode()
    assert WEEK not in shown(client, "term").content.decode()


def test_what_has_not_begun_is_not_called_to_do(client, lead):
    [row] = shown(client, "term").context["rows"]
    words = {cell["label"]: cell.get("words") for cell in row["cells"]}
    assert words["谈一次心"] == "待做"
    assert words["写一封亲情书信"] == "未到"
    assert row["lacks"] == list(words.values()).count("待做")


def test_the_legend_stands_before_the_rows(client, lead):
    text = shown(client, "month").content.decode()
    assert text.index("空格：这段时间不要求") < text.index("李小兰")
    first = pages_of(client.get(reverse("activities:duty_print"), {"span": "month"}).content)[0]
    assert first.index("空格表示本期不要求") < first.index("李小兰")
    assert WEEK in first


def test_a_programme_of_the_whole_term_needs_no_remark(client, lead, school):
    six = adopt("six_ones", school, date(2026, 9, 1), None)
    seen = client.get(reverse("activities:duty_matrix"), {"span": "month", "programme": six.pk})
    assert seen.context["starts"] == ""
