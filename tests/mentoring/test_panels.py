"""The workbench about pairing: only what waits, for the one who can do something about it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.web import workbench
from children.models import CareArrangement
from mentoring import signing
from mentoring.absences import plan_absence
from mentoring.agreements import SIGNATORIES
from mentoring.models import Agreement, PairingPlan, PaperKind, PlanState
from mentoring.services import add_mentor
from mentoring.views import panels
from tests.support.factories import make_class, make_left_behind, make_mentor, make_pairing, make_staff

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def told(staff, maker: workbench.PanelMaker) -> dict[str, workbench.Line]:
    """The lines of a panel by their words; nothing when the panel is not there."""
    panel = maker(staff, TODAY)
    return {line.text: line for line in panel.data["lines"]} if panel else {}


class TestLead:
    def test_nothing_is_said_when_nothing_waits(self, lead, mentor, school_class) -> None:
        make_pairing(make_left_behind("李小兰", school_class), mentor)
        assert told(lead, panels.pairing) == {}

    def test_who_has_no_mentor_and_the_page_behind_says_the_same(self, client, lead, school_class) -> None:
        for name in ("李小兰", "龙小川"):
            make_left_behind(name, school_class)
        make_left_behind("张浩然", school_class, support_level="key")
        line = told(lead, panels.pairing)["还没有代理家长"]
        assert (line.badge, line.tone, line.note) == ("3人", "bad", "其中重点和紧急 1 人，必须都有")
        client.force_login(lead)
        assert client.get(line.url).context["without"] == 3

    @pytest.mark.parametrize(
        "checked, words",
        [
            (None, "从业查询过期或没有"),
            (days(-366), "从业查询过期或没有"),
            (days(-365), "从业查询 30 天内到期"),
            (days(-335), "从业查询 30 天内到期"),
            (days(-334), ""),
        ],
    )
    def test_checks_at_their_edges(self, lead, school_class, checked, words) -> None:
        add_mentor(school=school_class.school, kind="cadre", name="韦支书", by=lead, background_checked_on=checked)
        lines = told(lead, panels.pairing)
        assert list(lines) == ([words] if words else [])
        assert not words or lines[words].badge == "1人"

    def test_somebody_gone_with_children_is_named(self, lead, mentor, school_class) -> None:
        make_pairing(make_left_behind("李小兰", school_class), mentor)
        mentor.staff.is_active = False
        mentor.staff.save()
        assert told(lead, panels.pairing)["已离岗，名下还有学生"].badge == "1位"

    def test_a_plan_waits_for_the_principal_and_comes_back_to_the_lead(self, lead, school_class) -> None:
        principal = make_staff(Role.PRINCIPAL, school_class.school, "覃校长")
        plan = PairingPlan.objects.create(school=school_class.school, title="秋季结对", starts_on=days(3), made_by=lead)
        assert told(lead, panels.pairing) == {}
        plan.state = PlanState.SUBMITTED
        plan.save()
        assert told(principal, panels.pairing)["秋季结对"].badge == "等您公布"
        assert told(lead, panels.pairing)["秋季结对"].badge == "等校长公布"
        plan.state, plan.return_note = PlanState.DRAFT, "六年级再匀一匀"
        plan.save()
        line = told(lead, panels.pairing)["秋季结对"]
        assert (line.badge, line.note) == ("被退回", "六年级再匀一匀")
        assert line.url == reverse("mentoring:plan_show", args=[plan.pk])


class TestPapers:
    def test_the_class_teacher_sees_whose_pledge_is_missing(self, client, school_class) -> None:
        teacher = make_staff(Role.HOMEROOM, school_class, "罗老师")
        signed, open_one = make_left_behind("李小兰", school_class), make_left_behind("龙小川", school_class)
        make_left_behind("别班", make_class(school_class.school, grade=5))
        term = school_class.school.terms.get()
        sign = {"on": TODAY, "today": TODAY, "until": None, "version": "第1版", "term": term, "by": teacher}
        for kind in (PaperKind.PLEDGE_CARER, PaperKind.PLEDGE_HOMEROOM):
            signing.sign_many(kind=kind, children=[signed], **sign)
        lines = told(teacher, panels.papers)
        assert {words: (line.badge, line.note) for words, line in lines.items()} == {
            "安全责任书（监护人）未签": ("1人", "龙小川"),
            "安全责任书（班主任）未签": ("1人", "龙小川"),
        }
        client.force_login(teacher)
        page = client.get(lines["安全责任书（监护人）未签"].url)
        assert [child for child, *_ in page.context["waiting"]] == [open_one]
        for kind in (PaperKind.PLEDGE_CARER, PaperKind.PLEDGE_HOMEROOM):
            signing.sign_many(kind=kind, children=[open_one], **sign)
        assert told(teacher, panels.papers) == {}

    @pytest.mark.parametrize("until, shown", [(-1, True), (30, True), (31, False), (None, False)])
    def test_what_runs_out_is_listed_and_can_be_renewed(self, client, lead, mentor, school_class, until, shown) -> None:
        ends = None if until is None else days(until)
        child = make_left_behind("李小兰", school_class)
        pairing = make_pairing(child, mentor)
        Agreement.objects.create(
            child=child, pairing=pairing, kind="pairing", expires_on=ends, **all_signed(days(-300))
        )
        client.force_login(lead)
        rows = client.get(reverse("mentoring:paper_ending")).context["rows"]
        assert [row for row, _ in rows] == ([child] if shown else [])
        assert ("协议快到期或已过期" in told(lead, panels.papers)) == shown
        if not shown:
            return
        page = f"{reverse('mentoring:paper_kind', args=['pairing'])}?class={school_class.pk}"
        told_page = {"on": TODAY, "until": days(300), "children": [child.pk]}
        client.post(page, told_page | {"parties": list(SIGNATORIES[PaperKind.PAIRING])})
        assert list(Agreement.objects.order_by("pk").values_list("expires_on", flat=True)) == [ends, days(300)]
        assert told(lead, panels.papers) == {}

    def test_an_entrustment_runs_out_too(self, lead, mentor, school_class) -> None:
        child = make_left_behind("李小兰", school_class)
        CareArrangement.objects.filter(child=child).update(entrusted=True, entrusted_until=days(10))
        assert told(lead, panels.papers)["协议快到期或已过期"].badge == "1人"


def all_signed(on) -> dict[str, Any]:
    return dict.fromkeys(SIGNATORIES[PaperKind.PAIRING], on)


class TestDeputy:
    def test_whom_until_when(self, client, lead, mentor, school_class) -> None:
        deputy = make_mentor(make_staff(Role.TEACHER, make_class(school_class.school, grade=5), "韦老师"))
        make_pairing(make_left_behind("李小兰", school_class), mentor)
        make_pairing(make_left_behind("自己的", school_class), deputy)
        absence = plan_absence(mentor=mentor, deputy=deputy, starts_on=days(2), ends_on=days(9), reason="产假", by=lead)
        coming = told(deputy.staff, panels.standing_in)["石老师的学生"]
        assert coming.badge == f"{days(2).month}月{days(2).day}日起"
        assert not coming.note.count("李小兰")
        absence.starts_on = TODAY
        absence.save()
        deputy.staff.forget_posts()
        line = told(deputy.staff, panels.standing_in)["石老师的学生"]
        assert (line.badge, line.note) == (f"到{days(9).month}月{days(9).day}日", "李小兰")
        client.force_login(deputy.staff)
        assert "李小兰" in client.get(reverse("workbench")).content.decode()
        absence.ends_on = absence.starts_on = days(-1)
        absence.save()
        assert told(deputy.staff, panels.standing_in) == {}


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_of_what_runs_out_stays_flat(client, lead, mentor, school_class, rows, django_assert_max_num_queries):
    for number in range(rows):
        child = make_left_behind(f"学生{number}", school_class)
        Agreement.objects.create(
            child=child, pairing=make_pairing(child, mentor), kind="pairing", expires_on=TODAY, **all_signed(TODAY)
        )
    client.force_login(lead)
    client.get(reverse("mentoring:paper_ending"))
    with django_assert_max_num_queries(9):
        client.get(reverse("mentoring:paper_ending"))
