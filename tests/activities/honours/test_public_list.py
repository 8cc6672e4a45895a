"""评优, the list that hangs out: its days, objections to it, the honour at its end, the step back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from activities.honours.papers import public_paper
from activities.honours.rounds import decide, hang_out, honour, nominate, public_until, settle_objection, step_back
from activities.models import AwardKind, AwardNomination, AwardRound
from caretrack.periods import chinese_date
from caretrack.schools.calendar import school_days
from children.models import Award
from tests.activities.honours.steps import GRANTED, REFUSED, TODAY, granted, kind_of, listed, over
from tests.support.factories import make_child
from tests.support.windows import opened

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", ["留守", "贫困", "孤儿"])
def test_what_hangs_out_names_no_family_situation(round_, word):
    kind = AwardKind(round=round_, name=f"{word}之星", criteria="好")
    with pytest.raises(ValidationError, match=f"不能出现“{word}”"):
        kind.full_clean(exclude=["change"])
    kind.shown_name = "自强之星"
    kind.full_clean(exclude=["change"])
    round_.title = f"{word}儿童评优"
    with pytest.raises(ValidationError, match=f"不能出现“{word}”"):
        round_.full_clean(exclude=["change"])


def test_the_list_waits_for_every_verdict_and_for_the_places(four, lead, homeroom, round_):
    kind = kind_of(round_, "阳光少年")
    kind.places = 1
    kind.save()
    rows = [
        nominate(kind, child=make_child(name, four), reason="好", by=homeroom, on=TODAY)
        for name in ("李小兰", "王大明")
    ]
    with pytest.raises(ValidationError, match="还有 2 个人选没有评定"):
        hang_out(round_, first=TODAY, last=TODAY + timedelta(days=30), today=TODAY)
    for row in rows:
        granted(row, lead)
    with pytest.raises(ValidationError, match="名额1人，已同意2人"):
        hang_out(round_, first=TODAY, last=TODAY + timedelta(days=30), today=TODAY)
    rows[1].verdict = REFUSED
    decide([rows[1]], by=lead, on=TODAY)
    hang_out(round_, first=TODAY, last=TODAY + timedelta(days=30), today=TODAY)
    round_.refresh_from_db()
    listed = public_paper(round_, AwardNomination.objects.in_order())
    assert [(one.title, one.people) for one in listed.titles] == [("阳光少年", (("李小兰", "四（1）班"),))]
    rows[0].verdict = REFUSED
    with pytest.raises(ValidationError, match="已经公示"):
        decide([rows[0]], by=lead, on=TODAY)


def test_the_list_begins_today_at_the_earliest_and_hangs_out_five_school_days(client, four, lead, homeroom, round_):
    row = nominate(kind_of(round_, "阳光少年"), child=make_child(at=four), reason="好", by=homeroom, on=TODAY)
    granted(row, lead)
    client.force_login(lead)
    url = reverse("activities:award_round_publish", args=[round_.pk])
    enough = school_days(four.school, TODAY, TODAY + timedelta(days=40))[4]
    assert client.get(url).context["form"]["last"].value() == enough
    yesterday, short = TODAY - timedelta(days=1), enough - timedelta(days=1)
    for first, last, words in (
        (yesterday, enough, "请填今天或以后的日期"),
        (TODAY, short, f"最早到{chinese_date(enough)}结束"),
    ):
        refused = client.post(url, {"first": first, "last": last})
        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert f'value="{last}"' in refused.content.decode(), "what was typed stays"
    AwardNomination.objects.update(decided_on=TODAY + timedelta(days=1))
    assert "才评定" in client.post(url, {"first": TODAY, "last": enough}).content.decode()
    AwardNomination.objects.update(decided_on=TODAY)
    assert client.post(url, {"first": TODAY, "last": enough}).status_code == 302
    round_.refresh_from_db()
    assert (round_.public_from, round_.objections_until) == (TODAY, enough)


def test_an_open_objection_holds_the_honour_up(four, lead, homeroom, round_):
    kind = kind_of(round_, "阳光少年")
    _, struck = (
        granted(nominate(kind, child=make_child(name, four), reason="好", by=homeroom, on=TODAY), lead)
        for name in ("李小兰", "王大明")
    )
    with pytest.raises(ValidationError, match="先公示"):
        honour(round_, on=TODAY, today=TODAY)
    over(round_, lead)
    struck.objection, struck.objected_on = "打架", TODAY
    settle_objection(struck, version=struck.version, keeps=False, by=lead, on=TODAY)
    with pytest.raises(ValidationError, match="王大明有异议还没有核实"):
        honour(round_, on=TODAY, today=TODAY)
    struck.refresh_from_db()
    struck.finding = "属实"
    settle_objection(struck, version=struck.version, keeps=False, by=lead, on=TODAY)
    assert honour(round_, on=TODAY, today=TODAY) == 1
    assert list(Award.objects.values_list("child__name", flat=True)) == ["李小兰"]


def test_who_is_not_on_the_list_comes_onto_it_by_no_objection(client, four, lead, homeroom, round_):
    _, refused = listed(four, lead, homeroom, round_)
    client.force_login(lead)
    assert client.get(reverse("activities:nomination_objection", args=[refused.pk])).status_code == 403
    refused.objection, refused.objected_on, refused.finding = "应当表彰", TODAY, "同意"
    with pytest.raises(ValidationError, match="只对名单上的人选"):
        settle_objection(refused, version=refused.version, keeps=True, by=lead, on=TODAY)


def test_who_was_struck_comes_back_only_while_there_is_a_place(four, lead, homeroom, round_):
    first, second = listed(four, lead, homeroom, round_, places=1)
    AwardNomination.objects.filter(pk=second.pk).update(objection="上次公示时的", objected_on=TODAY)
    second.refresh_from_db()
    second.finding = "不属实"
    with pytest.raises(ValidationError, match="名额1人，已同意1人"):
        settle_objection(second, version=second.version, keeps=True, by=lead, on=TODAY)
    first.objection, first.objected_on, first.finding = "打架", TODAY, "属实"
    settle_objection(first, version=first.version, keeps=False, by=lead, on=TODAY)
    settle_objection(second, version=second.version, keeps=True, by=lead, on=TODAY)
    assert [row.verdict for row in AwardNomination.objects.order_by("pk")] == [REFUSED, GRANTED]


def test_a_finding_is_not_emptied_and_leaves_no_honour_struck_without_a_word(client, four, lead, homeroom, round_):
    row, _ = listed(four, lead, homeroom, round_)
    client.force_login(lead)
    url = reverse("activities:nomination_objection", args=[row.pk])
    client.post(url, opened(client, url) | {"objection": "打架", "finding": "属实", "keeps": "no"})
    answer = client.post(url, opened(client, url) | {"finding": "", "keeps": ""})
    assert answer.status_code == 422
    assert "不能清空" in answer.content.decode()
    row.refresh_from_db()
    assert (row.verdict, row.finding) == (REFUSED, "属实")


def test_a_list_in_a_far_year_is_a_slip_of_the_pen(client, four, lead, homeroom, round_):
    granted(nominate(kind_of(round_, "阳光少年"), child=make_child(at=four), reason="好", by=homeroom, on=TODAY), lead)
    client.force_login(lead)
    url = reverse("activities:award_round_publish", args=[round_.pk])
    answer = client.post(url, {"first": "2099-12-31", "last": "2099-12-31"})
    assert answer.status_code == 422
    assert f"请填{chinese_date(TODAY + timedelta(days=365))}以前的日期" in answer.content.decode()


def test_a_running_list_is_not_cut_short(four, lead, homeroom, round_):
    granted(nominate(kind_of(round_, "阳光少年"), child=make_child(at=four), reason="好", by=homeroom, on=TODAY), lead)
    hang_out(round_, first=TODAY, last=public_until(round_, TODAY), today=TODAY)
    with pytest.raises(ValidationError, match="期满以后再表彰"):
        honour(round_, on=TODAY, today=TODAY)


@pytest.mark.data
def test_a_step_back_takes_the_awards_along_and_spares_one_entered_by_hand(four, lead, homeroom, round_):
    kind = kind_of(round_, "阳光少年")
    first, second = make_child("李小兰", four), make_child("王大明", four)
    for child in (first, second):
        granted(nominate(kind, child=child, reason="好", by=homeroom, on=TODAY), lead)
    by_hand = Award.objects.create(child=second, title="阳光少年", scope="school", on=TODAY, evidence="校发〔2026〕3号")
    over(round_, lead)
    honour(round_, on=TODAY, today=TODAY)
    assert Award.objects.count() == 2, "the one entered by hand is taken, not doubled"
    step_back(round_)
    assert list(Award.objects.all()) == [by_hand]
    round_.refresh_from_db()
    assert round_.stage == AwardRound.Stage.PUBLIC
    step_back(round_)
    round_.refresh_from_db()
    assert round_.stage == AwardRound.Stage.NOMINATING
    with pytest.raises(ValidationError):
        step_back(round_)
