"""Danger of this moment: on top until somebody answers, first on the start page, pressed wrongly and taken back."""

# ruff: noqa: F811 (fixtures of another file)

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.incidents.open_steps import MOST, files_to_report
from activities.incidents.services import add_step, name_member, open_incident, report_to, take_back_report
from activities.models import Incident, IncidentNote, IncidentReport, Worry
from activities.worries import take_up
from caretrack.access.history import change_by
from caretrack.access.policy import Role
from tests.activities.test_worries import principal, reported, school, teacher  # noqa: F401
from tests.support.factories import make_class, make_left_behind, make_school, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


def home(client, staff):
    client.force_login(staff)
    return client.get(reverse("workbench")).content.decode()


@pytest.mark.data
def test_danger_is_on_top_of_the_list_until_somebody_takes_it_up(client, school, teacher, lead, principal) -> None:
    worry = reported(school, teacher, urgent=True, now=timezone.now() - timedelta(hours=1))
    later = reported(school, teacher, who="王小雨")
    client.force_login(lead)
    assert list(client.get(reverse("activities:worry_list")).context["page"].object_list) == [worry, later]
    show = reverse("activities:worry_show", args=[worry.pk])
    assert "我来受理" in client.get(show).content.decode()
    client.post(reverse("activities:worry_take", args=[worry.pk]))
    worry.refresh_from_db()
    assert (worry.state, worry.taken_by) == ("raised", lead)
    assert list(client.get(reverse("activities:worry_list")).context["page"].object_list) == [later]
    assert "我来受理" not in client.get(show).content.decode()
    # Pressed by another it stays with the first.
    assert take_up(worry=worry, by=principal, now=timezone.now()).taken_by == lead


def test_what_its_reporter_notes_answers_nothing_what_another_notes_does(school, teacher, principal) -> None:
    worry = reported(school, teacher, urgent=True)
    now = timezone.now()
    report_to(incident=worry.incident, to="head", at=now, by=teacher, now=now)
    assert list(Worry.objects.to_answer()) == [worry]
    add_step(incident=worry.incident, text="已到班上", at=now, by=principal, now=now)
    assert not Worry.objects.to_answer().exists()


def test_the_start_page_of_who_handles_it_begins_with_danger(client, school, teacher, lead) -> None:
    worry = reported(school, teacher, urgent=True)
    shown = home(client, lead)
    assert "现在就有危险：李小兰" in shown
    page = client.get(reverse("workbench")).context
    assert page["main"][0]["panel"].title == "现在要办"
    assert (page["figures"][0].label, page["figures"][0].number) == ("现在要办", 1)
    take_up(worry=worry, by=lead, now=timezone.now())
    shown = home(client, lead)
    assert "现在就有危险：李小兰" not in shown
    assert "还没有登记报告：校长、公安机关、民政部门、教育部门" in shown


def test_the_finder_s_five_minutes_are_first_until_the_head_knows(client, school, teacher, school_class) -> None:
    worry = reported(school, teacher, urgent=True, now=timezone.now() - timedelta(minutes=6))
    shown = home(client, teacher)
    assert "您报告的危险：五分钟报告" in shown
    assert "已超时" in shown
    assert reverse("activities:worry_own", args=[worry.pk]) in shown
    assert "五分钟报告" not in home(client, make_staff(Role.HOMEROOM, school_class))
    client.force_login(teacher)
    client.post(reverse("activities:worry_told", args=[worry.pk, "head"]))
    assert "五分钟报告" not in home(client, teacher)


def test_the_finder_reads_one_order_of_calling_with_each_number_beside_its_button(
    client, school, teacher, lead, principal
) -> None:
    school.duty_phone, principal.phone = "0771-0000011", "13900000022"
    with change_by(None, "测试"):
        school.save()
        principal.save()
    worry = reported(school, teacher, urgent=True, now=timezone.now() - timedelta(minutes=6))
    own = reverse("activities:worry_own", args=[worry.pk])
    client.force_login(teacher)
    page = client.get(own)
    assert [step[0] for step in page.context["steps"]][:3] == ["police", "duty", "head"]
    shown = page.content.decode()
    places = [shown.index(f'"tel:{number}"') for number in ("110", "07710000011", "13900000022", "12355")]
    assert places == sorted(places)
    assert "先打110，再打值班领导和校长" in shown
    assert "先值班领导，再校长" not in shown
    assert "系统里还没有人受理" in shown, "after the five minutes"
    take_up(worry=worry, by=lead, now=timezone.now())
    assert "系统里还没有人受理" not in client.get(own).content.decode()

    with change_by(lead, "测试"):
        worry.incident.weighed = True
        worry.incident.save()
    page = client.get(own)
    assert [step[0] for step in page.context["steps"]][:3] == ["duty", "head", "police"], "none of the situations"
    assert "先值班领导，再校长" in page.content.decode()


