"""Addresses of the import wizard; part of the namespace `children`."""

from django.urls import path

from children.views import importing

urlpatterns = [
    path("import/", importing.RosterImport.as_view(), name="roster_import"),
    path("import/template/", importing.import_template, name="import_template"),
    path("import/<int:pk>/columns/", importing.import_columns, name="import_columns"),
    path("import/<int:pk>/", importing.import_preview, name="import_preview"),
    path("import/<int:pk>/answer/", importing.import_answer, name="import_answer"),
    path("import/<int:pk>/confirm/", importing.import_confirm, name="import_confirm"),
    path("import/<int:pk>/drop/", importing.import_drop, name="import_drop"),
    path("import/<int:pk>/result/", importing.import_done, name="import_done"),
    path("import/<int:pk>/errors/", importing.import_errors, name="import_errors"),
]
