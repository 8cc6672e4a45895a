"""Elders' birthdays and the beginnings of holidays are occasions for a letter, shown in time with the form."""

from datetime import date
from unittest.mock import Mock

import pytest
from django.urls import reverse

from activities.elders import elder_birthdays
from activities.festivals import holidays_between
from activities.views import festive
from activities.views.links import add_url
from caretrack.access.policy import Role
from children.models import FamilyMember
from tests.support.factories import make_class, make_left_behind, make_record, make_staff

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def elder(child, name="王桂英", relation="62", born=date(1955, 12, 3), **kw):
    return FamilyMember.objects.create(child=child, name=name, relation=relation, birth_date=born, **kw)


def told(staff, today=TODAY):
    return [(one.child.name, one.who, one.on, one.written) for one in elder_birthdays(staff, today, 30)]


def test_the_grandmother_of_an_own_child_is_told_and_the_letter_ends_it(child, homeroom):
    elder(child)
    assert told(homeroom) == [("李小兰", "祖母", date(2026, 12, 3), False)]
    make_record(child, homeroom, TODAY, kind="letter", content="", detail={"direction": "寄出", "occasion": "平时"})
    assert told(homeroom)[0][3] is False, "an ordinary letter is not the one for the birthday"
    make_record(child, homeroom, TODAY, kind="letter", content="", detail={"direction": "寄出", "occasion": "长辈生日"})
    assert told(homeroom)[0][3] is True


def letter(child, by, whom="", direction="寄出"):
    detail = {"direction": direction, "occasion": "长辈生日"}
    make_record(child, by, TODAY, kind="letter", content="", with_whom=whom, detail=detail)


def written(staff):
    return {who for _, who, _, done in told(staff) if done}


@pytest.mark.parametrize(
    "whom, whose",
    [
        ("奶奶", {"祖母"}),
        ("外婆和奶奶", {"祖母", "外祖母"}),
        ("外祖母", {"外祖母"}),
        ("王桂英", {"祖母"}),
        ("爷爷奶奶", {"祖母"}),
        ("舅舅", set()),
        ("", {"外祖母"}),
    ],
)
def test_a_letter_is_for_the_elder_whom_it_names_and_one_without_name_for_the_nearest(child, homeroom, whom, whose):
    elder(child)
    elder(child, name="韦桂花", relation="64", born=date(1956, 11, 25))
    letter(child, homeroom, whom)
    assert written(homeroom) == whose


def test_two_letters_without_a_name_are_for_two_elders_and_one_received_for_none(child, homeroom):
    elder(child)
    elder(child, name="韦桂花", relation="64", born=date(1956, 11, 25))
    letter(child, homeroom, "奶奶", direction="收到")
    assert written(homeroom) == set()
    letter(child, homeroom)
    letter(child, homeroom)
    assert written(homeroom) == {"祖母", "外祖母"}


def test_left_out_are_the_dead_brothers_those_far_off_and_other_classes(child, homeroom):
    elder(child, relation="61", status="deceased")
    elder(child, relation="73", name="李小军", born=date(2018, 12, 1))
    elder(child, relation="63", name="韦老人", born=date(1953, 3, 1))
    other = make_left_behind("龙小川", make_class(child.school, grade=6))
    elder(other)
    assert told(homeroom) == []


def test_the_29th_of_february_is_kept_on_the_28th(child, homeroom):
    elder(child, born=date(1956, 2, 29))
    assert told(homeroom, date(2027, 2, 20)) == [("李小兰", "祖母", date(2027, 2, 28), False)]
    assert told(homeroom, date(2028, 2, 20))[0][2] == date(2028, 2, 29)


def test_a_lead_is_not_shown_the_whole_school(child, lead):
    elder(child)
    assert told(lead) == []


@pytest.mark.parametrize("elders", [1, 12])
def test_many_elders_cost_no_more_statements(child, homeroom, elders, django_assert_max_num_queries):
    for number in range(elders):
        elder(make_left_behind(f"李小{number}", child.school_class))
    homeroom.roles()
    with django_assert_max_num_queries(3):
        assert len(told(homeroom)) == elders


def test_each_term_ends_with_its_holiday():
    terms = ((date(2026, 9, 1), date(2027, 1, 20)), (date(2027, 3, 1), date(2027, 7, 9)))
    found = holidays_between(terms, date(2026, 11, 1), date(2027, 8, 1))
    assert [(day.festival.name, day.on) for day in found] == [("寒假", date(2027, 1, 20)), ("暑假", date(2027, 7, 9))]
    assert holidays_between(terms, date(2027, 2, 1), date(2027, 3, 1)) == []


class TestPage:
    def page(self, client, staff, monkeypatch, today) -> str:
        monkeypatch.setattr(festive.timezone, "localdate", Mock(return_value=today))
        client.force_login(staff)
        return client.get(reverse("activities:festive_days")).content.decode()

    def test_the_birthday_of_an_elder_opens_the_letter(self, client, child, homeroom, monkeypatch):
        elder(child)
        shown = self.page(client, homeroom, monkeypatch, TODAY)
        assert "的祖母" in shown
        assert f"child={child.pk}&amp;kind=letter" in shown
        assert "occasion=%E9%95%BF%E8%BE%88%E7%94%9F%E6%97%A5" in shown
        assert "还没写" in shown
        form = client.get(add_url(children=[child.pk], kind="letter", occasion="长辈生日", whom="祖母")).context["form"]
        assert form["with_whom"].value() == "祖母"

    def test_the_winter_holiday_stands_among_the_festivals(self, client, child, homeroom, monkeypatch):
        shown = self.page(client, homeroom, monkeypatch, date(2027, 1, 15))
        assert shown.index("寒假") < shown.index("春节")
        assert "occasion=%E5%AF%92%E6%9A%91%E5%81%87" in shown

    def test_who_gets_no_family_data_learns_of_no_elder(self, client, child, monkeypatch):
        elder(child)
        teacher = make_staff(Role.TEACHER, child.school_class, "苏老师")
        assert "的祖母" not in self.page(client, teacher, monkeypatch, TODAY)


def test_a_letter_from_before_the_birthday_was_shown_is_for_another(child, homeroom):
    elder(child, born=date(1955, 12, 18))
    detail = {"direction": "寄出", "occasion": "长辈生日"}
    make_record(child, homeroom, date(2026, 11, 7), kind="letter", content="", detail=detail)
    assert told(homeroom) == [("李小兰", "祖母", date(2026, 12, 18), False)]
    make_record(child, homeroom, TODAY, kind="letter", content="", detail=detail)
    assert told(homeroom)[0][3] is True
