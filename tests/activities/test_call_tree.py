"""Emergency calls: the order, dead numbers left out, masked until asked for, every look logged."""

import pytest
from django.urls import reverse

from activities.call_tree import call_tree
from activities.incidents.services import open_incident
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.models import Child, FamilyMember, Phone, PhoneState
from tests.support.factories import make_class, make_left_behind, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def child():
    child = make_left_behind("李小兰", make_class())
    carer = FamilyMember.objects.get(child=child, name="王桂英")
    mother = FamilyMember.objects.get(child=child, relation="52")
    Phone.objects.create(child=child, member=carer, number="13800002222")
    Phone.objects.create(child=child, member=mother, number="13800003333", state=PhoneState.DEAD)
    Phone.objects.create(child=child, member=mother, number="13800004444", order=2)
    Child.objects.filter(pk=child.pk).update(neighbour_contact="石大叔 13000005555")
    child.school.helper_name, child.school.helper_phone = "吴干部", "13000006666"
    child.school.save()
    return Child.objects.select_related("school", "school_class__school").get(pk=child.pk)


def test_carer_father_mother_neighbour_cadre(child) -> None:
    assert [(b.step, [n for n, _ in b.numbers]) for b in call_tree(child)] == [
        ("照护人", ["13800002222"]),
        ("父亲", ["13800001111"]),
        ("母亲", ["13800004444"]),
        ("邻居或村干部", ["13000005555"]),
        ("包片村干部", ["13000006666"]),
    ]
    assert call_tree(child)[3].name == "石大叔"


def test_numbers_are_masked_until_asked_for_and_both_looks_are_logged(client, child) -> None:
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    url = reverse("activities:call_tree", args=[child.pk])
    assert "13800002222" not in client.get(url).content.decode()
    shown = client.post(url).content.decode()
    assert 'href="tel:13800002222"' in shown
    assert "13800003333" not in shown
    events = list(AccessEntry.objects.filter(child_id=child.pk).values_list("event", flat=True))
    assert events == [Event.VIEW, Event.REVEAL]
    text = text_of(client.get(reverse("activities:call_tree_print", args=[child.pk])).content)
    assert "13800002222" in text
    assert AccessEntry.objects.filter(child_id=child.pk, event=Event.PRINT).exists()


def test_who_may_know_is_warned_of_a_suspected_guardian(client, child) -> None:
    from django.utils import timezone

    now = timezone.now()
    lead = make_staff(Role.CARE_LEAD, child.school)
    open_incident(
        school=child.school, child=child, by=lead, found_at=now, now=now, account="x", kind="violence",
        guardian_suspected=True,
    )  # fmt: skip
    url = reverse("activities:call_tree", args=[child.pk])
    client.force_login(lead)
    assert "不要打给有嫌疑的监护人" in client.get(url).content.decode()
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    assert "嫌疑" not in client.get(url).content.decode()


def test_a_subject_teacher_does_not_get_the_family(client, child) -> None:
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    assert client.get(reverse("activities:call_tree", args=[child.pk])).status_code == 403
