"""Members of the family with phones, the care arrangement, consents."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from caretrack.web.models import Draft
from children.models import AbsenceSpan, CareArrangement, Child, Consent, FamilyMember, Phone, StatusChange, codes
from tests.support.factories import TODAY, make_child, make_class, make_left_behind, make_parent, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def child() -> Child:
    return make_left_behind()


@pytest.fixture
def homeroom(child: Child) -> Staff:
    return make_staff(Role.HOMEROOM, child.school_class, name="罗春燕")


def father(child: Child) -> FamilyMember:
    return FamilyMember.objects.get(child=child, relation=codes.Relation.FATHER)


def member(**given: Any) -> dict[str, Any]:
    phones = {"phones-TOTAL_FORMS": 0, "phones-INITIAL_FORMS": 0}
    base = {"relation": "51", "name": "李大山", "status": "away_work", "since": "2025-03-01", "away_precision": "day"}
    return base | phones | given


def phone_line(line: int, /, **given: Any) -> dict[str, Any]:
    return {f"phones-{line}-{name}": value for name, value in ({"order": 1, "state": "ok"} | given).items()}


def test_adds_a_member_with_a_phone(client: Client) -> None:
    child = make_child()
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    data = member(work_place="广东省东莞市") | phone_line(0, number="138 0000-1234", verified_on="2026-11-01")
    data["phones-TOTAL_FORMS"] = 1
    response = client.post(f"/students/{child.pk}/family/new/", data)
    made = father(child)
    assert response.headers["Location"] == f"/students/{child.pk}/#member-{made.pk}"
    assert (made.status, made.away_since, made.work_place) == ("away_work", date(2025, 3, 1), "广东省东莞市")
    assert AbsenceSpan.objects.get(member=made).starts_on == date(2025, 3, 1)
    assert StatusChange.objects.filter(child=child, kind="new_away").exists()
    assert Phone.objects.get(child=child).number == "13800001234"


def test_the_form_opens_with_what_is_missing(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    text = client.get(f"/students/{child.pk}/family/new/?relation=52").content.decode()
    assert 'value="52" selected' in text


def edit_url(row: FamilyMember) -> str:
    return f"/students/{row.child_id}/family/{row.pk}/"


def test_coming_home_ends_the_absence(client: Client, child: Child, homeroom: Staff) -> None:
    row = father(child)
    client.force_login(homeroom)
    data = member(status="at_home", since="2026-11-01", opened_version=row.version)
    assert client.post(edit_url(row), data).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.returned_on) == ("at_home", date(2026, 11, 1))
    assert AbsenceSpan.objects.get(member=row).ends_on == date(2026, 10, 31)


def test_other_facts_do_not_touch_the_dated_history(client: Client, child: Child, homeroom: Staff) -> None:
    row = father(child)
    client.force_login(homeroom)
    client.post(edit_url(row), member(job="焊工", opened_version=row.version))
    row.refresh_from_db()
    assert row.job == "焊工"
    assert AbsenceSpan.objects.get(member=row).version == 1


def test_the_future_is_refused_and_what_was_typed_stays(client: Client, child: Child, homeroom: Staff) -> None:
    row = father(child)
    client.force_login(homeroom)
    data = member(since="2027-01-01", job="焊工", opened_version=row.version)
    response = client.post(edit_url(row), data)
    assert response.status_code == 422
    text = response.content.decode()
    assert "不能在今天以后" in text
    assert "焊工" in text


def test_a_wrong_phone_is_told_at_its_line(client: Client, child: Child, homeroom: Staff) -> None:
    row = father(child)
    client.force_login(homeroom)
    data = member(opened_version=row.version) | phone_line(0, number="打不通") | {"phones-TOTAL_FORMS": 1}
    response = client.post(edit_url(row), data)
    assert response.status_code == 422
    assert "7至15位数字" in response.content.decode()
    assert "打不通" in response.content.decode()


def test_a_second_father_is_refused(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    response = client.post(f"/students/{child.pk}/family/new/", member())
    assert "父亲已经登记过了" in response.content.decode()


def test_two_people_at_one_member(client: Client, child: Child, homeroom: Staff) -> None:
    row = father(child)
    opened = row.version
    with change_by(make_staff(name="韦正国"), "test"):
        row.job = "木工"
        row.save()
    client.force_login(homeroom)
    response = client.post(edit_url(row), member(job="焊工", opened_version=opened))
    assert response.status_code == 409
    text = response.content.decode()
    assert "木工" in text
    assert "焊工" in text
    assert 'name="phones-TOTAL_FORMS"' in text


def test_two_people_at_one_phone(client: Client, child: Child, homeroom: Staff) -> None:
    row, phone = father(child), Phone.objects.get(child=child)
    with change_by(make_staff(name="韦正国"), "test"):
        Phone.objects.get().save()
        Phone.objects.update(number="13900009999")
    client.force_login(homeroom)
    data = member(opened_version=row.version) | phone_line(
        0, id=phone.pk, number="13700007777", opened_version=phone.version
    )
    data |= {"phones-TOTAL_FORMS": 1, "phones-INITIAL_FORMS": 1}
    response = client.post(edit_url(row), data)
    assert response.status_code == 422
    text = response.content.decode()
    assert "韦正国刚刚把这个号码改成了 13900009999" in text
    assert "13700007777" in text


def test_a_phone_of_somebody_else_cannot_be_taken_over(client: Client, child: Child, homeroom: Staff) -> None:
    other = make_left_behind("安小禾", make_class())
    phone = Phone.objects.get(child=other)
    row = father(child)
    client.force_login(homeroom)
    data = member(opened_version=row.version) | phone_line(0, id=phone.pk, number="13700007777")
    client.post(edit_url(row), data | {"phones-TOTAL_FORMS": 1, "phones-INITIAL_FORMS": 1})
    phone.refresh_from_db()
    assert (phone.child_id, phone.number) == (other.pk, "13800001111")


def test_stranger_404_teacher_403_member_of_another_child_404(client: Client, child: Child, homeroom: Staff) -> None:
    row = father(child)
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.get(edit_url(row)).status_code == 404
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    assert client.get(edit_url(row)).status_code == 403
    other = make_parent(make_child("安小禾", make_class()))
    client.force_login(homeroom)
    assert client.get(f"/students/{child.pk}/family/{other.pk}/").status_code == 404


def test_a_draft_brings_phones_back_too(client: Client, child: Child, homeroom: Staff) -> None:
    row = father(child)
    client.force_login(homeroom)
    data = member(since="2027-01-01", opened_version=row.version) | phone_line(0, number="13700007777")
    client.post(edit_url(row), data | {"phones-TOTAL_FORMS": 1})
    assert Draft.objects.exists()
    assert "13700007777" in client.get(edit_url(row)).content.decode()


def care(child: Child) -> CareArrangement:
    return CareArrangement.objects.get(child=child, ends_on__isnull=True)


def care_data(child: Child, **given: Any) -> dict[str, Any]:
    row = care(child)
    return {"carer": row.carer_id, "care_type": "grandparent", "rating": "fair", "opened_version": row.version} | given


def test_rating_changes_within_the_arrangement(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    data = care_data(child, rating="poor", attitude="冷淡")
    assert client.post(f"/students/{child.pk}/care/", data).status_code == 302
    row = CareArrangement.objects.get(child=child)
    assert (row.rating, row.attitude) == ("poor", "冷淡")


def test_another_carer_begins_a_new_arrangement(client: Client, child: Child, homeroom: Staff) -> None:
    aunt = FamilyMember.objects.create(child=child, relation=codes.Relation.AUNT_PATERNAL, name="李二妹")
    client.force_login(homeroom)
    data = care_data(child, carer=aunt.pk, care_type="kin_friend", on="2026-11-10", reason="祖母住院")
    assert client.post(f"/students/{child.pk}/care/", data).status_code == 302
    assert care(child).carer == aunt
    assert CareArrangement.objects.get(child=child, ends_on=date(2026, 11, 9))
    assert StatusChange.objects.get(child=child, kind="care_change").reason == "祖母住院"


def test_another_carer_without_a_day_is_asked_for_it(client: Client, child: Child, homeroom: Staff) -> None:
    aunt = FamilyMember.objects.create(child=child, relation=codes.Relation.AUNT_PATERNAL, name="李二妹")
    client.force_login(homeroom)
    response = client.post(f"/students/{child.pk}/care/", care_data(child, carer=aunt.pk, care_type="kin_friend"))
    assert response.status_code == 422
    assert "请填写从什么时候起" in response.content.decode()


def test_carers_of_other_families_are_not_offered(client: Client, child: Child, homeroom: Staff) -> None:
    other = make_left_behind("安小禾", child.school_class)
    stranger = FamilyMember.objects.filter(child=other).last()
    client.force_login(homeroom)
    response = client.post(f"/students/{child.pk}/care/", care_data(child, carer=stranger.pk, on="2026-11-10"))
    assert response.status_code == 422


def test_first_arrangement(client: Client) -> None:
    child = make_child()
    carer = FamilyMember.objects.create(child=child, relation=codes.Relation.GRANDFATHER, name="李有福")
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    data = {"carer": carer.pk, "care_type": "grandparent", "rating": "good"}
    assert client.post(f"/students/{child.pk}/care/", data).status_code == 302
    assert care(child).carer == carer


def test_care_of_a_stranger_404_and_for_a_teacher_403(client: Client, child: Child) -> None:
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.get(f"/students/{child.pk}/care/").status_code == 404
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    assert client.get(f"/students/{child.pk}/care/").status_code == 403


def test_consent_is_registered_listed_and_withdrawn(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    data = {"purpose": "photo", "refused": "no", "given_by": "王桂英", "relation": "62", "given_on": "2026-11-01"}
    assert client.post(f"/students/{child.pk}/consents/new/", data).status_code == 302
    consent = Consent.objects.get(child=child)
    assert not consent.refused
    assert "王桂英" in client.get(f"/students/{child.pk}/consents/").content.decode()
    withdraw = f"/students/{child.pk}/consents/{consent.pk}/withdraw/"
    assert client.get(withdraw).status_code == 405
    client.post(withdraw)
    consent.refresh_from_db()
    assert consent.withdrawn_on == TODAY


def test_a_refusal_is_registered(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    data = {"purpose": "photo", "refused": "yes", "given_by": "王桂英", "relation": "62", "given_on": "2026-11-01"}
    client.post(f"/students/{child.pk}/consents/new/", data)
    assert Consent.objects.get(child=child).refused
