"""Children who come back: by the file they bring or by a number typed, the old dossier is found."""

import json
from datetime import date

import pytest
from django.test import Client

from caretrack.access.policy import Role
from children import transfer_file
from children.models import Award, Child, FormerStudentNumber, StatusChange
from children.services import leave_school
from tests.children.transfers.steps import BORN, LEFT, SECRET, open_file, package, sent_outside
from tests.support.factories import id_number, make_child, make_class, make_left_behind, make_staff

pytestmark = pytest.mark.django_db


def test_a_returning_child_finds_the_old_dossier_by_its_file(client: Client) -> None:
    child = make_left_behind("李小兰", birth_date=BORN, id_no=id_number(BORN, male=False))
    at = child.school_class
    content = package(child)
    client.force_login(make_staff(Role.REGISTRAR, child.school))

    preview = open_file(client, content)
    assert f"/students/{child.pk}/" in preview.content.decode()
    opened = preview.context["form"]["opened"].value()

    def post(**more: str):
        data = {"opened": opened, "school_class": at.pk, "on": "2026-11-16"}
        return client.post("/students/transfers/take/", data | more)

    asked = post()
    assert asked.status_code == 422
    assert "以前的档案" in asked.content.decode()
    assert post(same="yes").status_code == 302
    assert Child.objects.get().school_class == at
    kinds = StatusChange.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["out_transfer", "in_transfer"]


def test_a_returning_child_brings_what_the_school_in_between_wrote(client: Client) -> None:
    child = make_left_behind("李小兰", birth_date=BORN, id_no=id_number(BORN, male=False))
    registrar, at = make_staff(Role.REGISTRAR, child.school), child.school_class
    # The mother is known to have come home once; since when she had been away nobody wrote.
    child.family.filter(relation="52").update(status="at_home", away_since=None, returned_on=date(2024, 5, 1))
    Award.objects.create(child=child, title="阳光少年", scope="school", on=date(2026, 6, 1))
    told = json.loads(json.dumps(transfer_file.pack(sent_outside(child)), ensure_ascii=False, default=str))
    father = next(row for row in told["family"] if row["relation"] == "51")
    father |= {"status": "at_home", "returned_on": "2026-10-20", "absences": []}
    mother = next(row for row in told["family"] if row["relation"] == "52")
    mother |= {"status": "away_work", "away_since": "2026-03-01", "returned_on": None}
    father["phones"] = [{"number": "13800009999", "order": 1, "state": "ok"}]
    aunt = {"relation": "99", "name": "罗小姑", "status": "at_home", "absences": [], "phones": []}
    told["family"].append(aunt)
    told["care"] = [{"care_type": "kin_friend", "starts_on": "2026-10-20", "carer": len(told["family"]) - 1}]
    told["awards"].append({"title": "劳动之星", "scope": "school", "on": "2026-10-30"})
    told["checks"] = [{"on": "2026-10-12", "height_cm": "140.5", "needs_follow_up": False}]
    client.force_login(registrar)
    preview = open_file(client, transfer_file.seal(told, SECRET))
    opened = preview.context["form"]["opened"].value()
    data = {"opened": opened, "school_class": at.pk, "on": "2026-11-16", "same": "yes"}
    assert client.post("/students/transfers/take/", data).status_code == 302
    child = Child.objects.get()
    assert sorted(child.awards.values_list("title", flat=True)) == ["劳动之星", "阳光少年"]
    assert child.health_checks.get().on == date(2026, 10, 12)
    at_home = child.family.get(relation="51")
    assert (at_home.status, at_home.absences.get().ends_on) == ("at_home", date(2026, 10, 19))
    assert list(at_home.phones.order_by("order").values_list("number", flat=True)) == ["13800009999", "13800001111"]
    assert child.care.get(ends_on__isnull=True).carer.name == "罗小姑"
    assert child.family.filter(name="王桂英").count() == 1


def test_a_number_typed_for_a_new_child_finds_who_left(client: Client) -> None:
    number = id_number(BORN)
    child = make_child("石小禾", birth_date=BORN, id_no=number, sex="1")
    at = child.school_class
    leave_school(child=child, on=LEFT, kind="out_transfer", by=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"name": "石晓禾", "sex": "1", "birth_date": str(BORN), "kind": "in_transfer", "on": "2026-11-16"}
    response = client.post("/students/new/", data | {"school_class": at.pk, "id_no": number})
    assert response.status_code == 422
    assert f"/students/{child.pk}/changes/new/" in response.content.decode()


def test_a_former_number_finds_who_left(client: Client) -> None:
    child = make_child("石小禾", birth_date=BORN)
    former = "L9999992016050412AB"
    FormerStudentNumber.objects.create(child=child, student_no=former, until=LEFT)
    leave_school(child=child, on=LEFT, kind="out_transfer", by=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"name": "石晓禾", "sex": "2", "birth_date": str(BORN), "kind": "in_transfer", "on": "2026-11-16"}
    data |= {"school_class": make_class(child.school, number=2).pk, "student_no": former, "unchecked": "on"}
    response = client.post("/students/new/", data)
    assert response.status_code == 422
    assert f"/students/{child.pk}/changes/new/" in response.content.decode()
