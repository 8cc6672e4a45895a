"""The dossier of a child in no class says what happened and where to go, and asks for nothing more."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.corrections import correct
from children.models import Child, Enrollment, StatusChange
from children.services import enrol, leave_school
from children.transfers import send
from tests.support.factories import TODAY, make_child, make_left_behind, make_staff

pytestmark = pytest.mark.django_db


def registrar(child: Child) -> Staff:
    return make_staff(Role.REGISTRAR, child.school)


def dossier(client: Client, staff: Staff, child: Child) -> str:
    client.force_login(staff)
    return client.get(reverse("children:child_show", args=[child.pk])).content.decode()


def undo_arrival(client: Client, child: Child) -> str:
    line = StatusChange.objects.get(child=child)
    client.force_login(registrar(child))
    address = reverse("children:change_correct", args=[line.pk])
    answer = client.post(address, {"reason": "同名同姓登记错了人"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("children:child_show", args=[child.pk])
    return answer.content.decode()


def test_an_arrival_answered_by_a_counter_entry_is_told_with_its_reason(client: Client) -> None:
    child = make_child("赵晓错")
    correct(change=StatusChange.objects.get(child=child), reason="同名同姓登记错了人", on=TODAY, by=None, counted=True)
    text = dossier(client, registrar(child), child)
    assert "赵晓错不在班" in text
    assert "的“新生入学”是误登，已经更正（同名同姓登记错了人）。" in text
    assert "应当在校，重新登记入学" in text


def test_an_arrival_taken_away_leads_to_the_top_of_the_page_that_says_so(client: Client) -> None:
    child = make_child("赵晓错")
    text = undo_arrival(client, child)
    assert "已撤销，现在不在班。" in text
    assert "入学登记已经撤销" in text
    assert reverse("children:change_kinds", args=[child.pk]) in text


def test_nothing_more_is_asked_for(client: Client) -> None:
    child = make_left_behind("赵晓错")
    asked = ("档案还缺什么", "必填还没填", "去填写", "本学期安全责任书")
    before = dossier(client, registrar(child), child)
    assert all(words in before for words in asked)
    leave_school(child=child, on=TODAY, kind="graduate", by=None)
    after = dossier(client, registrar(child), child)
    assert not any(words in after for words in asked)


def test_the_last_day_is_told_apart_from_the_days_after_it(client: Client) -> None:
    child = make_child("高巧珍")
    leave_school(child=child, on=TODAY, kind="out_transfer", by=None)
    staff = registrar(child)
    text = dossier(client, staff, child)
    assert "高巧珍明天起不在班" in text
    assert "今天的统计、月报和变动登记还算在内" in text
    assert list(Enrollment.objects.on(TODAY).filter(child=child)), "figures of the day count the last day in"
    StatusChange.objects.filter(child=child, kind="out_transfer").update(on=TODAY - timedelta(days=1))
    text = dossier(client, staff, child)
    assert "高巧珍不在班" in text
    assert "现在不在在校名册和统计里" in text


def test_who_moved_is_told_where_to_with_the_way_to_the_hand_over_and_to_a_correction(client: Client) -> None:
    child = make_child("高巧珍")
    transfer = send(child=child, on=TODAY, by=None, to_name="云禾县第二小学")
    text = dossier(client, registrar(child), child)
    assert "登记“转出”（云禾县第二小学）" in text
    assert reverse("children:transfer_show", args=[transfer.pk]) in text
    assert reverse("children:change_correct", args=[transfer.line_id]) in text


def test_an_arrival_entered_by_mistake_after_the_leaving_changes_nothing(client: Client) -> None:
    """A hand-over that waits for its receipt stays in reach."""
    child = make_child("高巧珍")
    home = child.school_class
    assert home is not None
    left = TODAY - timedelta(days=30)
    transfer = send(child=child, on=left, by=None, to_name="云禾县第二小学")
    enrol(child=Child.objects.get(), school_class=home, on=TODAY - timedelta(days=20), by=None, kind="resume")
    arrival = StatusChange.objects.get(kind="resume")
    correct(change=arrival, reason="认错了人", on=TODAY, by=None, counted=True)
    transfer.refresh_from_db()
    assert transfer.is_open
    text = dossier(client, registrar(child), Child.objects.get())
    assert "登记“转出”（云禾县第二小学）" in text
    assert reverse("children:transfer_show", args=[transfer.pk]) in text
    assert "应当在校，重新登记入学" not in text


def test_a_dossier_that_is_still_here_is_offered_for_handing_over(client: Client) -> None:
    child = make_child("高巧珍")
    line = leave_school(child=child, on=TODAY, kind="graduate", by=None)
    assert reverse("children:transfer_late", args=[line.pk]) in dossier(client, registrar(child), child)


def test_who_may_not_edit_is_told_and_sent_back_to_the_list(client: Client) -> None:
    child = make_child("高巧珍")
    leave_school(child=child, on=TODAY, kind="graduate", by=None)
    text = dossier(client, make_staff(Role.COUNSELLOR, child.school), child)
    assert "高巧珍明天起不在班" in text
    assert "登记错了，更正" not in text
    assert "回到学生名单" in text


def test_a_pupil_reads_nothing_of_it(client: Client) -> None:
    child = make_child("高巧珍")
    assert "高巧珍不在班" not in dossier(client, registrar(child), child)
