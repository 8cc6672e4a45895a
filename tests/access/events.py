"""Who may open activities, meetings, groups and campaigns, and change them."""

from datetime import timedelta
from typing import Any

from activities.models import (
    Activity,
    ActivityParticipant,
    Campaign,
    CampaignTarget,
    GatheringPhoto,
    GroupMember,
    Homecoming,
    InterestGroup,
    Meeting,
    MeetingAttendee,
    MeetingTask,
)
from caretrack.access.history import change_by
from tests.access.walk import Case
from tests.access.world import LEADS, World, canary

OWN = {"home1", "home2", "mentor", "teacher1", "counsellor", *LEADS}
OTHER = {"other_principal", "other_home"}
EDITORS = {"home1", "home2", "teacher1", "counsellor", *LEADS, *OTHER}
CHANGERS = {"home1", *LEADS}
MEETERS = {"home1", "home2", *LEADS, *OTHER}


def event_rows(w: World) -> dict[str, Any]:
    """One of each for the child's class, and one of another school."""
    rows: dict[str, Any] = {}
    with change_by(None, "world"):
        for key, child, boss in (("own", w.child, "home1"), ("other", w.stranger, "other_home")):
            on, school, place = w.record.on, child.school, child.school_class
            leader = w.people[boss]
            name = "安全教育" if key == "own" else canary("STRANGER")
            activity = Activity.objects.create(
                school=school, school_class=place, kind="lecture", name=name, on=on, leader=leader
            )
            meeting = Meeting.objects.create(
                school=school,
                school_class=place,
                kind="class",
                on=on,
                keeper=leader,
                title=name,
                minutes=canary("RESTRICTED") if key == "own" else canary("STRANGER"),
            )
            group = InterestGroup.objects.create(school=school, name=name, leader=leader, starts_on=on)
            campaign = Campaign.objects.create(
                school=school,
                kind="spring_festival",
                name=name,
                starts_on=on - timedelta(days=9),
                ends_on=on + timedelta(days=90),
                record_kinds=["home_visit"],
            )
            rows[key] = {
                "activity": activity,
                "meeting": meeting,
                "group": group,
                "campaign": campaign,
                "row": ActivityParticipant.objects.create(activity=activity, child=child),
                "photo": GatheringPhoto.objects.create(activity=activity, shows_pupils=False, uploaded_by=leader),
                "guest": MeetingAttendee.objects.create(meeting=meeting, name="村主任"),
                "task": MeetingTask.objects.create(meeting=meeting, what="回访", owner=leader, due_on=on),
                "member": GroupMember.objects.create(group=group, child=child, starts_on=on),
                "target": CampaignTarget.objects.create(campaign=campaign, child=child, assignee=leader),
                "home": Homecoming.objects.create(
                    child=child,
                    who="nobody",
                    came_on=on,
                    note=canary("CONTACT") if key == "own" else canary("STRANGER"),
                    noted_by=leader,
                ),
            }
            ActivityParticipant.objects.create(meeting=meeting, child=child)
    return rows


