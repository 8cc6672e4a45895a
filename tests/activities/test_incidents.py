"""Incident files: clocks at their edges, the chain minute by minute, who may open them, nothing rewritten."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.incidents.chain import Mark, clocks
from activities.incidents.paper import incident_paper
from activities.incidents.services import (
    add_step,
    amend,
    close_incident,
    end_member,
    name_member,
    open_incident,
    reopen,
    report_to,
)
from activities.incidents.situations import SITUATIONS, must_report
from activities.models import CareRules, Incident, IncidentNote
from caretrack.access.policy import Role
from children.history_text import sentences
from children.models import codes
from children.services import leave_school
from children.sight import sight_of
from children.timeline import timeline
from tests.support.factories import TODAY, make_class, make_left_behind, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=timezone.get_default_timezone())
FOUND = NOW - timedelta(minutes=20)


@pytest.fixture
def people(child):
    school = child.school
    return SimpleNamespace(
        lead=make_staff(Role.CARE_LEAD, school, "覃主任"),
        principal=make_staff(Role.PRINCIPAL, school, "韦校长"),
        counsellor=make_staff(Role.COUNSELLOR, school, "黄老师"),
        homeroom=make_staff(Role.HOMEROOM, child.school_class, "石老师"),
        teacher=make_staff(Role.TEACHER, child.school_class, "罗老师"),
    )


def opened(child, by, **kw) -> Incident:
    values = {"found_at": FOUND, "now": NOW, "account": "李小兰的手臂上有新旧淤青", "kind": "violence"} | kw
    return open_incident(**{"school": child.school, "children": [child], "by": by} | values)


def told(incident, to, minutes, by, **kw):
    return report_to(incident=incident, to=to, at=FOUND + timedelta(minutes=minutes), by=by, now=NOW, **kw)


def clock_of(incident, to, now=NOW):
    found = clocks(incident, incident.reports.all(), CareRules(school=incident.school), now)
    return next((c for c in found if c.to == to), None)


def test_thirteen_situations_oblige_and_grave_kinds_too() -> None:
    assert len([s for s in SITUATIONS if "高检发" in s.source]) == 9
    assert len([s for s in SITUATIONS if "国发" in s.source]) == 4
    assert must_report(Incident(kind="other", situations=["begging"]))
    assert must_report(Incident(kind="sexual"))
    assert not must_report(Incident(kind="injury"))


@pytest.mark.parametrize(
    "minutes, mark", [(4, Mark.IN_TIME), (5, Mark.IN_TIME), (6, Mark.LATE)], ids=["before", "on", "after"]
)
def test_the_five_minutes_end_with_the_fifth(child, people, minutes, mark) -> None:
    incident = opened(child, people.lead)
    told(incident, "head", minutes, people.lead)
    assert clock_of(incident, "head").mark == mark


def test_a_clock_runs_until_its_limit_and_is_overdue_a_second_later(child, people) -> None:
    incident = opened(child, people.lead)
    limit = FOUND + timedelta(minutes=5)
    assert clock_of(incident, "head", limit).mark == Mark.RUNNING
    assert clock_of(incident, "head", limit + timedelta(seconds=1)).mark == Mark.OVERDUE
    assert clock_of(incident, "head", limit).seconds_left == 0


def test_a_school_sets_its_own_limits(child, people) -> None:
    rules = CareRules.objects.create(school=child.school, minutes_to_head=10, minutes_to_education=120)
    incident = opened(child, people.lead)
    found = {c.to: c.due_at for c in clocks(incident, [], rules, NOW)}
    assert found["head"] == FOUND + timedelta(minutes=10)
    assert found["education"] == FOUND + timedelta(minutes=120)


def test_police_and_civil_affairs_only_when_the_report_is_mandatory(child, people) -> None:
    grave = opened(child, people.lead)
    slight = opened(child, people.lead, kind="injury")
    assert clock_of(grave, "police").at_once
    assert clock_of(slight, "police") is None
    assert clock_of(slight, "education") is not None


def test_the_guardian_step_is_skipped_with_a_reason_only(child, people) -> None:
    incident = opened(child, people.lead, guardian_suspected=True)
    with pytest.raises(ValidationError, match="嫌疑"):
        told(incident, "guardian", 10, people.lead)
    with pytest.raises(ValidationError, match="只有通知监护人"):
        told(incident, "police", 10, people.lead, skipped_reason="忙")
    told(incident, "guardian", 10, people.lead, skipped_reason="监护人是嫌疑人")
    assert clock_of(incident, "guardian").mark == Mark.SKIPPED


def test_nobody_is_told_before_it_was_found_or_in_the_future(child, people) -> None:
    incident = opened(child, people.lead)
    for minutes in (-2, 21):
        with pytest.raises(ValidationError):
            told(incident, "police", minutes, people.lead)
    with pytest.raises(ValidationError):
        opened(child, people.lead, found_at=NOW + timedelta(minutes=1))


@pytest.mark.data
def test_who_opens_a_file(child, people) -> None:
    incident = opened(child, people.teacher)
    seen = {name for name, one in vars(people).items() if incident in Incident.objects.visible_to(one)}
    assert seen == {"lead", "principal", "counsellor"}
    member = name_member(incident=incident, staff=people.teacher, part="陪同", by=people.lead, now=NOW)
    assert incident in Incident.objects.visible_to(people.teacher)
    end_member(member=member, now=NOW)
    assert incident not in Incident.objects.visible_to(people.teacher)


def test_a_file_for_named_people_is_for_nobody_else(child, people) -> None:
    incident = opened(child, people.principal, named_only=True, keeper=people.principal)
    seen = {name for name, one in vars(people).items() if incident in Incident.objects.visible_to(one)}
    assert seen == {"principal"}
    with pytest.raises(ValidationError, match="至少"):
        end_member(member=incident.members.get(), now=NOW)


def test_side_paths_tell_no_more_than_that_there_is_a_file(client, child, people) -> None:
    opened(child, people.lead, measures="报警")
    hidden = opened(child, people.principal, named_only=True, keeper=people.principal, kind="sexual")
    lines = timeline([child], people.homeroom, last=date(2026, 12, 31), kinds={"incident"})
    assert [(line.title, line.sealed, line.by) for line in lines] == [("事件报告", True, "")]
    lines = timeline([child], people.lead, last=date(2026, 12, 31), kinds={"incident"})
    assert [line.title for line in lines] == ["事件报告：家庭暴力或虐待（已报告）"]
    paper = timeline([child], None, last=date(2026, 12, 31), kinds={"incident"})
    assert hidden.get_kind_display() not in "".join(line.title for line in paper)
    told = "".join(line.what for line in sentences(child, sight_of(people.lead, child), people.lead))
    assert "淤青" not in told
    client.force_login(people.homeroom)
    for url in (
        reverse("children:child_show", args=[child.pk]),
        reverse("children:child_timeline", args=[child.pk]),
        reverse("children:child_history", args=[child.pk]),
        reverse("workbench"),
    ):
        page = client.get(url).content.decode()
        assert "淤青" not in page
        assert "家庭暴力" not in page


def test_a_drill_counts_nowhere(child, people) -> None:
    opened(child, people.lead, is_drill=True)
    assert timeline([child], people.lead, last=date(2026, 12, 31), kinds={"incident"}) == []
    assert not Incident.objects.real().exists()


def test_amended_facts_keep_what_stood_before(client, child, people) -> None:
    incident = opened(child, people.lead, place="操场")
    words = {"place": "地点：原为“操场”，改为“村口”"}
    assert (
        amend(
            incident=incident,
            version=incident.version,
            values={"place": "操场"},
            words=words,
            reason="",
            by=people.lead,
            now=NOW,
        )
        is None
    )
    with pytest.raises(ValidationError):
        amend(
            incident=incident,
            version=incident.version,
            values={"place": "村口"},
            words=words,
            reason="",
            by=people.lead,
            now=NOW,
        )
    amend(
        incident=incident,
        version=incident.version,
        values={"place": "村口"},
        words=words,
        reason="问清了",
        by=people.lead,
        now=NOW,
    )
    (line,) = IncidentNote.objects.all()
    assert "原为“操场”" in line.text
    client.force_login(people.lead)
    form = client.get(reverse("activities:incident_amend", args=[incident.pk]))
    sent = {k: v for k, v in form.context["form"].initial.items() if v not in (None, "", False, [])}
    sent |= {
        "found_at": f"{timezone.localtime(FOUND):%Y-%m-%dT%H:%M}",
        "kind": "injury",
        "reason": "核实后不是家庭暴力",
    }
    answer = client.post(reverse("activities:incident_amend", args=[incident.pk]), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    texts = [note.text for note in IncidentNote.objects.order_by("pk")]
    assert texts[-1] == "更正原因：核实后不是家庭暴力\n类型：原为“家庭暴力或虐待”，改为“意外伤害”"


def close(incident, by, **kw):
    values = {"outcome": "送医", "aftercare": "每周辅导"} | kw
    return close_incident(incident=incident, by=by, now=NOW, **values)


def tell_everybody(incident, by) -> None:
    for to in ("head", "police", "civil", "education", "guardian"):
        told(incident, to, 3, by)
    told(incident, "education", 15, by, way="书面")


def test_a_file_is_not_closed_while_somebody_who_must_know_was_not_told(child, people) -> None:
    incident = opened(child, people.lead)
    told(incident, "police", 3, people.lead)
    with pytest.raises(ValidationError, match="没有登记报告：校长、民政部门、教育部门、李小兰的监护人。"):
        close(incident, people.lead, unreported="忘了")
    tell_everybody(incident, people.lead)
    with pytest.raises(ValidationError) as refusal:
        close(incident, people.lead, aftercare="")
    assert set(refusal.value.message_dict) == {"aftercare"}
    closed = close(incident, people.lead)
    with pytest.raises(ValidationError):
        add_step(incident=closed, text="又来", at=NOW, by=people.lead, now=NOW)


def test_what_only_the_schools_rule_asks_for_is_left_out_for_a_reason(client, child, people) -> None:
    incident = opened(child, people.lead, kind="injury")
    told(incident, "head", 3, people.lead)
    told(incident, "guardian", 3, people.lead)
    client.force_login(people.lead)
    url = reverse("activities:incident_close", args=[incident.pk])
    assert "为什么没有报告教育部门" in client.get(url).content.decode()
    sent = {"outcome": "涂药后回班", "aftercare": "无需，擦伤"}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "涂药后回班" in refused.content.decode()
    assert client.post(url, sent | {"unreported": "轻微擦伤，不属于上报范围"}).status_code == 302
    assert "没有报告：教育部门。原因：轻微擦伤" in incident.notes.get().text


def test_the_page_that_closes_lists_who_is_still_to_be_told(client, child, people) -> None:
    incident = opened(child, people.lead)
    client.force_login(people.lead)
    page = client.get(reverse("activities:incident_close", args=[incident.pk])).content.decode()
    assert f"{reverse('activities:incident_tell', args=[incident.pk])}?to=police" in page
    assert ">为什么没有报告教育部门（书面报告）<" in page, "the law asks for the others, no reason does instead"


def test_the_written_report_is_asked_for_before_closing_and_counts_no_longer_after(client, child, people) -> None:
    incident = opened(child, people.lead)
    for to in ("head", "police", "civil", "education", "guardian"):
        told(incident, to, 3, people.lead)
    client.force_login(people.lead)
    show, url = (reverse(f"activities:incident_{page}", args=[incident.pk]) for page in ("show", "close"))
    assert "data-care-seconds-left" in client.get(show).content.decode(), "the written report is still to be sent"
    assert "教育部门（书面报告）" in client.get(url).content.decode()
    with pytest.raises(ValidationError, match="没有登记报告教育部门（书面报告）"):
        close(incident, people.lead)
    tell = f"{reverse('activities:incident_tell', args=[incident.pk])}?to=education&written=1"
    assert client.get(tell).context["form"]["way"].value() == "书面"
    close(incident, people.lead, unreported="教育局来人当面收了材料")
    page = client.get(show).content.decode()
    assert "data-care-seconds" not in page
    assert "小时内送出书面报告" in page
    assert "没有登记" in page


def test_a_written_report_that_was_sent_is_owed_no_more(client, child, people) -> None:
    incident = opened(child, people.lead)
    tell_everybody(incident, people.lead)
    client.force_login(people.lead)
    page = client.get(reverse("activities:incident_close", args=[incident.pk])).content.decode()
    assert "书面报告）" not in page
    close(incident, people.lead)


def test_clocks_stop_with_the_file_and_a_late_report_is_still_entered(client, child, people) -> None:
    incident = opened(child, people.lead, is_drill=True)
    close(incident, people.lead)
    incident.refresh_from_db()
    later = NOW + timedelta(days=9)
    assert clock_of(incident, "police", later).seconds_gone == 20 * 60
    client.force_login(people.lead)
    page = client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()
    assert "data-care-seconds" not in page
    assert "补登报告" in page
    told(incident, "police", 4, people.lead)
    assert clock_of(incident, "police", later).mark == Mark.IN_TIME


def test_the_outcome_of_a_reopened_file_is_no_longer_its_outcome(client, child, people) -> None:
    incident = opened(child, people.lead)
    tell_everybody(incident, people.lead)
    closed = close(incident, people.lead, outcome="批评教育")
    whole = incident_paper(closed, CareRules(school=child.school), anonymous=False, on=TODAY)
    assert whole.outcome == "批评教育"
    again = reopen(incident=closed, reason="母亲提供新情况", by=people.lead, now=NOW)
    assert "原处置结果：批评教育" in IncidentNote.objects.get(kind="reopened").text
    whole = incident_paper(again, CareRules(school=child.school), anonymous=False, on=TODAY)
    assert (whole.outcome, whole.aftercare) == ("", "")
    client.force_login(people.lead)
    page = client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()
    assert "<h3>后续保护与心理支持</h3>" not in page


def test_the_page_says_report_at_once_and_one_press_notes_the_minute(client, child, people) -> None:
    incident = opened(child, people.lead, found_at=timezone.now(), now=timezone.now())
    client.force_login(people.counsellor)
    page = client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()
    assert "立即报告，不需要审批" in page
    assert 'href="tel:110"' in page
    assert "覃主任" not in page  # the reporter is known to those who lead the file
    client.post(reverse("activities:incident_told", args=[incident.pk, "police"]))
    line = incident.reports.get()
    assert (line.to, line.made_by) == ("police", people.counsellor)
    assert abs((line.at - timezone.now()).total_seconds()) < 30
    client.force_login(people.lead)
    assert "覃主任" in client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()


def test_a_file_is_opened_by_form_and_the_child_found_by_name(client, child, people) -> None:
    make_left_behind("李小兰", make_class(child.school, grade=5), birth_date=date(2015, 1, 1))
    client.force_login(people.lead)
    sent = {
        "kind": "injury",
        "children": "李小兰",
        "found_at": f"{timezone.localtime() - timedelta(minutes=3):%Y-%m-%dT%H:%M}",
        "account": "摔倒",
    }
    answer = client.post(reverse("activities:incident_add"), sent)
    assert answer.status_code == 422
    assert "有 2 名学生叫“李小兰”" in answer.content.decode()
    answer = client.post(reverse("activities:incident_add"), sent | {"children": "李小兰 四(1)班"})
    assert answer.status_code == 302
    incident = Incident.objects.get()
    assert list(incident.children.all()) == [child]
    assert incident.members.get().staff == people.lead


def test_a_line_of_the_register_begins_a_file(client, child, people) -> None:
    line = leave_school(child=child, kind=codes.ChangeKind.MISSING, on=TODAY, by=None, reason="外出未归")
    client.force_login(people.lead)
    page = client.get(f"{reverse('activities:incident_add')}?change={line.pk}")
    assert page.context["form"].initial["kind"] == "missing"
    sent = {
        "kind": "missing",
        "children": "李小兰 不在班",
        "found_at": f"{timezone.localtime() - timedelta(minutes=3):%Y-%m-%dT%H:%M}",
        "account": "外出未归",
    }
    answer = client.post(f"{reverse('activities:incident_add')}?change={line.pk}", sent)
    assert answer.status_code == 302, answer.context["form"].errors
    assert Incident.objects.get().register_line == line


def test_the_written_report_names_no_reporter_and_the_anonymous_one_nobody(client, child, people) -> None:
    incident = opened(child, people.lead, place="村口小桥", situations=["injuries"], found_by="罗老师")
    told(incident, "head", 3, people.lead, received_by="韦校长")
    told(incident, "police", 4, people.lead, received_by="吴警官", receipt="R2026-9")
    add_step(incident=incident, text="罗老师陪李小兰去卫生院", at=NOW, by=people.lead, now=NOW)
    incident.refresh_from_db()
    whole = incident_paper(incident, CareRules(school=child.school), anonymous=False, on=TODAY)
    assert [(line.to, line.after, line.receipt) for line in whole.chain] == [
        ("校长", "3分钟", ""),
        ("公安机关", "4分钟", "R2026-9"),
    ]
    told_of = str(incident_paper(incident, CareRules(school=child.school), anonymous=True, on=TODAY))
    for name in ("李小兰", "罗老师", "村口小桥", child.school.name, "吴警官", "四（1）班"):
        assert name not in told_of
    client.force_login(people.lead)
    answer = client.get(reverse("activities:incident_print", args=[incident.pk]))
    text = text_of(answer.content)
    assert "学生突发事件书面报告" in text
    assert "R2026-9" in text
    client.force_login(people.counsellor)
    assert client.get(reverse("activities:incident_print", args=[incident.pk])).status_code == 403


def test_death_and_missing_in_the_register_lead_on_to_a_file(client, child, people) -> None:
    client.force_login(people.lead)
    url = reverse("children:change_add", args=[child.pk, "missing"])
    answer = client.post(url, {"on": str(timezone.localdate()), "reason": "离家未归", "evidence": "电话"})
    assert answer.status_code == 302, answer.context["form"].errors
    line = child.status_changes.get(kind="missing")
    assert answer["Location"] == f"{reverse('activities:incident_add')}?change={line.pk}"
    listed = client.get(reverse("activities:incident_list")).content.decode()
    assert "变动登记里的死亡、失踪还没有事件档案" in listed
    opened(child, people.lead, kind="missing", register_line=line)
    assert "还没有事件档案" not in client.get(reverse("activities:incident_list")).content.decode()


def test_who_may_not_open_a_file_is_told_whom_to_tell(client, child, people) -> None:
    client.force_login(people.homeroom)
    url = reverse("children:change_add", args=[child.pk, "missing"])
    answer = client.post(url, {"on": str(timezone.localdate()), "reason": "离家未归", "evidence": "电话"}, follow=True)
    assert "由他们建立事件档案" in answer.content.decode()


def test_what_is_due_at_once_shows_the_time_lost(child, people) -> None:
    incident = opened(child, people.lead)
    assert clock_of(incident, "police").seconds_gone == 20 * 60
