"""写一封亲情书信 at festivals, elders' birthdays and holidays: asked for by name, proven by one letter each."""

import re
from datetime import date, timedelta
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.migrations.state import ProjectState
from django.urls import reverse

from activities.compliance.board import board_of
from activities.compliance.spans import view_of
from activities.models import ProgrammeItem, Waiver
from activities.programme_acts import add_item
from activities.programmes import adopt
from children.models import FamilyMember
from mentoring.services import mentor_for
from tests.support.factories import TERM_START, TODAY, make_left_behind, make_pairing, make_record, make_term

pytestmark = [pytest.mark.django_db, pytest.mark.data]
LETTER = "写一封亲情书信"


@pytest.fixture
def mentee(child, homeroom):
    """A child whose mentor is its class teacher, with a grandmother whose birthday is near."""
    adopt("ten_ones", child.school, TERM_START, None)
    make_pairing(child, mentor_for(homeroom, child.school))
    grandmother(child, date(1955, 12, 3))
    return child


def grandmother(child, born, relation="64", **given):
    return FamilyMember.objects.create(child=child, relation=relation, birth_date=born, **given)


def wrote(child, by, on, occasion="", whom=""):
    make_record(
        child, by, on, kind="letter", content="", with_whom=whom, detail={"direction": "寄出", "occasion": occasion}
    )


def told(child, span="term", key=""):
    """Occasion → how its letter stands."""
    board = board_of(child.school, view_of(child.school, span, key, TODAY), TODAY)
    [column] = [column for column in board.child_columns if column.rule.name == LETTER]
    return {one.period.label: one.state.value for one in board.owed(child.pk, column)}


def test_a_term_asks_for_festivals_the_grandmothers_birthday_and_the_winter_holiday(mentee):
    assert told(mentee) == {
        "2026年中秋节": "missing",
        "2026年重阳节": "missing",
        "外祖母生日（12月3日）": "due",
        "2027年春节": "due",
        "2027年寒假": "due",
    }


def test_nine_ones_knows_no_summer_holiday_and_ten_ones_does(child, homeroom):
    for code in ("ten_ones", "nine_ones"):
        adopt(code, child.school, TERM_START, None)
    make_pairing(child, mentor_for(homeroom, child.school))
    make_term(child.school, season=2, starts_on=date(2027, 2, 22), ends_on=date(2027, 7, 9))
    make_term(child.school, year=2027, starts_on=date(2027, 9, 1), ends_on=date(2028, 1, 20))
    board = board_of(child.school, view_of(child.school, "month", "2027-07", TODAY), TODAY)
    asked = {
        column.rule.programme: [one.period.label for one in board.owed(child.pk, column)]
        for column in board.child_columns
        if column.rule.name == LETTER
    }
    assert asked == {"十个一": ["2027年暑假"], "九个一": []}


def test_one_letter_is_for_one_occasion_and_a_named_one_for_no_other(mentee, homeroom):
    FamilyMember.objects.filter(child=mentee, relation="51").update(birth_date=date(1984, 12, 1))
    wrote(mentee, homeroom, TODAY)
    assert (told(mentee)["父亲生日（12月1日）"], told(mentee)["外祖母生日（12月3日）"]) == ("done", "due")
    wrote(mentee, homeroom, TODAY, "长辈生日", "外婆")
    assert told(mentee)["外祖母生日（12月3日）"] == "done"
    wrote(mentee, homeroom, date(2026, 9, 20), "长辈生日", "外婆")
    assert told(mentee)["2026年中秋节"] == "missing", "a birthday letter proves no festival"
    wrote(mentee, homeroom, date(2026, 9, 20), "传统节日")
    assert told(mentee)["2026年中秋节"] == "late", "written down long after"
    assert told(mentee, "month", "2026-12")["外祖母生日（12月3日）"] == "done", "the month says what the term says"


@pytest.mark.parametrize("given", [{"birth_date": None}, {"status": "deceased"}, {"relation": "71"}])
def test_nothing_is_owed_for_an_elder_without_birthday_or_gone_or_for_a_brother(mentee, given):
    FamilyMember.objects.filter(child=mentee, relation="64").update(**given)
    assert not any("生日" in label for label in told(mentee))


def test_a_birthday_in_the_holidays_is_asked_for_before_them(mentee):
    FamilyMember.objects.filter(child=mentee, relation="64").update(birth_date=date(1956, 2, 3))
    assert "外祖母生日（2月3日）" in told(mentee)


