"""Monthly feedback to parents away: what they are told, what never, that it was sent, the paper."""

import zipfile
from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.family import feedback
from activities.family.month import LIMIT, MonthFacts, facts_of_month, last_contacts, message
from activities.models import Absence, CareRecord, ClassDay, FamilyFeedback
from activities.models.feedback import parents_contacted
from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, ChangeSet, Event
from caretrack.access.policy import Role
from caretrack.jobs.models import Job, JobStatus
from caretrack.jobs.services import run
from caretrack.periods import Month
from caretrack.schools.models import Term
from children.models import Award, Child, HealthCheck, Result
from tests.support.factories import (  # fmt: skip
    make_child,
    make_class,
    make_left_behind,
    make_record,
    make_staff,
    make_term,
)
from tests.support.paper import pages_of, text_of
from tests.support.windows import on_screen

pytestmark = pytest.mark.django_db
# Pages compare with the day on which they are opened.
TODAY = timezone.localdate()
MONTH = Month.of(TODAY)
LIST = reverse("activities:feedback_list")
SENT = reverse("activities:feedback_sent")


def test_the_month_holds_what_was_recorded(child, homeroom, school_class):
    for kind in ("talk", "talk", "video"):
        make_record(child, homeroom, TODAY, kind)
    ClassDay.objects.create(school_class=school_class, on=TODAY, pupils=1)
    Absence.objects.create(child=child, school_class=school_class, on=TODAY, reason="sick")
    Award.objects.create(child=child, title="阳光少年", scope="school", on=TODAY)
    Result.objects.create(child=child, term=school_class.school.terms.get(), subject="语文", mark=92)
    HealthCheck.objects.create(child=child, on=TODAY, height_cm="131.5", needs_follow_up=True)
    lines = dict(facts_of_month([child], MONTH)[child.pk].lines)
    assert lines["关心和陪伴"] == "谈心 2 次、亲情视频 1 次"
    assert lines["出勤"] == "缺勤 1 天（病假 1 天）"
    assert lines["表扬和进步"] == "获得学校“阳光少年”"
    assert lines["学习"] == "语文 92 分（优）"
    assert "身高 131.5 厘米" in lines["身体和健康"]
    assert "需要复查" in lines["身体和健康"]


def test_restricted_records_counselling_and_other_months_are_not_told(child, homeroom):
    make_record(child, homeroom, TODAY, visibility="restricted", content="家里的事")
    make_record(child, homeroom, MONTH.first - timedelta(days=1))
    make_record(child, make_staff(Role.COUNSELLOR, child.school), TODAY, "counselling")
    make_record(child, homeroom, TODAY, "call", reached=False)
    assert facts_of_month([child], MONTH)[child.pk] == MonthFacts()


def entered(on, **facts):
    with change_by(None, "登记成绩") as change:
        result = Result.objects.create(**facts)
    ChangeSet.objects.filter(pk=change).update(made_at=timezone.make_aware(datetime.combine(on, time(9))))
    return result


def test_marks_are_told_when_they_are_first_entered_and_of_this_term_only(child, school_class):
    """A corrected mark of an earlier month is no news, nor are last term's marks that were typed in afterwards."""
    school = school_class.school
    term = Term.objects.filter(school=school).get()
    Term.objects.filter(pk=term.pk).update(starts_on=TODAY - timedelta(days=80), ends_on=TODAY + timedelta(days=60))
    before = make_term(
        school, year=term.year - 1, starts_on=TODAY - timedelta(days=300), ends_on=TODAY - timedelta(days=150)
    )
    told = {"child": child, "mark": 92}
    long_ago = MONTH.first - timedelta(days=5)
    early = entered(long_ago, **told, term=term, subject="语文", occasion="期中")
    entered(TODAY, **told, term=before, subject="数学")
    early.mark = 88
    early.save()
    assert dict(facts_of_month([child], MONTH)[child.pk].lines) == {}
    assert facts_of_month([child], Month.of(long_ago))[child.pk].results == (("语文", "88 分（优）"),)
    entered(TODAY, **told, term=term, subject="英语")
    assert dict(facts_of_month([child], MONTH)[child.pk].lines)["学习"] == "英语 92 分（优）"


