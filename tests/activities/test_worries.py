"""Worries: anybody reports at once, few read, each is decided, nothing is lost."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.incidents.chain import clocks
from activities.incidents.services import close_incident
from activities.models import CareRules, FollowUp, Incident, IncidentReport, Worry
from activities.worries import dismiss, handle, raise_worry, report_worry, take_up
from caretrack.access.policy import Role
from caretrack.web.models import Draft
from tests.support.factories import make_child, make_school, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(school_class):
    return school_class.school


@pytest.fixture
def lead(school):
    return make_staff(Role.CARE_LEAD, school, "覃主任")


@pytest.fixture
def principal(school):
    return make_staff(Role.PRINCIPAL, school, "韦校长")


@pytest.fixture
def teacher(school_class):
    return make_staff(Role.TEACHER, school_class, "罗老师")


def reported(school, by, **kw):
    values = {"who": "李小兰", "what": "手臂上有淤青", "now": timezone.now()} | kw
    return report_worry(school=school, by=by, **values)[0]


@pytest.mark.data
def test_two_fields_are_enough_and_pressing_twice_makes_one(client, teacher, school, lead) -> None:
    client.force_login(teacher)
    form = client.get(reverse("activities:worry_add"))
    assert "不需要审批" in form.content.decode()
    sent = {"who": "", "what": "放学后有人在校门口堵低年级学生", "danger": "", "to": "both", "client_key": uuid.uuid4()}
    for _ in range(2):
        assert client.post(reverse("activities:worry_add"), sent).status_code == 302
    worry = Worry.objects.get()
    assert (worry.who, worry.school, worry.state) == ("说不清是谁", school, "new")


def test_without_a_word_it_is_refused_and_what_was_typed_stays(client, teacher) -> None:
    client.force_login(teacher)
    sent = {"who": "李小兰", "what": "", "danger": "", "to": "both", "client_key": uuid.uuid4()}
    answer = client.post(reverse("activities:worry_add"), sent)
    assert answer.status_code == 422
    assert "请填写“看到、听到了什么”" in answer.content.decode()
    assert 'value="李小兰"' in answer.content.decode()


def test_what_was_begun_about_one_child_does_not_turn_up_in_a_report_about_another(client, teacher, school_class):
    first, second = make_child("李小兰", school_class), make_child("王小明", school_class)
    client.force_login(teacher)
    about = {child: f"{reverse('activities:worry_add')}?child={child.pk}" for child in (first, second)}
    token = client.get(about[first]).context["form"].sheet.token()
    typed = {"who": "", "what": "", "danger": "now", "to": "both", "client_key": uuid.uuid4(), "care_sheet": token}
    assert client.post(about[first], typed | {"who": "李小兰的弟弟"}).status_code == 422
    assert "李小兰的弟弟" in client.get(about[first]).content.decode()
    assert "李小兰" not in str(client.get(about[second]).context["form"]["who"].value())


def test_two_worries_in_two_windows_keep_a_text_each(client, teacher):
    """The second does not begin with the words of the first, and takes no place of them."""
    client.force_login(teacher)
    url = reverse("activities:worry_add")

    def typed(page, who):
        token = page.context["form"].sheet.token()
        sent = {"who": who, "what": "身上有伤", "care_sheet": token}
        assert client.post(reverse("drafts:save"), sent, HTTP_ORIGIN="http://testserver").json()["saved"]

    first = client.get(url)
    typed(first, "李小兰")
    second = client.get(url)
    assert second.context["form"]["who"].value() is None
    assert "接着写：李小兰" in second.content.decode()
    typed(second, "王小明")
    kept = {draft.fields["who"][0]: draft for draft in Draft.objects.filter(closed=False)}
    assert set(kept) == {"李小兰", "王小明"}
    for who, draft in kept.items():
        page = client.get(draft.resume_url)
        assert page.context["form"]["who"].value() == who
        assert "接着写" not in page.content.decode()


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.COUNSELLOR, Role.SYSADMIN, Role.PRINCIPAL])
def test_staff_without_children_report_too_from_every_page(client, school, role) -> None:
    client.force_login(make_staff(role, school))
    page = client.get("/").content.decode()
    assert reverse("activities:worry_add") in page
    assert client.get(reverse("activities:worry_add")).status_code == 200


def test_the_button_on_a_dossier_is_about_that_child(client, teacher, school_class) -> None:
    child = make_child("李小兰", school_class)
    client.force_login(teacher)
    page = client.get(reverse("children:child_show", args=[child.pk])).content.decode()
    assert f"{reverse('activities:worry_add')}?child={child.pk}" in page
    form = client.get(f"{reverse('activities:worry_add')}?child={child.pk}").content.decode()
    assert "李小兰 四（1）班" in form
    sent = {"who": "李小兰 四（1）班", "what": "不说话", "to": "both", "client_key": uuid.uuid4()}
    client.post(f"{reverse('activities:worry_add')}?child={child.pk}", sent)
    assert Worry.objects.get().child == child


def test_a_child_out_of_sight_is_not_guessed_at(client, school, school_class) -> None:
    make_child("李小兰", school_class)
    client.force_login(make_staff(Role.SYSADMIN, school))
    client.post(
        reverse("activities:worry_add"), {"who": "李小兰", "what": "哭", "to": "both", "client_key": uuid.uuid4()}
    )
    assert Worry.objects.get().child is None


def test_care_lead_and_principal_read_it_as_the_reporter_chose(teacher, school, lead, principal) -> None:
    both, one = reported(school, teacher), reported(school, teacher, to="principal")
    assert set(Worry.objects.visible_to(lead)) == {both}
    assert set(Worry.objects.visible_to(principal)) == {both, one}
    stranger = make_staff(Role.PRINCIPAL, make_school("乙校"))
    assert not Worry.objects.visible_to(stranger).exists()
    assert not Worry.objects.visible_to(teacher).exists()


def test_the_reporter_sees_that_it_was_taken_up_and_not_what_was_done(client, teacher, school, lead) -> None:
    worry = reported(school, teacher)
    client.force_login(teacher)
    assert "等待受理" in client.get(reverse("activities:worry_mine")).content.decode()
    take_up(worry=worry, by=lead, now=timezone.now())
    assert "已受理" in client.get(reverse("activities:worry_mine")).content.decode()
    handle(worry=worry, outcome="父亲喝酒后打的", by=lead, now=timezone.now())
    for url in (reverse("activities:worry_mine"), reverse("activities:worry_own", args=[worry.pk])):
        page = client.get(url).content.decode()
        assert "有了处理结果" in page
        assert "喝酒" not in page
    assert client.get(reverse("activities:worry_show", args=[worry.pk])).status_code == 403


def test_handled_with_a_follow_up_that_says_nothing_more_than_it_must(teacher, school, lead, school_class) -> None:
    child = make_child("李小兰", school_class)
    worry = reported(school, teacher, child=child)
    now = timezone.now()
    done = handle(
        worry=worry,
        outcome="已家访",
        by=lead,
        now=now,
        follow_up="每周聊一次",
        due_on=timezone.localdate(),
        owner=teacher,
    )
    (follow_up,) = FollowUp.objects.all()
    assert (done.follow_up, follow_up.what, follow_up.owner) == (follow_up, "每周聊一次", teacher)
    assert "淤青" not in follow_up.what


def test_what_cannot_be_is_refused(teacher, school, lead) -> None:
    worry = reported(school, teacher)
    now = timezone.now()
    with pytest.raises(ValidationError) as refusal:
        handle(worry=worry, outcome="", by=lead, now=now, follow_up="去看看", due_on=now.date() - timedelta(days=2))
    assert set(refusal.value.message_dict) == {"outcome", "child", "due_on", "owner"}
    with pytest.raises(ValidationError):
        dismiss(worry=worry, reason=" ", by=lead, now=now)
    dismiss(worry=worry, reason="已核实是体育课摔的", by=lead, now=now)
    with pytest.raises(ValidationError):
        take_up(worry=worry, by=lead, now=now)
    assert Worry.objects.get().outcome == "已核实是体育课摔的"


def test_dismissed_ones_leave_the_list_and_are_found_again(client, teacher, school, lead) -> None:
    worry = reported(school, teacher)
    client.force_login(lead)
    url = reverse("activities:worry_list")
    assert "手臂上有淤青" in client.get(url).content.decode()
    sent = {"outcome": "已核实是体育课摔的"}
    assert client.post(reverse("activities:worry_dismiss", args=[worry.pk]), sent).status_code == 302
    assert "手臂上有淤青" not in client.get(url).content.decode()
    assert "手臂上有淤青" in client.get(f"{url}?state=all").content.decode()


def test_raised_from_a_worry_the_file_begins_with_the_moment_of_the_report(teacher, school, lead) -> None:
    worry = reported(school, teacher)
    incident = raise_worry(worry=worry, kind="violence", by=lead, now=timezone.now())
    worry.refresh_from_db()
    assert (worry.state, worry.incident) == ("raised", incident)
    assert (incident.found_at, incident.account) == (worry.created_at, "手臂上有淤青")
    assert incident.others == "李小兰"
    assert not Incident.objects.visible_to(teacher).exists()


@pytest.mark.data
def test_the_clocks_of_a_raised_worry_run_since_it_was_taken_up_and_the_reporter_stands_nowhere_as_the_finder(
    client, teacher, school, lead
) -> None:
    """Nobody is late before the worry was known to those who are to pass it on; discovery itself stays as it was."""
    now = timezone.now()
    worry = reported(school, teacher)
    Worry.objects.filter(pk=worry.pk).update(created_at=now - timedelta(minutes=160))
    client.force_login(lead)
    url = f"{reverse('activities:incident_add')}?worry={worry.pk}"
    form = client.get(url).context["form"]
    assert not form["found_by"].value()
    sent = {"kind": "injury", "account": "手臂上有淤青", "found_at": f"{form['found_at'].value():%Y-%m-%dT%H:%M}"}
    answer = client.post(url, sent, follow=True)
    incident = Incident.objects.get()
    assert now - incident.found_at > timedelta(minutes=159)
    assert {c.mark for c in clocks(incident, [], CareRules(school=school), timezone.now())} == {"running"}
    page = answer.content.decode()
    assert "计时从受理时间算起" in page
    assert page.count(teacher.name) == page.count("报告人（保密）") == 1


def test_a_worry_that_was_taken_up_and_left_is_late_from_then_on(teacher, school, lead) -> None:
    now = timezone.now()
    worry = reported(school, teacher, now=now)
    Worry.objects.filter(pk=worry.pk).update(created_at=now - timedelta(minutes=90))
    take_up(worry=worry, by=lead, now=now - timedelta(minutes=30))
    incident = raise_worry(worry=worry, kind="violence", by=lead, now=now)
    (head, *_) = clocks(incident, [], CareRules(school=school), now)
    assert (head.mark, head.seconds_gone) == ("overdue", 30 * 60)


def test_danger_now_opens_a_file_and_the_finder_notes_whom_it_told(client, teacher, school, lead, principal) -> None:
    client.force_login(teacher)
    sent = {"who": "李小兰", "what": "不见了", "danger": "now", "to": "both", "client_key": uuid.uuid4()}
    answer = client.post(reverse("activities:worry_add"), sent)
    worry = Worry.objects.get()
    assert answer["Location"] == reverse("activities:worry_own", args=[worry.pk])
    assert worry.incident is not None
    page = client.get(answer["Location"]).content.decode()
    assert "data-care-seconds-left" in page
    told = reverse("activities:worry_told", args=[worry.pk, "head"])
    assert client.get(told).status_code == 405
    client.post(told)
    client.post(told)
    assert [line.to for line in IncidentReport.objects.all()] == ["head"]
    assert "校长已经知道" in client.get(answer["Location"]).content.decode()
    assert client.get(reverse("activities:incident_show", args=[worry.incident.pk])).status_code == 404
    assert set(Incident.objects.visible_to(principal)) == {worry.incident}


def test_a_report_about_the_care_lead_is_kept_from_the_care_lead(client, teacher, school, lead, principal) -> None:
    worry = reported(school, teacher, to="principal", urgent=True)
    assert not Incident.objects.visible_to(lead).exists()
    assert set(Incident.objects.visible_to(principal)) == {worry.incident}


def test_a_list_costs_the_same_for_one_and_for_twelve(client, teacher, school, lead) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(lead)
    reported(school, teacher)
    counts = []
    for more in (0, 11):
        for _ in range(more):
            reported(school, teacher)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("activities:worry_list"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def danger(client, **more):
    sent = {"who": "李小兰", "what": "叔叔摸她，身上有伤", "danger": "now", "to": "both", "client_key": uuid.uuid4()}
    return client.post(reverse("activities:worry_add"), sent | more)


def clocks_of(incident) -> set[str]:
    found = clocks(incident, incident.reports.all(), CareRules(school=incident.school), timezone.now())
    return {clock.to for clock in found}


def test_danger_now_is_reported_to_police_civil_affairs_and_education_until_it_is_ruled_out(
    client, school_class, school, lead, principal
) -> None:
    make_child("李小兰", school_class)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    page = client.get(danger(client)["Location"]).content.decode()
    assert "强制报告：立即报告公安机关（110），不需要审批" in page
    incident = Incident.objects.get()
    assert clocks_of(incident) >= {"police", "civil", "education"}
    for to in ("civil", "education"):
        client.post(reverse("activities:worry_told", args=[Worry.objects.get().pk, to]))
    assert {line.to for line in incident.reports.all()} == {"civil", "education"}
    with pytest.raises(ValidationError, match="没有登记报告：校长、公安机关"):
        close_incident(incident=incident, outcome="谈话", aftercare="陪伴", by=lead, now=timezone.now())

    client.force_login(lead)
    show, url = (reverse(f"activities:incident_{page}", args=[incident.pk]) for page in ("show", "amend"))
    assert "还没有判断" in client.get(show).content.decode()
    form = client.get(url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {
        "weighed": "on",
        "kind": "injury",
        "situations": [],
    }
    sent["found_at"] = f"{form['found_at'].value():%Y-%m-%dT%H:%M}"
    refused = client.post(url, sent | {"named_only": ""})
    assert set(refused.context["form"].errors) == {"reason"}, "not without what it rests on"
    answer = client.post(url, sent | {"named_only": "", "reason": "派出所和卫生院看过，是体育课摔的"})
    assert answer.status_code == 302, answer.context["form"].errors
    incident.refresh_from_db()
    assert not clocks_of(incident) & {"police", "civil"}
    assert "体育课摔的" in incident.notes.get().text
    assert "还没有判断" not in client.get(show).content.decode()
    assert "weighed" not in client.get(url).context["form"].fields


def test_the_finder_says_which_situation_it_is_and_that_the_guardian_is_suspected(
    client, school_class, school, lead, principal
) -> None:
    child = make_child("李小兰", school_class)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    page = client.get(reverse("activities:worry_add")).content.decode()
    assert "不满十四周岁的女性遭受或疑似遭受性侵害" in page
    answer = danger(client, danger="", situations=["girl_under_14"], guardian_suspected="on")
    incident = Incident.objects.get()
    assert (incident.situations, incident.weighed) == (["girl_under_14"], True)
    assert incident.involved.get(child=child).guardian_suspected
    assert "监护人有侵害嫌疑：不要通知其本人" in client.get(answer["Location"]).content.decode()
    client.force_login(lead)
    assert "还没有判断" not in client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()


def test_a_suspicion_about_nobody_in_particular_is_kept_in_words(client, teacher, school, lead) -> None:
    client.force_login(teacher)
    page = client.get(danger(client, who="一个男孩", guardian_suspected="on")["Location"]).content.decode()
    assert "不要通知其本人" in page
    assert "监护人有侵害嫌疑" in Incident.objects.get().account


def test_nothing_is_reported_to_a_post_that_the_school_has_not_filled(client, teacher, school, lead) -> None:
    client.force_login(teacher)
    page = client.get(reverse("activities:worry_add"))
    assert [to for to, _ in page.context["form"].fields["to"].choices] == ["both", "lead"]
    assert "只报校长：本校还没有登记这个岗位" in page.content.decode()
    answer = danger(client, to="principal")
    assert answer.status_code == 422
    assert "叔叔摸她" in answer.content.decode()
    with pytest.raises(ValidationError, match="没有人受理"):
        reported(school, teacher, to="principal", urgent=True)
    assert not Worry.objects.exists()
    assert not Incident.objects.exists()
    make_staff(Role.PRINCIPAL, school)
    assert danger(client, to="principal").status_code == 302