def test_the_empty_cell_says_whose_birthday_it_is_and_opens_the_letter_filled_in(client, mentee, homeroom):
    client.force_login(homeroom)
    page = client.get(reverse("activities:duty_matrix"), {"span": "month", "key": "2026-12", "programme": "all"})
    cell = re.search(rf'data-label="{LETTER}"><a href="([^"]+)"[^>]*title="([^"]+)"', page.content.decode())
    assert cell is not None
    assert "外祖母生日（12月3日）：还没有做" in cell[2]
    asked = parse_qs(urlsplit(cell[1].replace("&amp;", "&")).query)
    assert (asked["kind"], asked["occasion"], asked["whom"]) == (["letter"], ["长辈生日"], ["外祖母"])
    form = client.get(cell[1].replace("&amp;", "&")).context["form"]
    assert form["with_whom"].value() == "外祖母"


def test_the_start_page_names_the_occasion(client, mentee, homeroom):
    FamilyMember.objects.filter(child=mentee, relation="64").update(birth_date=date(1955, 11, 24))
    ProgrammeItem.objects.exclude(name=LETTER).delete()
    client.force_login(homeroom)
    assert f"{LETTER}：外祖母生日（11月24日）" in client.get("/").content.decode()


def test_to_excuse_one_birthday_excuses_no_other_near_it(client, mentee, lead):
    FamilyMember.objects.filter(child=mentee, relation="51").update(birth_date=date(1984, 12, 1))
    client.force_login(lead)
    page = client.get(reverse("activities:child_duties", args=[mentee.pk]), {"span": "term"})
    (item,) = [item for item in page.context["items"] if item["period"] == "外祖母生日（12月3日）"]
    form = client.get(item["excuse"]).context["form"]
    days = {name: str(form[name].value()) for name in ("first", "last")}
    sent = days | {"whom": "children", "children": [mentee.pk], "reason": "外祖母住在家里"}
    assert client.post(item["excuse"], sent).status_code == 302
    assert told(mentee)["外祖母生日（12月3日）"] == "excused"
    assert told(mentee)["父亲生日（12月1日）"] == "due"


def test_a_call_in_vain_stands_with_the_occasion_that_it_was_tried_for(client, mentee, homeroom):
    ProgrammeItem.objects.filter(name=LETTER).update(evidence=["call"])
    tried = make_record(mentee, homeroom, TODAY, kind="call", reached=False)
    client.force_login(homeroom)
    page = client.get(reverse("activities:child_duties", args=[mentee.pk]), {"span": "term"})
    (item,) = [item for item in page.context["items"] if item["period"] == "外祖母生日（12月3日）"]
    assert item["state"] == "attempted"
    assert [one["url"] for one in item["records"]] == [reverse("activities:record_show", args=[tried.pk])]


def test_a_cell_with_a_missed_festival_opens_the_occasion_to_come(client, mentee, homeroom):
    client.force_login(homeroom)
    page = client.get(reverse("activities:duty_matrix"), {"span": "term", "programme": "all"}).content.decode()
    cell = re.search(rf'class="care-duty ([^"]+)" data-label="{LETTER}"><a href="[^"]+"[^>]*title="([^"]+)"', page)
    assert cell is not None
    assert "missing" in cell[1]
    assert cell[2].startswith("外祖母生日（12月3日）")


def test_the_childs_page_lists_a_letter_only_where_it_counts(client, mentee, homeroom):
    wrote(mentee, homeroom, TODAY, "长辈生日", "外婆")
    client.force_login(homeroom)
    items = client.get(reverse("activities:child_duties", args=[mentee.pk]), {"span": "term"}).context["items"]
    listed = {item["period"]: len(item["records"]) for item in items if item["name"] == LETTER}
    assert listed["外祖母生日（12月3日）"] == 1
    assert sum(listed.values()) == 1
    [why] = [item["why"] for item in items if item["period"] == "外祖母生日（12月3日）"]
    assert "每逢春节、端午节、中秋节、重阳节、长辈生日、寒假、暑假1次" in why


def test_statements_are_the_same_for_many_elders(mentee, homeroom, django_assert_num_queries):
    from django.db import connection as asked
    from django.test.utils import CaptureQueriesContext

    def statements():
        with CaptureQueriesContext(asked) as queries:
            told(mentee)
        return len(queries)

    one = statements()
    for number in range(11):
        another = make_left_behind(f"罗小{'一二三四五六七八九十云'[number]}", mentee.school_class)
        make_pairing(another, mentor_for(homeroom, mentee.school))
        grandmother(another, date(1955, 12, 1 + number))
        wrote(another, homeroom, TODAY)
    assert statements() == one