def test_full_attendance_is_claimed_only_where_the_roll_was_called(child, school_class):
    assert facts_of_month([child], MONTH)[child.pk].attendance == ""
    ClassDay.objects.create(school_class=school_class, on=TODAY, pupils=1)
    assert facts_of_month([child], MONTH)[child.pk].attendance == "点名 1 天，全勤"


def test_the_phone_text_keeps_the_teachers_words_and_the_limit():
    facts = MonthFacts(
        care=(("谈心", 3), ("亲情视频", 2)), attendance="点名 20 天，全勤", praise=("获得学校“阳光少年”",),
        activities=("红领巾读书会",), results=(("语文", "92 分（优）"),), health=("11月3日身体不适，学校已照料",),
    )  # fmt: skip
    given = {"school": "青榕小学", "name": "李小兰", "month": MONTH, "teacher": "韦老师"}
    short = message(facts, words="上课敢举手了", next_step="每周五视频一次", **given)
    assert short.startswith(f"李小兰家长您好！{MONTH.month}月在校情况：")
    assert short.endswith("青榕小学韦老师")
    assert short.index("上课敢举手了。") < short.index("全勤") < short.index("谈心3次")
    assert "下一步：每周五视频一次。" in short
    assert "全勤" in short
    assert "身体不适" not in short
    assert "92" not in short
    assert len(short) <= LIMIT
    long = message(facts, words="字" * 120, next_step="步" * 80, **given)
    assert len(long) <= LIMIT
    assert "字" * 60 in long
    assert len(message(MonthFacts(), **given)) < LIMIT


def test_the_list_says_whom_nobody_told(client, child, homeroom, school_class):
    make_child("在家的孩子", school_class)
    spoken = make_left_behind("罗小山", school_class)
    make_record(spoken, homeroom, TODAY, "parent_contact")
    client.force_login(homeroom)
    page = client.get(LIST).content.decode()
    assert "在家的孩子" not in page
    waiting = client.get(LIST, {"state": "waiting"}).content.decode()
    assert "李小兰" in waiting
    assert "罗小山" not in waiting
    contacted = client.get(LIST, {"state": "contacted"}).content.decode()
    assert "罗小山" in contacted
    assert "李小兰" not in contacted


@pytest.mark.data
def test_a_word_with_the_grandmother_is_no_word_with_the_parents(child, homeroom):
    make_record(child, homeroom, TODAY, "parent_contact", detail={"relation": "祖辈"})
    assert last_contacts([child.pk], MONTH) == {}
    assert list(Child.objects.exclude(parents_contacted(MONTH.first, MONTH.last))) == [child]
    make_record(child, homeroom, TODAY, "parent_contact", detail={"relation": "母亲"})
    assert last_contacts([child.pk], MONTH) == {child.pk: TODAY}
    assert not Child.objects.exclude(parents_contacted(MONTH.first, MONTH.last)).exists()


def test_the_workbench_counts_the_same_families_as_the_list(child, homeroom, school_class):
    told, spoken = make_left_behind("罗小山", school_class), make_left_behind("向小梅", school_class)
    make_left_behind("邻班的孩子", make_class(school_class.school, grade=6))
    sent = make_record(told, homeroom, TODAY, "parent_contact", visibility="restricted")
    FamilyFeedback.objects.create(child=told, month=MONTH.key, record=sent)
    make_record(spoken, homeroom, TODAY, "parent_contact")
    make_record(child, homeroom, MONTH.first - timedelta(days=1), "parent_contact")
    assert feedback.waiting(homeroom, MONTH) == 1
    assert feedback.progress(feedback.families(homeroom), MONTH).waiting == 1
    assert feedback.waiting(homeroom, MONTH.previous()) == 2
    assert feedback.waiting(make_staff(Role.SYSADMIN, school_class.school), MONTH) == 0


def test_the_teacher_adds_words_and_they_stand_in_text_and_paper(client, child, homeroom):
    client.force_login(homeroom)
    url = reverse("activities:feedback_edit", args=[child.pk])
    version = client.get(url).context["form"]["version"].value()
    given = {"words": "写字工整了", "next_step": "周五视频", "version": version}
    assert client.post(url, given).status_code == 302
    assert FamilyFeedback.objects.get().month == MONTH.key
    assert "写字工整了。" in client.get(url).context["text"]
    paper = text_of(client.get(reverse("activities:feedback_print"), {"child": child.pk}).content)
    assert "家校联系单" in paper
    assert "写字工整了" in paper
    assert "留守" not in paper


