"""The official registration form, from the dossier and blank."""

from datetime import date

import pytest
from django.urls import reverse

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.jobs.models import Job
from children.models import Child, FamilyMember, Phone, codes
from reports.builders.registration import blank_form, build_registration
from tests.support.factories import id_number, make_left_behind, make_mentor, make_pairing, make_staff
from tests.support.paper import pages_of, silent_layout, text_of

pytestmark = pytest.mark.django_db
NUMBER = id_number(date(2016, 5, 4), 7, male=False)


def ticked(choices):
    return [choice.label for choice in choices if choice.ticked]


@pytest.fixture
def form(world, today):
    """Builds the one child's form after changes to it and its family."""

    def build(full=False, **changes):
        for name, value in changes.items():
            setattr(world.child, name, value)
        world.child.save()
        return build_registration([world.child], on=today, full_numbers=full)[0]

    return build


def parent(world, relation):
    return FamilyMember.objects.get(child=world.child, relation=relation)


class TestFilling:
    def test_facts_become_ticks(self, form):
        sheet = form(body_state="ill", illness_kind="grave", hardship=["minimum"], income_sources="打工、种养殖",
                     aid_received="医疗救助")  # fmt: skip
        assert ticked(sheet.body) == ["患病"]
        assert sheet.illness == "重特大疾病"
        assert ticked(sheet.schooling) == ["小学"]
        assert ticked(sheet.both_away) == ["是"]
        assert ticked(sheet.income) == ["打工收入", "种养殖业"]
        assert ticked(sheet.aid) == ["享受低保", "医疗救助"]
        assert ticked(sheet.care) == ["监护情况一般"]

    def test_what_nobody_knows_is_left_to_be_written(self, form, world):
        world.child.care.all().delete()
        sheet = form(body_state="", aid_received="", income_sources="")
        assert (ticked(sheet.body), ticked(sheet.care), ticked(sheet.aid), sheet.hukou_place) == ([], [], [], "")

    def test_the_dead_are_a_dash(self, form, world):
        mother = parent(world, codes.Relation.MOTHER)
        mother.status = codes.ParentStatus.DECEASED
        mother.save()
        assert form().parents[1].name == "—"
        assert ticked(form().unable) == ["母亲"]

    def test_one_away_and_the_other_unable(self, form, world):
        mother = parent(world, codes.Relation.MOTHER)
        mother.absences.all().delete()
        mother.status, mother.has_capacity = codes.ParentStatus.AT_HOME, False
        mother.save()
        assert (ticked(form().both_away), ticked(form().one_unable)) == (["否"], ["是"])

    def test_numbers_are_masked_unless_asked_for(self, form):
        assert NUMBER not in form(id_no=NUMBER).id_no
        assert form(full=True).id_no == NUMBER

    def test_a_dead_number_is_not_printed(self, form, world):
        Phone.objects.filter(child=world.child).update(state="dead")
        assert form().parents[0].phone == ""

    @pytest.mark.parametrize("count", [1, 12])
    def test_a_class_costs_the_same_as_one_child(self, world, today, count, django_assert_num_queries):
        ids = [make_left_behind(f"学生{n}", world.four).pk for n in range(count)]
        children = list(Child.objects.filter(pk__in=ids).select_related("school", "school_class__school"))
        with django_assert_num_queries(7):
            build_registration(children, on=today, full_numbers=False)


class TestPrinting:
    def post(self, client, name="registration", args=(), **data):
        with silent_layout():
            return client.post(reverse(f"reports:{name}", args=args), data)

    def test_a_class_is_one_page_a_child(self, client, world):
        make_left_behind("龙小喆", world.four, address="青榕镇双河村三组二十七号晒谷场旁第二家，门口有一棵大榕树")
        client.force_login(world.homeroom)
        answer = self.post(client, scope=world.four.pk, numbers="masked")
        pages = pages_of(answer.content)
        assert len(pages) == 2
        assert all("农村留守儿童基本情况登记表" in page and "单位负责人（签名）" in page for page in pages)
        assert "小学（√）" in pages[0]

    def test_whole_numbers_need_a_purpose_which_is_logged(self, client, world):
        world.child.id_no = NUMBER
        world.child.save()
        client.force_login(world.principal)
        own = {"args": [world.child.pk], "scope": f"child-{world.child.pk}", "numbers": "whole"}
        refused = self.post(client, "child_registration", **own)
        assert refused.status_code == 422
        assert "须写明用途" in refused.content.decode()
        printed = self.post(client, "child_registration", purpose="镇民政办核查", **own)
        assert NUMBER in text_of(printed.content)
        assert "镇民政办核查" in AccessEntry.objects.get(event=Event.REVEAL).detail

    def test_blank_has_every_label_and_no_tick(self, client, world):
        client.force_login(world.homeroom)
        with silent_layout():
            shown = text_of(client.get(reverse("reports:registration_blank")).content)
        for label in ("公民身份证号码", "是否登记户口", "残疾类别及等级", "外祖母姓名", "当前务工地点", "受委托监护人电话",
                      "以上选项可多选", "填表人（签名）"):  # fmt: skip
            assert label in shown
        assert "√" not in shown

    def test_many_are_a_job(self, client, world):
        for number in range(13):
            make_left_behind(f"学生{number}", world.four)
        client.force_login(world.homeroom)
        answer = self.post(client, scope=world.four.pk, numbers="masked")
        assert answer.url == reverse("jobs:job_show", args=[Job.objects.get().pk])

    def test_a_mentor_is_told_why_not(self, client, world):
        mentor = make_mentor(make_staff(Role.TEACHER, world.five), world.school)
        make_pairing(world.child, mentor)
        client.force_login(mentor.staff)
        assert "只有班主任" in client.get(reverse("reports:registration")).content.decode()
        assert client.get(reverse("reports:child_registration", args=[world.child.pk])).status_code == 404


def test_the_blank_form_has_as_many_options_as_the_filled_one(world, today):
    blank = blank_form()
    filled = build_registration([world.child], on=today, full_numbers=False)[0]
    for name in ("body", "schooling", "care", "income", "aid", "grandparents", "parents"):
        assert [one.label for one in getattr(blank, name)] == [one.label for one in getattr(filled, name)]
