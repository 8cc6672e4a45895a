"""The form of a new activity or meeting begins with the class teacher's own class."""

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import InterestGroup
from caretrack.access.policy import Role
from tests.support.factories import appoint, make_class

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def test_a_class_teachers_new_activity_is_of_the_own_class_and_a_leads_of_the_school(
    client, lead, homeroom, school_class
):
    appoint(homeroom, Role.TEACHER, make_class(school_class.school, 6))
    for url in (reverse("activities:event_add"), reverse("activities:meeting_add")):
        client.force_login(homeroom)
        assert client.get(url).context["form"]["school_class"].value() == school_class.pk
        client.force_login(lead)
        assert client.get(url).context["form"]["school_class"].value() is None
    group = InterestGroup.objects.create(school=school_class.school, name="合唱队", leader=homeroom, starts_on=TODAY)
    client.force_login(homeroom)
    form = client.get(reverse("activities:event_add"), {"group": group.pk}).context["form"]
    assert form["school_class"].value() is None