def test_the_second_of_two_teachers_sees_both_words(client, child, homeroom):
    client.force_login(homeroom)
    url = reverse("activities:feedback_edit", args=[child.pk])
    version = client.get(url).context["form"]["version"].value()
    with change_by(homeroom, "另一个窗口"):
        FamilyFeedback.objects.create(child=child, month=MONTH.key, words="先写的话")
    refused = client.post(url, {"words": "后写的话", "next_step": "", "version": version})
    assert refused.status_code == 409
    assert "先写的话" in refused.content.decode()
    assert FamilyFeedback.objects.get().words == "先写的话"


def test_sent_becomes_one_record_of_contact_however_often_pressed(client, child, homeroom):
    other = make_left_behind("罗小山", child.school_class)
    client.force_login(homeroom)
    url = f"{SENT}?child={child.pk}&child={other.pk}"
    assert "李大山" in client.get(url).content.decode()
    given = {"sent_as": "微信", "on": TODAY, "to": ""}
    assert client.post(url, given).status_code == 302
    client.post(url, given)
    records = CareRecord.objects.filter(kind="parent_contact").order_by("pk")
    assert [(r.child, r.with_whom, r.way) for r in records] == [
        (child, "父亲李大山", "writing"),
        (other, "父亲李大山", "writing"),
    ]
    assert records[0].content.startswith("李小兰家长您好！")
    page = client.get(LIST, {"state": "told"}).content.decode()
    assert "李小兰" in page
    assert "罗小山" in page
    assert feedback.progress(feedback.families(homeroom), MONTH).told == 2


def test_a_day_in_the_future_is_refused_for_all(client, child, homeroom):
    client.force_login(homeroom)
    refused = client.post(f"{SENT}?child={child.pk}", {"sent_as": "短信", "on": TODAY + timedelta(days=1)})
    assert refused.status_code == 422
    assert not CareRecord.objects.exists()
    assert not FamilyFeedback.objects.exists()


def test_children_out_of_sight_are_neither_marked_nor_printed(client, child, homeroom):
    foreign = make_left_behind("外校学生", make_class())
    client.force_login(homeroom)
    assert client.get(f"{SENT}?child={foreign.pk}").status_code == 302
    client.post(f"{SENT}?child={foreign.pk}&child={child.pk}", {"sent_as": "短信", "on": TODAY})
    assert [r.child for r in CareRecord.objects.all()] == [child]
    paper = client.get(reverse("activities:feedback_print"), {"child": [foreign.pk, child.pk]})
    assert "外校学生" not in text_of(paper.content)


def test_two_sheets_share_a_page(client, child, homeroom):
    for name in ("罗小山", "王小云"):
        make_left_behind(name, child.school_class)
    client.force_login(homeroom)
    url, given = reverse("activities:feedback_print"), {"school_class": child.school_class_id}
    assert len(pages_of(client.get(url, given).content)) == 3
    assert len(pages_of(client.get(url, given | {"two": 1}).content)) == 2


