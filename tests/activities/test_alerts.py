"""Warnings and suggested levels about real children: the facts behind them, the lists, answers, thresholds."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.alerts.facts import known_of
from activities.alerts.findings import answer, findings
from activities.alerts.keeping import check
from activities.alerts.levels import suggestions
from activities.incidents.services import open_incident
from activities.models import Absence, AlertAnswer, CareRules, Incident, NightAbsence, NightRoll, StandingAlert
from caretrack.access.models import AccessEntry
from children.models import CareArrangement, Child, Phone, Result, SupportDecision
from tests.support.factories import (
    TERM_START,
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_pairing,
    make_record,
)
from tests.support.paper import text_of

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 20, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def _day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY)


def codes_of(child, on=TODAY) -> set[str]:
    return {f.rule.code for f in findings(Child.objects.filter(pk=child.pk), on)}


@pytest.mark.data
@pytest.mark.django_db
def test_facts_are_read_from_records_papers_and_rolls(school_class, homeroom) -> None:
    child = make_left_behind("李小兰", school_class)
    make_record(child, homeroom, TODAY - 10 * DAY)
    make_record(child, homeroom, TODAY - 20 * DAY, kind="call", content="")
    Phone.objects.filter(child=child).update(verified_on=TODAY - DAY)
    Absence.objects.create(child=child, school_class=school_class, on=TODAY - DAY, reason="unknown")
    Absence.objects.create(child=child, school_class=school_class, on=TODAY - 2 * DAY, reason="sick")
    Absence.objects.create(child=child, school_class=school_class, on=TODAY - 30 * DAY, reason="unknown")
    term = school_class.school.terms.get()
    for occasion, mark in (("期中", 90), ("期末", 70)):
        Result.objects.create(child=child, term=term, subject="语文", occasion=occasion, mark=mark)
    (found,) = known_of(Child.objects.filter(pk=child.pk), TODAY)
    assert (found.talk_on, found.family_on) == (TODAY - 10 * DAY, TODAY - 20 * DAY)
    assert (found.phone_on, found.absences, found.age) == (TODAY - DAY, 1, 10)
    assert (found.marks_before, found.marks_now) == (90, 70)
    assert found.away.both_away
    assert (found.has_care, found.care_type, found.rating) == (True, "grandparent", "fair")
    assert codes_of(child) == {"entrust_missing", "results_fall", "contact_gap"}


@pytest.mark.django_db
def test_a_missing_boarder_is_told_until_it_was_looked_into(school_class) -> None:
    child = make_child("李小兰", school_class)
    roll = NightRoll.objects.create(
        school=child.school, on=TODAY - DAY, room="201", expected=1, present=0, taken_at="2026-11-19T21:30:00+08:00"
    )
    row = NightAbsence.objects.create(roll=roll, child=child, on=TODAY - DAY, reason="missing")
    assert "night_missing" in codes_of(child)
    assert "night_missing" in codes_of(child, TODAY - DAY)  # that very evening, before there is a next day
    row.verified_on = TODAY
    row.save()
    assert "night_missing" not in codes_of(child)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reason, called, told",
    [
        ("missing", "no_answer", "没打通"),
        ("missing", "unaware", "家人不知道"),
        ("missing", "confirmed", ""),
        ("leave", "", ""),
    ],
)
def test_who_cannot_be_found_tonight_is_told_at_once(school_class, reason, called, told) -> None:
    child = make_child("李小兰", school_class)
    roll = NightRoll.objects.create(
        school=child.school, on=TODAY, room="201", expected=1, present=0, taken_at="2026-11-20T21:30:00+08:00"
    )
    NightAbsence.objects.create(roll=roll, child=child, on=TODAY, reason=reason, called=called)
    found = [one for one in findings(Child.objects.all(), TODAY) if one.rule.code == "night_missing"]
    assert [told in one.words for one in found] == ([True] if told else [])


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_children(school_class, homeroom) -> None:
    counts = []
    for more in (1, 11):
        for number in range(more):
            child = make_left_behind(f"学生{more}{number}", school_class)
            make_record(child, homeroom, TODAY - 40 * DAY)
        with CaptureQueriesContext(connection) as asked:
            findings(Child.objects.filter(school_class=school_class), TODAY)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_an_answered_warning_stays_quiet_until_its_day(school_class, homeroom) -> None:
    child = make_left_behind("李小兰", school_class)
    assert "entrust_missing" in codes_of(child)
    told = {"child": child, "rule": "entrust_missing", "told": "没有协议", "by": homeroom, "at": NOON}
    for wrong in (
        {"reason": "", "until": TODAY},
        {"reason": "x", "until": TODAY - DAY},
        {"reason": "x", "until": TODAY + 300 * DAY},
    ):
        with pytest.raises(ValidationError):
            answer(**told, state="handled", **wrong)
    answer(**told, state="handled", reason="周末家访时签", until=TODAY + 7 * DAY)
    assert "entrust_missing" not in codes_of(child, TODAY + 7 * DAY)
    assert "entrust_missing" in codes_of(child, TODAY + 8 * DAY)


@pytest.mark.django_db
def test_a_warning_that_is_switched_off_is_not_told(school_class) -> None:
    child = make_left_behind("李小兰", school_class)
    CareRules.objects.create(school=child.school, off=["entrust_missing"])
    assert "entrust_missing" not in codes_of(child)


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_the_list_shows_ones_own_children_with_why_and_takes_an_answer(client, school_class, homeroom) -> None:
    child = make_left_behind("李小兰", school_class)
    make_left_behind("外班孩子", make_class(school_class.school, grade=5))
    client.force_login(homeroom)
    page = client.get(reverse("activities:alert_list")).content.decode()
    assert "没有委托照护协议（未成年人保护法第二十二条）" in page
    assert "外班孩子" not in page
    url = reverse("activities:alert_answer", args=[child.pk, "entrust_missing"])
    sent = {"state": "dismissed", "reason": "父亲下周回来", "until": str(TODAY + 10 * DAY)}
    assert client.post(url, sent).status_code == 302
    assert AlertAnswer.objects.get().told.startswith("父母双方外出")
    only = client.get(reverse("activities:alert_list") + "?rule=entrust_missing").content.decode()
    assert "没有符合条件的预警" in only


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
@pytest.mark.parametrize("rule, kinds", [("silence", ["talk"]), ("contact_gap", ["call", "video", "letter"])])
def test_a_warning_leads_to_the_records_that_end_it_and_then_asks_nothing(
    client, school_class, homeroom, rule, kinds
) -> None:
    child = make_left_behind("李小兰", school_class)
    url = reverse("activities:alert_answer", args=[child.pk, rule])
    check([child.pk], TODAY)
    client.force_login(homeroom)
    page = client.get(url)
    assert [f"child={child.pk}&kind={kind}&" in way for (_, way), kind in zip(page.context["ways"], kinds, strict=True)]
    assert client.post(url, {}).status_code == 422, "what still stands is answered with a reason"
    make_record(child, homeroom, TODAY, kind=kinds[0])
    solved = client.get(url)
    assert solved.context["ways"] == []
    assert set(solved.context["form"].fields) == set()
    assert StandingAlert.objects.filter(child_id=child.pk, rule=rule).exists()
    assert client.post(url, {}).status_code == 302
    assert not StandingAlert.objects.filter(child_id=child.pk, rule=rule).exists()
    assert not AlertAnswer.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_thresholds_are_the_leads(client, school_class, homeroom, lead) -> None:
    client.force_login(homeroom)
    assert client.get(reverse("activities:care_rules")).status_code == 403
    client.force_login(lead)
    form = client.get(reverse("activities:care_rules")).context["form"]
    values = {name: form[name].value() or "" for name in form.fields if name != "off"}
    answered = client.post(reverse("activities:care_rules"), values | {"silence_days": "14", "off": ["silence"]})
    assert answered.status_code == 302
    saved = CareRules.objects.get()
    assert (saved.school, saved.silence_days, saved.off) == (school_class.school, 14, ["silence"])
    refused = client.post(reverse("activities:care_rules"), values | {"silence_days": "0"})
    assert refused.status_code == 422


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_a_suggestion_is_taken_up_in_ones_own_words(client, school_class, homeroom) -> None:
    child = make_left_behind("李小兰", school_class)
    CareArrangement.objects.filter(child=child).update(rating="poor")
    assert [(s.child_id, s.level) for s in suggestions(Child.objects.all(), TODAY)] == [(child.pk, "key")]
    client.force_login(homeroom)
    page = client.get(reverse("activities:level_suggestions")).content.decode()
    assert "监护情况评估为“差”" in page
    url = reverse("activities:suggestion_accept", args=[child.pk])
    assert client.get(url).context["form"]["review_on"].value() == TODAY + 30 * DAY
    refused = client.post(url, {"level": "key", "reason": "", "review_on": "2027-01-10"})
    assert refused.status_code == 422
    client.post(url, {"level": "key", "reason": "奶奶管不住", "review_on": "2027-01-10"})
    decision = SupportDecision.objects.get()
    assert (decision.reason, decision.decided_by, decision.review_on) == ("奶奶管不住", homeroom, date(2027, 1, 10))
    assert "差" in decision.suggested_by
    child.refresh_from_db()
    assert child.support_level == "key"
    assert suggestions(Child.objects.all(), TODAY) == []


def _decided(child, level, review_on, **kw):
    Child.objects.filter(pk=child.pk).update(support_level=level)
    SupportDecision.objects.create(child=child, level=level, on=TERM_START, reason="监护差", review_on=review_on, **kw)


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_a_lower_level_is_suggested_when_the_review_is_due_and_a_person_decides(client, school_class, homeroom) -> None:
    """On the day of the review, not before it; the rules that still hold are said."""
    child = make_left_behind("李小兰", school_class)
    CareArrangement.objects.filter(child=child).update(rating="fair")
    _decided(child, "key", TODAY + DAY)
    assert suggestions(Child.objects.all(), TODAY) == []
    SupportDecision.objects.update(review_on=TODAY)
    (found,) = suggestions(Child.objects.all(), TODAY)
    assert (found.level, found.falls, found.rises) == ("watch", True, False)
    assert found.reasons[0] == "复核日期2026年11月20日已到，没有规则再支持“重点”，仍有以下情况："
    assert "监护情况评估为“一般”。" in found.reasons
    client.force_login(homeroom)
    assert "没有规则再支持“重点”" in client.get(reverse("activities:level_suggestions")).content.decode()
    child.refresh_from_db()
    assert child.support_level == "key"  # nobody has decided yet
    url = reverse("activities:suggestion_accept", args=[child.pk])
    assert "没有规则再支持“重点”" in client.get(url).content.decode()
    client.post(url, {"level": "watch", "reason": "姑姑照顾得好", "review_on": "2027-01-10"})
    child.refresh_from_db()
    assert child.support_level == "watch"
    assert "没有规则再支持" in SupportDecision.objects.first().suggested_by


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_a_rule_or_an_open_file_keeps_the_level_up(school_class, homeroom, lead) -> None:
    """An open file for named people as well; a refusal holds until its day, and does not stop a higher suggestion."""
    child = make_left_behind("李小兰", school_class)
    _decided(child, "key", TODAY)
    assert [s.level for s in suggestions(Child.objects.all(), TODAY)] == ["watch"]
    from django.utils import timezone

    now = timezone.now()
    made = open_incident(
        school=child.school, children=[child], by=lead, found_at=now, now=now, account="x", named_only=True
    )
    assert suggestions(Child.objects.all(), TODAY) == []
    Incident.objects.filter(pk=made.pk).update(state="closed")
    (found,) = suggestions(Child.objects.all(), TODAY)
    answer(
        child=child,
        rule=found.code,
        told="",
        state="dismissed",
        reason="再看一个月",
        until=TODAY,
        by=homeroom,
        at=NOON,
    )
    assert suggestions(Child.objects.all(), TODAY) == []
    assert len(suggestions(Child.objects.all(), TODAY + DAY)) == 1
    CareArrangement.objects.filter(child=child).update(rating="poor")
    assert suggestions(Child.objects.all(), TODAY + DAY) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_a_refused_suggestion_stays_away_until_its_day(client, school_class, homeroom) -> None:
    child = make_left_behind("李小兰", school_class)
    CareArrangement.objects.filter(child=child).update(rating="poor")
    client.force_login(homeroom)
    url = reverse("activities:suggestion_decline", args=[child.pk])
    assert client.post(url, {"reason": "评估已过时", "until": "2026-12-01"}).status_code == 302
    assert suggestions(Child.objects.all(), date(2026, 12, 1)) == []
    assert suggestions(Child.objects.all(), date(2026, 12, 2)) != []


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_the_list_of_key_children_checks_that_all_are_paired(client, school_class, homeroom, lead) -> None:
    one, two = make_left_behind("李小兰", school_class), make_left_behind("龙小川", school_class)
    Child.objects.filter(pk__in=[one.pk, two.pk]).update(support_level="key")
    SupportDecision.objects.create(child=one, level="key", on=TERM_START, reason="监护差", review_on=TODAY)
    make_pairing(one)
    client.force_login(lead)
    answered = client.get(reverse("activities:level_list"))
    assert (answered.context["key"], answered.context["paired"], answered.context["due"]) == (2, 1, 1)
    assert "该复核了" in answered.content.decode()
    assert "龙小川" in client.get(reverse("activities:level_list") + "?show=unpaired").content.decode()
    assert "李小兰" not in client.get(reverse("activities:level_list") + "?show=unpaired").content.decode()
    due = client.get(reverse("activities:level_list") + "?show=due").content.decode()
    assert "李小兰" in due
    assert "龙小川" not in due
    assert "重点帮扶对象名单" in text_of(client.get(reverse("activities:level_print")).content)
    assert client.get(reverse("activities:level_export")).status_code == 200
    for event, name in (("print", "level_print"), ("export", "level_export")):
        named = AccessEntry.objects.filter(event=event, page=f"activities:{name}").values_list("child_id", flat=True)
        assert set(named) == {one.pk, two.pk}
    SupportDecision.objects.update(review_on=TODAY + DAY)
    assert client.get(reverse("activities:level_list")).context["due"] == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_what_was_answered_is_listed_with_the_day_it_may_return_and_can_be_asked_again(
    client, school_class, homeroom
) -> None:
    child = make_left_behind("李小兰", school_class)
    stranger = make_left_behind("外班孩子", make_class(school_class.school, grade=5))
    for one in (child, stranger):
        answer(
            child=one, rule="entrust_missing", told="没有委托照护协议", state="handled", reason="已寄出协议", until=TODAY,
            by=homeroom, at=NOON,
        )  # fmt: skip
    kept = answer(
        child=child, rule="lower:watch", told="", state="dismissed", reason="再看看", until=TODAY + DAY, by=homeroom,
        at=NOON,
    )  # fmt: skip
    client.force_login(homeroom)
    page = client.get(reverse("activities:alert_answered")).content.decode()
    for words in ("没有委托照护协议", "已寄出协议", "2026年11月21日起", "建议降为“关注”", "2026年11月22日起"):
        assert words in page
    assert "外班孩子" not in page
    assert "entrust_missing" not in {f.rule.code for f in findings(Child.objects.filter(pk=child.pk), TODAY)}
    first = AlertAnswer.objects.get(child=child, rule="entrust_missing")
    other = AlertAnswer.objects.get(child=stranger)
    assert client.post(reverse("activities:alert_recall", args=[other.pk])).status_code == 404
    client.post(reverse("activities:alert_recall", args=[first.pk]))
    assert "entrust_missing" in {f.rule.code for f in findings(Child.objects.filter(pk=child.pk), TODAY)}
    assert [row.pk for row in client.get(reverse("activities:alert_answered")).context["page"].object_list] == [kept.pk]


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_a_file_for_named_people_suggests_nothing(school_class, lead) -> None:
    child = make_left_behind("李小兰", school_class)
    from django.utils import timezone

    now = timezone.now()
    open_incident(
        school=child.school,
        children=[child],
        by=lead,
        found_at=now,
        now=now,
        account="x",
        kind="sexual",
        named_only=True,
    )
    assert [s.level for s in suggestions(Child.objects.all(), TODAY)] == ["watch"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_day")
def test_the_start_page_asks_for_the_warnings_once_it_is_there(client, school_class, homeroom) -> None:
    make_left_behind("李小兰", school_class)
    client.force_login(homeroom)
    url = reverse("activities:alert_panel")
    assert f'hx-get="{url}"' in client.get("/").content.decode()
    panel = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "没有委托照护协议" in panel
    assert "<html" not in panel
    assert client.get(url)["Location"] == reverse("activities:alert_list")
