"""The tasks of a festival open their form and know from the entries who did them when."""

import re
from datetime import date
from unittest.mock import Mock

import pytest
from django.urls import reverse

from activities.festival_tasks import task_states
from activities.festivals import FestivalDay, festivals_between
from activities.models import Activity, Homecoming, HomeLetter, LetterText
from activities.views import festive
from caretrack.access.policy import Role
from tests.support.factories import make_left_behind, make_record, make_staff

pytestmark = pytest.mark.django_db
MID_AUTUMN, SPRING = date(2026, 9, 25), date(2027, 2, 6)


def day_of(on: date) -> FestivalDay:
    (found,) = festivals_between(on, on)
    return found


def states(staff, on, today):
    return {state.task.words: state for state in task_states(day_of(on), staff, today)}


@pytest.fixture
def mate(child):
    return make_left_behind("龙小川", child.school_class)


def test_nothing_is_asked_before_the_window_opens(homeroom, django_assert_num_queries):
    with django_assert_num_queries(0):
        found = task_states(day_of(MID_AUTUMN), homeroom, date(2026, 9, 10))
    assert [state.begun for state in found] == [False, False, False]


def test_a_record_in_the_window_counts_and_the_others_of_the_class_still_wait(child, mate, homeroom):
    make_record(child, homeroom, date(2026, 9, 24), kind="video")
    make_record(child, homeroom, date(2026, 9, 1), kind="meal")
    make_record(child, homeroom, date(2026, 9, 24), kind="letter", content="", reached=False)
    found = states(homeroom, MID_AUTUMN, date(2026, 9, 25))
    video = found["亲情视频"]
    assert [(one.by, one.entries, one.last) for one in video.doings] == [("韦老师", 1, date(2026, 9, 24))]
    assert video.waiting == (mate.pk,)
    for open_one in ("共进一次亲情餐", "写信"):
        assert found[open_one].doings == ()
        assert set(found[open_one].waiting) == {child.pk, mate.pk}


def test_a_letter_or_meal_of_another_occasion_is_not_that_of_the_festival(child, homeroom):
    day = date(2026, 9, 24)
    make_record(child, homeroom, day, kind="letter", content="", detail={"direction": "寄出", "occasion": "长辈生日"})
    make_record(child, homeroom, day, kind="meal", detail={"occasion": "生日"})
    found = states(homeroom, MID_AUTUMN, day)
    for words in ("共进一次亲情餐", "写信"):
        assert (found[words].doings, found[words].waiting) == ((), (child.pk,))
    make_record(child, homeroom, day, kind="letter", content="", detail={"direction": "寄出", "occasion": "传统节日"})
    make_record(child, homeroom, day, kind="meal", detail={})
    again = states(homeroom, MID_AUTUMN, day)
    for words in ("共进一次亲情餐", "写信"):
        assert (again[words].entries, again[words].waiting) == (1, ())


def test_what_another_class_did_is_told_to_the_lead_only(child, homeroom, lead):
    other = make_staff(Role.HOMEROOM, child.school_class.school.classes.create(entry_year=2021, number=2), "覃老师")
    make_record(child, homeroom, date(2026, 9, 24), kind="video")
    assert states(lead, MID_AUTUMN, date(2026, 9, 25))["亲情视频"].entries == 1
    assert states(other, MID_AUTUMN, date(2026, 9, 25))["亲情视频"].entries == 0


def test_spring_festival_counts_letters_homecomings_and_activities_by_name(child, homeroom, lead):
    text = LetterText.objects.create(
        school=child.school, kind="spring", title="春节致家长", text="……", made_by=lead, made_on=date(2027, 1, 10)
    )
    HomeLetter.objects.create(text=text, child=child, on=date(2027, 1, 15), sent_by=homeroom)
    Homecoming.objects.create(child=child, who="both", came_on=date(2027, 2, 3), noted_by=homeroom)
    Activity.objects.create(
        school=child.school,
        kind="lecture",
        name="寒假安全教育",
        on=date(2027, 1, 18),
        leader=lead,
        process="讲了防火。",
    )
    Activity.objects.create(school=child.school, kind="lecture", name="安全月计划", on=date(2027, 1, 19), leader=lead)
    found = states(homeroom, SPRING, date(2027, 1, 20))
    assert [(s.task.words, s.entries) for s in found.values()] == [
        ("放假前发给家长的一封信", 1), ("登记父母是否返乡", 1), ("走访父母不返乡的学生", 0), ("亲情视频", 0), ("安全教育", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("children", [1, 9])
def test_more_children_cost_no_more_statements(child, homeroom, children, django_assert_max_num_queries):
    for number in range(children):
        make_record(make_left_behind(f"李小{number}", child.school_class), homeroom, SPRING, kind="video")
    homeroom.roles()
    with django_assert_max_num_queries(8):
        task_states(day_of(SPRING), homeroom, SPRING)


class TestPage:
    @pytest.fixture
    def on_the_day(self, monkeypatch):
        monkeypatch.setattr(festive.timezone, "localdate", Mock(return_value=MID_AUTUMN))

    def page(self, client, staff) -> str:
        client.force_login(staff)
        return client.get(reverse("activities:festive_days")).content.decode()

    def test_a_task_opens_its_form_with_the_children_it_waits_for(self, client, child, mate, homeroom, on_the_day):
        make_record(child, homeroom, date(2026, 9, 24), kind="meal")
        shown = self.page(client, homeroom)
        form = reverse("activities:record_add")
        assert f"{form}?child={mate.pk}&amp;kind=meal" in shown
        assert "韦老师，最近 9月24日，共 1 次；我负责的还差 1 人" in shown
        opened = client.get(f"{form}?child={mate.pk}&kind=meal&occasion=中秋").content.decode()
        assert re.search(r'value="中秋"[^>]*(selected|checked)', opened)

    def test_a_festival_stays_while_entries_count_for_it(self, client, homeroom, monkeypatch):
        monkeypatch.setattr(festive.timezone, "localdate", Mock(return_value=date(2026, 10, 1)))
        assert "已过 6 天" in self.page(client, homeroom)
        monkeypatch.setattr(festive.timezone, "localdate", Mock(return_value=date(2026, 10, 4)))
        assert "中秋节" not in self.page(client, homeroom)

    def test_who_does_not_write_records_gets_no_link(self, client, child, on_the_day):
        leader = make_staff(Role.LEADER, child.school, "覃副校长")
        shown = self.page(client, leader)
        assert "亲情视频" in shown
        assert reverse("activities:record_add") + "?kind=video" not in shown
