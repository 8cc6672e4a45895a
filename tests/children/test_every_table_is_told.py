"""Whatever hangs on a child is told in its change history and its timeline, or somebody said why not."""

from datetime import date, timedelta

import pytest
from django.apps import apps

from caretrack.access.policy import Role
from children.history_parts import parts
from children.history_text import sentences
from children.models import BoardingTerm, Child, Transfer
from children.sight import sight_of
from children.timeline import source_of, sources, timeline
from tests.support.factories import TODAY, make_class, make_left_behind, make_school, make_staff, make_term

#: Why the change history of a child leaves a table out.
NOT_IN_HISTORY = {
    "activities.SealedNote": "for its addressee alone",
    "activities.CounsellingAppointment": "the counsellor's, whose own page keeps its course",
    "children.CensusRow": "a row a pupil in every round, most without a change; the timeline tells each answer",
    "children.SurveySheet": "what was answered is for its own page; the timeline tells that there is one",
    "activities.IncidentChild": "for few eyes, and its own page keeps its course",
    "mentoring.PlannedPairing": "a proposal; the pairing that came of it is told",
    "activities.Worry": "for few eyes, and its own page keeps its course",
    "reports.MonthlyForm": "derived from records; its own page keeps its states",
}
#: Where the timeline tells a table (its kind), or why it does not.
IN_TIMELINE = {
    "children.StatusChange": "register",
    "children.SupportDecision": "decision",
    "children.CareArrangement": "care",
    "children.SpecialStanding": "special",
    "children.SiblingLink": "family",
    "children.ContactCard": "card",
    "children.Consent": "consent",
    "children.CensusRow": "census",
    "children.SurveySheet": "survey",
    "children.ChildFile": "file",
    "children.Transfer": "transfer",
    "children.HealthCheck": "health",
    "children.Result": "result",
    "children.AidGrant": "aid",
    "children.Award": "award",
    "children.BusRide": "bus",
    "children.BoardingTerm": "boarding",
    "children.SafetyPledge": "pledge",
    "mentoring.Pairing": "pairing",
    "mentoring.LeaderCharge": "pairing",
    "mentoring.PeerPairing": "pairing",
    "mentoring.Agreement": "pairing",
    "mentoring.SupportPlan": "plan",
    "activities.CareRecord": "record",
    "activities.SealedNote": "sealed",
    "activities.ActivityParticipant": "activity",
    "activities.CareHomeVisit": "activity",
    "activities.GroupMember": "activity",
    "activities.Homecoming": "homecoming",
    "activities.HomeLetter": "home",
    "activities.Suggestion": "home",
    "activities.ParentPromise": "home",
    "activities.ChildGoal": "goal",
    "activities.CheckIn": "check_in",
    "activities.IncidentChild": "incident",
    "activities.Absence": "absence",
    "activities.DropoutCase": "absence",
    "activities.NightAbsence": "absence",
}
NOT_IN_TIMELINE = {
    "activities.CounsellingAppointment": "kept, it is the grey line of the counselling",
    "activities.CallBooking": "a call that took place, or was tried, is a record",
    "children.Enrollment": "its beginning and end are lines of the register",
    "children.FamilyMember": "their absences are told, row by row",
    "children.Phone": "a number is no happening",
    "children.FormerStudentNumber": "a number is no happening",
    "children.OtherSpelling": "how lists write a name is no happening",
    "children.MindNote": "the counsellor's alone",
    "children.RestrictedNote": "for few eyes, and no happening",
    "activities.FollowUp": "told with its record",
    "activities.FamilyFeedback": "words for the parents; that they were sent is a record",
    "activities.AwardNomination": "a proposal; the award that came of it is told",
    "activities.CampaignTarget": "the record that reaches the child is told",
    "activities.Waiver": "says what need not happen",
    "mentoring.PlannedPairing": "a proposal is no happening",
    "activities.AlertAnswer": "an answer to a hint; what was done is told as a record",
    "activities.Worry": "no fact yet; told to those who look after it",
    "reports.MonthlyForm": "tells what the records tell",
}


def hanging_on_a_child() -> set[str]:
    """Every model with a key to a child."""
    return {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is Child
    }


def test_every_table_is_in_the_history_or_excused() -> None:
    told = {part.model._meta.label for part in parts()}
    assert hanging_on_a_child() - told == set(NOT_IN_HISTORY)
    assert told.isdisjoint(NOT_IN_HISTORY)


def test_every_table_is_in_the_timeline_or_excused() -> None:
    assert hanging_on_a_child() == set(IN_TIMELINE) | set(NOT_IN_TIMELINE)
    assert set(IN_TIMELINE).isdisjoint(NOT_IN_TIMELINE)
    # A round about poverty is another kind from the same table.
    assert set(IN_TIMELINE.values()) == {source.kind for source in sources()} - {"dossier", "poverty"}


@pytest.mark.django_db
def test_a_hand_over_is_told_to_those_who_handle_it() -> None:
    child = make_left_behind()
    registrar, homeroom = make_staff(Role.REGISTRAR, child.school), make_staff(Role.HOMEROOM, child.school_class)
    Transfer.objects.create(
        child=child,
        from_school=child.school,
        to_school=make_school("栗坪小学"),
        to_name="栗坪小学",
        sent_on=TODAY - timedelta(days=3),
        due_on=TODAY,
        received_on=TODAY,
        received_by="石老师",
        sent_by=registrar,
    )
    lines = timeline([child], registrar, last=TODAY, kinds={"transfer"})
    assert [(line.on, line.title) for line in lines] == [
        (TODAY, "栗坪小学接收档案"),
        (TODAY - timedelta(days=3), f"{child.school}移交档案给栗坪小学"),
    ]
    assert timeline([child], homeroom, last=TODAY, kinds={"transfer"}) == []
    assert any("档案移交" in line.what for line in sentences(child, sight_of(registrar, child), registrar))
    assert not any("档案移交" in line.what for line in sentences(child, sight_of(homeroom, child), homeroom))


@pytest.mark.django_db
def test_a_boarding_term_stands_on_the_day_it_begins() -> None:
    child = make_left_behind(school_class=make_class(), came=date(2026, 9, 1))
    term = make_term(child.school)
    keeper = make_staff(name="覃老师")
    BoardingTerm.objects.create(child=child, term=term, bed="201-3", keeper=keeper, comment="夜里想家")
    (line,) = timeline([child], make_staff(Role.TEACHER, child.school_class), last=TODAY, kinds={"boarding"})
    assert (line.on, line.details) == (term.starts_on, (("宿舍床位", "201-3"), ("负责教师", "覃老师")))
    assert "想家" not in line.title + line.text


def test_a_source_is_skipped_only_where_all_its_tables_are_empty() -> None:
    for label, kind in IN_TIMELINE.items():
        source = source_of(kind)
        named = [teller.tables for teller in source.tellers]
        assert label in {model._meta.label for tables in named for model, _ in tables}, label
