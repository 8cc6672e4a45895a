"""Classes of several schools beside each other are told apart by their school, in every list that offers them."""

import pytest
from django.urls import reverse

from activities.picking import picker
from caretrack.access.policy import Role
from caretrack.schools.class_names import class_choices, class_labels
from children.models import Child
from tests.support.factories import TODAY, appoint, make_child, make_class, make_school, make_staff, make_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """The first class of each of two schools, a pupil in each, and a counsellor who serves both."""
    centre, point = make_school("青榕镇中心小学"), make_school("枫树坳小学", short_name="枫树坳")
    staff = make_staff(Role.COUNSELLOR, centre, "黄静")
    appoint(staff, Role.COUNSELLOR, point)
    classes = []
    for school, name in ((centre, "李小兰"), (point, "龙小川")):
        make_term(school)
        classes.append(make_class(school, grade=1))
        make_child(name, classes[-1])
    return staff, classes


def test_the_school_is_named_only_where_there_are_several(two) -> None:
    _, (first, second) = two
    assert class_labels([first], TODAY) == {first.pk: "一（1）班"}
    assert class_choices([first, second], TODAY) == [
        (str(first.pk), f"{first.school.label} 一（1）班"),
        (str(second.pk), "枫树坳 一（1）班"),
    ]


def test_a_counsellor_of_two_schools_picks_from_classes_that_are_told_apart(client, two) -> None:
    staff, (first, second) = two
    found = picker(Child.objects.visible_to(staff), staff, on=TODAY, q="小")
    assert [group.title for group in found.groups] == [f"{first.school.label} 一（1）班", "枫树坳 一（1）班"]
    client.force_login(staff)
    page = client.get(reverse("activities:appointment_pick")).content.decode()
    assert "枫树坳 一（1）班</option>" in page
    assert ">一（1）班</option>" not in page


def test_a_meeting_and_the_counsellors_list_name_the_school_too(client, two) -> None:
    _, (first, second) = two
    lead = make_staff(Role.CARE_LEAD, first.school, "潘秀英")
    appoint(lead, Role.CARE_LEAD, second.school)
    client.force_login(lead)
    for name in ("activities:meeting_add", "activities:event_add"):
        assert "枫树坳 一（1）班</option>" in client.get(reverse(name)).content.decode()
    assert "枫树坳 一（1）班" in client.get(reverse("activities:absence_home")).content.decode()
