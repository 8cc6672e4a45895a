"""评优, the nominations: who puts forward whom and until when, and who decides about them."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from activities.forms.honours import VerdictForm
from activities.honours.rounds import (
    candidates,
    decide,
    delete_round,
    honour,
    mentors_to_nominate,
    nominate,
    remove_kind,
    step_back,
    withdraw,
)
from activities.models import AwardNomination, AwardRound
from caretrack.access.policy import Role
from children.leaving import end_what_is_open, reopen_what_had_ended
from tests.activities.honours.steps import GRANTED, REFUSED, TODAY, granted, kind_of, over
from tests.support.factories import make_child, make_class, make_mentor, make_staff
from tests.support.windows import opened

pytestmark = pytest.mark.django_db


def test_a_class_teacher_nominates_the_own_class_and_no_mentor(four, homeroom, round_):
    own, other = make_child("李小兰", four), make_child("王大明", make_class(four.school, 5, 1))
    make_mentor(school=four.school)
    assert list(candidates(kind_of(round_, "阳光少年"), homeroom)) == [own]
    assert other not in candidates(kind_of(round_, "爱心小天使"), homeroom)
    assert not mentors_to_nominate(kind_of(round_, "先进代理家长"), homeroom, TODAY).exists()


def test_nobody_nominates_or_decides_about_oneself(four, lead, round_):
    own, other = make_mentor(lead, four.school), make_mentor(school=four.school)
    kind = kind_of(round_, "先进代理家长")
    assert list(mentors_to_nominate(kind, lead, TODAY)) == [other]
    principal = make_staff(Role.PRINCIPAL, four.school)
    row = nominate(kind, mentor=own, reason="每周家访", by=principal, on=TODAY)
    row.verdict = GRANTED
    with pytest.raises(ValidationError, match="不能评定自己"):
        decide([row], by=lead, on=TODAY)
    assert granted(row, principal).decided_by == principal


@pytest.mark.data
def test_a_class_sends_no_more_than_it_may_and_nobody_twice(four, homeroom, round_):
    kind = kind_of(round_, "阳光少年")
    kind.per_class = 1
    kind.save()
    first, second = make_child("李小兰", four), make_child("王大明", four)
    row = nominate(kind, child=first, reason="乐观", by=homeroom, on=TODAY)
    with pytest.raises(ValidationError, match="每班最多推荐1人"):
        nominate(kind, child=second, reason="乐观", by=homeroom, on=TODAY)
    row.delete()
    nominate(kind, child=second, reason="乐观", by=homeroom, on=TODAY)
    kind.per_class = None
    kind.save()
    with pytest.raises(ValidationError, match="已被推荐"):
        nominate(kind, child=second, reason="乐观", by=homeroom, on=TODAY)


def test_after_the_last_day_nothing_is_taken_and_the_text_stays(client, four, homeroom, round_):
    child, kind = make_child("李小兰", four), kind_of(round_, "阳光少年")
    round_.nominate_until = TODAY - timedelta(days=1)
    round_.save()
    client.force_login(homeroom)
    url = reverse("activities:award_nominate_child", args=[kind.pk, child.pk])
    answer = client.post(url, {"reason": "帮助同学"})
    assert answer.status_code == 422
    assert "截止" in answer.content.decode()
    assert "帮助同学" in answer.content.decode()
    assert not AwardNomination.objects.exists()


def test_what_was_decided_or_published_meanwhile_is_deleted_by_nobody(four, lead, homeroom, round_):
    kind = kind_of(round_, "阳光少年")
    row = nominate(kind, child=make_child(at=four), reason="好", by=homeroom, on=TODAY)
    seen = AwardNomination.objects.select_related("kind__round").get(pk=row.pk)
    granted(row, lead)
    with pytest.raises(ValidationError, match="评定以后"):
        withdraw(seen, by=homeroom, on=TODAY)
    before = AwardRound.objects.get(pk=round_.pk)
    empty = kind_of(round_, "爱心小天使")
    over(round_, lead)
    with pytest.raises(ValidationError, match="名单已经公示"):
        remove_kind(empty)
    honour(round_, on=TODAY, today=TODAY)
    with pytest.raises(ValidationError, match="已经表彰"):
        delete_round(before)
    step_back(round_)
    delete_round(before)
    with pytest.raises(ValidationError, match="已经由别人删除"):
        delete_round(before)


def test_many_nominations_are_decided_a_page_after_the_other(client, four, lead, homeroom, round_, monkeypatch):
    monkeypatch.setattr(VerdictForm, "A_PAGE", 2)
    kind = kind_of(round_, "阳光少年")

    def put_forward(name):
        nominate(kind, child=make_child(name, four), reason="好", by=homeroom, on=TODAY)

    for name in ("丙三", "丁四", "戊五"):
        put_forward(name)
    client.force_login(lead)
    url = reverse("activities:award_decide", args=[kind.pk])
    first = opened(client, url)
    put_forward("阿一")
    answer = client.post(url, first | {"rest": "1"})
    assert answer["Location"] == f"{url}?page=2"
    assert AwardNomination.objects.granted().count() == 2, "those on the page that was sent, not who came since"
    waiting = {row.pk for row in AwardNomination.objects.pending()}
    for page in (f"{url}?page=1", f"{url}?page=2"):
        answer = client.post(page, opened(client, page) | {"rest": "1"})
    assert answer["Location"] == reverse("activities:award_round_show", args=[round_.pk])
    assert waiting
    assert not AwardNomination.objects.pending().exists()


@pytest.mark.data
def test_a_pupil_who_leaves_holds_nobody_up(four, lead, homeroom, round_):
    kind = kind_of(round_, "阳光少年")
    gone, stays = (
        nominate(kind, child=make_child(name, four), reason="好", by=homeroom, on=TODAY)
        for name in ("李小兰", "王大明")
    )
    end_what_is_open(child=gone.child, on=TODAY, by=None)
    gone.refresh_from_db()
    assert (gone.verdict, gone.opinion) == (REFUSED, "学生已离校，推荐作废")
    stays.refresh_from_db()
    assert stays.verdict == "pending"
    reopen_what_had_ended(child=gone.child, left_on=TODAY)
    gone.refresh_from_db()
    assert (gone.verdict, gone.opinion, gone.decided_on) == ("pending", "", None)


def test_the_second_of_two_deciders_is_asked(client, four, lead, homeroom, round_):
    kind = kind_of(round_, "阳光少年")
    row = nominate(kind, child=make_child("李小兰", four), reason="好", by=homeroom, on=TODAY)
    client.force_login(lead)
    url = reverse("activities:award_decide", args=[kind.pk])
    form = opened(client, url)
    row.verdict, row.opinion = REFUSED, "再看看"
    decide([row], by=make_staff(Role.PRINCIPAL, four.school), on=TODAY)
    answer = client.post(url, form | {f"verdict_{row.pk}": "granted"})
    assert answer.status_code == 422
    assert "李小兰刚刚由别人评定过" in answer.content.decode()
    row.refresh_from_db()
    assert row.verdict == REFUSED


def test_the_rest_is_granted_in_one_press(client, four, lead, homeroom, round_):
    kind = kind_of(round_, "阳光少年")
    rows = [
        nominate(kind, child=make_child(name, four), reason="好", by=homeroom, on=TODAY)
        for name in ("李小兰", "王大明", "陈小红")
    ]
    client.force_login(lead)
    url, page = (
        reverse("activities:award_decide", args=[kind.pk]),
        reverse("activities:award_round_show", args=[round_.pk]),
    )
    publish = reverse("activities:award_round_publish", args=[round_.pk])
    assert publish not in client.get(page).content.decode(), "nothing is offered that would be refused"
    client.post(url, opened(client, url) | {f"verdict_{rows[0].pk}": "refused", "rest": "1"})
    assert list(AwardNomination.objects.order_by("pk").values_list("verdict", flat=True)) == [REFUSED, GRANTED, GRANTED]
    assert publish in client.get(page).content.decode()


def test_the_nominator_rewords_until_it_is_decided(client, four, lead, homeroom, round_):
    row = nominate(kind_of(round_, "阳光少年"), child=make_child(at=four), reason="好", by=homeroom, on=TODAY)
    client.force_login(homeroom)
    url = reverse("activities:nomination_edit", args=[row.pk])
    client.post(url, opened(client, url) | {"reason": "坚持每天打扫教室"})
    row.refresh_from_db()
    assert row.reason == "坚持每天打扫教室"
    granted(row, lead)
    assert client.get(url).status_code == 403
    assert client.post(reverse("activities:nomination_withdraw", args=[row.pk])).status_code == 403
