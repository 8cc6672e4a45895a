"""Birthdays are kept on a school day: those of a holiday are seen before it begins."""

import uuid
from dataclasses import replace
from datetime import date, datetime
from unittest.mock import Mock

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.birthdays import kept_days
from activities.models import CareRecord
from activities.services import Contact, correct_record, record_contact
from activities.views import festive
from activities.views.links import add_url
from activities.views.panels import near_birthdays
from caretrack.access.models import AccessEntry, Event
from caretrack.schools.calendar import calendar_of
from children.models import Child
from tests.support.factories import make_class, make_left_behind, make_record, make_school, make_term
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
LAST = date(2027, 1, 20)


@pytest.fixture
def pupils(school_class):
    """One on a school day, one in the winter holiday, one after it; the last school day is 20 January."""
    school_class.school.terms.update(starts_on=date(2026, 9, 1), ends_on=LAST)
    make_term(school_class.school, season=2, starts_on=date(2027, 2, 22), ends_on=date(2027, 7, 9))
    for name, born in (("李小兰", date(2017, 1, 12)), ("王大明", date(2017, 2, 15)), ("石小军", date(2017, 2, 23))):
        make_left_behind(name, school_class, birth_date=born)
    return Child.objects.all()


def names(days):
    return [(day.on, day.keep_on, one.child.name) for day in days for one in day.people]


def test_a_birthday_in_the_holiday_is_seen_while_its_last_school_day_is_near(pupils, school_class):
    calendar = calendar_of(school_class.school)
    found = names(kept_days(pupils, calendar, date(2027, 1, 8), 14))
    assert found == [
        (date(2027, 1, 12), date(2027, 1, 12), "李小兰"),
        (date(2027, 2, 15), LAST, "王大明"),
    ]
    before = names(kept_days(pupils, calendar, date(2026, 12, 20), 14))
    assert before == [], "the holiday is still far"
    inside = names(kept_days(pupils, calendar, date(2027, 2, 10), 14))
    assert [name for _, _, name in inside] == ["王大明", "石小军"], "in the holiday the day itself counts"


def test_a_holiday_whose_end_is_not_known_yet_brings_its_birthdays_too(pupils, school_class):
    school_class.school.terms.filter(season=2).delete()
    found = names(kept_days(pupils, calendar_of(school_class.school), date(2027, 1, 8), 14))
    assert (date(2027, 2, 15), LAST, "王大明") in found


def test_without_a_calendar_only_the_days_asked_for_count():
    elsewhere = make_class(make_school())
    make_left_behind("莫小雨", elsewhere, birth_date=date(2017, 2, 15))
    seen = Child.objects.all()
    calendar = calendar_of(elsewhere.school)
    assert kept_days(seen, calendar, date(2027, 1, 8), 14) == []
    assert names(kept_days(seen, calendar, date(2027, 2, 8), 14)) == [(date(2027, 2, 15), None, "莫小雨")]


def test_the_start_page_says_until_when_a_holiday_birthday_is_kept(pupils, homeroom):
    panel = near_birthdays(homeroom, date(2027, 1, 19))
    (row,) = panel.data["rows"]
    assert (row["child"].name, row["keep_on"], row["days"]) == ("王大明", LAST, 1)


def test_the_printed_list_is_of_the_month_that_was_chosen(client, pupils, homeroom, monkeypatch):
    monkeypatch.setattr(festive.timezone, "localdate", Mock(return_value=date(2027, 1, 8)))
    client.force_login(homeroom)
    page = client.get(reverse("activities:festive_days")).content.decode()
    assert '<option value="2027-02"' in page
    lists = {m: text_of(client.get(reverse("activities:birthday_print") + f"?month={m}").content) for m in ("2027-01", "2027-02", "x")}  # fmt: skip
    assert "2027年1月生日名单" in lists["2027-01"]
    assert "王大明" in lists["2027-01"], "kept before the holiday"
    assert "石小军" not in lists["2027-01"]
    assert "石小军" in lists["2027-02"]
    assert "李小兰" not in lists["2027-02"]
    assert "2027年1月生日名单" in lists["x"]
    seen = AccessEntry.objects.filter(event=Event.PRINT, child_id=pupils.get(name="石小军").pk)
    assert list(seen.values_list("detail", flat=True)) == ["birthdays 2027-02"]


