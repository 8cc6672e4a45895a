"""Who is suspected in an incident is offered to nobody: not to call, not to write to. Only the file's readers see why."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.calls import book, callables
from activities.family import feedback
from activities.incidents.services import open_incident
from activities.incidents.suspects import clear, suspect
from activities.known_facts import known_of
from activities.models import CallBooking, CallDuty, CallLine, IncidentSuspect
from caretrack.access.policy import Role
from caretrack.periods import Month
from children.life.papers import whom_to_call
from children.models import FamilyMember, Phone
from children.not_called import not_called
from mentoring.handover_paper import handover_paper
from reports.builders.cards import build_cards
from tests.support.factories import (
    id_number,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_staff,
    morning,
)
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
FATHER, MOTHER, CARER = "13800001111", "13800002222", "13800003333"


@pytest.fixture
def child(child):
    for code, number in (("52", MOTHER), ("62", CARER)):
        Phone.objects.create(child=child, member=child.family.get(relation=code), number=number, order=2)
    return child


@pytest.fixture
def suspected(child, lead):
    """The father is suspected, and the mother's second number is his."""
    Phone.objects.create(child=child, member=child.family.get(relation="52"), number="+86 138 0000 1111", order=3)
    now = timezone.now()
    incident = open_incident(
        school=child.school, children=[child], by=lead, found_at=now, now=now, account="x", kind="violence"
    )
    return suspect(incident=incident, member=child.family.get(relation="51"), by=lead, now=now)


@pytest.fixture
def line(child):
    return CallLine.objects.create(
        school=child.school, name="1号机", weekdays=[1, 2, 3, 4, 5, 6, 7], opens=time(12), closes=time(13)
    )


def offered(child, staff):
    return {row.number.masked for row in callables(child, staff)}


def test_a_child_may_call_everybody_of_its_family_but_the_suspected(child, suspected, homeroom, lead, line) -> None:
    assert offered(child, homeroom) == {"138****2222", "138****3333"}
    barred = [row for row in callables(child, lead) if row.barred]
    assert {row.number.masked[-4:] for row in barred} == {"1111"}
    assert len(barred) == 2
    assert not any(row.allowed for row in barred)
    for staff in (homeroom, lead):
        with pytest.raises(ValidationError, match="没有允许"):
            book(
                child=child, line=line, on=TODAY, at=time(12), phone=Phone.objects.get(number=FATHER), with_whom="",
                by=staff, now=morning(TODAY),
            )  # fmt: skip


def test_the_page_of_numbers_tells_only_who_may_know_and_allows_it_to_nobody(
    client, child, suspected, homeroom, lead
) -> None:
    page = reverse("activities:call_numbers", args=[child.pk])
    allow = reverse("activities:call_number_decide", args=[child.pk, Phone.objects.get(number=FATHER).pk, "allow"])
    for staff, told in ((homeroom, False), (lead, True)):
        client.force_login(staff)
        assert ("嫌疑" in client.get(page).content.decode()) is told
        assert client.post(allow).status_code == 404


def test_a_turn_booked_before_is_not_called_any_more(client, child, homeroom, lead, line) -> None:
    booking = CallBooking.objects.create(
        school=child.school, child=child, line=line, on=TODAY, at=time(12), minutes=10, booked_by=homeroom,
        phone=Phone.objects.get(number=FATHER), with_whom="父亲",
    )  # fmt: skip
    duty = make_staff(Role.TEACHER, make_class(child.school, 6))
    CallDuty.objects.create(school=child.school, on=TODAY, staff=duty)
    client.force_login(duty)
    url = reverse("activities:call_number", args=[booking.pk])
    assert FATHER in client.post(url).content.decode().replace(" ", "")
    now = timezone.now()
    incident = open_incident(school=child.school, children=[child], by=lead, found_at=now, now=now, account="x")
    suspect(incident=incident, member=child.family.get(relation="51"), by=lead, now=now)
    answer = client.post(url)
    assert answer.status_code == 403
    assert "请换一个号码" in answer.content.decode()
    assert "嫌疑" not in answer.content.decode()


def test_the_dossier_warns_who_may_know_and_tells_others_whom_else_to_call(
    client, child, suspected, homeroom, lead
) -> None:
    url = reverse("children:child_show", args=[child.pk])
    for staff, told in ((homeroom, False), (lead, True)):
        client.force_login(staff)
        page = client.get(url)
        assert [line.phone.number for line in page.context["calling"]] == [CARER, MOTHER]
        assert ("不要打给父亲 李大山" in page.content.decode()) is told
        assert ("有嫌疑，不要打" in page.content.decode()) is told
    # The register stands as it was, for whoever keeps it.
    assert "李大山" in page.content.decode()


def test_moving_a_number_passes_those_that_are_not_shown(client, child, suspected, homeroom) -> None:
    Phone.objects.filter(number=MOTHER).update(order=0)
    client.force_login(homeroom)
    carer = Phone.objects.get(number=CARER)
    client.post(reverse("children:phone_move", args=[child.pk, carer.pk, "up"]))
    page = client.get(reverse("children:child_show", args=[child.pk]))
    assert [line.phone.number for line in page.context["calling"]] == [CARER, MOTHER]