def test_who_is_named_in_a_file_sees_what_is_left_and_nobody_else(client, school, school_class, teacher, lead) -> None:
    now, child = timezone.now(), make_left_behind("李小兰", school_class)
    file = open_incident(school=school, by=lead, found_at=now, now=now, account="x", kind="injury", children=[child])
    assert "还没有登记报告" not in home(client, teacher)
    name_member(incident=file, staff=teacher, part="陪同就医", by=lead, now=now)
    assert "还没有登记报告：校长、教育部门、李小兰的监护人" in home(client, teacher)
    Incident.objects.update(is_drill=True)
    assert "还没有登记报告" not in home(client, teacher)


def test_the_start_page_costs_the_same_for_one_file_and_for_four(client, school, lead) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    now, counts = timezone.now(), []
    client.force_login(lead)
    client.get(reverse("workbench"))  # what the process keeps from then on
    for more in (1, 3):
        for _ in range(more):
            open_incident(school=school, by=lead, found_at=now, now=now, account="x", kind="injury")
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("workbench"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_wrong_press_is_taken_back_its_clock_runs_on_and_a_trace_stays(client, school, teacher, principal) -> None:
    worry = reported(school, teacher, urgent=True)
    own = reverse("activities:worry_own", args=[worry.pk])
    client.force_login(teacher)
    client.post(reverse("activities:worry_told", args=[worry.pk, "head"]))
    line = IncidentReport.objects.get()
    assert "按错了，撤回" in client.get(own).content.decode()
    client.post(reverse("activities:worry_untold", args=[worry.pk, line.pk]))
    assert not IncidentReport.objects.exists()
    page = client.get(own).content.decode()
    assert "校长已经知道" not in page
    assert "data-care-seconds-left" in page
    assert "报告校长" in IncidentNote.objects.get().text
    client.force_login(principal)
    page = client.get(reverse("activities:incident_show", args=[worry.incident_id])).content.decode()
    assert "撤回" in page


def test_only_who_pressed_it_takes_it_back_and_not_for_ever(client, school, teacher, lead, principal) -> None:
    worry, now = reported(school, teacher, urgent=True), timezone.now()
    line = report_to(incident=worry.incident, to="police", at=now, by=lead, now=now)
    for staff, url in (
        (teacher, reverse("activities:worry_untold", args=[worry.pk, line.pk])),
        (principal, reverse("activities:incident_untold", args=[worry.incident_id, line.pk])),
    ):
        client.force_login(staff)
        assert client.post(url).status_code == 404
    late = now + timedelta(days=school.edit_days + 1)
    with pytest.raises(ValidationError, match="不能超过7天"):
        take_back_report(line=line, by=lead, now=late)
    client.force_login(lead)
    show = reverse("activities:incident_show", args=[worry.incident_id])
    assert reverse("activities:incident_untold", args=[worry.incident_id, line.pk]) in client.get(show).content.decode()
    client.post(reverse("activities:incident_untold", args=[worry.incident_id, line.pk]))
    assert not IncidentReport.objects.exists()


def test_pressed_twice_it_is_taken_back_once(school, lead) -> None:
    now = timezone.now()
    incident = open_incident(school=school, by=lead, found_at=now, account="x", now=now)
    made = report_to(incident=incident, to="head", at=now, by=lead, now=now)
    pressed = IncidentReport.objects.select_related("incident__school")
    first, second = pressed.get(pk=made.pk), pressed.get(pk=made.pk)
    take_back_report(line=first, by=lead, now=now)
    with pytest.raises(ValidationError, match="已经撤回"):
        take_back_report(line=second, by=lead, now=now)
    assert IncidentNote.objects.count() == 1


def test_what_is_owed_on_an_old_file_is_not_pushed_out_by_newer_ones(school, lead) -> None:
    now = timezone.now()
    owed = open_incident(school=school, by=lead, found_at=now - timedelta(hours=1), account="x", now=now)
    for _ in range(MOST):
        done = open_incident(school=school, by=lead, found_at=now, account="x", now=now)
        report_to(incident=done, to="head", at=now, by=lead, now=now)
    assert [file.incident for file in files_to_report(lead, now)] == [owed]


def test_who_found_it_is_told_to_those_who_lead_the_file_only(client, school, teacher, lead) -> None:
    worry, now = reported(school, teacher, urgent=True), timezone.now()
    line = report_to(incident=worry.incident, to="duty", at=now, by=teacher, now=now)
    take_back_report(line=line, by=teacher, now=now)
    counsellor = make_staff(Role.COUNSELLOR, school, "石老师")
    show, change, paper = (
        reverse(f"activities:incident_{page}", args=[worry.incident_id]) for page in ("show", "amend", "print")
    )
    client.force_login(lead)
    assert "罗老师" in client.get(show).content.decode()
    form = client.get(change).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {"found_by": "罗老师（教数学）", "reason": "写全"}
    sent |= {
        "found_at": f"{form['found_at'].value():%Y-%m-%dT%H:%M}",
        "weighed": "",
        "named_only": "",
        "situations": [],
    }
    assert client.post(change, sent).status_code == 302
    assert "姓名保密" in IncidentNote.objects.order_by("-pk")[0].text
    printed = text_of(client.get(paper).content)
    client.force_login(counsellor)
    seen = client.get(show).content.decode()
    assert "保密" in seen
    assert "保密" in printed
    for told in (seen, printed):
        assert "罗老师" not in told


def test_who_opened_a_file_that_began_with_no_report_is_named_in_its_course(client, school, teacher, lead) -> None:
    now = timezone.now()
    incident = open_incident(school=school, by=lead, found_at=now, account="x", now=now)
    name_member(incident=incident, staff=teacher, part="班主任", by=lead, now=now)
    add_step(incident=incident, text="已带去卫生院", at=now, by=lead, now=now)
    client.force_login(teacher)
    page = client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()
    assert lead.name in page
    assert "报告人（保密）" not in page


def names(client, text: str) -> str:
    return client.post(reverse("activities:worry_names"), {"who": text}).content.decode()


def test_anybody_at_school_is_offered_names_and_classes_and_no_more(client, school, school_class) -> None:
    child = make_left_behind("李小兰", school_class, address="栗坪村三组")
    make_left_behind("李小燕", school_class, came=timezone.localdate())
    make_left_behind("李小梅", make_class(make_school("乙校")))
    gone = make_left_behind("李小菊", school_class)
    type(gone).objects.filter(pk=gone.pk).update(school_class=None)
    client.force_login(make_staff(Role.SYSADMIN, school))
    shown = names(client, "李小")
    assert 'data-care-take="李小兰 四（1）班"' in shown
    assert "李小燕" in shown
    assert [word for word in ("李小梅", "李小菊", "栗坪", "王桂英", f"/{child.pk}/") if word in shown] == []
    assert "李小兰" in names(client, "lxl")
    for nothing in ("", "l", "张"):
        assert "李小兰" not in names(client, nothing)
    assert client.get(reverse("activities:worry_names")).status_code == 405


def test_at_most_eight_are_offered_in_one_statement_more_than_for_one(client, school, school_class) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(make_staff(Role.REGISTRAR, school))
    counts = []
    for more in (1, 11):
        for number in range(more):
            make_left_behind(f"李小{more}{number}", school_class)
        with CaptureQueriesContext(connection) as asked:
            shown = names(client, "李小")
        counts.append(len(asked))
    assert shown.count("data-care-take") == 8
    assert "还有更多" in shown
    assert counts[0] == counts[1]


def test_the_file_of_a_danger_carries_the_pupil_chosen_and_says_what_it_is(client, school, school_class, lead) -> None:
    child = make_left_behind("李小兰", school_class)
    make_left_behind("李小兰", make_class(school, 6))
    client.force_login(make_staff(Role.TEACHER, make_class(school, 5)))
    page = reverse("activities:worry_add")
    assert reverse("activities:worry_names") in client.get(page).content.decode()
    sent = {"who": "李小兰 四（1）班", "what": "有伤", "danger": "now", "to": "both", "client_key": uuid.uuid4()}
    client.post(page, sent)
    file = Incident.objects.get()
    assert [one.child for one in file.involved.all()] == [child]
    assert (file.others, file.what) == ("", "现在就有危险（待判断）")
    client.force_login(lead)
    shown = client.get(reverse("activities:incident_show", args=[file.pk])).content.decode()
    assert "现在就有危险（待判断） · 李小兰" in shown
    Incident.objects.update(weighed=True)
    file.refresh_from_db()
    assert file.what == "其他"


@pytest.mark.parametrize(
    "code,kind", [("girl_under_14", "sexual"), ("home_violence", "violence"), ("abandoned", "uncared")]
)
def test_a_situation_that_was_named_says_what_kind_of_file_it_is(school, teacher, code, kind) -> None:
    assert reported(school, teacher, urgent=True, situations=[code]).incident.kind == kind


def test_words_behind_the_name_do_not_hide_a_child_whom_one_sees(client, school, school_class, teacher) -> None:
    child = make_left_behind("李小兰", school_class)
    client.force_login(teacher)
    sent = {"who": "李小兰 放学路上", "what": "在哭", "danger": "", "to": "both", "client_key": uuid.uuid4()}
    client.post(reverse("activities:worry_add"), sent)
    assert Worry.objects.get().child == child


def test_who_cannot_be_said_is_kept_in_words(client, school, school_class, teacher) -> None:
    make_left_behind("李小兰", school_class)
    client.force_login(teacher)
    for who in ("一个穿红衣服的男孩", "李小兰 六（2）班"):
        sent = {"who": who, "what": "在哭", "danger": "now", "to": "both", "client_key": uuid.uuid4()}
        assert client.post(reverse("activities:worry_add"), sent).status_code == 302
    assert {file.others for file in Incident.objects.all()} == {"一个穿红衣服的男孩", "李小兰 六（2）班"}
    assert not Incident.objects.filter(involved__isnull=False).exists()
