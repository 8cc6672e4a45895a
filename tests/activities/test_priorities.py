"""三个优先: what was put first is shown beside what the others got, by class and term."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities import groups
from activities.gatherings import invite
from activities.models import Activity, InterestGroup
from activities.priorities import evidence_of, summed
from caretrack.web import navigation
from children.models import Child
from children.services import change_class, decide_support_level, leave_school, set_parent_status
from tests.support.factories import make_child, make_class, make_left_behind, make_record, make_term
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LONG_AGO = TODAY - timedelta(days=60)


@pytest.fixture
def evidence(child, homeroom, school_class):
    """李小兰 (put first) was tutored twice and is in a group; 王大明 (others) too, who also was at an activity."""
    other = make_child("王大明", school_class)
    for _ in range(2):
        make_record(child, homeroom, TODAY, "tutoring")
    make_record(other, homeroom, TODAY, "tutoring")
    make_record(child, homeroom, TODAY - timedelta(days=20), "meal")
    group = InterestGroup.objects.create(
        school=child.school, name="合唱组", kind="interest", leader=homeroom, starts_on=LONG_AGO
    )
    groups.join(group, Child.objects.all(), on=TODAY)
    outing = Activity.objects.create(
        school=child.school, kind="outing", name="远足", on=TODAY - timedelta(days=1), leader=homeroom, audience="all"
    )
    invite(outing, Child.objects.all(), today=TODAY)
    return evidence_of(Child.objects.all(), child.school_id, TODAY - timedelta(days=10), TODAY)


def test_what_the_first_and_the_others_got(evidence, school_class) -> None:
    one = evidence[school_class.pk]
    assert (one.first, one.others) == (1, 1)
    assert (one.learning_heads, one.learning_times) == (1, 2)
    assert (one.life_heads, one.life_times) == (0, 0), "outside the span"
    assert (one.group_rate, one.group_rate_others) == ("100.0%", "100.0%")
    assert (one.event_first, one.event_given, one.event_others) == (1, 1, 1)
    assert summed([one, one]).learning_times == 4


def test_the_page_the_paper_and_the_workbook_agree(client, evidence, homeroom, school_class) -> None:
    other = make_class(school_class.school, number=2)
    make_left_behind("外班孩子", other)
    client.force_login(homeroom)
    page = client.get(reverse("activities:priorities"))
    assert page.context["whole"].learning_times == 2
    assert [name for name, _ in page.context["lines"]] == [school_class.name_on(TODAY)]
    assert "落实情况表" in text_of(client.get(reverse("activities:priorities_print")).content)
    book = openpyxl.load_workbook(BytesIO(client.get(reverse("activities:priorities_export")).content))
    assert any(row[:4] == ("合计", 1, 1, 2) for row in book.active.iter_rows(values_only=True))


@pytest.mark.data
def test_a_past_term_is_counted_as_it_was(client, school_class, child, homeroom, lead) -> None:
    """李小兰 was put first then and left since; 龙小川's father is home by now; 王大明 has changed class since and is put
    first by now; 新来的 came after the term."""
    last = TODAY - timedelta(days=20)
    term = school_class.school.terms.get()
    term.starts_on, term.ends_on = LONG_AGO - timedelta(days=60), last
    term.save()
    now = make_class(school_class.school, grade=4, number=2)
    home, moved = make_left_behind("龙小川", school_class, both=False), make_child("王大明", school_class)
    for one in (child, home, moved):
        make_record(one, homeroom, last - timedelta(days=5), "tutoring")
    leave_school(child=child, on=last + timedelta(days=5), kind="out_transfer", by=None)
    father = home.family.get(relation="51")
    set_parent_status(member=father, status="at_home", since=last + timedelta(days=3), by=None, on=TODAY)
    change_class(child=moved, to=now, on=last + timedelta(days=2), by=None)
    decide_support_level(child=moved, level="key", reason="失去联系", by=lead, on=TODAY)
    make_left_behind("新来的", school_class, came=last + timedelta(days=1))
    found = evidence_of(Child.objects.all(), school_class.school_id, last - timedelta(days=30), last)
    assert list(found) == [school_class.pk]
    one = found[school_class.pk]
    assert (one.first, one.others, one.learning_heads, one.learning_times) == (2, 1, 2, 2)
    client.force_login(lead)
    page = client.get(reverse("activities:priorities"), {"term": term.pk})
    assert [name for name, _ in page.context["lines"]] == [school_class.name_on(last)]
    assert f"截至{last.year}年{last.month}月{last.day}日" in text_of(
        client.get(reverse("activities:priorities_print")).content
    )


def test_a_school_without_a_term_says_so(client, lead) -> None:
    lead.home_school().terms.all().delete()
    client.force_login(lead)
    assert "还没有可以统计的学生" in client.get(reverse("activities:priorities")).content.decode()
    assert client.get(reverse("activities:priorities_print")).status_code == 404


def test_many_pupils_cost_no_more_statements(school_class, homeroom) -> None:
    make_term(make_class().school)
    counts = []
    for number in (1, 9):
        for n in range(number):
            make_record(make_left_behind(f"李{number}{n}", school_class), homeroom, TODAY, "tutoring")
        with CaptureQueriesContext(connection) as told:
            evidence_of(Child.objects.all(), school_class.school_id, LONG_AGO, TODAY)
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_the_menu_shows_where_the_page_is(homeroom) -> None:
    entries = navigation.menu_for(homeroom, reverse("activities:priorities"))
    assert [entry.label for entry in entries if entry.active] == ["活动和会议"]
