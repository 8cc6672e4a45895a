from datetime import date

import pytest
from django.urls import reverse

from activities.services import Contact, record_contact
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.periods import Month
from children.models import CareArrangement
from reports.builders.unit import Unit
from reports.models import MonthlyReport, ReportState
from reports.services import move_report, open_month
from tests.support.factories import (
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
)
from tests.support.paper import silent_layout, text_of

NOVEMBER = "2026-11"


def page(name, unit, *rest, month=NOVEMBER):
    return reverse(f"reports:{name}", args=[unit, month, *rest])


@pytest.fixture
def school_code(world):
    return f"s{world.school.pk}"


@pytest.fixture
def class_code(world):
    return f"c{world.four.pk}"


def opened(world):
    unit = Unit(world.school)
    return open_month(unit=unit, month=Month(2026, 11), definition="lb_seed", by=world.care_lead)


class TestMonth:
    def test_the_care_lead_sees_tables_1_to_4(self, client, world, school_code):
        client.force_login(world.care_lead)
        answer = client.get(page("month", school_code))
        assert answer.status_code == 200
        text = answer.content.decode()
        for word in ("表1", "表2", "表3", "表4", "四（1）班", "五（1）班", "合　计", "学校口径"):
            assert word in text

    def test_the_homeroom_teacher_sees_the_own_class_only(self, client, world, school_code, class_code):
        client.force_login(world.homeroom)
        assert client.get(page("month", class_code)).status_code == 200
        assert client.get(page("month", school_code)).status_code == 404
        assert client.get(page("month", f"c{world.five.pk}")).status_code == 404

    def test_another_school_is_not_there(self, client, world):
        elsewhere = make_school("另一所小学")
        client.force_login(world.principal)
        assert client.get(page("month", f"s{elsewhere.pk}")).status_code == 404
        assert client.get(page("month", f"c{make_class(elsewhere).pk}")).status_code == 404

    @pytest.mark.parametrize("role", [Role.TEACHER, Role.REGISTRAR, Role.COUNSELLOR, Role.SYSADMIN, Role.SUPERIOR])
    def test_other_roles_are_told_why_not(self, client, world, role, class_code):
        client.force_login(make_staff(role, world.four))
        answer = client.get(page("month", class_code))
        assert answer.status_code == 403
        assert "查看月报" in answer.content.decode()

    def test_a_month_that_has_not_begun_is_not_there(self, client, world, school_code):
        client.force_login(world.care_lead)
        assert client.get(page("month", school_code, month="2027-02")).status_code == 404

    def test_a_break_names_the_child_with_a_link(self, client, world, school_code):
        CareArrangement.objects.filter(child=world.child).update(rating="")
        client.force_login(world.care_lead)
        text = client.get(page("month", school_code)).content.decode()
        assert "较好＋一般＋差＝小计" in text
        assert f'href="{reverse("children:child_show", args=[world.child.pk])}">陈欣怡</a>' in text

    def test_the_definition_can_be_changed_while_it_is_open(self, client, world, school_code):
        client.force_login(world.care_lead)
        text = client.get(page("month", school_code), {"definition": "lb_mca"}).content.decode()
        assert "民政口径" in text
        assert "?definition=lb_mca" in text

    @pytest.mark.parametrize("children", [1, 12])
    def test_the_page_stays_flat(self, client, world, school_code, children, django_assert_max_num_queries):
        for number in range(children):
            make_left_behind(f"学生{number}", world.four)
        client.force_login(world.care_lead)
        client.get(page("month", school_code))
        with django_assert_max_num_queries(75):
            client.get(page("month", school_code))

    def test_the_list_shows_states_and_leads_on(self, client, world, school_code):
        opened(world)
        client.force_login(world.care_lead)
        answer = client.get(reverse("reports:month_list"))
        assert "草稿" in answer.content.decode()
        answer = client.get(reverse("reports:month_list"), {"unit": school_code, "month": NOVEMBER})
        assert answer.url == page("month", school_code)


