"""Incident files: how one begins, who may open it, nothing in it rewritten, what its papers name."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.incidents.paper import incident_paper
from activities.incidents.services import add_step, amend, end_member, name_member
from activities.models import CareRules, Incident, IncidentNote
from children.history_text import sentences
from children.models import codes
from children.services import leave_school
from children.sight import sight_of
from children.timeline import timeline
from tests.activities.incidents.steps import FOUND, NOW, opened, told
from tests.support.factories import TODAY, make_class, make_left_behind
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


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

    def moved(place: str, reason: str) -> IncidentNote | None:
        return amend(
            incident=incident, version=incident.version, values={"place": place}, words=words, reason=reason,
            by=people.lead, now=NOW,
        )  # fmt: skip

    assert moved("操场", "") is None
    with pytest.raises(ValidationError):
        moved("村口", "")
    moved("村口", "问清了")
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