def test_a_whole_school_becomes_a_file_for_each_class(
    client, child, lead, school_class, monkeypatch, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("activities.views.family.feedback.AT_ONCE", 2)
    other = make_class(school_class.school, grade=6)
    for name in ("罗小山", "王小云"):
        make_left_behind(name, other)
    client.force_login(lead)
    url = f"{reverse('activities:feedback_print_all')}?month={MONTH.key}"
    assert url in client.get(LIST, {"month": MONTH.key}).content.decode()
    answer = client.post(url, {"two": "1"})
    job = Job.objects.get()
    assert answer["Location"] == reverse("jobs:job_show", args=[job.pk])
    run(job.pk)
    job.refresh_from_db()
    assert (job.done, job.total) == (3, 3)
    with zipfile.ZipFile(job.file_path) as bundle:
        sheets = {name: pages_of(bundle.read(name)) for name in bundle.namelist()}
    here, there = (f"家校联系单 {MONTH.label} {c.name_on(MONTH.last)}.pdf" for c in (school_class, other))
    assert set(sheets) == {here, there}
    assert "李小兰" in sheets[here][0]
    assert len(sheets[there]) == 1, "two sheets share the page"
    assert {"罗小山", "王小云"} == {name for name in ("李小兰", "罗小山", "王小云") if name in sheets[there][0]}
    printed = AccessEntry.objects.filter(event=Event.PRINT, page="job")
    assert set(printed.values_list("child_id", flat=True)) == set(Child.objects.values_list("pk", flat=True))


def test_all_are_printed_as_the_filter_leaves_them_and_of_the_own_class_only(client, child, homeroom):
    told = make_left_behind("罗小山", child.school_class)
    make_left_behind("隔壁班同学", make_class(child.school, number=2))
    make_record(told, homeroom, TODAY, "parent_contact")
    client.force_login(homeroom)
    url = reverse("activities:feedback_print_all")
    assert len(pages_of(client.post(url).content)) == 2
    waiting = text_of(client.post(f"{url}?state=waiting").content)
    assert "李小兰" in waiting
    assert "罗小山" not in waiting
    assert client.post(f"{url}?q=没有这个人").status_code == 302


def test_children_who_left_the_persons_sight_are_not_in_the_file(child):
    job = Job.objects.create(
        kind="feedback_sheets", started_by=make_staff(Role.HOMEROOM, make_class()), title="打印家校联系单",
        params={"month": MONTH.key, "closing_day": 25, "children": [child.pk], "two": False},
    )  # fmt: skip
    run(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert "不在您现在的范围内" in job.message
    assert job.file_path is None


def test_too_many_at_once_lead_back_to_the_list(client, child, homeroom, monkeypatch):
    monkeypatch.setattr("activities.views.family.feedback.AT_ONCE", 1)
    make_left_behind("罗小山", child.school_class)
    client.force_login(homeroom)
    url = f"{reverse('activities:feedback_print')}?school_class={child.school_class_id}"
    answer = client.get(url, follow=True)
    assert "打印全部" in answer.content.decode()
    assert answer.redirect_chain
    assert not Job.objects.exists()


def test_the_list_costs_the_same_for_one_and_for_twelve(client, child, homeroom, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(homeroom)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(LIST)
    for number in range(11):
        make_record(make_left_behind(f"同学{number}", child.school_class), homeroom, TODAY)
    with CaptureQueriesContext(connection) as twelve:
        client.get(LIST)
    assert len(twelve) == len(one)


def test_no_such_month_is_not_found(client, child, homeroom):
    client.force_login(homeroom)
    url = reverse("activities:feedback_edit", args=[child.pk])
    assert client.get(url, {"month": MONTH.next().key}).status_code == 404
    assert client.get(url, {"month": "nonsense"}).status_code == 404
    assert client.get(url, {"month": MONTH.previous().key}).status_code == 200


@pytest.mark.parametrize("back", [0, 1, 11, 14])
def test_the_way_back_from_a_child_shows_the_month_again(client, child, homeroom, back):
    month = Month.of(timezone.localdate(), child.school.closing_day)
    for _ in range(back):
        month = month.previous()
    client.force_login(homeroom)
    edit = reverse("activities:feedback_edit", args=[child.pk])
    back_to = client.get(edit, {"month": month.key}).context["form"].cancel_url
    page = client.get(back_to)
    assert not page.context["filter_form"].errors
    assert (page.context["month"], [row["child"] for row in page.context["rows"]]) == (month, [child])


def test_words_that_are_not_saved_are_not_passed_over_when_it_is_marked_as_sent(client, child, homeroom):
    client.force_login(homeroom)
    edit = reverse("activities:feedback_edit", args=[child.pk])
    first, second = (on_screen(client.get(edit).content.decode())[0] for _ in range(2))
    client.post(edit, first | {"words": "别的窗口先存的话。"})
    late = client.post(edit, second | {"words": "这边写的话。"})
    assert late.status_code == 409
    assert f"{SENT}?" not in late.content.decode(), "nothing is marked while the box shows other words"
    asked = client.get(SENT, {"month": MONTH.key, "child": child.pk})
    assert [name for name, _ in asked.context["unsaved"]] == [child.name]
    assert "有写了还没保存的话" in asked.content.decode()
    held, _ = on_screen(late.content.decode())
    client.post(edit, held)
    assert FamilyFeedback.objects.get().words == "这边写的话。"
    assert f"{SENT}?" in client.get(edit).content.decode()
    assert client.get(SENT, {"month": MONTH.key, "child": child.pk}).context["unsaved"] == []