class TestALargeSchool:
    """More classes than a page shows at once: by grade, opened one by one, without a script."""

    @pytest.fixture
    def large(self, world):
        for grade in range(1, 7):
            for number in range(1, 6):
                make_class(world.school, grade, number)
        return world

    def test_classes_are_folded_by_grade_with_their_sums(self, client, large, school_code):
        client.force_login(large.care_lead)
        text = client.get(page("month", school_code)).content.decode()
        assert "四年级（5个班）" in text
        assert "四（2）班</th>" not in text
        row = text[text.index("四年级（5个班）") :]
        assert row.index("<td>1</td>") < row.index("</tr>")  # 陈欣怡 is the only pupil of the grade

    def test_a_grade_opens_and_its_figures_lead_on(self, client, large, school_code):
        client.force_login(large.care_lead)
        text = client.get(page("month", school_code), {"grade": "四", "definition": "lb_edu"}).content.decode()
        assert "四（2）班</th>" in text
        assert "五（2）班</th>" not in text
        assert f'href="cells/{large.four.pk}/t1.all/?definition=lb_edu"' in text
        assert 'href="?definition=lb_edu#t1"' in text  # folds again, keeping the definition
        figure = page("cell_list", school_code, large.four.pk, "t1.all")
        assert "陈欣怡" in client.get(figure, {"definition": "lb_edu"}).content.decode()

    def test_mentors_come_in_pages_with_the_total_on_each(self, client, world, school_code):
        for number in range(30):
            mentor = make_mentor(make_staff(Role.TEACHER, world.four, name=f"教师{number:02}"), world.school)
            make_pairing(make_child(f"学生{number}", world.four), mentor)
        client.force_login(world.care_lead)
        texts = [client.get(page("month", school_code), {"page": number}).content.decode() for number in (1, 2)]
        table = [text[text.index("表4") :] for text in texts]
        assert ["教师00" in part for part in table] == [True, False]
        assert ["教师29" in part for part in table] == [False, True]
        assert all("合　计" in part for part in table)
        assert "page=2#t4" in texts[0]

    def test_the_paper_keeps_every_class(self, client, large, school_code):
        client.force_login(large.care_lead)
        with silent_layout():
            paper = text_of(client.get(page("month_pdf", school_code)).content)
        assert "四（2）班" in paper
        assert "六（5）班" in paper


class TestManyBreaks:
    def test_the_first_are_named_and_the_rest_a_click_away(self, client, world, school_code):
        for number in range(15):
            make_left_behind(f"学生{number:02}", world.four)
        CareArrangement.objects.filter(child__school=world.school).update(rating="")
        client.force_login(world.care_lead)
        text = client.get(page("month", school_code)).content.decode()
        assert "还有 4 名学生" in text
        assert "学生14</a>" not in text
        assert "breaks=all" in text
        text = client.get(page("month", school_code), {"breaks": "all"}).content.decode()
        assert "学生14</a>" in text


class TestCells:
    def test_a_figure_opens_its_children(self, client, world, school_code):
        client.force_login(world.care_lead)
        answer = client.get(page("cell_list", school_code, world.four.pk, "t1.all"))
        text = answer.content.decode()
        assert "陈欣怡" in text
        assert "吴玥" not in text

    def test_a_figure_of_records_opens_them(self, client, world, school_code):
        make_record(world.child, world.homeroom, date(2026, 11, 3), content="秘密内容")
        client.force_login(world.care_lead)
        text = client.get(page("cell_list", school_code, 0, "t3.talk.visits")).content.decode()
        assert "陈欣怡" in text
        assert "谈心" in text
        assert "秘密内容" not in text

    def test_the_list_behind_occasions_tells_why_it_is_longer(self, client, world, school_code):
        make_record(world.child, world.homeroom, date(2026, 11, 3))
        client.force_login(world.care_lead)
        address = page("cell_list", school_code, 0, "t3.talk.visits")
        assert "几名学生一起" not in client.get(address).content.decode()
        together = Contact(kind="talk", on=date(2026, 11, 4), content="一起聊了期中考试。")
        friend = make_left_behind("同伴", world.four)
        record_contact(children=[world.child, friend], contact=together, by=world.homeroom, today=date(2026, 11, 4))
        assert "谈心：2 次，3 人次，涉及 2 名学生" in client.get(address).content.decode()

    def test_a_cell_that_does_not_exist_is_not_there(self, client, world, school_code):
        client.force_login(world.care_lead)
        for scope, key in ((0, "t1.nothing"), (999, "t1.all"), (0, "t4.1.due")):
            assert client.get(page("cell_list", school_code, scope, key)).status_code == 404

    def test_every_link_on_the_page_leads_somewhere(self, client, world, school_code):
        make_record(world.child, world.homeroom, date(2026, 11, 3))
        client.force_login(world.care_lead)
        text = client.get(page("month", school_code)).content.decode()
        prefix = page("month", school_code)  # the links are relative to it
        links = {"cells/" + piece.split('"')[0] for piece in text.split('href="cells/')[1:]}
        assert len(links) > 20
        for link in links:
            assert client.get(prefix + link).status_code == 200, link

    def test_a_class_does_not_open_another_class(self, client, world, class_code):
        client.force_login(world.homeroom)
        assert client.get(page("cell_list", class_code, world.five.pk, "t1.all")).status_code == 404