def test_a_birthday_is_entered_from_its_month_on_and_page_and_desk_agree_that_it_was_kept(
    client, pupils, homeroom, monkeypatch
):
    child = pupils.get(name="李小兰")
    today = Mock(return_value=date(2026, 12, 30))
    monkeypatch.setattr(festive.timezone, "localdate", today)
    client.force_login(homeroom)

    def page() -> str:
        return client.get(reverse("activities:festive_days")).content.decode()

    def desk() -> list:
        return [row["kept_on"] for row in near_birthdays(homeroom, today()).data["rows"] if row["child"] == child]

    add = f"?child={child.pk}&amp;kind=birthday"
    early = make_record(child, homeroom, date(2026, 12, 20), "good_deed")
    CareRecord.objects.filter(pk=early.pk).update(kind="birthday")
    assert "1月1日起可以记" in page()
    assert add not in page()
    assert desk() == [None], "what was kept before its time was not this birthday"
    today.return_value = date(2027, 1, 4)
    assert add in page()
    make_record(child, homeroom, date(2027, 1, 4), "birthday")
    assert add not in page()
    assert "1月4日已过" in page()
    assert desk() == [date(2027, 1, 4)]


def keep(pupils, on, homeroom):
    contact = Contact(kind="birthday", on=on, detail={"how": "贺卡"})
    return record_contact(children=list(pupils), contact=contact, by=homeroom, today=on)


def test_a_birthday_is_entered_from_its_month_on_wherever_the_form_was_opened(pupils, school_class, homeroom):
    with pytest.raises(ValidationError) as refused:
        keep(pupils.filter(name="李小兰"), date(2026, 12, 10), homeroom)
    assert refused.value.message_dict["on"] == [
        "还没到生日：李小兰2027年1月12日过生日，2027年1月1日起才能记。日期选错了请改正；提前一起过的，请登记“集体生日”活动。"
    ]
    assert not CareRecord.objects.exists()
    keep(pupils.filter(name="李小兰"), date(2027, 1, 4), homeroom)
    keep(pupils.filter(name="王大明"), LAST, homeroom)
    assert CareRecord.objects.count() == 2


def test_the_words_of_an_older_record_are_corrected_but_not_moved_to_another_early_day(pupils, homeroom):
    """Entered before anybody asked; only a day that is newly given is asked about."""
    day = date(2026, 12, 10)
    (record,), _ = keep(pupils.filter(name="李小兰"), date(2027, 1, 4), homeroom)
    CareRecord.objects.update(on=day, created_at=datetime(2026, 12, 10, 16, tzinfo=timezone.get_default_timezone()))
    record.refresh_from_db()
    said = Contact(kind="birthday", on=day, content="送了贺卡和书", detail={"how": "贺卡"})
    correct_record(record=record, contact=said, version=record.version, by=homeroom, today=day)
    assert CareRecord.objects.get().content == "送了贺卡和书"
    moved = replace(said, on=date(2026, 12, 9))
    with pytest.raises(ValidationError, match="还没到生日"):
        correct_record(record=record, contact=moved, version=record.version, by=homeroom, today=day)


def test_a_birthday_is_kept_after_its_day_and_without_a_known_day(pupils, school_class, homeroom):
    keep(pupils.filter(name="李小兰"), date(2027, 3, 5), homeroom)
    pupils.filter(name="石小军").update(birth_precision="month")
    keep(pupils.filter(name="石小军"), date(2026, 11, 6), homeroom)
    assert CareRecord.objects.count() == 2


def test_the_dossier_leads_to_the_same_answer_and_keeps_what_was_typed(client, pupils, homeroom, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: a[0].date() if a else date(2026, 12, 10))
    client.force_login(homeroom)
    child = pupils.get(name="李小兰")
    url = add_url(children=[child.pk], kind="birthday")
    sent = {
        "children": child.pk,
        "on": "2026-12-10",
        "content": "一起吃了蛋糕",
        "visibility": "normal",
        "client_key": uuid.uuid4(),
    }
    refused = client.post(url, sent)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "2027年1月1日起才能记" in page
    assert "一起吃了蛋糕" in page
