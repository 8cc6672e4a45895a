"""An answer to a warning holds for what was known when it was given: what happens afterwards is told again."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.alerts import keeping
from activities.alerts.findings import answer, findings
from activities.alerts.levels import suggestions
from activities.alerts.rules import MOST_QUIET_URGENT, all_rules
from activities.models import Absence, NightAbsence, NightRoll, StandingAlert
from caretrack.access.history import change_by
from caretrack.schools.models import Term
from children.models import Child, Result
from tests.support.factories import TERM_START, TODAY, make_record

pytestmark = [pytest.mark.django_db, pytest.mark.data]
DAY = timedelta(days=1)
RULES = {rule.code: rule for rule in all_rules()}


@pytest.fixture
def _day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY)


def at(on: date, hour: int) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=timezone.get_default_timezone())


def told(child, code: str, on: date) -> bool:
    """Whether a warning is told, by the list and by what is kept for the start page alike."""
    keeping.check([child.pk], on)
    listed = code in {f.rule.code for f in findings(Child.objects.filter(pk=child.pk), on)}
    kept = StandingAlert.objects.loud_on(on).filter(child_id=child.pk, rule=code).exists()
    assert listed == kept
    return listed


def gone(child, on: date, hour: int = 21) -> NightAbsence:
    roll, _ = NightRoll.objects.get_or_create(
        school=child.school, on=on, room="201", defaults={"expected": 1, "present": 0, "taken_at": at(on, hour)}
    )
    return NightAbsence.objects.create(roll=roll, child=child, on=on, reason="missing", called="no_answer")


def answered(child, code: str, by, when: datetime, days: int) -> None:
    last = timezone.localdate(when) + days * DAY
    answer(child=child, rule=code, told="x", state="handled", reason="已找到", until=last, by=by, at=when)


def test_who_goes_missing_again_is_told_again(child, homeroom) -> None:
    gone(child, TODAY - DAY)
    assert told(child, "night_missing", TODAY)
    answered(child, "night_missing", homeroom, at(TODAY, 9), 1)
    assert not told(child, "night_missing", TODAY)
    gone(child, TODAY)  # the evening of the very day on which it was answered
    assert told(child, "night_missing", TODAY)
    answered(child, "night_missing", homeroom, at(TODAY, 22), 1)
    assert not told(child, "night_missing", TODAY)
    gone(child, TODAY + DAY)
    assert told(child, "night_missing", TODAY + DAY)


def test_what_is_urgent_is_asked_again_after_the_next_day(child, homeroom) -> None:
    gone(child, TODAY - DAY)
    with pytest.raises(ValidationError, match="最长可以停到11月21日"):
        answer(
            child=child, rule="night_missing", told="x", state="handled", reason="已找到", until=TODAY + 2 * DAY,
            by=homeroom, at=at(TODAY, 9), most=RULES["night_missing"].most_quiet,
        )  # fmt: skip
    answered(child, "night_missing", homeroom, at(TODAY, 9), 1)
    assert not told(child, "night_missing", TODAY + DAY)
    assert told(child, "night_missing", TODAY + 2 * DAY)
    assert RULES["absence"].most_quiet > MOST_QUIET_URGENT


@pytest.mark.usefixtures("_day")
def test_the_page_proposes_tomorrow_for_what_is_urgent_and_refuses_more(client, child, homeroom) -> None:
    gone(child, TODAY - DAY)
    client.force_login(homeroom)
    url = reverse("activities:alert_answer", args=[child.pk, "night_missing"])
    assert client.get(url).context["form"]["until"].value() == TODAY + DAY
    sent = {"state": "handled", "reason": "已在外婆家找到", "until": TODAY + 14 * DAY}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "已在外婆家找到" in refused.content.decode()
    assert client.post(url, sent | {"until": TODAY + DAY}).status_code == 302


def test_a_new_absence_ends_the_quiet_and_one_entered_before_does_not(child, homeroom) -> None:
    def away(on):
        Absence.objects.create(child=child, school_class=child.school_class, on=on, reason="unknown")

    for days in (3, 2, 1, 0):
        away(TODAY - days * DAY)
    answered(child, "absence", homeroom, at(TODAY, 16), 60)
    assert not told(child, "absence", TODAY + 3 * DAY)
    away(TODAY + 3 * DAY)
    assert told(child, "absence", TODAY + 3 * DAY)


def test_a_talk_that_was_held_ends_the_answer_to_the_silence_before_it(child, homeroom) -> None:
    make_record(child, homeroom, on=TODAY - 40 * DAY)
    answered(child, "silence", homeroom, at(TODAY, 16), 200)
    assert not told(child, "silence", TODAY + 20 * DAY)
    make_record(child, homeroom, on=TODAY + DAY)
    assert not told(child, "silence", TODAY + 30 * DAY)
    assert told(child, "silence", TODAY + 31 * DAY)


def test_marks_of_another_examination_are_told_although_the_last_fall_was_answered(child, homeroom) -> None:
    term = Term.objects.get(school=child.school, starts_on=TERM_START)

    def marked(occasion, mark):
        Result.objects.create(child=child, term=term, subject="语文", occasion=occasion, mark=Decimal(mark))

    marked("第一次月考", 90)
    marked("期中", 70)
    assert told(child, "results_fall", TODAY)
    answered(child, "results_fall", homeroom, timezone.now(), 100)
    assert not told(child, "results_fall", TODAY)
    with change_by(None, "期末登分"):
        marked("第二次月考", 40)
    assert told(child, "results_fall", TODAY)


def test_a_refused_level_is_suggested_again_when_it_happens_again(child, homeroom) -> None:
    def suggested(on):
        return [s.level for s in suggestions(Child.objects.filter(pk=child.pk), on)]

    gone(child, TODAY - DAY)
    assert suggested(TODAY) == ["emergency"]
    answered(child, "level:emergency", homeroom, at(TODAY, 9), 1)
    assert suggested(TODAY) == []
    gone(child, TODAY)
    assert suggested(TODAY) == ["emergency"]
