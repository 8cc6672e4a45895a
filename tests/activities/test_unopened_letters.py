"""A child's letter that nobody opens: the leads are told for whom, and only the child gives it to another teacher."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.models import SealedNote
from activities.sealed import Neglected, neglected, open_note, readdress
from caretrack.access.policy import Role
from caretrack.schools.models import Appointment
from tests.support.factories import make_class, make_school, make_staff

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
WORDS = "叔叔打我"


@pytest.fixture
def chosen(child):
    return make_staff(Role.TEACHER, make_class(child.school, 6), "石老师")


@pytest.fixture
def other(child):
    return make_staff(Role.COUNSELLOR, child.school, "陆老师")


def letter(child, to, days: int = 0, **kw) -> SealedNote:
    values = {"school": child.school, "child": child, "via": "screen", "text": WORDS, "entered_by": to} | kw
    return SealedNote.objects.create(
        addressee=to, received_on=TODAY - timedelta(days=days), client_key=uuid.uuid4(), **values
    )


def home(client, staff) -> str:
    client.force_login(staff)
    return client.get(reverse("workbench")).content.decode()


def leaves(staff) -> None:
    Appointment.objects.filter(staff=staff).update(ends_on=TODAY - timedelta(days=1))


def test_a_week_unopened_is_told_by_number_and_teacher_not_by_child(client, child, chosen, lead, homeroom) -> None:
    row = letter(child, chosen, 6)
    assert "没拆" not in home(client, lead)
    letter(child, chosen, 7)
    shown = home(client, lead)
    assert "写给石老师的悄悄话" in shown
    assert "1 封没拆" in shown
    assert "最早的已放 7 天" in shown
    [sheet] = [one for one in client.get(reverse("workbench")).context["side"] if one["panel"].title == "悄悄话没人拆"]
    assert [word for word in (child.name, WORDS) if word in sheet["body"]] == []
    assert "没拆" not in home(client, homeroom)
    assert "没拆" not in home(client, make_staff(Role.PRINCIPAL, make_school("乙校")))
    SealedNote.objects.exclude(pk=row.pk).update(opened_at=timezone.now())
    assert "没拆" not in home(client, lead)


def test_a_letter_to_who_left_is_told_at_once(client, child, chosen, lead) -> None:
    letter(child, chosen)
    leaves(chosen)
    assert "收信人已不在本校" in home(client, lead)


def test_the_child_is_asked_and_another_teacher_has_it_unread(client, child, chosen, other, lead) -> None:
    row = letter(child, chosen)
    leaves(chosen)
    client.force_login(lead)
    url = reverse("activities:note_readdress", args=[row.pk])
    assert url in client.get(reverse("activities:note_list")).content.decode()
    page = client.get(url).content.decode()
    assert WORDS not in page
    refused = client.post(url, {"addressee": other.pk})
    assert refused.status_code == 422
    assert "先问孩子本人" in refused.content.decode()
    assert client.post(url, {"addressee": other.pk, "asked": "on"}).status_code == 302
    row.refresh_from_db()
    assert (row.addressee, row.opened_at, row.text) == (other, None, WORDS)
    assert client.get(reverse("activities:note_show", args=[row.pk])).status_code == 404
    client.force_login(other)
    client.post(reverse("activities:note_open", args=[row.pk]))
    assert WORDS in client.get(reverse("activities:note_show", args=[row.pk])).content.decode()


def test_nobody_gives_a_letter_to_themselves_or_one_that_can_still_be_reminded_of(child, chosen, other, lead) -> None:
    fresh, late = letter(child, chosen, 3), letter(child, chosen, 8)
    unsigned = letter(child, chosen, 30)
    SealedNote.objects.filter(pk=unsigned.pk).update(child=None)
    given = {"asked": True, "by": lead, "today": TODAY}
    for row, to in ((fresh, other), (late, lead), (late, chosen), (unsigned, other)):
        with pytest.raises(ValidationError):
            readdress(note=row, addressee=to, **given)
    with pytest.raises(ValidationError):
        readdress(note=late, addressee=other, **given | {"by": other})
    open_note(note=late, by=chosen, now=timezone.now())
    with pytest.raises(ValidationError, match="已经拆开"):
        readdress(note=late, addressee=other, **given)
    assert set(SealedNote.objects.values_list("addressee", flat=True)) == {chosen.pk}


def test_a_new_addressee_has_a_week_from_the_day_it_was_handed_over(client, child, chosen, other, lead) -> None:
    row = letter(child, chosen, 12)
    readdress(note=row, addressee=other, asked=True, by=lead, today=TODAY)
    assert "没拆" not in home(client, lead)
    assert not neglected(lead, TODAY + timedelta(days=6))
    week = TODAY + timedelta(days=7)
    assert neglected(lead, week) == [Neglected("陆老师", 1, TODAY, gone=False)]
    assert readdress(note=row, addressee=chosen, asked=True, by=lead, today=week).addressee == chosen
