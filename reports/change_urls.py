"""Addresses of the register of changes."""

from django.urls import path

from reports.views import changes

urlpatterns = [
    path("changes/", changes.ChangeList.as_view(), name="change_list"),
    path("changes/cells/<int:scope>/<str:key>/", changes.change_cell, name="change_cell"),
    path("changes/pdf/", changes.change_pdf, name="change_pdf"),
    path("changes/book/", changes.change_book, name="change_book"),
    path("transfers/<int:pk>/pdf/", changes.transfer_pdf, name="transfer_pdf"),
]
