from datetime import date

import pytest
from django.urls import reverse

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.models import ContactCard, Phone
from children.services import leave_school
from tests.support.factories import (
    make_child,
    make_class,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
)
from tests.support.paper import pages_of, silent_layout, text_of

MONTH = "2026-11"


def text(client, name, *args, post=False):
    with silent_layout():
        address = reverse(f"reports:{name}", args=args)
        answer = client.post(address, {"which": "all"}) if post else client.get(address)
    assert answer.status_code == 200, answer
    assert answer["Content-Type"] == "application/pdf"
    return text_of(answer.content)


class TestCards:
    def test_the_class_prints_its_cards(self, client, world):
        world.child.id_no = "999999201503120020"
        world.child.neighbour_contact = "陈大山 13600004001"
        world.child.illness = "哮喘"
        world.child.hardship = ["minimum"]
        world.child.save()
        client.force_login(world.homeroom)
        shown = text(client, "class_cards", world.four.pk, post=True)
        for word in ("陈欣怡", "13800001111", "王桂英", "罗老师", "陈大山", "13600004001", "第1版"):
            assert word in shown
        for secret in ("999999", "哮喘", "低保", "吴玥"):
            assert secret not in shown

    def test_a_changed_number_makes_a_new_version_and_voids_the_old(self, client, world):
        client.force_login(world.homeroom)
        text(client, "class_cards", world.four.pk, post=True)
        text(client, "class_cards", world.four.pk, post=True)
        assert ContactCard.objects.count() == 1
        Phone.objects.filter(child=world.child).update(number="13800009999")
        page = client.get(reverse("reports:print_class", args=[world.four.pk])).content.decode()
        assert "第1版，内容已变，须换发" in page
        shown = text(client, "child_card", world.child.pk, post=True)
        assert "第2版" in shown
        old, new = ContactCard.objects.order_by("number")
        assert old.replaced_on is not None
        assert (new.number, new.replaced_on) == (2, None)

    def test_a_card_nobody_verified_this_term_says_so(self, client, world):
        client.force_login(world.homeroom)
        assert "待核对" in text(client, "child_card", world.child.pk, post=True)
        Phone.objects.filter(child=world.child).update(verified_on=date(2026, 9, 12))
        shown = text(client, "child_card", world.child.pk, post=True)
        assert "待核对" not in shown
        assert "2026年9月12日" in shown

    def test_a_card_printed_by_itself_fills_the_sheet_with_the_copies_that_are_asked_for(self, client, world):
        client.force_login(world.homeroom)
        shown = text(client, "child_card", world.child.pk, post=True)
        assert shown.count("留守儿童联系卡") == 2, "without a mentor there is no mentor's copy"
        for holder in ("学校存", "班主任存"):
            assert holder in shown

    def test_printing_is_logged_by_child(self, client, world):
        client.force_login(world.homeroom)
        text(client, "class_cards", world.four.pk, post=True)
        assert list(AccessEntry.objects.filter(event=Event.PRINT).values_list("child_id", flat=True)) == [
            world.child.pk
        ]

    def test_a_get_prints_no_card(self, client, world):
        client.force_login(world.homeroom)
        assert client.get(reverse("reports:child_card", args=[world.child.pk])).status_code == 405

    def test_only_what_is_needed(self, client, world):
        Phone.objects.filter(child=world.child).update(verified_on=date(2026, 9, 12))
        client.force_login(world.homeroom)
        text(client, "class_cards", world.four.pk, post=True)
        answer = client.post(reverse("reports:class_cards", args=[world.four.pk]), {"which": "needed"})
        assert answer.status_code == 302


class TestDossier:
    def test_the_principal_prints_it_whole_but_masked(self, client, world):
        world.child.id_no = "999999201503120020"
        world.child.wishes = "想去看海"
        world.child.save()
        make_record(world.child, world.homeroom, date(2026, 11, 3), content="说了期中考试")
        client.force_login(world.principal)
        shown = text(client, "child_dossier", world.child.pk)
        for word in (
            "留守儿童档案",
            "陈欣怡",
            "想去看海",
            "说了期中考试",
            "是（双亲外出）",
            "13800001111",
            "999***********0020",
        ):
            assert word in shown
        assert "999999201503120020" not in shown

    def test_counselling_is_a_line_without_content(self, client, world):
        counsellor = make_staff(Role.COUNSELLOR, world.school)
        make_record(world.child, counsellor, date(2026, 11, 3), kind="counselling", content="", reached=True)
        client.force_login(world.principal)
        assert "内容按权限不打印" in text(client, "child_dossier", world.child.pk)

    def test_a_child_that_left_is_told_as_gone_and_counted_nowhere(self, client, world):
        leave_school(child=world.child, on=date(2026, 11, 20), kind="out_transfer", by=None, reason="东莞市第三中学")
        client.force_login(world.principal)
        shown = text(client, "child_dossier", world.child.pk)
        for word in ("该生已于2026年11月20日离校", "离校前在四（1）班", "不计入（已离校）"):
            assert word in shown
        assert "未结对" not in shown
        assert "是（双亲外出）" not in shown
        bound = text(client, "child_growth_file", world.child.pk)
        assert "已于2026年11月20日离校" in bound
        assert "是（双亲外出）" not in bound

    def test_a_registrar_gets_no_records(self, client, world):
        make_record(world.child, world.homeroom, date(2026, 11, 3), content="说了期中考试")
        client.force_login(make_staff(Role.REGISTRAR, world.school))
        assert "说了期中考试" not in text(client, "child_dossier", world.child.pk)

    def test_a_mentor_gets_no_economy(self, client, world):
        world.child.income_per_head = 4321
        world.child.save()
        mentor = make_mentor(school=world.school)
        make_pairing(world.child, mentor)
        client.force_login(mentor.staff)
        shown = text(client, "child_dossier", world.child.pk)
        assert "4321" not in shown
        assert "家庭经济不在您的查看范围内" in shown

    def test_sight_decides(self, client, world):
        client.force_login(world.homeroom)
        assert client.get(reverse("reports:child_dossier", args=[world.other.pk])).status_code == 404
        client.force_login(make_staff(Role.PRINCIPAL, make_school("另一所小学")))
        assert client.get(reverse("reports:child_dossier", args=[world.child.pk])).status_code == 404
        client.force_login(make_staff(Role.TEACHER, world.four))
        assert client.get(reverse("reports:child_dossier", args=[world.child.pk])).status_code == 403


