"""Addresses of the import wizard; part of the namespace `children`."""

from django.urls import path

from children.views import import_after, import_memory, import_mend, import_preview, importing

urlpatterns = [
    path("", importing.RosterImport.as_view(), name="roster_import"),
    path("template/", import_after.import_template, name="import_template"),
    path("memory/", import_memory.import_memory, name="import_memory"),
    path("memory/<int:pk>/forget/", import_memory.import_forget, name="import_forget"),
    path("memory/names/", import_memory.import_spellings, name="import_spellings"),
    path("memory/names/<int:pk>/forget/", import_memory.spelling_forget, name="import_spelling_forget"),
    path("<int:pk>/columns/", importing.import_columns, name="import_columns"),
    path("<int:pk>/", import_preview.import_preview, name="import_preview"),
    path("<int:pk>/rows/<int:sheet>/<int:row>/", import_mend.import_row, name="import_row"),
    path("<int:pk>/rows/<int:sheet>/<int:row>/leave/", import_mend.import_leave, name="import_leave"),
    path("<int:pk>/recheck/", import_mend.import_recheck, name="import_recheck"),
    path("<int:pk>/answer/", import_preview.import_answer, name="import_answer"),
    path("<int:pk>/leavers/", import_preview.import_leavers, name="import_leavers"),
    path("<int:pk>/confirm/", importing.import_confirm, name="import_confirm"),
    path("<int:pk>/drop/", importing.import_drop, name="import_drop"),
    path("<int:pk>/result/", import_after.import_done, name="import_done"),
    path("<int:pk>/undo/", import_after.import_undo, name="import_undo"),
    path("<int:pk>/errors/", import_after.import_errors, name="import_errors"),
]
