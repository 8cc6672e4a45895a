"""Addresses of the import wizard; part of the namespace `children`."""

from django.urls import path

from children.views import import_after, importing

urlpatterns = [
    path("", importing.RosterImport.as_view(), name="roster_import"),
    path("template/", import_after.import_template, name="import_template"),
    path("<int:pk>/columns/", importing.import_columns, name="import_columns"),
    path("<int:pk>/", importing.import_preview, name="import_preview"),
    path("<int:pk>/answer/", importing.import_answer, name="import_answer"),
    path("<int:pk>/confirm/", importing.import_confirm, name="import_confirm"),
    path("<int:pk>/drop/", importing.import_drop, name="import_drop"),
    path("<int:pk>/result/", import_after.import_done, name="import_done"),
    path("<int:pk>/undo/", import_after.import_undo, name="import_undo"),
    path("<int:pk>/errors/", import_after.import_errors, name="import_errors"),
]