class TestLife:
    def test_the_care_lead_opens_and_submits_the_principal_approves(self, client, world, school_code):
        client.force_login(world.care_lead)
        client.post(page("month_open", school_code))
        report = MonthlyReport.objects.get()
        assert report.state == ReportState.DRAFT
        client.post(page("month_submit", school_code))
        client.force_login(world.principal)
        client.post(page("month_approve", school_code))
        report.refresh_from_db()
        assert report.state == ReportState.APPROVED
        assert "固定" in client.get(page("month", school_code)).content.decode()

    def test_a_later_record_is_shown_as_difference(self, client, world, school_code):
        move_report(report=opened(world), move="submit", by=world.care_lead, on=date(2026, 11, 28))
        make_record(world.child, world.homeroom, date(2026, 11, 3))
        client.force_login(world.principal)
        text = client.get(page("month", school_code)).content.decode()
        assert "提交以来有 3 个数字变了" in text
        assert "要按新的数字上报，请退回修改，改好后重新提交。" in text
        changed = text[text.index("月报仍是提交时的数字") :]
        assert "<strong>表3　关爱活动统计表</strong>3 处" in changed
        assert "次数 0 → <strong>1</strong>" in changed
        assert "表1　" not in changed[: changed.index("</details>")]

    def test_who_may_not_send_it_back_is_told_who_does(self, client, world, school_code):
        move_report(report=opened(world), move="submit", by=world.care_lead, on=date(2026, 11, 28))
        make_record(world.child, world.homeroom, date(2026, 11, 3))
        client.force_login(world.care_lead)
        assert "需要更正请校长退回修改。" in client.get(page("month", school_code)).content.decode()

    def test_a_changed_figure_opens_what_came_to_it_and_what_went_by_whom_and_when(self, client, world, school_code):
        went = make_record(world.child, world.homeroom, date(2026, 11, 2))
        move_report(report=opened(world), move="submit", by=world.care_lead, on=date(2026, 11, 28))
        came = make_record(world.child, world.homeroom, date(2026, 11, 3))
        went.delete()
        client.force_login(world.principal)
        make_record(world.child, world.homeroom, date(2026, 11, 4))
        text = client.get(page("month", school_code)).content.decode()
        address = page("cell_list", school_code, 0, "t3.talk.visits") + "?changed=1"
        assert f'href="{address}"' in text
        opened_list = client.get(address)
        more, less = opened_list.context["parts"]
        assert came in more["records"]
        assert (more["total"], less["total"]) == (2, 1)
        told = opened_list.content.decode()
        assert "提交以后增加的" in told
        assert str(world.homeroom) in told
        heads = client.get(page("cell_list", school_code, 0, "t3.talk.heads") + "?changed=1").context["parts"]
        assert [part["total"] for part in heads] == [0, 0], "the same child, talked to before and after"

    def test_an_approved_report_can_only_be_opened_again(self, client, world, school_code):
        report = opened(world)
        move_report(report=report, move="submit", by=world.care_lead, on=date(2026, 11, 28))
        move_report(report=report, move="approve", by=world.principal, on=date(2026, 11, 28))
        make_record(world.child, world.homeroom, date(2026, 11, 3))
        client.force_login(world.principal)
        text = client.get(page("month", school_code)).content.decode()
        assert "要按新的数字上报，请重新打开，改好后重新提交。" in text
        assert "退回" not in text[text.index("月报仍是提交时的数字") : text.index("流转")]

    def test_unchanged_figures_are_told_before_the_approval(self, client, world, school_code):
        move_report(report=opened(world), move="submit", by=world.care_lead, on=date(2026, 11, 28))
        client.force_login(world.principal)
        assert "提交以来数字没有变化" in client.get(page("month", school_code)).content.decode()

    def test_the_principal_returns_with_a_reason(self, client, world, school_code):
        move_report(report=opened(world), move="submit", by=world.care_lead, on=date(2026, 11, 28))
        client.force_login(world.principal)
        address = page("month_return", school_code)
        assert client.get(address).status_code == 200
        refused = client.post(address, {"note": ""})
        assert refused.status_code == 422
        assert client.post(address, {"note": "人数不对"}).status_code == 302
        client.force_login(world.care_lead)
        assert "人数不对" in client.get(page("month", school_code)).content.decode()

    @pytest.mark.parametrize("act", ["month_open", "month_submit"])
    def test_the_homeroom_teacher_may_not_hand_in(self, client, world, class_code, act):
        client.force_login(world.homeroom)
        assert client.post(page(act, class_code)).status_code == 403
        assert not MonthlyReport.objects.exists()

    def test_a_role_held_at_another_school_does_not_count(self, client, world, class_code):
        """Care lead there, homeroom teacher here: sees the class's month, does not hand it in."""
        from tests.support.factories import appoint

        appoint(world.homeroom, Role.CARE_LEAD, make_school("另一所小学"))
        client.force_login(world.homeroom)
        assert client.get(page("month", class_code)).status_code == 200
        assert client.post(page("month_open", class_code)).status_code == 403

    @pytest.mark.parametrize("act", ["month_open", "month_submit", "month_approve"])
    def test_acts_are_posts(self, client, world, school_code, act):
        client.force_login(world.principal)
        assert client.get(page(act, school_code)).status_code in (403, 405)

    def test_two_writers_see_both_texts(self, client, world, school_code):
        report = opened(world)
        client.force_login(world.care_lead)
        address = page("month_text", school_code)
        MonthlyReport.objects.filter(pk=report.pk).update(work_done="最早的文字")
        form = client.get(address).context["form"]
        version = form["version"].value()
        MonthlyReport.objects.filter(pk=report.pk).update(work_done="先存的文字")
        answer = client.post(address, {"version": version, "work_done": "后写的文字", "highlights": ""})
        text = answer.content.decode()
        assert answer.status_code == 409
        assert "先存的文字" in text
        assert "后写的文字" in text
        assert "最早的文字" in text
        newest = answer.context["form"]["version"].value()
        assert client.post(address, {"version": newest, "work_done": "合并的文字"}).status_code == 302
        report.refresh_from_db()
        assert report.work_done == "合并的文字"