def test_phones_to_verify_are_not_his(client, child, suspected, homeroom) -> None:
    client.force_login(homeroom)
    [row] = client.get(reverse("children:contact_list")).context["rows"]
    assert [line.phone.number for line in row["lines"]] == [CARER, MOTHER]


def test_lists_and_forms_name_the_next_number(child, suspected, homeroom, lead) -> None:
    carer, phones = whom_to_call([child.pk])[child.pk]
    assert (carer, phones) == ("祖母 王桂英", (f"祖母 {CARER}", f"母亲 {MOTHER}"))
    pairing = make_pairing(child, make_mentor(school=child.school))
    paper = handover_paper(mentor=pairing.mentor, pairings=[pairing], contacts={}, on=TODAY)
    assert paper.children[0].phones == ("祖母 138****3333", "母亲 138****2222")
    for staff in (homeroom, lead):
        assert {number.masked for number in known_of(child, staff).numbers} == {"138****2222", "138****3333"}


def test_the_month_is_told_to_the_other_parent_or_to_nobody(client, child, suspected, homeroom) -> None:
    assert [str(parent) for parent in feedback.parents_away([child.pk])[child.pk]] == ["母亲罗春花"]
    client.force_login(homeroom)
    edit = reverse("activities:feedback_edit", args=[child.pk])
    assert client.get(edit).status_code == 200
    FamilyMember.objects.filter(child=child, relation="52").update(status="at_home")
    assert not feedback.families(homeroom).exists()
    assert feedback.waiting(homeroom, Month.of(TODAY)) == 0
    assert client.get(edit).status_code == 404


def test_the_contact_card_stays_as_it_was_and_its_page_warns_who_may_know(client, child, homeroom, lead) -> None:
    [before] = build_cards([child], on=TODAY)
    now = timezone.now()
    incident = open_incident(school=child.school, children=[child], by=lead, found_at=now, now=now, account="x")
    suspect(incident=incident, member=child.family.get(relation="51"), by=lead, now=now)
    [after] = build_cards([child], on=TODAY)
    assert after.fingerprint == before.fingerprint
    for staff, told in ((homeroom, False), (lead, True)):
        client.force_login(staff)
        page = client.get(reverse("reports:card_show", args=[child.pk])).content.decode()
        assert ("不要打给父亲 李大山" in page) is told


@pytest.mark.parametrize("same", ["id", FATHER, "138 0000 1111", "+8613800001111", "138-0000-1111", "name"])
def test_the_same_person_in_a_sister_s_dossier_is_not_called_either(child, homeroom, lead, same) -> None:
    sister = make_left_behind("李小燕", child.school_class)
    father, again = (one.family.get(relation="51") for one in (child, sister))
    Phone.objects.filter(member=again).update(number="13800007777")
    if same == "id":
        FamilyMember.objects.filter(pk=again.pk).update(name="李老大")
        again.refresh_from_db()
        for member in (father, again):
            member.id_no = id_number(date(1985, 3, 1))
            member.save()
    elif same != "name":
        Phone.objects.create(child=sister, member=again, number=same, order=5)
    now = timezone.now()
    incident = open_incident(school=child.school, children=[child], by=lead, found_at=now, now=now, account="x")
    suspect(incident=incident, member=father, by=lead, now=now)
    called = same == "name"
    assert ("138****7777" in offered(sister, homeroom)) is called
    parents = {str(parent) for parent in feedback.parents_away([sister.pk])[sister.pk]}
    assert (f"父亲{again.name}" in parents) is called


def test_a_drill_bars_nobody_and_taking_it_back_bars_nobody_any_more(child, suspected, lead, homeroom) -> None:
    row = IncidentSuspect.objects.get()
    type(row.incident).objects.update(is_drill=True)
    assert not not_called([child.pk]).members
    type(row.incident).objects.update(is_drill=False)
    assert not_called([child.pk]).members == {row.member_id: "李大山"}
    clear(incident=row.incident, row=row, reason="查明是误会", by=lead, now=timezone.now())
    assert "138****1111" in offered(child, homeroom)


def test_beside_the_numbers_of_every_family_stands_the_same_sentence(client, child, homeroom, lead) -> None:
    said = "打电话只按“先打给谁”的顺序，不在顺序里的先问校长或德育主任。"
    page, paper = reverse("children:child_show", args=[child.pk]), reverse("reports:child_dossier", args=[child.pk])

    def told_to(staff):
        client.force_login(staff)
        return client.get(page).content.decode().count(said), text_of(client.get(paper).content).count(said)

    before = told_to(homeroom), told_to(lead)
    now = timezone.now()
    incident = open_incident(
        school=child.school, children=[child], by=lead, found_at=now, now=now, account="x", kind="violence"
    )
    suspect(incident=incident, member=child.family.get(relation="51"), by=lead, now=now)
    assert (told_to(homeroom), told_to(lead)) == before == ((1, 1), (1, 1))