class TestItem:
    FACTS = {"name": "写信", "subject": "child", "period": "festival", "evidence": ["letter"]}  # noqa: RUF012

    @pytest.mark.parametrize(
        "changed, occasions",
        [({"period": "month"}, ["spring"]), ({"subject": "class"}, ["elders"]), ({}, ["doomsday"])],
    )
    def test_occasions_that_make_no_sense_are_refused(self, mentee, changed, occasions):
        programme = mentee.school.programmes.get()
        facts = self.FACTS | changed | {"applies_to": {"occasions": occasions}}
        with pytest.raises(ValidationError) as refused:
            add_item(programme=programme, facts=facts, on=TODAY, today=TODAY)
        assert "occasions" in refused.value.message_dict

    def test_a_lead_chooses_the_occasions(self, client, mentee, lead):
        client.force_login(lead)
        item = ProgrammeItem.objects.get(name=LETTER)
        url = reverse("activities:item_edit", args=[item.pk])
        assert "elders" in client.get(url).context["form"]["occasions"].value()
        sent = {
            "name": LETTER, "subject": "child", "period": "festival", "count": 1, "role": "mentor", "evidence": ["letter"],
            "min_grade": 0, "on": TODAY.isoformat(), "occasions": ["mid_autumn", "elders"],
        }  # fmt: skip
        assert client.post(url, sent).status_code == 302
        changed = ProgrammeItem.objects.get(name=LETTER, ends_on=None)
        assert changed.applies_to == {"occasions": ["mid_autumn", "elders"]}
        shown = client.get(reverse("activities:programme_list")).content.decode()
        assert "每逢中秋节、长辈生日1次" in shown


@cache
def old_models():
    """The models as a migration sees them: without the saving of ours, which counts versions."""
    return ProjectState.from_apps(apps).apps


class TestUpgrade:
    def amended(self, programme):
        amend = import_module("activities.migrations.0043_letters_on_all_occasions").amend
        amend(old_models(), SimpleNamespace(connection=connection))
        versions = sorted(programme.items.filter(name=LETTER), key=lambda one: one.starts_on or date.min)
        return [(one.starts_on, one.ends_on, one.applies_to.get("occasions", [])) for one in versions]

    def before(self, school, on=TERM_START):
        programme = adopt("nine_ones", school, on, None)
        programme.items.filter(name=LETTER).update(applies_to={})
        return programme

    def test_a_running_programme_asks_for_more_from_today_and_the_past_stays(self, child, homeroom):
        programme = self.before(child.school)
        make_pairing(child, mentor_for(homeroom, child.school))
        grandmother(child, date(1955, 11, 3))
        grandmother(child, date(1955, 11, 30), relation="62")
        new = ["spring", "dragon_boat", "mid_autumn", "double_ninth", "elders", "winter"]
        assert self.amended(programme) == [(None, TODAY - timedelta(days=1), []), (TODAY, None, new)]
        assert list(told(child)) == ["2026年中秋节", "2026年重阳节", "祖母生日（11月30日）", "2027年寒假", "2027年春节"]
        assert len(self.amended(programme)) == 2, "a second run changes nothing"

    def test_what_is_excused_in_days_to_come_stays_excused(self, child, lead):
        programme = self.before(child.school)
        item = programme.items.get(name=LETTER)
        given = {"item": item, "child": child, "granted_by": lead, "reason": "住院"}
        Waiver.objects.create(first=TERM_START, last=TODAY + timedelta(days=20), **given)
        Waiver.objects.create(first=TERM_START, last=TODAY - timedelta(days=20), **given)
        self.amended(programme)
        assert list(Waiver.objects.exclude(item=item).values_list("child", "first", "last", "reason")) == [
            (child.pk, TODAY, TODAY + timedelta(days=20), "住院")
        ]

    def test_what_has_not_begun_or_was_changed_by_the_school_keeps_its_versions(self, child):
        to_come = self.before(child.school, TODAY + timedelta(days=10))
        assert [(first, last) for first, last, _ in self.amended(to_come)] == [(None, None)]
        to_come.items.filter(name=LETTER).update(count=2, applies_to={})
        assert self.amended(to_come) == [(None, None, [])]