def events(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own, other = w.extra["events"]["own"], w.extra["events"]["other"]

    def pair(page: str, kind: str, allowed: set[str], others: set[str] = OTHER, **more: Any) -> dict[str, list[Case]]:
        return {
            f"activities:{page}": [
                Case(allowed, {"pk": own[kind].pk}, **more),
                Case(others, {"pk": other[kind].pk}, **more),
            ]
        }

    found = {f"activities:{name}": [Case(OWN | OTHER)] for name in ("event_list", "meeting_list", "meeting_tasks", "meeting_families", "meeting_families_print", "group_list", "group_missing", "campaign_list", "priorities")}  # fmt: skip
    found |= {f"activities:{name}": [Case(OWN | OTHER | {"leader"})] for name in ("festive_days", "birthday_print")}
    found |= {f"activities:priorities_{way}": [Case((OWN | OTHER) - {"mentor"})] for way in ("print", "export")}
    found |= {f"activities:{name}": [Case(EDITORS)] for name in ("event_add", "group_add", "group_join_many")}
    found |= {"activities:meeting_add": [Case(MEETERS)], "activities:campaign_add": [Case({*LEADS, "other_principal"})]}
    for page in ("event_show", "event_sign_in", "event_print"):
        found |= pair(page, "activity", OWN)
    for page in ("event_edit", "event_delete", "event_invite", "event_roll"):
        found |= pair(page, "activity", CHANGERS)
    for page in ("meeting_show", "meeting_sign_in"):
        found |= pair(page, "meeting", OWN)
    for page, kind in (("event_photo_add", "activity"), ("meeting_photo_add", "meeting")):
        found |= pair(page, kind, CHANGERS)
    # Nobody is shown a file that is not there; who may look is tested with the pictures.
    found |= pair("gathering_photo", "photo", set(), set())
    found |= pair("gathering_photo_remove", "photo", CHANGERS)
    found |= pair("meeting_print", "meeting", CHANGERS)
    for page in ("meeting_edit", "meeting_delete", "meeting_invite", "meeting_roll", "meeting_guests"):
        found |= pair(page, "meeting", CHANGERS)
    found |= pair("meeting_guest_add", "meeting", CHANGERS, data={"name": "民警", "capacity": "派出所"})
    found |= pair("meeting_task_add", "meeting", CHANGERS, data={"what": "再开一次"})
    found["activities:meeting_guest_off"] = [
        Case(CHANGERS, {"pk": own["meeting"].pk, "guest": own["guest"].pk}),
        Case(set(), {"pk": own["meeting"].pk, "guest": other["guest"].pk}),
    ]
    found |= pair("meeting_task_close", "task", CHANGERS, data={"outcome": "做了"})
    found |= pair("meeting_task_move", "task", CHANGERS)
    found |= pair("group_show", "group", OWN)
    found["activities:group_print"] = [
        Case(OWN | OTHER),
        Case(OWN, query=f"?group={own['group'].pk}"),
        Case(OTHER, query=f"?group={other['group'].pk}"),
    ]
    for page in ("group_edit", "group_end"):
        found |= pair(page, "group", CHANGERS)
    # The group of the world runs: who may take an end back is tested with the groups.
    found |= pair("group_reopen", "group", set(), set())
    # Every class teacher puts own pupils into a group of the school.
    found |= pair("group_members", "group", {*CHANGERS, "home2"})
    # Mentors read there whom to ask; there is no group in the world that they could choose.
    found["activities:group_join"] = [
        Case({"home1", "mentor", "teacher1", "counsellor", *LEADS}, {"pk": w.child.pk}),
        Case(OTHER, {"pk": w.stranger.pk}),
    ]
    found["activities:group_leave"] = [
        Case(CHANGERS, {"pk": own["group"].pk, "member": own["member"].pk}),
        Case(set(), {"pk": own["group"].pk, "member": other["member"].pk}),
    ]
    for page in ("campaign_show", "campaign_print"):
        found |= pair(page, "campaign", OWN)
    for page in ("campaign_edit", "campaign_delete", "campaign_targets", "campaign_hand", "campaign_give"):
        found |= pair(page, "campaign", LEADS, {"other_principal"})
    found["activities:target_excuse"] = [
        Case(CHANGERS | {"counsellor"}, {"pk": own["campaign"].pk, "target": own["target"].pk}),
        Case(set(), {"pk": own["campaign"].pk, "target": other["target"].pk}),
    ]
    found["activities:homecoming_many"] = [
        Case(EDITORS),
        Case(EDITORS - OTHER, query=f"?campaign={own['campaign'].pk}"),
        Case(CHANGERS, query=f"?school_class={w.child.school_class_id}"),
        Case(OTHER, query=f"?campaign={other['campaign'].pk}"),
    ]
    found["activities:homecoming_add"] = [Case(CHANGERS, {"pk": w.child.pk}), Case(OTHER, {"pk": w.stranger.pk})]
    found |= pair("homecoming_delete", "home", CHANGERS)
    return found
