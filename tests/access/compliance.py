"""Who may open the school calendar, programmes, the matrix of obligations and the check-ins of supervision."""

from datetime import date
from typing import Any

from activities.models import CheckIn, ChildGoal, ProgrammeItem, Waiver
from activities.programmes import adopt
from caretrack.schools.models import SchoolDay
from tests.access.walk import Case
from tests.access.world import World, canary

ADMIN = {"sysadmin"}
LEADS, OTHER_LEADS = {"lead", "principal"}, {"other_principal"}
#: Who answers for children: leads, homeroom teachers, mentors.
ANSWERING = LEADS | OTHER_LEADS | {"home1", "home2", "other_home", "mentor"}


def school_day(school: object) -> SchoolDay:
    """A day off of a school, to be taken back."""
    return SchoolDay.objects.create(school=school, on=date(2026, 12, 3), kind="off", reason="大雪停课")


def promised(w: World) -> None:
    """Both schools follow a programme; an excuse with a canary as its reason."""
    start = w.school.terms.get().starts_on
    for name, school, child in (("own", w.school, w.child), ("other", w.other_school, w.stranger)):
        adopt("five_ones_pupils", school, start, None)
        programme = adopt("six_ones", school, start, None)
        item = programme.items.get(order=1)
        w.extra[f"{name}_item"] = item
        w.extra[f"{name}_goal_item"] = ProgrammeItem.objects.get(programme__school=school, name="改正一个缺点")
        by = w.people["principal" if name == "own" else "other_principal"]
        told = canary("CARE") if name == "own" else canary("STRANGERCARE")
        w.extra[f"{name}_check"] = CheckIn.objects.create(
            school=school, child=child, on=start, checked_by=by, asked_child=True, finding="as_written", note="已核实"
        )
        w.extra[f"{name}_waiver"] = Waiver.objects.create(
            child=child, item=item, first=start, last=start, reason=told, granted_by=by
        )
        w.extra[f"{name}_goal"] = ChildGoal.objects.create(
            child=child, item=w.extra[f"{name}_goal_item"], aim=told, set_on=start, set_by=by
        )


def compliance(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own_day, other_day = w.extra["school_days"]
    own, other = w.extra["own_item"], w.extra["other_item"]
    changed: dict[str, Any] = {
        "name": "谈一次心", "subject": "child", "period": "month", "count": 1, "role": "mentor", "evidence": ["talk"],
        "on": "2099-01-01",
    }  # fmt: skip
    excused = {"first": "2026-11-01", "last": "2026-11-20", "reason": "住院", "children": [w.child.pk]}
    return {
        "schools:school_calendar": [
            Case(ADMIN, {"pk": w.school.pk}, data={"kind": "off", "first": "2026-12-07", "reason": "停课"}),
            Case(set(), {"pk": w.other_school.pk}),
        ],
        "activities:duty_matrix": [Case(ANSWERING)],
        "activities:duty_groups": [Case(ANSWERING)],
        "activities:child_duties": [
            Case(LEADS | {"home1", "mentor"}, {"pk": w.child.pk}),
            Case(OTHER_LEADS | {"other_home"}, {"pk": w.stranger.pk}),
        ],
        "activities:duty_print": [Case(ANSWERING)],
        "activities:duty_export": [Case(ANSWERING)],
        "activities:programme_list": [Case(ANSWERING)],
        "activities:programme_adopt": [
            Case(LEADS, {"school": w.school.pk, "code": "ten_ones"}, data={"on": "2099-01-01"}),
            Case(OTHER_LEADS, {"school": w.other_school.pk, "code": "ten_ones"}),
        ],
        "activities:programme_found": [
            Case(LEADS, {"school": w.school.pk}, data={"name": "周末有约", "on": "2099-01-01"}),
            Case(OTHER_LEADS, {"school": w.other_school.pk}),
        ],
        "activities:programme_stop": [
            Case(LEADS, {"pk": own.programme_id}, data={"on": "2099-01-01"}),
            Case(OTHER_LEADS, {"pk": other.programme_id}),
        ],
        "activities:programme_resume": [
            Case(LEADS, {"pk": own.programme_id}),
            Case(OTHER_LEADS, {"pk": other.programme_id}),
        ],
        "activities:item_keep": [Case(LEADS, {"pk": own.pk}), Case(OTHER_LEADS, {"pk": other.pk})],
        "activities:item_add": [
            Case(LEADS, {"pk": own.programme_id}, data=changed),
            Case(OTHER_LEADS, {"pk": other.programme_id}),
        ],
        "activities:item_edit": [Case(LEADS, {"pk": own.pk}, data=changed), Case(OTHER_LEADS, {"pk": other.pk})],
        "activities:item_remove": [
            Case(LEADS, {"pk": own.pk}, data={"on": "2099-01-01"}),
            Case(OTHER_LEADS, {"pk": other.pk}),
        ],
        "activities:waiver_list": [Case(LEADS | OTHER_LEADS)],
        "activities:waiver_add": [
            Case(LEADS, query=f"?item={own.pk}&child={w.child.pk}", data=excused),
            Case(OTHER_LEADS, query=f"?item={other.pk}"),
        ],
        "activities:waiver_drop": [
            Case(LEADS, {"pk": w.extra["own_waiver"].pk}),
            Case(OTHER_LEADS, {"pk": w.extra["other_waiver"].pk}),
        ],
        "activities:goal_add": [
            Case(
                LEADS | {"home1", "mentor"},
                {"child": w.child.pk, "item": w.extra["own_goal_item"].pk},
                data={"aim": "按时睡觉", "set_on": "2026-11-02"},
            ),
            Case(OTHER_LEADS | {"other_home"}, {"child": w.stranger.pk, "item": w.extra["other_goal_item"].pk}),
        ],
        "activities:goal_edit": [
            Case(LEADS | {"home1"}, {"pk": w.extra["own_goal"].pk}),
            Case(OTHER_LEADS | {"other_home"}, {"pk": w.extra["other_goal"].pk}),
        ],
        "activities:goal_list": [Case(LEADS | OTHER_LEADS | {"home1", "home2", "other_home"})],
        **{
            f"activities:{page}": [
                Case(LEADS | {"home1"}, {"pk": w.class1.pk}),
                Case(OTHER_LEADS | {"other_home"}, {"pk": w.stranger.school_class_id}),
            ]
            for page in ("goals_set", "goals_look", "goals_print")
        },
        "activities:check_in_list": [Case(LEADS | OTHER_LEADS)],
        "activities:check_in_print": [Case(LEADS | OTHER_LEADS)],
        "activities:check_in_add": [
            Case(LEADS, {"pk": w.child.pk}, data={"on": "2026-11-02", "child_said": "是的", "finding": "as_written"}),
            Case(OTHER_LEADS, {"pk": w.stranger.pk}),
        ],
        "activities:check_in_show": [
            Case(LEADS, {"pk": w.extra["own_check"].pk}),
            Case(OTHER_LEADS, {"pk": w.extra["other_check"].pk}),
        ],
        "activities:check_in_take_back": [
            Case(LEADS, {"pk": w.extra["own_check"].pk}, data={"reason": "登错了学生"}),
            Case(OTHER_LEADS, {"pk": w.extra["other_check"].pk}, data={"reason": "登错了学生"}),
        ],
        "reports:submitted_programmes": [Case({"superior"})],
        "schools:school_day_drop": [Case(ADMIN, {"pk": own_day.pk}), Case(set(), {"pk": other_day.pk})],
    }
