"""评优 from nomination to certificate, and what it tells to whom: facts, history, workbench, workbook."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.honours.facts import child_facts, mentor_facts
from activities.honours.papers import certificates_of
from activities.honours.rounds import found_round, honour, nominate, settle_objection
from activities.honours.waiting import waiting_for
from activities.models import AwardNomination, AwardRound
from activities.programmes import adopt
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.history_text import sentences
from children.models import Award, Result
from children.sight import sight_of
from children.timeline import timeline
from mentoring.models import Mentor
from tests.activities.honours.steps import TODAY, days_passed, granted, kind_of, over
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
