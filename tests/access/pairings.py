"""Who may open the pages of pairing: the leads arrange, class teachers and the registrar look."""

from datetime import timedelta

from mentoring.models import MentorAbsence, PairingPlan, PeerPairing, PlannedPairing, PlanState
from mentoring.services import mentor_for
from tests.access.walk import Case
from tests.access.world import LEADER, LEADS, OTHER_CASE, World

LEADING = LEADS | {"other_principal"}


def pairing_rows(w: World) -> None:
    """What the cases need besides the world: a plan that waits for the principal, an absence to come."""
    plan = PairingPlan.objects.create(
        school=w.school, title="方案", starts_on=w.record.on, made_by=w.people["lead"], state=PlanState.SUBMITTED
    )
    PlannedPairing.objects.create(plan=plan, child=w.neighbour)
    w.extra["plan"] = plan
    w.extra["peers"] = PeerPairing.objects.create(
        child=w.child, peer=w.classmate, kind=PeerPairing.Kind.HAND_IN_HAND, starts_on=w.record.on
    )
    day = w.record.on + timedelta(days=90)
    w.extra["absence"] = MentorAbsence.objects.create(
        mentor=w.mentor, deputy=mentor_for(w.people["ex_mentor"], w.school), starts_on=day, ends_on=day, reason="培训"
    )


def pairings(w: World) -> dict[str, list[Case]]:
    viewers = {"home1", "home2", "registrar", *LEADS, *OTHER_CASE}
    pairing = {"pk": w.pairing.pk}
    at = {"pk": w.extra["plan"].pk}
    return {
        "mentoring:pairing_child_view": [Case(LEADS | {"home1"}, pairing)],
        "mentoring:pairing_hear": [Case(LEADS | {"home1"}, pairing, data={"said": "愿意"})],
        "mentoring:unheard_list": [Case({"home1", "home2", "other_home"} | LEADING)],
        "mentoring:pairing_change": [Case(LEADS, pairing)],
        "mentoring:pairing_change_drop": [Case(LEADS, pairing)],
        "mentoring:pairing_end_drop": [Case(LEADS, pairing)],
        "mentoring:pairing_handover_print": [Case(LEADS, pairing)],
        "mentoring:mentor_show": [Case(LEADS, {"pk": w.mentor.pk})],
        "mentoring:mentor_leave": [Case(LEADS, {"pk": w.mentor.pk})],
        "mentoring:mentor_handover_print": [Case(LEADS, {"pk": w.mentor.pk})],
        "mentoring:absence_add": [Case(LEADS, {"pk": w.mentor.pk})],
        "mentoring:absence_end": [Case(LEADS, {"pk": w.extra["absence"].pk})],
        "mentoring:check_list": [Case(LEADING)],
        "mentoring:teacher_list": [Case(LEADING)],
        "mentoring:charge_list": [Case(LEADING)],
        "mentoring:charge_save": [Case(LEADING)],
        "mentoring:charge_show": [
            Case(LEADS, {"pk": w.people["principal"].pk}),
            Case(LEADS | LEADER, {"pk": w.people["leader"].pk}),
            Case({"other_principal"}, {"pk": w.people["other_principal"].pk}),
        ],
        "mentoring:peer_list": [Case(viewers)],
        "mentoring:peer_add": [
            Case({"home1", "home2", "other_home"} | LEADING),
            Case(LEADS | {"home1"}, query=f"?child={w.child.pk}&peer={w.classmate.pk}"),
        ],
        "mentoring:peer_cards": [Case(LEADS | {"home1", "registrar"})],
        "mentoring:peer_check": [Case(LEADS | {"home1"}, {"pk": w.extra["peers"].pk})],
        "mentoring:peer_end": [Case(LEADS | {"home1"}, {"pk": w.extra["peers"].pk})],
        "mentoring:plan_list": [Case(LEADING)],
        "mentoring:plan_add": [Case(LEADING)],
        **{
            f"mentoring:plan_{page}": [Case(LEADS, at)]
            for page in ("show", "save", "refresh", "submit", "drop", "print")
        },
        "mentoring:plan_line_drop": [Case(LEADS, at | {"line": w.extra["plan"].lines.get().pk})],
        "mentoring:plan_return": [Case({"principal"}, at)],
        "mentoring:plan_publish": [Case({"principal"}, at)],
        "mentoring:board": [Case(viewers)],
        "mentoring:board_pair": [Case(LEADING)],
        "mentoring:pairing_list": [Case(viewers)],
        "mentoring:pairing_list_print": [Case(viewers)],
        "mentoring:pairing_list_export": [Case(viewers)],
        "mentoring:pairing_add": [Case(LEADING)],
        "mentoring:pairing_end": [Case(LEADS, pairing, data={"ends_on": str(w.record.on), "end_reason": "replaced"})],
        "mentoring:mentor_list": [Case(viewers)],
        "mentoring:mentor_add": [Case(LEADING)],
        "mentoring:mentor_edit": [Case(LEADS, {"pk": w.mentor.pk})],
    }
