"""The warnings that are kept worked out: what a save, a deletion, an answer and midnight do to them, and who sees them."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.alerts import keeping
from activities.alerts.facts import known_of
from activities.alerts.findings import answer, findings
from activities.models import AlertCheck, CareRecord, CareRules, StandingAlert
from activities.views import alert_panel
from caretrack.access.history import tracked_models
from caretrack.access.models import ChangeSet
from children.models import AbsenceSpan, CareArrangement, Child, Phone
from tests.support.factories import TODAY, make_class, make_left_behind, make_mentor, make_pairing, make_record

pytestmark = [pytest.mark.django_db, pytest.mark.data]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY)


def now() -> datetime:
    return timezone.now()


def kept(child) -> set[str]:
    return set(StandingAlert.objects.filter(child_id=child.pk).values_list("rule", flat=True))


def panel(client) -> str:
    return client.get(reverse("activities:alert_panel"), headers={"HX-Request": "true"}).content.decode()


def test_what_is_kept_is_what_the_rules_say(child, school_class) -> None:
    make_left_behind("龙小川", school_class)
    keeping.check_all(TODAY, now())
    said = {(f.child_id, f.rule.code, f.words) for f in findings(Child.objects.all(), TODAY)}
    assert said
    assert set(StandingAlert.objects.values_list("child_id", "rule", "words")) == said


def test_every_table_behind_the_rules_is_watched_for_changes(child) -> None:
    with CaptureQueriesContext(connection) as asked:
        known_of(Child.objects.filter(pk=child.pk), TODAY)
    read = set(re.findall(r'(?:FROM|JOIN) "(\w+)"', " ".join(query["sql"] for query in asked)))
    tracked = {model._meta.db_table: model for model in tracked_models()}
    watched = {model._meta.db_table for model in (*keeping.OF_A_CHILD, *keeping.OF_A_SCHOOL)}
    assert read & tracked.keys() <= watched | {"schools_schoolclass"}


def test_a_save_is_seen_by_the_next_check(child) -> None:
    keeping.check_all(TODAY, now())
    assert "entrust_missing" in kept(child)
    care = CareArrangement.objects.get(child=child)
    care.entrusted = True
    care.save()
    assert "entrust_missing" in kept(child)
    keeping.catch_up(TODAY, now())
    assert "entrust_missing" not in kept(child)


def test_deleted_rows_are_seen_too(child, homeroom) -> None:
    make_record(child, homeroom, TODAY - DAY)
    Phone.objects.filter(child=child).update(verified_on=TODAY)
    keeping.check_all(TODAY, now())
    assert "phone_stale" not in kept(child)
    CareRecord.objects.filter(child=child).delete()
    Phone.objects.filter(child=child).delete()
    keeping.catch_up(TODAY, now())
    assert {"phone_stale", "entrust_missing"} <= kept(child)
    AbsenceSpan.objects.filter(member__child=child).delete()
    ChangeSet.objects.update(made_at=now() - DAY)  # seen by the deletion alone
    keeping.catch_up(TODAY, now())
    assert not kept(child) & {"phone_stale", "entrust_missing"}


def test_a_mentor_whose_post_ends_is_seen_by_the_next_check(child) -> None:
    mentor = make_mentor(school=child.school)
    Child.objects.filter(pk=child.pk).update(support_level="key")
    make_pairing(child, mentor)
    keeping.check_all(TODAY, timezone.now())
    assert "no_mentor" not in kept(child)
    post = mentor.staff.appointments.get()
    post.ends_on = TODAY - timedelta(days=1)
    post.save()
    keeping.catch_up(TODAY, timezone.now())
    assert "no_mentor" in kept(child)


def test_a_new_threshold_counts_for_the_whole_school_and_no_other(child, homeroom) -> None:
    make_record(child, homeroom, TODAY - 20 * DAY)
    keeping.check_all(TODAY, now())
    assert "silence" not in kept(child)
    CareRules.objects.create(school=child.school, silence_days=14, off=["entrust_missing"])
    keeping.catch_up(TODAY, now())
    assert "silence" in kept(child)
    assert "entrust_missing" not in kept(child)


def test_of_a_child_that_left_nothing_stays(child) -> None:
    keeping.check_all(TODAY, now())
    child.school_class = None
    child.save()
    keeping.catch_up(TODAY, now())
    assert kept(child) == set()


def test_nothing_is_written_while_nothing_changes(child) -> None:
    keeping.check_all(TODAY, now() + timedelta(hours=1))
    with CaptureQueriesContext(connection) as asked:
        keeping.catch_up(TODAY, now() + timedelta(hours=1, minutes=1))
    assert not [q for q in asked if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_after_midnight_everything_is_worked_out_again(child, homeroom) -> None:
    make_record(child, homeroom, TODAY - 29 * DAY)
    keeping.check_all(TODAY, now())
    assert "silence" not in kept(child)
    keeping.catch_up(TODAY + DAY, now())
    assert "silence" in kept(child)
    assert AlertCheck.objects.get().on == TODAY + DAY


def test_the_panel_shows_what_is_kept_to_those_who_may_see_it(client, child, homeroom) -> None:
    make_left_behind("外班孩子", make_class(child.school, grade=5))
    keeping.check_all(TODAY, now())
    client.force_login(homeroom)
    text = panel(client)
    assert "李小兰" in text
    assert "外班孩子" not in text
    assert f"共 {len(kept(child))} 条" in text
    assert "最近核对" in text
    assert "之后登记的还没有算进去" in text


def test_an_answer_counts_at_once_and_comes_back_only_after_its_day(client, child, homeroom) -> None:
    keeping.check_all(TODAY, now())
    client.force_login(homeroom)
    told = "父母双方外出，没有委托照护协议"
    assert told in panel(client)
    answer(
        child=child, rule="entrust_missing", told=told, state="dismissed", reason="父亲下周回来", until=TODAY,
        by=homeroom, at=now(),
    )  # fmt: skip
    assert told not in panel(client)
    keeping.check_all(TODAY, now())
    assert told not in panel(client)
    assert StandingAlert.objects.loud_on(TODAY + DAY).filter(rule="entrust_missing").exists()


def test_without_a_worker_the_panel_works_it_out_itself(client, child, homeroom) -> None:
    client.force_login(homeroom)
    assert "没有委托照护协议" in panel(client)
    keeping.check_all(TODAY, now() - timedelta(hours=2))
    StandingAlert.objects.update(words="两小时前")
    assert "两小时前" not in panel(client)
    assert StandingAlert.objects.filter(words="两小时前").exists()  # a look writes nothing


def test_one_may_ask_for_a_new_check(client, child, homeroom) -> None:
    keeping.check_all(TODAY, now() - timedelta(minutes=12))
    StandingAlert.objects.update(words="旧的")
    client.force_login(homeroom)
    assert "旧的" in panel(client)
    answered = client.post(reverse("activities:alert_recheck"), headers={"HX-Request": "true"}).content.decode()
    assert "旧的" not in answered
    assert "没有委托照护协议" in answered
    assert now() - AlertCheck.objects.get().checked_at < timedelta(minutes=1)
    assert client.post(reverse("activities:alert_recheck"))["Location"] == reverse("workbench")
    assert client.get(reverse("activities:alert_recheck")).status_code == 405


def test_the_panel_costs_the_same_for_one_child_and_for_twelve(client, school_class, homeroom) -> None:
    client.force_login(homeroom)
    counts = []
    for more in (1, 11):
        for number in range(more):
            make_left_behind(f"学生{more}{number}", school_class)
        keeping.check_all(TODAY, now())
        panel(client)
        with CaptureQueriesContext(connection) as asked:
            panel(client)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_start_page_itself_says_what_was_last_known_and_when(client, child, homeroom) -> None:
    today = timezone.localdate()
    client.force_login(homeroom)
    assert "查看今天的预警" in client.get(reverse("workbench")).content.decode()
    checked = timezone.localtime().replace(hour=0, minute=5)
    keeping.check_all(today, checked)
    number = StandingAlert.objects.filter(child_id=child.pk).count()
    page = client.get(reverse("workbench")).content.decode()
    assert number
    assert f"共 {number} 条" in page
    assert "00:05 核对" in page
    assert "查看今天的预警" not in page


class TestAfterSaving:
    """The page after a save does not tell what the save has put right, though the worker has not been there yet."""

    @pytest.fixture(autouse=True)
    def _silent(self, child, homeroom) -> None:
        make_record(child, homeroom, TODAY - 40 * DAY)
        keeping.check_all(TODAY, now())
        ChangeSet.objects.update(made_at=now() - DAY)

    def talked(self, client, child, on=TODAY):
        sent = {
            "children": [child.pk], "on": on.isoformat(), "content": f"谈了学习。{uuid4()}", "client_key": str(uuid4()),
            "reached": "yes", "way": "face", "visibility": "normal",
        }  # fmt: skip
        answer = client.post(reverse("activities:record_add") + f"?child={child.pk}&kind=talk", sent)
        assert answer.status_code == 302, answer.context["form"].errors

    def test_the_silence_is_gone_from_the_panel_and_its_count(self, client, child, homeroom) -> None:
        client.force_login(homeroom)
        before = panel(client)
        assert "没有谈心" in before
        number = int(re.search(r"共 (\d+) 条", before)[1])
        self.talked(client, child)
        after = panel(client)
        assert "没有谈心" not in after
        assert f"共 {number - 1} 条" in after
        assert "您刚登记的已算进去" in after
        assert "silence" in kept(child), "a look writes nothing"

    def test_others_of_the_class_stay_and_another_reader_waits_for_the_check(
        self, client, child, homeroom, lead
    ) -> None:
        other = make_left_behind("龙小川", child.school_class)
        keeping.check_all(TODAY, now())
        client.force_login(homeroom)
        self.talked(client, child)
        assert other.name in panel(client)
        client.force_login(lead)
        assert "没有谈心" in panel(client)

    def test_somebody_who_wrote_about_more_children_than_a_page_waits_for_gets_what_was_known(
        self, client, child, homeroom, monkeypatch
    ) -> None:
        monkeypatch.setattr(alert_panel, "ANEW", 0)
        client.force_login(homeroom)
        self.talked(client, child)
        assert "没有谈心" in panel(client)

    def test_the_panel_asks_the_same_for_many_children(self, client, child, homeroom) -> None:
        client.force_login(homeroom)

        def statements() -> int:
            keeping.check_all(TODAY, now())
            ChangeSet.objects.update(made_at=now() - DAY)
            for row in Child.objects.all():
                self.talked(client, row, TODAY - 35 * DAY)
            with CaptureQueriesContext(connection) as asked:
                assert "没有谈心" in panel(client)
            return len(asked)

        one = statements()
        for number in range(11):
            make_left_behind(f"罗小{'一二三四五六七八九十云山'[number]}", child.school_class)
        # A change for each save: their statements are asked for all of them at once.
        assert statements() == one
