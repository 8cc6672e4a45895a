"""Addresses of the register of changes and of the turn of the school year."""

from django.urls import path

from caretrack.web import workbench
from reports.views import changes, year_turn

urlpatterns = [
    path("changes/", changes.ChangeList.as_view(), name="change_list"),
    path("changes/cells/<int:scope>/<str:key>/", changes.change_cell, name="change_cell"),
    path("changes/pdf/", changes.change_pdf, name="change_pdf"),
    path("changes/book/", changes.change_book, name="change_book"),
    path("transfers/<int:pk>/pdf/", changes.transfer_pdf, name="transfer_pdf"),
    path("transfers/<int:pk>/batch/", changes.transfer_batch_pdf, name="transfer_batch_pdf"),
    path("year-turn/", year_turn.YearTurn.as_view(), name="year_turn"),
]
workbench.register(year_turn.turn_due, 66)
