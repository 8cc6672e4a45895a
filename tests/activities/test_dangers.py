"""Danger of this moment: on top until somebody answers, first on the start page, pressed wrongly and taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.incidents.services import add_step, name_member, open_incident, report_to, take_back_report
from activities.models import Incident, IncidentNote, IncidentReport, Worry
from activities.worries import report_worry, take_up
from caretrack.access.policy import Role
from tests.support.factories import make_left_behind, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(school_class):
    return school_class.school


@pytest.fixture
def principal(school):
    return make_staff(Role.PRINCIPAL, school, "韦校长")


@pytest.fixture
def teacher(school_class):
    return make_staff(Role.TEACHER, school_class, "罗老师")


def reported(school, by, **kw):
    values = {"who": "李小兰", "what": "手臂上有淤青", "now": timezone.now()} | kw
    return report_worry(school=school, by=by, **values)[0]


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
    assert client.get(reverse("workbench")).context["main"][0]["panel"].title == "现在要办"
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
