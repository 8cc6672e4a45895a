"""Who may open worries, incident files and emergency calls."""

from datetime import timedelta

from django.utils import timezone

from activities.alerts.findings import answer
from activities.dropout import open_case
from activities.incidents.services import name_member, open_incident, report_to
from activities.incidents.suspects import suspect
from activities.models import Absence, IncidentFile, NightAbsence, NightDuty, NightRoll
from activities.worries import dismiss, report_worry
from children.models import FamilyMember
from tests.access.walk import Case
from tests.access.world import CASE, LEADS, PEOPLE, World, canary
from tests.support.factories import make_staff

STAFF = set(PEOPLE) - {"superior", "former", "ex_mentor"}
OTHER_LEADS = {"other_principal"}
READERS = {"counsellor", *LEADS}
MEMBERS = STAFF
CALLERS = CASE - {"teacher1"}


def troubles(w: World) -> None:
    """A worry, an urgent one, a decided one, and a file that only the mentor is named in."""
    now = timezone.now()
    text = canary("WORRY")
    teacher, lead = w.people["teacher1"], w.people["lead"]
    w.extra["worry"], _ = report_worry(school=w.school, by=teacher, who=text, what=text, now=now)
    w.extra["urgent"], _ = report_worry(school=w.school, by=teacher, who="不知道", what="哭", now=now, urgent=True)
    done, _ = report_worry(school=w.school, by=teacher, who=text, what=text, now=now)
    w.extra["decided"] = dismiss(worry=done, reason=canary("WORRYDONE"), by=lead, now=now)
    w.extra["incident"] = w.child.incidents.get()
    # By somebody who is none of the people: each takes back only what they noted themselves.
    w.extra["told"] = report_to(incident=w.extra["incident"], to="duty", at=now, by=make_staff(), now=now)
    hidden = open_incident(
        school=w.school,
        by=lead,
        found_at=now,
        account=canary("NAMEDONLY"),
        now=now,
        children=[w.child],
        named_only=True,
    )
    w.extra["hidden"] = hidden
    today = timezone.localdate()
    w.extra["roll_on"] = today
    for name, one, by in (("case", w.child, "home1"), ("other_case", w.stranger, "other_home")):
        text = canary("CARE") if one == w.child else canary("STRANGERCARE")
        w.extra[name] = open_case(child=one, away_since=today, cause=text, by=w.people[by], on=today)
    w.extra["away"] = Absence.objects.create(
        child=w.child, school_class=w.class1, on=today, reason="unknown", note=canary("CARE")
    )
    night = NightRoll.objects.create(
        school=w.school,
        on=today - timedelta(days=1),
        room="201",
        expected=1,
        present=0,
        taken_at=now,
        counted=[w.child.pk],
    )
    w.extra["night"] = NightAbsence.objects.create(
        roll=night, child=w.child, on=night.on, reason="missing", called="unaware"
    )
    for name, days in (("duty", 7), ("past_duty", -7)):
        w.extra[name] = NightDuty.objects.create(
            school=w.school, staff=w.people["leader"], on=today + timedelta(days=days)
        )
    w.extra["answered"] = answer(
        child=w.child, rule="silence", told=canary("CARE"), state="handled", reason=canary("CARE"),
        until=today + timedelta(days=7), by=w.people["home1"], at=now,
    )  # fmt: skip
    w.extra["part"] = w.extra["incident"].involved.get()
    for name, on, text in (("paper", w.extra["incident"], "INCIDENT"), ("hidden_paper", hidden, "NAMEDONLY")):
        w.extra[name] = IncidentFile.objects.create(incident=on, title=canary(text), uploaded_by=lead)
    aunt = FamilyMember.objects.create(child=w.child, name="石秋菊", relation="99")
    w.extra["suspect"] = suspect(incident=w.extra["incident"], member=aunt, by=lead, now=now)
    w.extra["member"] = name_member(incident=hidden, staff=w.people["mentor"], part="", by=lead, now=now)


