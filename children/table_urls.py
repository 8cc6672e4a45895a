"""Addresses of the import of other lists; part of the namespace `children`."""

from django.urls import path

from children.views import table_after, table_mend, tables

urlpatterns = [
    path("", tables.table_list, name="table_list"),
    path("<slug:kind>/", tables.TableImport.as_view(), name="table_import"),
    path("<slug:kind>/template/", tables.table_template, name="table_template"),
    path("batches/<int:pk>/", tables.table_preview, name="table_preview"),
    path("batches/<int:pk>/columns/", tables.TableColumns.as_view(), name="table_columns"),
    path("batches/<int:pk>/rows/<int:sheet>/<int:row>/", table_mend.table_row, name="table_row"),
    path("batches/<int:pk>/rows/<int:sheet>/<int:row>/leave/", table_mend.table_leave, name="table_leave"),
    path("batches/<int:pk>/recheck/", table_mend.table_recheck, name="table_recheck"),
    path("batches/<int:pk>/answer/", tables.table_answer, name="table_answer"),
    path("batches/<int:pk>/confirm/", table_after.table_confirm, name="table_confirm"),
    path("batches/<int:pk>/drop/", table_after.table_drop, name="table_drop"),
    path("batches/<int:pk>/result/", table_after.table_done, name="table_done"),
    path("batches/<int:pk>/undo/", table_after.table_undo, name="table_undo"),
    path("batches/<int:pk>/slips/", table_after.table_slips, name="table_slips"),
    path("batches/<int:pk>/errors/", table_after.table_errors, name="table_errors"),
]