class TestPaper:
    def test_the_month_prints_and_is_logged(self, client, world, school_code):
        client.force_login(world.care_lead)
        with silent_layout():
            answer = client.get(page("month_pdf", school_code))
        assert answer["Content-Type"] == "application/pdf"
        text = text_of(answer.content)
        assert "全校留守儿童关爱工作月报表" in text
        assert "陈欣怡" not in text
        assert AccessEntry.objects.filter(event=Event.PRINT, staff_id=world.care_lead.pk).count() == 1

    def test_the_class_prints_for_its_teacher(self, client, world, class_code, school_code):
        client.force_login(world.homeroom)
        assert "四（1）班留守儿童关爱工作月报表" in text_of(client.get(page("month_pdf", class_code)).content)
        assert client.get(page("month_pdf", school_code)).status_code == 404


class TestHandedUp:
    def test_the_superior_sees_submitted_figures_and_no_child(self, client, world, school_code):
        top = make_school("云禾县中心校")
        world.school.parent = top
        world.school.save()
        superior = make_staff(Role.SUPERIOR, top)
        report = opened(world)
        client.force_login(superior)
        address = reverse("reports:submitted_show", args=[report.pk])
        assert client.get(address).status_code == 404
        move_report(report=report, move="submit", by=world.care_lead, on=date(2026, 11, 28))
        assert "已提交" in client.get(reverse("reports:submitted_list")).content.decode()
        text = client.get(address).content.decode()
        assert "表1" in text
        assert "陈欣怡" not in text
        assert "cells/" not in text

    def test_a_superior_of_elsewhere_sees_nothing(self, client, world):
        report = move_report(report=opened(world), move="submit", by=world.care_lead, on=date(2026, 11, 28))
        client.force_login(make_staff(Role.SUPERIOR, make_school("别处中心校")))
        assert client.get(reverse("reports:submitted_show", args=[report.pk])).status_code == 404
