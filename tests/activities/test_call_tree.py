"""Emergency calls: the order, dead numbers left out, masked until asked for, every look logged."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.call_tree import call_tree
from activities.incidents.services import open_incident
from activities.incidents.suspects import clear, suspect
from activities.models import Incident, IncidentNote, IncidentSuspect
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.models import Child, FamilyMember, Phone, PhoneState
from tests.support.factories import make_class, make_left_behind, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def homeroom(child):
    return make_staff(Role.HOMEROOM, child.school_class)


@pytest.fixture
def lead(child):
    return make_staff(Role.CARE_LEAD, child.school)


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


def steps(child, staff):
    return [(b.step, [n for n, _ in b.numbers]) for b in call_tree(child, staff)]


def violence(child, by, **kw):
    now = timezone.now()
    values = {"found_at": now, "now": now, "account": "x", "kind": "violence"} | kw
    return open_incident(school=child.school, children=[child], by=by, **values)


def test_carer_father_mother_neighbour_cadre(child, homeroom) -> None:
    assert steps(child, homeroom) == [
        ("照护人", ["13800002222"]),
        ("父亲", ["13800001111"]),
        ("母亲", ["13800004444"]),
        ("邻居或村干部", ["13000005555"]),
        ("包片村干部", ["13000006666"]),
    ]
    assert call_tree(child, homeroom)[3].name == "石大叔"


def dossier_order(client, child):
    page = client.get(reverse("children:child_show", args=[child.pk]))
    return [line.phone.number for line in page.context["calling"] if line.phone.state != PhoneState.DEAD]


def test_the_dossier_and_the_emergency_page_have_one_order_that_moving_changes(client, child, homeroom) -> None:
    client.force_login(homeroom)
    family = ["13800002222", "13800001111", "13800004444"]
    assert dossier_order(client, child) == family
    carers = Phone.objects.get(number="13800002222")
    client.post(reverse("children:phone_move", args=[child.pk, carers.pk, "down"]))
    moved = ["13800001111", "13800002222", "13800004444"]
    assert dossier_order(client, child) == moved
    assert [numbers[0] for _, numbers in steps(child, homeroom)[:3]] == moved


def test_who_has_dead_numbers_only_comes_last_and_it_says_so(client, child, homeroom) -> None:
    Phone.objects.filter(number="13800002222").update(state=PhoneState.DEAD)
    assert [step for step, _ in steps(child, homeroom)] == ["父亲", "母亲", "邻居或村干部", "包片村干部", "照护人"]
    client.force_login(homeroom)
    page = client.get(reverse("activities:call_tree", args=[child.pk])).content.decode()
    paper = text_of(client.get(reverse("activities:call_tree_print", args=[child.pk])).content)
    assert "号码停机或空号，请核实" in page
    assert "没有登记电话" not in page
    assert "停机或空号，请核实" in "".join(paper.split())


def test_father_is_not_called_father_twice(child, homeroom) -> None:
    father = FamilyMember.objects.get(child=child, relation="51")
    assert [(b.step, b.name) for b in call_tree(child, homeroom)[:2]] == [
        ("照护人", "祖母 王桂英"),
        ("父亲", father.name),
    ]


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


def test_who_may_know_is_warned_of_a_suspected_guardian_on_screen_and_on_paper(client, child, lead, homeroom) -> None:
    violence(child, lead, guardian_suspected=True)
    url, paper = (reverse(f"activities:{name}", args=[child.pk]) for name in ("call_tree", "call_tree_print"))
    client.force_login(lead)
    assert "不要打给有嫌疑的监护人" in client.get(url).content.decode()
    assert "不要打给有嫌疑的监护人" in text_of(client.get(paper).content)
    client.force_login(homeroom)
    assert "嫌疑" not in client.get(url).content.decode()
    assert "嫌疑" not in text_of(client.get(paper).content)


@pytest.fixture
def suspected(child, lead):
    """The grandmother who cares for the child is suspected; a written contact and a common number lead to her too."""
    Child.objects.filter(pk=child.pk).update(emergency_contact="王桂英 13000007777")
    Phone.objects.create(child=child, number="138 0000 2222")
    suspect(
        incident=violence(child, lead), member=FamilyMember.objects.get(child=child, name="王桂英"), by=lead,
        now=timezone.now(),
    )  # fmt: skip
    return Child.objects.select_related("school", "school_class__school").get(pk=child.pk)


def test_who_is_suspected_is_not_called_and_those_who_may_know_see_whom_not_to_call(client, suspected, lead) -> None:
    assert [b.step for b in call_tree(suspected, lead) if b.suspected] == ["照护人", "紧急联系人"]
    assert steps(suspected, lead)[0] == ("照护人", [])
    client.force_login(lead)
    shown = client.post(reverse("activities:call_tree", args=[suspected.pk])).content.decode()
    text = text_of(client.get(reverse("activities:call_tree_print", args=[suspected.pk])).content)
    for told in (shown, text):
        assert "有嫌疑，不要打" in told
        assert "不要打给祖母王桂英" in told.replace(" ", "")
        assert [number for number in ("13800002222", "13800002222", "13000007777") if number in told] == []
    assert "13800001111" in shown


def test_others_get_a_tree_without_that_person_and_without_a_reason(client, suspected, homeroom) -> None:
    assert [step for step, _ in steps(suspected, homeroom)] == ["父亲", "母亲", "邻居或村干部", "包片村干部"]
    client.force_login(homeroom)
    shown = client.post(reverse("activities:call_tree", args=[suspected.pk])).content.decode()
    text = text_of(client.get(reverse("activities:call_tree_print", args=[suspected.pk])).content)
    for told in (shown, text):
        assert [word for word in ("王桂英", "嫌疑", "照护人", "13800002222", "不要打") if word in told] == []


def test_a_number_of_somebody_suspected_in_a_file_out_of_sight_goes_without_a_word(child, lead) -> None:
    """Of the father the lead knows; the mother stands in a file kept to named people, and the line of the house is
    her number."""
    father, mother = (FamilyMember.objects.get(child=child, relation=code) for code in ("51", "52"))
    Phone.objects.create(child=child, number="13800004444")
    now = timezone.now()
    suspect(incident=violence(child, lead), member=father, by=lead, now=now)
    hidden = violence(child, make_staff(Role.PRINCIPAL, child.school), named_only=True)
    suspect(incident=hidden, member=mother, by=lead, now=now)
    assert [b.step for b in call_tree(child, lead)] == ["照护人", "父亲", "邻居或村干部", "包片村干部"]
    assert [b.step for b in call_tree(child, lead) if b.suspected or b.withheld] == ["父亲"]


def test_a_file_that_is_closed_clears_nobody_and_taking_back_needs_a_reason(suspected, lead, homeroom) -> None:
    Incident.objects.update(state=Incident.State.CLOSED)
    assert "照护人" not in dict(steps(suspected, homeroom))
    row = IncidentSuspect.objects.get()
    with pytest.raises(ValidationError):
        clear(incident=row.incident, row=row, reason=" ", by=lead, now=timezone.now())
    clear(incident=row.incident, row=row, reason="公安查明是误会", by=lead, now=timezone.now())
    assert steps(suspected, homeroom)[0] == ("照护人", ["13800002222"])
    assert "公安查明是误会" in IncidentNote.objects.order_by("pk").last().text


def test_the_lead_names_the_person_in_the_file(client, child, lead) -> None:
    incident = violence(child, lead, guardian_suspected=True)
    client.force_login(lead)
    page = reverse("activities:incident_show", args=[incident.pk])
    assert "还没有写明是哪一位" in client.get(page).content.decode()
    father = FamilyMember.objects.get(child=child, relation="51")
    client.post(reverse("activities:incident_suspect_add", args=[incident.pk]), {"member": father.pk})
    told = client.get(page).content.decode()
    assert "家校反馈里都不再列出这个人" in told
    assert "还没有写明是哪一位" not in told
    assert ("父亲", []) in steps(child, lead)


def test_a_subject_teacher_does_not_get_the_family(client, child) -> None:
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    assert client.get(reverse("activities:call_tree", args=[child.pk])).status_code == 403