def worries(w: World) -> dict[str, list[Case]]:
    worry, urgent = {"pk": w.extra["worry"].pk}, {"pk": w.extra["urgent"].pk}
    own, hidden = {"pk": w.extra["incident"].pk}, {"pk": w.extra["hidden"].pk}
    part, paper = {"one": w.extra["part"].pk}, {"file": w.extra["paper"].pk}
    hidden_paper = {"file": w.extra["hidden_paper"].pk}
    child, stranger = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    leads_file = [Case(LEADS, own), Case(set(), hidden)]
    strangers = {"other_principal", "other_registrar", "other_home"}
    watchers, deciders = {"home1", "counsellor", *LEADS}, {"home1", *LEADS}
    every_watcher = watchers | {"home2", "other_principal", "other_home"}
    rollers = {"home1", *LEADS}
    every_roller = rollers | {"home2", "other_principal", "other_home"}
    roll = {"pk": w.class1.pk, "on": str(w.extra["roll_on"])}
    case, other_case = {"pk": w.extra["case"].pk}, {"pk": w.extra["other_case"].pk}
    others = {"other_principal", "other_home"}
    every_decider = every_watcher - {"counsellor"}
    keepers = {"home1", "registrar", *LEADS}
    every_keeper = keepers | {"home2", "other_principal", "other_registrar", "other_home"}
    night = {"pk": w.extra["night"].pk}
    room = {"room": "0-未安排床位"}
    return {
        "activities:night_home": [Case(every_keeper)],
        "activities:night_rest": [Case(every_keeper, methods=("post",))],
        "activities:night_month": [Case(every_keeper)],
        "activities:night_print": [Case(every_keeper)],
        "activities:night_duty": [Case(LEADS | OTHER_LEADS)],
        "activities:night_duty_end": [
            Case(LEADS, {"pk": w.extra["duty"].pk}, methods=("post",)),
            Case(set(), {"pk": w.extra["past_duty"].pk}, methods=("post",)),
        ],
        "activities:night_room": [Case(set(), room)],
        "activities:night_full": [Case(set(), room, methods=("post",))],
        "activities:night_raise": [Case(keepers, night, methods=("post",))],
        "activities:night_verify": [Case(keepers, night)],
        "activities:absence_home": [Case(every_roller)],
        "activities:absence_panel": [Case(every_roller, headers={"HX-Request": "true"}), Case(every_roller)],
        "activities:absence_month": [
            Case(every_roller),
            Case(every_roller, query="?as=print"),
            Case(every_roller, query="?as=xlsx"),
        ],
        "activities:absence_class": [Case(rollers, roll)],
        "activities:absence_full": [Case(rollers, roll, methods=("post",))],
        "activities:absence_called": [
            Case(rollers, {"pk": w.extra["away"].pk, "outcome": "reached"}, methods=("post",))
        ],
        "activities:case_list": [Case(every_roller)],
        "activities:case_open": [Case(rollers, child), Case(others, stranger)],
        "activities:case_show": [Case(rollers, case), Case(others, other_case)],
        "activities:case_step_add": [Case(rollers, case), Case(others, other_case)],
        "activities:case_close": [Case(rollers, case), Case(others, other_case)],
        "activities:case_withdraw": [Case(rollers, case), Case(others, other_case)],
        "activities:case_letter": [
            Case(rollers, case | {"what": "notice"}),
            Case(others, other_case | {"what": "report"}),
            Case(set(), case | {"what": "nothing"}),
        ],
        "activities:alert_list": [Case(every_watcher)],
        "activities:alert_panel": [Case(every_watcher, headers={"HX-Request": "true"}), Case(every_watcher)],
        "activities:alert_answered": [Case(every_watcher)],
        "activities:alert_recall": [
            Case(watchers, {"pk": w.extra["answered"].pk}, methods=("post",)),
            Case(set(), {"pk": w.extra["answered"].pk}, methods=("get",)),
        ],
        "activities:alert_recheck": [Case(every_watcher, methods=("post",))],
        "activities:care_rules": [Case(LEADS | OTHER_LEADS)],
        "activities:alert_answer": [
            Case(watchers, child | {"rule": "silence"}),
            Case({"other_principal", "other_home"}, stranger | {"rule": "silence"}),
            Case(set(), child | {"rule": "nothing"}),
        ],
        "activities:level_list": [Case(every_watcher), Case(every_watcher, query="?show=due")],
        "activities:level_export": [Case(every_watcher)],
        "activities:level_print": [Case(watchers)],
        "activities:level_suggestions": [Case(every_decider)],
        "activities:suggestion_accept": [Case(deciders, child), Case({"other_principal", "other_home"}, stranger)],
        "activities:suggestion_decline": [Case(deciders, child), Case({"other_principal", "other_home"}, stranger)],
        "activities:safety": [Case(STAFF)],
        "activities:worry_add": [Case(STAFF), Case(STAFF, query=f"?child={w.child.pk}")],
        "activities:worry_names": [Case(STAFF, methods=("post",))],
        "activities:worry_mine": [Case(STAFF)],
        "activities:worry_own": [Case({"teacher1"}, worry), Case({"teacher1"}, urgent)],
        "activities:worry_told": [
            Case({"teacher1"}, urgent | {"to": "head"}, methods=("post",)),
            Case(set(), urgent | {"to": "guardian"}, methods=("post",)),
            Case(set(), worry | {"to": "head"}, methods=("post",)),
        ],
        "activities:worry_untold": [Case(set(), urgent | {"line": w.extra["told"].pk}, methods=("post",))],
        "activities:worry_list": [Case(LEADS | OTHER_LEADS), Case(LEADS | OTHER_LEADS, query="?state=all")],
        "activities:worry_show": [Case(LEADS, worry), Case(LEADS, {"pk": w.extra["decided"].pk})],
        "activities:worry_take": [Case(LEADS, worry, methods=("post",))],
        "activities:worry_handle": [Case(LEADS, worry)],
        "activities:worry_dismiss": [Case(LEADS, worry)],
        "activities:incident_list": [Case(MEMBERS), Case(MEMBERS, query="?state=all")],
        "activities:incident_add": [
            Case(LEADS | OTHER_LEADS),
            Case(LEADS, query=f"?worry={w.extra['worry'].pk}"),
            Case(LEADS, query=f"?child={w.child.pk}"),
        ],
        "activities:drill_add": [Case(LEADS | OTHER_LEADS)],
        "activities:incident_show": [Case(READERS, own), Case({"mentor"}, hidden)],
        "activities:incident_told": [Case(READERS, own | {"to": "police"}, methods=("post",))],
        "activities:incident_untold": [Case(set(), own | {"line": w.extra["told"].pk}, methods=("post",))],
        "activities:incident_tell": [Case(READERS, own), Case({"mentor"}, hidden)],
        "activities:incident_step": [Case(READERS, own), Case({"mentor"}, hidden)],
        "activities:incident_amend": leads_file,
        "activities:incident_member_add": leads_file,
        "activities:incident_child_add": leads_file,
        "activities:incident_child_amend": [Case(LEADS, own | part), Case(set(), hidden | part)],
        "activities:incident_child_remove": [Case(LEADS, own | part), Case(set(), hidden | part)],
        "activities:incident_file_add": [Case(READERS, own), Case({"mentor"}, hidden)],
        "activities:incident_file_open": [Case(set(), own | paper), Case(set(), hidden | hidden_paper)],
        "activities:incident_file_remove": [Case(LEADS, own | paper), Case(set(), hidden | hidden_paper)],
        "activities:incident_member_end": [Case(set(), hidden | {"member": w.extra["member"].pk}, methods=("post",))],
        "activities:incident_close": leads_file,
        "activities:incident_reopen": leads_file,
        "activities:incident_print": leads_file,
        "activities:incident_anonymous": leads_file,
        "activities:incident_suspect_add": leads_file,
        "activities:incident_suspect_clear": [
            Case(LEADS, own | {"one": w.extra["suspect"].pk}),
            Case(set(), hidden | {"one": w.extra["suspect"].pk}),
        ],
        "activities:call_tree": [Case(CALLERS, child), Case(strangers, stranger)],
        "activities:call_tree_print": [Case(CALLERS, child), Case(strangers, stranger)],
    }