class TestForms:
    def test_the_class_prints_a_form_for_each(self, client, world):
        make_record(world.child, world.homeroom, date(2026, 11, 3), content="聊了同桌的矛盾", advice="多表扬")
        make_record(world.child, world.homeroom, date(2026, 10, 3), content="上个月的事")
        client.force_login(world.homeroom)
        shown = text(client, "class_forms", world.four.pk, MONTH)
        for word in ("关爱留守儿童记录表", "2026年10月26日至11月25日", "聊了同桌的矛盾", "多表扬", "双亲外出"):
            assert word in shown
        assert "上个月的事" not in shown

    def test_a_mentor_prints_the_own_mentees(self, client, world):
        mentor = make_mentor(school=world.school)
        make_pairing(world.child, mentor)
        make_record(world.child, world.homeroom, date(2026, 11, 3), content="班主任写的")
        make_record(world.child, mentor.staff, date(2026, 11, 4), content="代理家长写的")
        client.force_login(mentor.staff)
        shown = text(client, "mentee_forms", MONTH)
        assert "代理家长写的" in shown
        assert "班主任写的" not in shown
        assert client.get(reverse("reports:child_form", args=[world.other.pk, MONTH])).status_code == 404

    def test_a_letter_keeps_its_secret_and_counselling_is_not_listed(self, client, world):
        counsellor = make_staff(Role.COUNSELLOR, world.school)
        make_record(world.child, counsellor, date(2026, 11, 3), kind="counselling", content="")
        make_record(world.child, world.homeroom, date(2026, 11, 4), kind="letter", content="")
        make_record(world.child, world.homeroom, date(2026, 11, 5), content="只给少数人看", visibility="restricted")
        client.force_login(world.principal)
        shown = text(client, "child_form", world.child.pk, MONTH)
        assert "只给少数人看" not in shown
        assert "未联系上" not in shown

    def test_a_registrar_prints_no_forms(self, client, world):
        client.force_login(make_staff(Role.REGISTRAR, world.school))
        assert client.get(reverse("reports:child_form", args=[world.child.pk, MONTH])).status_code == 404

    def test_each_form_counts_its_own_pages(self, client, world):
        from tests.support.factories import make_left_behind

        make_left_behind("第二人", world.four)
        client.force_login(world.homeroom)
        answer = client.get(reverse("reports:class_forms", args=[world.four.pk, MONTH]))
        assert [one[-6:] for one in pages_of(answer.content)] == ["第1页共1页"] * 2


class TestPages:
    def test_the_print_centre_lists_what_one_may_print(self, client, world):
        client.force_login(world.principal)
        shown = client.get(reverse("reports:print_centre")).content.decode()
        assert "四（1）班" in shown
        assert "学期总结" in shown
        client.force_login(world.homeroom)
        shown = client.get(reverse("reports:print_centre")).content.decode()
        assert "四（1）班" in shown
        assert "五（1）班" not in shown

    def test_the_print_centre_offers_the_empty_forms_that_one_may_print(self, client, world):
        def offered(staff):
            client.force_login(staff)
            return client.get(reverse("reports:print_centre")).context["blanks"]

        found = dict(offered(world.homeroom))
        for label in ("农村留守儿童基本情况登记表", "家访记录卡", "学习帮扶计划", "委托照护协议"):
            assert client.get(found[label])["Content-Type"] == "application/pdf", label
        of_registrar = dict(offered(make_staff(Role.REGISTRAR, world.school)))
        assert "委托照护协议" in of_registrar
        assert not {"家访记录卡", "学习帮扶计划"} & set(of_registrar)

    def test_a_class_without_absent_parents_says_so(self, client, world):
        six = make_class(world.school, grade=6)
        make_child("没有外出", six)
        client.force_login(world.principal)
        page = client.get(reverse("reports:print_class", args=[six.pk])).content.decode()
        assert "没有父母外出务工的学生" in page

    def test_another_class_is_not_there(self, client, world):
        client.force_login(world.homeroom)
        for name, args in (("print_class", [world.five.pk]), ("class_forms", [world.five.pk, MONTH])):
            assert client.get(reverse(f"reports:{name}", args=args)).status_code == 404
        assert client.post(reverse("reports:class_cards", args=[world.five.pk])).status_code == 404

    @pytest.mark.parametrize("role", [Role.TEACHER, Role.COUNSELLOR, Role.SUPERIOR, Role.SYSADMIN])
    def test_who_may_not_print_is_told(self, client, world, role):
        client.force_login(make_staff(role, world.four))
        assert client.get(reverse("reports:print_centre")).status_code == 403

    @pytest.mark.parametrize("children", [1, 12])
    def test_the_class_page_stays_flat(self, client, world, children, django_assert_max_num_queries):
        from tests.support.factories import make_left_behind

        for number in range(children):
            make_left_behind(f"学生{number}", world.four)
        client.force_login(world.homeroom)
        client.get(reverse("reports:print_class", args=[world.four.pk]))
        with django_assert_max_num_queries(40):
            client.get(reverse("reports:print_class", args=[world.four.pk]))
