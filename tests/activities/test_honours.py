"""评优: nominate, decide, hang out, settle objections, honour, print; what the records say; no family situation in public."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.forms.honours import VerdictForm
from activities.honours.facts import child_facts, mentor_facts
from activities.honours.papers import certificates_of, public_paper
from activities.honours.rounds import (
    USUAL,
    candidates,
    decide,
    delete_round,
    found_round,
    hang_out,
    honour,
    mentors_to_nominate,
    nominate,
    public_until,
    remove_kind,
    settle_objection,
    step_back,
    withdraw,
)
from activities.honours.waiting import waiting_for
from activities.models import AwardKind, AwardNomination, AwardRound
from activities.programmes import adopt
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.periods import chinese_date
from caretrack.schools.calendar import school_days
from children.history_text import sentences
from children.leaving import end_what_is_open, reopen_what_had_ended
from children.models import Award, Result
from children.sight import sight_of
from children.timeline import timeline
from mentoring.models import Mentor
from tests.support.factories import (
    appoint,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
    make_term,
)
from tests.support.paper import text_of
from tests.support.windows import opened

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
GRANTED, REFUSED = AwardNomination.Verdict.GRANTED, AwardNomination.Verdict.REFUSED


@pytest.fixture
def four():
    found = make_class()
    make_term(found.school, starts_on=TODAY - timedelta(days=80), ends_on=TODAY + timedelta(days=50))
    return found


@pytest.fixture
def lead(four):
    return make_staff(Role.CARE_LEAD, four.school, name="潘主任")


@pytest.fixture
def homeroom(four):
    return make_staff(Role.HOMEROOM, four, name="韦老师")


@pytest.fixture
def round_(four):
    new = AwardRound(school=four.school, term=four.school.terms.get(), title="秋季学期评优表彰", nominate_until=TODAY)
    return found_round(new, [one.name for one in USUAL])


def kind_of(round_, name):
    return round_.kinds.get(name=name)


def granted(row, by):
    row.verdict, row.opinion = GRANTED, "事迹属实"
    decide([row], by=by, on=TODAY)
    row.refresh_from_db()
    return row


def days_passed(round_):
    """The list that hangs out now has hung out its days."""
    days = {"public_from": TODAY - timedelta(days=20), "objections_until": TODAY - timedelta(days=1)}
    AwardRound.objects.filter(pk=round_.pk).update(**days)


def over(round_, lead):
    """The list hung out and its days are over."""
    hang_out(round_, first=TODAY, last=TODAY + timedelta(days=30), today=TODAY)
    days_passed(round_)
    round_.refresh_from_db()
    return round_


def test_from_nomination_to_certificate(client, four, lead, homeroom, round_):
    child = make_left_behind("李小兰", four)
    kind = kind_of(round_, "留守进步学生")
    client.force_login(homeroom)
    assert "李小兰" in client.get(reverse("activities:award_candidates", args=[kind.pk])).content.decode()
    page = reverse("activities:award_nominate_child", args=[kind.pk, child.pk])
    client.post(page, {"reason": "数学进步明显，主动帮助同桌"})
    row = AwardNomination.objects.get(child=child)

    client.force_login(lead)
    form = opened(client, reverse("activities:award_decide", args=[kind.pk]))
    client.post(
        reverse("activities:award_decide", args=[kind.pk]), form | {f"verdict_{row.pk}": "granted", f"opinion_{row.pk}": "同意"}
    )  # fmt: skip
    days = {"first": TODAY, "last": TODAY + timedelta(days=30)}
    client.post(reverse("activities:award_round_publish", args=[round_.pk]), days)
    poster = text_of(client.get(reverse("activities:award_list_print", args=[round_.pk])).content)
    assert "李小兰" in poster
    assert "进步之星" in poster
    assert "留守" not in poster
    assert "数学进步" not in poster, "the nominator's words are not for the wall"
    honours = reverse("activities:award_round_honour", args=[round_.pk])
    assert "期满以后再表彰" in client.post(honours, {"awarded_on": TODAY}).content.decode()
    assert not Award.objects.exists()
    days_passed(round_)
    client.post(honours, {"awarded_on": TODAY})

    award = Award.objects.get(child=child)
    assert (award.title, award.scope, award.on, award.evidence) == ("进步之星", "school", TODAY, "秋季学期评优表彰")
    assert [line.title for line in timeline([child], homeroom, last=TODAY, kinds={"award"})] == ["获奖：进步之星"]
    client.force_login(homeroom)
    sheet = text_of(client.get(reverse("activities:award_certificates", args=[round_.pk])).content)
    for words in ("奖", "李小兰", "同学", "“进步之星”", four.school.name):
        assert words in sheet.replace("　", "")
    assert "留守" not in sheet


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


def listed(four, lead, homeroom, round_, **places):
    """Two put forward for one honour, the first granted, the second refused; the list hangs out."""
    AwardKind.objects.filter(pk=kind_of(round_, "阳光少年").pk).update(**places)
    kind = kind_of(round_, "阳光少年")
    rows = [
        nominate(kind, child=make_child(name, four), reason="好", by=homeroom, on=TODAY)
        for name in ("李小兰", "王大明")
    ]
    granted(rows[0], lead)
    rows[1].verdict = REFUSED
    decide([rows[1]], by=lead, on=TODAY)
    hang_out(round_, first=TODAY, last=TODAY + timedelta(days=30), today=TODAY)
    return AwardNomination.objects.order_by("pk")


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


def test_a_running_list_is_not_cut_short(four, lead, homeroom, round_):
    granted(nominate(kind_of(round_, "阳光少年"), child=make_child(at=four), reason="好", by=homeroom, on=TODAY), lead)
    hang_out(round_, first=TODAY, last=public_until(round_, TODAY), today=TODAY)
    with pytest.raises(ValidationError, match="期满以后再表彰"):
        honour(round_, on=TODAY, today=TODAY)


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


def test_the_facts_count_what_the_reader_may_read(four, homeroom, lead, round_):
    term = round_.term
    before = make_term(
        four.school, year=term.year - 1, starts_on=term.starts_on - timedelta(days=200), ends_on=term.starts_on - timedelta(days=30)
    )  # fmt: skip
    child = make_child("李小兰", four, came=before.starts_on)
    make_record(child, homeroom, on=TODAY)
    make_record(child, homeroom, on=TODAY, kind="good_deed", detail={"what": "打扫"}, content="打扫教室")
    make_record(child, homeroom, on=term.starts_on - timedelta(days=40), content="上学期的")
    for when, mark in ((before, 60), (term, 80)):
        Result.objects.create(child=child, term=when, subject="数学", mark=mark, entered_by=homeroom)
    Award.objects.create(child=child, title="三好学生", scope="class", on=date(2026, 3, 1))
    told = {fact.label: fact.text for fact in child_facts([child.pk], term, homeroom, TODAY)[child.pk]}
    assert told["关爱记录"] in ("谈心 1 次、做有意义的事 1 次", "做有意义的事 1 次、谈心 1 次")
    assert told["学习成绩"] == "1 科，比上学期进步：数学"
    assert told["得过的奖励"] == "三好学生（2026-03）"
    assert "80" not in " ".join(told.values()), "no marks in front of a committee"
    teacher = make_staff(Role.TEACHER, four)
    hidden = {fact.label for fact in child_facts([child.pk], term, teacher, TODAY)[child.pk]}
    assert hidden == {"得过的奖励"}


def test_the_facts_about_a_mentor(four, lead, round_):
    child, mentor = make_left_behind("李小兰", four), make_mentor(school=four.school)
    make_pairing(child, mentor, on=round_.term.starts_on)
    adopt("six_ones", four.school, round_.term.starts_on, lead)
    make_record(child, mentor.staff, on=TODAY)
    told = {fact.label: fact.text for fact in mentor_facts([mentor], round_.term, lead, TODAY)[mentor.pk]}
    assert told["结对学生"] == "1 人"
    assert told["关爱记录"] == "谈心 1 次"
    assert told["关爱项目"].startswith("应做")
    assert "做到 1 次" in told["关爱项目"]


def test_a_mentor_from_outside_is_shown_with_an_expired_check(four, lead, round_):
    old = Mentor.objects.create(
        school=four.school, name="石志愿", kind="volunteer", background_checked_on=TODAY - timedelta(days=400)
    )
    told = {fact.label: fact.text for fact in mentor_facts([old], round_.term, lead, TODAY)[old.pk]}
    assert told["从业查询"].endswith("已超过一年")
    row = granted(nominate(kind_of(round_, "先进代理家长"), mentor=old, reason="每周辅导", by=lead, on=TODAY), lead)
    over(round_, lead)
    honour(round_, on=TODAY, today=TODAY)
    round_.refresh_from_db()
    (sheet,) = certificates_of(round_, [row])
    assert (sheet.pupil, sheet.name, sheet.address, sheet.where) == (False, "石志愿", "同志", "")
    assert not Award.objects.exists(), "a mentor's honour is no award of a child"


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


def test_the_history_tells_the_nomination_but_not_the_objection_to_the_class(four, lead, homeroom, round_):
    child = make_child("李小兰", four)
    row = granted(nominate(kind_of(round_, "阳光少年"), child=child, reason="乐观", by=homeroom, on=TODAY), lead)
    over(round_, lead)
    row.refresh_from_db()
    row.objection, row.objected_on = "有人反映打架", TODAY
    settle_objection(row, version=row.version, keeps=True, by=lead, on=TODAY)

    def told(staff):
        return " ".join(line.what for line in sentences(child, sight_of(staff, child), staff))

    assert "评优推荐" in told(homeroom)
    assert "打架" not in told(homeroom)
    assert "打架" in told(lead)


def test_the_workbench_tells_whoever_is_to_act_next(four, lead, homeroom, round_):
    def told(staff, today=TODAY):
        return [row.words for row in waiting_for(staff, today)]

    kind, after = kind_of(round_, "阳光少年"), TODAY + timedelta(days=1)
    only_mentors = AwardRound(school=four.school, term=round_.term, title="先进代理家长评选", nominate_until=TODAY)
    found_round(only_mentors, ["先进代理家长"])
    (words,) = told(homeroom)
    assert "您还没有推荐" in words
    row = nominate(kind, child=make_child(at=four), reason="好", by=homeroom, on=TODAY)
    assert told(homeroom) == []
    assert told(lead) == [], "until the last day nobody is hurried"
    assert told(lead, after) == ["推荐已截止，1 个人选待评定"]
    granted(row, lead)
    assert told(lead, after) == ["已评定完，可以公示"]
    over(round_, lead)
    assert told(lead) == ["公示期满，可以确认表彰"]
    assert told(make_staff(Role.PRINCIPAL, make_school("栗坪小学"))) == []
    honour(round_, on=TODAY, today=TODAY)
    assert told(lead) == []


def test_the_workbook_holds_every_nomination(client, four, lead, homeroom, round_):
    row = nominate(kind_of(round_, "阳光少年"), child=make_child("李小兰", four), reason="=1+1", by=homeroom, on=TODAY)
    client.force_login(lead)
    answer = client.get(reverse("activities:award_export", args=[round_.pk]))
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[1][:4] == ("阳光少年", "阳光少年", "李小兰", "四（1）班")
    assert [cell.data_type for cell in sheet[2]].count("f") == 0
    assert row.reason in lines[1]
    assert AccessEntry.objects.filter(event=Event.EXPORT, child_id=row.child_id).count() == 1


def test_another_school_and_a_colleague_without_the_class(client, four, homeroom, round_):
    row = nominate(kind_of(round_, "阳光少年"), child=make_child(at=four), reason="好", by=homeroom, on=TODAY)
    stranger = make_staff(Role.PRINCIPAL, make_class(on=TODAY).school)
    client.force_login(stranger)
    assert client.get(reverse("activities:award_round_show", args=[round_.pk])).status_code == 404
    assert client.get(reverse("activities:nomination_show", args=[row.pk])).status_code == 404
    colleague = make_staff(Role.HOMEROOM, make_class(four.school, 5, 1))
    client.force_login(colleague)
    assert "李小兰" not in client.get(reverse("activities:award_round_show", args=[round_.pk])).content.decode()
    assert client.get(reverse("activities:nomination_show", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("page", ["award_round_show", "award_candidates", "award_decide", "award_round_list"])
def test_lists_ask_the_same_for_one_and_for_twelve(client, four, lead, homeroom, round_, page):
    kind = kind_of(round_, "阳光少年")
    mentors = make_staff(Role.PRINCIPAL, four.school)
    appoint(mentors, Role.TEACHER, four)
    client.force_login(lead)
    args = {"award_round_show": [round_.pk], "award_round_list": []}.get(page, [kind.pk])

    def ask():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(reverse(f"activities:{page}", args=args)).status_code == 200
        return len(asked)

    def more(number):
        for at in range(number):
            child = make_child(f"学生{at}", four)
            make_record(child, homeroom, on=TODAY)
            nominate(kind, child=child, reason="好", by=homeroom, on=TODAY)

    more(1)
    ask()
    one = ask()
    more(11)
    # The log writes whom one looked at for the first time, all in one statement more.
    ask()
    assert ask() == one
