"""Addresses of pairing."""

from django.urls import include, path

from mentoring import paper_urls
from mentoring.views import board, charges, everybody, mentor_page, mentors, pairings, panels, papers, peers, plans

app_name = "mentoring"
urlpatterns = [
    path("", board.Board.as_view(), name="board"),
    path("assign/", board.BoardPair.as_view(), name="board_pair"),
    path("list/", pairings.PairingList.as_view(), name="pairing_list"),
    path("new/", pairings.PairingAdd.as_view(), name="pairing_add"),
    path("<int:pk>/child-view/", pairings.PairingChildView.as_view(), name="pairing_child_view"),
    path("<int:pk>/end/", pairings.PairingEnd.as_view(), name="pairing_end"),
    path("<int:pk>/end/drop/", pairings.pairing_end_drop, name="pairing_end_drop"),
    path("mentors/", mentors.mentor_list, name="mentor_list"),
    path("mentors/new/", mentors.MentorAdd.as_view(), name="mentor_add"),
    path("mentors/<int:pk>/edit/", mentors.MentorEdit.as_view(), name="mentor_edit"),
    path("<int:pk>/change/", mentor_page.PairingChange.as_view(), name="pairing_change"),
    path("<int:pk>/change/drop/", mentor_page.pairing_change_drop, name="pairing_change_drop"),
    path("<int:pk>/handover/", papers.pairing_handover_print, name="pairing_handover_print"),
    path("mentors/checks/", everybody.check_list, name="check_list"),
    path("mentors/teachers/", everybody.teacher_list, name="teacher_list"),
    path("mentors/<int:pk>/", mentor_page.mentor_show, name="mentor_show"),
    path("mentors/<int:pk>/leave/", mentor_page.MentorLeave.as_view(), name="mentor_leave"),
    path("mentors/<int:pk>/absence/", mentor_page.AbsenceAdd.as_view(), name="absence_add"),
    path("mentors/<int:pk>/handover/", papers.mentor_handover_print, name="mentor_handover_print"),
    path("absences/<int:pk>/end/", mentor_page.absence_end, name="absence_end"),
    path("charges/", charges.ChargeList.as_view(), name="charge_list"),
    path("charges/save/", charges.ChargeSave.as_view(), name="charge_save"),
    path("charges/<int:pk>/", charges.charge_show, name="charge_show"),
    path("peers/", peers.PeerList.as_view(), name="peer_list"),
    path("peers/new/", peers.PeerAdd.as_view(), name="peer_add"),
    path("peers/cards/", peers.peer_cards, name="peer_cards"),
    path("peers/<int:pk>/check/", peers.PeerLook.as_view(), name="peer_check"),
    path("peers/<int:pk>/end/", peers.PeerEnd.as_view(), name="peer_end"),
    path("plans/", plans.PlanList.as_view(), name="plan_list"),
    path("plans/new/", plans.PlanAdd.as_view(), name="plan_add"),
    path("plans/<int:pk>/", plans.PlanShow.as_view(), name="plan_show"),
    path("plans/<int:pk>/save/", plans.PlanSave.as_view(), name="plan_save"),
    path("plans/<int:pk>/refresh/", plans.plan_refresh, name="plan_refresh"),
    path("plans/<int:pk>/lines/<int:line>/drop/", plans.plan_line_drop, name="plan_line_drop"),
    path("plans/<int:pk>/submit/", plans.PlanSubmit.as_view(), name="plan_submit"),
    path("plans/<int:pk>/return/", plans.PlanReturn.as_view(), name="plan_return"),
    path("plans/<int:pk>/publish/", plans.PlanPublish.as_view(), name="plan_publish"),
    path("plans/<int:pk>/drop/", plans.PlanDrop.as_view(), name="plan_drop"),
    path("plans/<int:pk>/print/", papers.plan_print, name="plan_print"),
    path("", include(paper_urls.urlpatterns)),
]
panels.register_all()
