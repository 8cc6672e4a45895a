"""What a carer signed holds for that carer: with another one it is signed again, the old paper stays on file (P-31)."""

from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caretrack.access.history import change_by
from caretrack.schools.models import Staff
from children.models import CareArrangement, Child, FamilyMember
from children.services import set_care
from children.timeline import timeline
from mentoring import signing
from mentoring.agreements import partly
from mentoring.models import Agreement, PaperKind
from mentoring.views import panels

pytestmark = [pytest.mark.django_db, pytest.mark.data]
# Pages compare with the day on which they are opened.
TODAY = timezone.localdate()
KIND = PaperKind.ENTRUSTMENT
ALL = ("parent_signed_on", "carer_signed_on", "school_signed_on")


@pytest.fixture
def aunt(child: Child) -> FamilyMember:
    return FamilyMember.objects.create(child=child, relation="90", name="李桂花", status="at_home")


def sign(child: Child, by: Staff, *parties: str, on: date = TODAY - timedelta(days=20)) -> None:
    signing.sign_many(
        kind=KIND, children=[child], on=on, today=TODAY, until=None, version="第1版", term=None, by=by,
        parties=parties or None,
    )  # fmt: skip


def moves_to(child: Child, carer: FamilyMember, on: date = TODAY) -> CareArrangement:
    return set_care(child=child, carer=carer, care_type="kin_friend", on=on, by=None)


def test_what_the_former_carer_half_signed_is_not_the_new_ones(
    child: Child, homeroom: Staff, aunt: FamilyMember
) -> None:
    sign(child, homeroom, "parent_signed_on", "carer_signed_on")
    assert partly(KIND, [child.pk], TODAY)[child.pk].missing == ("学校",)
    moves_to(child, aunt)
    assert not partly(KIND, [child.pk], TODAY)
    sign(child, homeroom, "school_signed_on", on=TODAY)
    assert partly(KIND, [child.pk], TODAY)[child.pk].missing == ("委托人", "被委托人")
    assert not signing.signatures(KIND, [child.pk], None, TODAY)
    assert Agreement.objects.filter(child=child).count() == 2


def test_a_carer_put_right_on_the_same_day_leaves_no_paper_behind(
    child: Child, homeroom: Staff, aunt: FamilyMember
) -> None:
    care = child.care.get()
    sign(child, homeroom, *ALL)
    assert signing.signatures(KIND, [child.pk], None, TODAY)
    assert care.starts_on is not None
    assert moves_to(child, aunt, on=care.starts_on).pk == care.pk
    assert not signing.signatures(KIND, [child.pk], None, TODAY)
    assert [one.name for one in signing.to_sign_again(Child.objects.all())] == ["李小兰"]


def test_the_class_teacher_is_told_until_the_new_one_is_signed(
    client: Client, child: Child, homeroom: Staff, aunt: FamilyMember
) -> None:
    sign(child, homeroom, "carer_signed_on")

    def lines() -> list[str]:
        panel = panels.papers(Staff.objects.get(pk=homeroom.pk), TODAY)
        return [f"{line.text} {line.note}" for line in panel.data["lines"]] if panel else []

    assert not [line for line in lines() if "重签" in line]
    moves_to(child, aunt)
    assert "监护人换了，委托协议要重签 李小兰" in lines()
    client.force_login(homeroom)
    page = reverse("mentoring:paper_kind", args=[KIND])
    assert "监护人换了，重签" in client.get(page).content.decode()
    sign(child, homeroom, *ALL, on=TODAY)
    assert not [line for line in lines() if "重签" in line]
    assert "监护人换了，重签" not in client.get(page).content.decode()


def test_the_old_paper_stays_in_the_childs_story(child: Child, homeroom: Staff, aunt: FamilyMember) -> None:
    sign(child, homeroom, "carer_signed_on")
    former = str(child.care.get().carer)
    moves_to(child, aunt)
    [item] = [item for item in timeline([child], homeroom, kinds=["pairing"]) if "委托" in item.title]
    assert (item.on, item.details) == (TODAY - timedelta(days=20), (("被委托人", former),))


def test_the_form_does_not_carry_the_former_paper_over(
    client: Client, child: Child, homeroom: Staff, aunt: FamilyMember
) -> None:
    signed = {"entrusted": True, "entrusted_on": TODAY - timedelta(days=60), "school_told_on": TODAY}
    child.care.update(**signed)
    care = child.care.get()
    client.force_login(homeroom)
    posted: dict[str, Any] = {"carer": aunt.pk, "care_type": "kin_friend", "on": TODAY, "opened_version": care.version}
    posted |= {"entrusted": "true", "entrusted_on": signed["entrusted_on"], "school_told_on": TODAY}
    answer = client.post(f"/students/{child.pk}/care/", posted, follow=True)
    assert "原监护人签的委托照护协议不再有效" in answer.content.decode()
    now = CareArrangement.objects.open().get(child=child)
    assert (now.carer, now.entrusted, now.entrusted_on, now.school_told_on) == (aunt, None, None, None)
    care.refresh_from_db()
    assert care.entrusted


def test_a_new_paper_stated_with_the_new_carer_is_kept(
    client: Client, child: Child, homeroom: Staff, aunt: FamilyMember
) -> None:
    child.care.update(entrusted=True, entrusted_on=TODAY - timedelta(days=60))
    care = child.care.get()
    client.force_login(homeroom)
    posted: dict[str, Any] = {"carer": aunt.pk, "care_type": "kin_friend", "on": TODAY, "opened_version": care.version}
    client.post(f"/students/{child.pk}/care/", posted | {"entrusted": "true", "entrusted_on": TODAY})
    now = CareArrangement.objects.open().get(child=child)
    assert (now.carer, now.entrusted, now.entrusted_on) == (aunt, True, TODAY)


def test_papers_written_down_before_are_those_of_the_carer_of_their_day(
    child: Child, homeroom: Staff, aunt: FamilyMember
) -> None:
    sign(child, homeroom, "carer_signed_on")
    before = child.care.get()
    moves_to(child, aunt)
    with change_by(None, "测试"):
        Agreement.objects.update(care=None, carer=None)
        fill = import_module("mentoring.migrations.0014_fill_agreement_care").fill
        fill(apps, connection.schema_editor(atomic=False))
    row = Agreement.objects.get()
    assert (row.care, row.carer) == (before, before.carer)
