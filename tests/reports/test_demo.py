"""The demo township: what a visitor is promised is there, and no rule of the product is bent by it."""

import io
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Max

from activities.models import (
    AwardNomination,
    AwardRound,
    CareRecord,
    ChildGoal,
    CounsellingNote,
    FollowUp,
    Kind,
    NightRoll,
    Programme,
)
from activities.queries import talks_missing
from caretrack.access.models import RowHistory
from caretrack.access.policy import APPOINTED_ROLES, Role
from caretrack.periods import Month
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term
from children.census.plan import census_plan
from children.census.rounds import progress
from children.completeness import completeness
from children.left_behind import Definition, statuses
from children.life.boarding import boarders, boarding_figures
from children.life.bus import warnings_of
from children.models import (
    Award,
    BusRoute,
    CardCopy,
    CareArrangement,
    Census,
    CensusRow,
    Child,
    ContactCard,
    Enrollment,
    FamilyMember,
    ImportBatch,
    Phone,
    SpecialStanding,
    StatusChange,
    SupportDecision,
    Transfer,
    codes,
)
from mentoring.models import Mentor, Pairing
from reports.builders.month import build_month
from reports.builders.unit import Unit
from reports.demo.caring import counted_evenings
from reports.demo.clock import Calendar
from reports.models import MonthlyReport, ReportState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
TODAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Demo:
    accounts: list[dict[str, str]]
    folder: Path


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo loaded once for this module; everything is rolled back after it."""
    from django.conf import settings
    from django.db import transaction

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(settings, "DATA_DIR", tmp_path_factory.mktemp("demo"))
        folder = settings.DATA_DIR
        said = io.StringIO()
        call_command("load_demo", today=TODAY, json=True, stdout=said)
        yield Demo(json.loads(said.getvalue()), folder)
        transaction.set_rollback(True)


def test_about_300_pupils_of_whom_about_130_are_left_behind():
    answers = statuses(Child.objects.on_roll(), TODAY).values()
    counts = [sum(a.under(d) for a in answers) for d in Definition]
    assert 285 <= len(answers) <= 315
    assert 120 <= counts[0] <= 140
    # Each definition is narrower than the one before: that is what the demo has to show.
    assert counts[0] > counts[1] > counts[2] > counts[3] > 0


def test_a_central_school_with_two_village_schools_below():
    centre = School.objects.get(parent=None)
    assert School.objects.below(centre).count() == 2
    assert SchoolClass.objects.taught_on(TODAY).filter(school=centre).count() == 12
    assert {s.classes.filter(graduates_year__gt=2026).count() for s in School.objects.below(centre)} == {6}


def test_every_role_is_there_and_every_class_has_its_teacher():
    roles = {role for staff in Staff.objects.all() for role in staff.roles()}
    assert roles >= APPOINTED_ROLES | {Role.MENTOR}
    led = Appointment.objects.filter(role=Role.HOMEROOM).values("school_class")
    assert not SchoolClass.objects.taught_on(TODAY).exclude(pk__in=led).exists()


def test_the_accounts_open_with_the_printed_passwords(demo):
    first = demo.accounts[0]
    assert set(first) >= {"username", "password", "role", "school"}
    assert {account["role"] for account in demo.accounts} == {role.value for role in APPOINTED_ROLES | {Role.MENTOR}}
    assert len({account["password"] for account in demo.accounts}) == len(demo.accounts)
    staff = Staff.objects.get(username=first["username"])
    assert staff.check_password(first["password"])
    assert not staff.must_change_password


def test_enrolment_and_class_say_the_same():
    open_ones = dict(Enrollment.objects.filter(ends_on=None).values_list("child", "school_class"))
    assert open_ones == dict(Child.objects.on_roll().values_list("pk", "school_class"))
    assert not Enrollment.objects.filter(ends_on__lt=F("starts_on")).exists()


def test_nobody_is_on_or_off_the_roll_without_a_line_in_the_register():
    moves = StatusChange.objects.filter(kind__in=[*codes.ENTERS_SCHOOL, *codes.LEAVES_SCHOOL]).standing()
    last = dict(moves.order_by("on", "pk").values_list("child", "kind"))
    assert set(last) == set(Child.objects.values_list("pk", flat=True))
    left = {child for child, kind in last.items() if kind in codes.LEAVES_SCHOOL}
    assert left == set(Child.objects.filter(school_class=None).values_list("pk", flat=True))
    kinds = set(StatusChange.objects.values_list("kind", flat=True))
    assert kinds == set(codes.ChangeKind.values) - {"age_out", "dropout", "death", "missing"}


def test_the_pages_have_what_they_are_there_to_show():
    """Each list of the school has rows, and the cases that it warns of."""
    centre = School.objects.get(parent=None)
    warned = {w.words for r in BusRoute.objects.with_riders(TODAY) for w in warnings_of(r, r.riders)}
    assert "无证车辆" in warned
    assert any(words.startswith("超员") for words in warned)
    term = Term.objects.current(centre, TODAY)
    beds = boarding_figures(boarders(Child.objects.of_school(centre), term, TODAY), term)
    assert (beds.no_bed, beds.clashes, beds.no_keeper) == (1, 2, 2)
    assert {t.state_on(TODAY)[1] for t in Transfer.objects.all()} == {"已接收", "等待回执", "逾期未回执"}
    soon = CareArrangement.objects.open().filter(entrusted_until__lte=TODAY + timedelta(days=30))
    assert {row.entrusted_until < TODAY for row in soon} == {True, False}
    assert CardCopy.objects.void().out().exists()
    assert ContactCard.objects.filter(number=2).count() == 2
    assert set(SpecialStanding.objects.values_list("kind", flat=True)) == set(codes.SpecialKind.values)
    assert ImportBatch.objects.get().counts["changed"] == 4
    assert Child.objects.filter(name__contains="·").count() == 2


def test_census_rounds_stand_at_every_stage():
    running = {c.school.short_name: c for c in Census.objects.open().select_related("school")}
    late = [line.name for line in progress(running["上坪小学"], TODAY) if line.overdue]
    assert late == ["六（1）班"]
    assert any(line.done and not line.complete for line in progress(running["青榕中心小学"], TODAY))
    assert CensusRow.objects.to_review().filter(census=running["青榕中心小学"]).count() == 1
    closed = Census.objects.filter(closed_at__isnull=False)
    assert not CensusRow.objects.filter(census__in=closed, facts={}).exists()
    assert CensusRow.objects.filter(census__in=closed).exclude(safety="").count() > 80


def test_every_school_has_made_the_censuses_whose_day_has_come():
    late = [due for due in census_plan(list(School.objects.all()), TODAY) if due.late(TODAY)]
    assert not late
    poverty = Census.objects.filter(kind=Census.Kind.POVERTY, closed_at__isnull=False)
    assert poverty.count() == 3
    assert CensusRow.objects.filter(census__in=poverty, review=CensusRow.Review.CONFIRMED).exists()


def test_most_dossiers_are_complete():
    children = list(Child.objects.on_roll())
    done = sum(c.done for c in completeness(children, since=Calendar.around(TODAY).term.first).values())
    assert 0.7 <= done / len(children) <= 0.9


@pytest.mark.parametrize("definition", Definition.values)
def test_the_months_add_up_but_for_dossiers_that_lack_something(definition):
    for school in School.objects.all():
        for month in (Month(2026, 9), Month(2026, 10)):
            broken = build_month(Unit(school), month, definition=definition, on=TODAY).broken
            assert not [c for c in broken if "没有" not in "".join(child.reason for child in c.children)]


@pytest.mark.parametrize(
    "model", [Child, FamilyMember, Phone, CareArrangement, StatusChange, SupportDecision, Pairing, Mentor, CareRecord, FollowUp]
)  # fmt: skip
def test_a_sample_of_every_kind_of_row_is_valid(model):
    rows = model.objects.order_by("pk")
    step = max(1, rows.count() // 25)
    for row in rows[::step]:
        row.full_clean()


def test_sealed_numbers_belong_to_nobody_and_phones_reach_nobody():
    numbers = list(Child.objects.exclude(id_no_index="").values_list("id_no", flat=True))
    assert len(numbers) > 250
    assert {number[:6] for number in numbers} == {"999999"}
    assert all(p[3:7] == "0000" and len(p) == 11 for p in Phone.objects.values_list("number", flat=True))


def test_records_lie_within_the_time_at_school_and_are_entered_afterwards():
    first_day = dict(Enrollment.objects.values_list("child").annotate(Max("starts_on")))
    for record in CareRecord.objects.defer("content"):
        assert record.on <= TODAY
        assert record.on >= min(first_day[record.child_id], record.on)
        assert record.created_at.date() >= record.on - timedelta(days=1)
        assert record.school_class_id is not None
    assert {r.is_late for r in CareRecord.objects.all()[:500]} == {True, False}


def test_the_rooms_of_tonight_are_still_to_be_counted():
    school = School.objects.get(pk=NightRoll.objects.values("school")[:1])
    thursday = date(2026, 11, 19)
    assert counted_evenings(school, thursday - timedelta(days=3), thursday)[-1] == date(2026, 11, 18)


def test_all_kinds_of_contact_and_some_attempts():
    kinds = Counter(CareRecord.objects.values_list("kind", flat=True))
    assert set(kinds) >= set(Kind.values) - {Kind.OTHER}
    assert kinds[Kind.TALK] > 500
    assert CareRecord.objects.filter(reached=False).count() > 30
    assert CareRecord.objects.filter(group__isnull=False).exists()
    assert CounsellingNote.objects.count() > 5


def test_talks_do_not_look_copied():
    talks = list(CareRecord.objects.filter(kind=Kind.TALK, group=None, reached=True).values_list("content", flat=True))
    assert len(set(talks)) / len(talks) > 0.95
    assert not [t for t in talks if "{" in t or "None" in t]


def test_the_running_month_is_unfinished():
    month = Month.of(TODAY)
    behind = Child.objects.on_roll().with_a_parent_away()
    missing = talks_missing(behind, month).count()
    assert 20 <= missing <= 70
    assert FollowUp.objects.open().filter(due_on__lt=TODAY).exists()
    assert FollowUp.objects.open().filter(due_on__gte=TODAY).exists()


def test_last_term_is_there_to_compare_with():
    earlier = Calendar.around(TODAY).earlier
    assert CareRecord.objects.between(earlier.first, earlier.last).count() > 500
    assert Child.objects.filter(status_changes__kind="graduate").count() > 20


def test_most_children_are_paired_and_a_few_are_not():
    behind = Child.objects.on_roll().with_a_parent_away()
    paired = behind.filter(pk__in=Pairing.objects.on(TODAY).acting_parents().values("child")).count()
    assert 0.9 < paired / behind.count() < 1
    assert Pairing.objects.filter(ends_on__isnull=False).exists()


def test_the_programme_runs_and_past_reports_stand_in_different_states():
    centre = School.objects.get(parent=None)
    assert set(Programme.objects.values_list("code", "school")) == {
        *(("six_ones", school.pk) for school in School.objects.all()),
        ("five_ones_pupils", centre.pk),
    }
    assert set(MonthlyReport.objects.values_list("state", flat=True)) >= {
        ReportState.DRAFT,
        ReportState.SUBMITTED,
        ReportState.APPROVED,
    }


def test_one_class_has_goals_in_every_state_and_a_round_of_honours_is_open_and_one_ended():
    centre = School.objects.get(parent=None)
    goals = list(ChildGoal.objects.select_related("child"))
    assert len({goal.child.school_class_id for goal in goals}) == 1
    assert {goal.state for goal in goals} == set(ChildGoal.State)
    ended, running = AwardRound.objects.filter(school=centre).order_by("nominate_until")
    assert (ended.stage, running.stage) == (AwardRound.Stage.AWARDED, AwardRound.Stage.NOMINATING)
    assert running.nominates_on(TODAY)
    nominated = AwardNomination.objects.filter(kind__round=ended)
    granted = nominated.granted()
    assert Award.objects.filter(evidence=ended.title).count() == granted.filter(child__isnull=False).count() > 10
    assert granted.filter(mentor__isnull=False).count() == 1
    assert {row.verdict for row in nominated} == {"granted", "refused"}
    verdicts = AwardNomination.objects.filter(kind__round=running).values_list("verdict", flat=True)
    assert set(verdicts) == set(AwardNomination.Verdict.values)
    for row in [*goals, *AwardNomination.objects.all()]:
        row.full_clean()


def test_the_history_names_the_demo_as_author():
    # Nothing was deleted but the enrolment of the change of class that was entered for the wrong pupil.
    assert list(RowHistory.objects.filter(op="D").values_list("table", flat=True)) == [Enrollment._meta.db_table]
    reasons = set(Child.objects.values_list("change__reason", flat=True))
    assert reasons - {f"导入花名册（批次{ImportBatch.objects.get().pk}）"} == {"装入演示数据"}


def test_a_second_run_changes_nothing_and_tells_the_accounts_again(demo, settings):
    settings.DATA_DIR = demo.folder
    before = (Staff.objects.count(), Child.objects.count(), CareRecord.objects.count())
    said = io.StringIO()
    call_command("load_demo", stdout=said)
    assert "没有改动" in said.getvalue()
    assert demo.accounts[0]["password"] in said.getvalue()
    again = io.StringIO()
    call_command("load_demo", json=True, stdout=again)
    assert json.loads(again.getvalue()) == demo.accounts
    assert before == (Staff.objects.count(), Child.objects.count(), CareRecord.objects.count())


class TestElsewhere:
    """Without the demo in the database."""

    def test_real_data_is_never_mixed_with_the_demo(self, monkeypatch):
        monkeypatch.setattr("reports.management.commands.load_demo.is_loaded", lambda: False)
        before = Staff.objects.count()
        with pytest.raises(CommandError, match="已有人员账号"):
            call_command("load_demo")
        assert Staff.objects.count() == before

    @pytest.mark.parametrize(
        "today,shown,before",
        [
            (date(2026, 11, 20), (2026, 1), (2025, 2)),
            (date(2026, 9, 1), (2026, 1), (2025, 2)),
            (date(2027, 2, 10), (2026, 1), (2025, 2)),
            (date(2027, 3, 1), (2026, 2), (2026, 1)),
            (date(2027, 8, 15), (2026, 2), (2026, 1)),
        ],
    )
    def test_the_term_shown_is_the_one_that_the_day_belongs_to(self, today, shown, before):
        calendar = Calendar.around(today)
        assert (calendar.term.year, calendar.term.season) == shown
        assert (calendar.earlier.year, calendar.earlier.season) == before
