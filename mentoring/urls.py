"""Addresses of pairing."""

from django.urls import path

from mentoring.views import board, mentors, pairings

app_name = "mentoring"
urlpatterns = [
    path("", board.Board.as_view(), name="board"),
    path("assign/", board.BoardPair.as_view(), name="board_pair"),
    path("list/", pairings.PairingList.as_view(), name="pairing_list"),
    path("new/", pairings.PairingAdd.as_view(), name="pairing_add"),
    path("<int:pk>/end/", pairings.PairingEnd.as_view(), name="pairing_end"),
    path("mentors/", mentors.mentor_list, name="mentor_list"),
    path("mentors/new/", mentors.MentorAdd.as_view(), name="mentor_add"),
    path("mentors/<int:pk>/edit/", mentors.MentorEdit.as_view(), name="mentor_edit"),
]
